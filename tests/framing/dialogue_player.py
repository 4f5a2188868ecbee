"""Plays a server around the dialogue whose replies tell what it has understood.

Where the server has a say, its reply begins with ``#`` and says what it answers: the
verb, octets of the argument, or a digest of the content. Whoever sees nothing but what
goes in and what comes out can tell by that whether both have read the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import attrs

from smtpsession.auth.mechanisms import MECHANISMS
from smtpsession.dialogue.auth_policy import AuthPolicy
from smtpsession.dialogue.dialogue import Dialogue
from smtpsession.dialogue.events import ContentTooLarge, Flush, SlowDown
from smtpsession.dialogue.settings import Settings
from smtpsession.extensions.auth import AuthExtension
from smtpsession.extensions.chunking import Chunking
from smtpsession.extensions.dsn import DSNExtension
from smtpsession.server.extension_choice import OPTIONAL
from smtpsession.session.session import Session
from smtpsession.wire.commands import (
    Auth,
    Bdat,
    Command,
    Data,
    Expn,
    Help,
    Quit,
    StartTLS,
    Unknown,
    Vrfy,
)
from smtpsession.wire.events import (
    AuthResponse,
    ConnectionLost,
    Content,
    ContentFault,
    EndOfChunk,
    EndOfMessage,
    Event,
)
from smtpsession.wire.replies import Reply
from tests.standards.run_dialogue import TLS, make_settings

POLICY = AuthPolicy(
    mechanisms={name: MECHANISMS[name] for name in ("PLAIN", "LOGIN", "CRAM-MD5")},
    hostname="mx.example",
    random=bytes,
    server_key=b"",
    allow_insecure=True,
)


def make_server(**options: object) -> Settings:
    """Give the settings of a server that has every extension that frames input."""
    added = [Chunking(), DSNExtension(), *OPTIONAL.values()]
    added.append(AuthExtension(POLICY.available))
    settings = make_settings(added=added, **options)  # type: ignore[arg-type]
    return attrs.evolve(settings, auth=POLICY)


def digest(octets: bytes) -> str:
    """Give a few letters that stand for the octets."""
    return hashlib.sha256(octets).hexdigest()[:16]


@attrs.frozen
class Played:
    """What went out, and what the server has kept."""

    output: bytes
    #: It has closed, rather than the client.
    closes: bool
    messages: list[bytes]


class DialoguePlayer:
    """A server, with one client.

    Args:
        settings: of the dialogue.
        refused: each question of these numbers is answered with a refusal.
        challenges: how many challenges an AUTH has.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        refused: frozenset[int] = frozenset(),
        challenges: int = 1,
    ) -> None:
        self._dialogue = Dialogue(Session("0" * 16, lmtp=settings.lmtp), settings)
        self._dialogue.greet()
        self._refused = refused
        self._challenges = challenges
        self._output = bytearray()
        self._content = bytearray()
        self._messages: list[bytes] = []
        self._questions = self._challenged = 0
        self._is_lost = False

    def play(self, pieces: Iterable[bytes]) -> Played:
        """Receive the pieces one by one, and then the end of the input."""
        for piece in [*filter(None, pieces), b""]:
            if self._dialogue.is_over:
                break
            self._dialogue.receive_data(piece)
            while (event := self._dialogue.next_event()) is not None:
                self._take(event)
            self._send()
        closes = self._dialogue.is_over and not self._is_lost
        return Played(bytes(self._output), closes, self._messages)

    def _send(self) -> None:
        self._output += self._dialogue.data_to_send()

    def _take(self, event: Event) -> None:
        match event:
            case Content():
                self._content += event.data
            case ConnectionLost():
                self._is_lost = True
            case Flush():
                self._send()
            case SlowDown() | ContentFault() | ContentTooLarge():
                pass
            case Auth() | AuthResponse():
                self._authenticate(event)
            case _:
                self._answer(event)

    def _authenticate(self, event: Auth | AuthResponse) -> None:
        response = event.initial if isinstance(event, Auth) else event.data
        if isinstance(event, Auth):
            self._challenged = 0
        if self._is_refused():
            self._dialogue.answer(Reply(535, "#AUTH"))
        elif self._challenged < self._challenges or response is None:
            self._challenged += 1
            self._dialogue.challenge(digest(response or b"").encode())
        else:
            self._dialogue.accept_user("somebody")

    def _is_refused(self) -> bool:
        self._questions += 1
        return self._questions - 1 in self._refused

    def _answer(self, event: Event) -> None:
        text = self._understood(event)
        refuses = self._is_refused() and not isinstance(event, (Quit, StartTLS))
        self._send()
        before = len(self._output)
        self._dialogue.answer(Reply(450, text) if refuses else text)
        self._send()
        answer = bytes(self._output[before:])
        if isinstance(event, EndOfMessage) and b"250 " in answer:
            self._messages.append(bytes(self._content))
        if isinstance(event, (Bdat, Data, EndOfMessage)):
            self._content.clear()
        if isinstance(event, StartTLS) and answer.startswith(b"220"):
            self._dialogue.tls_established(TLS)

    def _understood(self, event: Event) -> str:
        match event:
            case EndOfMessage():
                return f"#MESSAGE {digest(bytes(self._content))}"
            case EndOfChunk():
                return "#BDAT"
            case Vrfy() | Expn():
                return f"#{event.verb} {digest(event.argument.encode())}"
            case Help():
                return f"#HELP {digest(event.topic.encode())}"
            case Unknown():
                return "#?"
            case Command():
                return f"#{event.verb}"
        raise AssertionError(f"asked about {event}")
