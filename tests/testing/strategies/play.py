"""Plays a client's dialogue to the pure dialogue, with PLAIN and LOGIN."""

from __future__ import annotations

from typing import Any

import attrs

from smtpsession.auth.mechanism import Challenge, Mechanism
from smtpsession.auth.mechanisms import MECHANISMS
from smtpsession.dialogue.auth_policy import AuthPolicy
from smtpsession.dialogue.settings import Settings
from smtpsession.errors import AuthenticationFailedError
from smtpsession.extensions.auth import AuthExtension
from smtpsession.extensions.chunking import Chunking
from smtpsession.extensions.dsn import DSNExtension
from smtpsession.server.extension_choice import OPTIONAL
from smtpsession.testing.strategies import ClientDialogue, HangUp, Send
from smtpsession.wire.commands import Auth
from smtpsession.wire.events import AuthResponse, Event
from smtpsession.wire.replies import Reply
from tests.standards.run_dialogue import Conversation, accept, make_settings

POLICY = AuthPolicy(
    mechanisms={name: MECHANISMS[name] for name in ("PLAIN", "LOGIN")},
    hostname="mx.example",
    random=bytes,
    server_key=b"",
    allow_insecure=True,
)
REFUSED = Reply(535, "no", "5.7.8")


def settings_for(*, lmtp: bool = False, strict: bool = False) -> Settings:
    """Give settings with every extension, and AUTH."""
    added = [AuthExtension(POLICY.available), DSNExtension(), Chunking()]
    settings = make_settings(
        added=[*added, *OPTIONAL.values()], lmtp=lmtp, strict_pipelining=strict
    )
    return attrs.evolve(settings, auth=POLICY)


class Play(Conversation):
    """A conversation with a server that lets in who knows the password."""

    def __init__(self, settings: Settings, password: str) -> None:
        self._password = password
        self._exchange: Mechanism | None = None
        #: Every reply but the greeting.
        self.codes: list[int] = []
        super().__init__(settings, accept)

    def play(self, dialogue: ClientDialogue) -> Play:
        """Do what the client does."""
        for step in dialogue:
            if isinstance(step, Send):
                self.send(step.octets)
            elif isinstance(step, HangUp):
                self.hang_up()
            self.codes += [reply.code for reply in self.take_replies()]
        return self

    def _answer(self, event: Event) -> None:
        if not isinstance(event, Auth | AuthResponse):
            super()._answer(event)
            return
        if isinstance(event, Auth):
            self._exchange = self.dialogue.begin_exchange()
        assert self._exchange is not None
        said = event.initial if isinstance(event, Auth) else event.data
        try:
            outcome = self._exchange.step(said)
        except AuthenticationFailedError:
            self.dialogue.answer(REFUSED)
            return
        if isinstance(outcome, Challenge):
            self.dialogue.challenge(outcome.data)
        elif self._exchange.verify(self._password, iterations=1):
            self.dialogue.accept_user(outcome.username)
        else:
            self.dialogue.answer(REFUSED)


def play(
    dialogue: ClientDialogue,
    *,
    password: str = "secret",
    **options: Any,
) -> Play:
    """Play *dialogue* to a server with all extensions."""
    return Play(settings_for(**options), password).play(dialogue)


#: Replies that are no refusal of what the client has said, and 502 to EXPN.
FINE = frozenset({220, 221, 235, 250, 252, 214, 334, 354, 502})
