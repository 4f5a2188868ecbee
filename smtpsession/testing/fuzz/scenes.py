"""Draws plans: mail that gets through, and everything that a server must survive.

Theory of operation: a plan is a hello, a few scenes and an ending. A scene is a short
story about one thing that goes wrong in servers: what is left behind by something that
clears the state, what looks like the end of content, a chunk that is refused. Nearly
everything in a scene is right; what is not is what the scene is about.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from hypothesis import strategies as st

from smtpsession.testing.fuzz.login_steps import login_steps
from smtpsession.testing.fuzz.offer import STRANGER, Offer
from smtpsession.testing.fuzz.plan_writer import CONTENT, PlanWriter
from smtpsession.testing.fuzz.plans import HangUp, Plan, Send
from smtpsession.testing.fuzz.scene_words import (
    ASIDES,
    AUTH_LINES,
    BEGINNINGS,
    BEHIND_CHUNKS,
    HIDDEN,
    LINE_OCTETS,
    LONG_CONTENT,
    LOOK_ALIKES,
    ODD_CHUNKS,
)
from smtpsession.testing.session_machine_octets import chunk_of, dot_stuffed
from smtpsession.testing.strategies.almost_valid_addresses import (
    almost_valid_addresses,
)
from smtpsession.testing.strategies.command_lines import command_lines
from smtpsession.testing.strategies.messages import messages


class Scenes(PlanWriter):
    """The stories."""

    def transaction(self) -> None:
        """Send mail, one message or two."""
        for _ in range(self._one_of(1, 1, 2)):
            self._say(*self._envelope())
            if self._seldom():
                self.aside()
            if self._one_of(True, False):
                self._content(self._any_content())
            else:
                self._message()

    def clearing(self) -> None:
        """Look for what is left of a state that something has ended."""
        for line in self._draws(st.sampled_from(BEGINNINGS)):
            self._prepared(line)
        self._draws(st.sampled_from(_EVENTS))(self)
        self._draws(st.sampled_from(_LOOKS))(self)

    def _prepared(self, word: str) -> None:
        match word:
            case "MAIL":
                self._send(f"MAIL FROM:<{self._offer.sender}>\r\n".encode())
            case "RCPT":
                self.rcpt()
            case "stranger":
                self._say(f"RCPT TO:<{STRANGER}>")
            case "strangers":
                self._say(*[f"RCPT TO:<{STRANGER}>"] * 3)
            case "message":
                self._say(*self._good_envelope())
                self._message()
            case _:  # "chunk"
                self._chunk(b"a\r\n", last=False)

    def again(self) -> None:
        """Say hello anew, at times as in the other protocol."""
        if self._seldom():
            verb = "EHLO" if self._offer.hello == "LHLO" else "LHLO"
            self._say(f"{verb} a.example")
        else:
            self._say(self._hello())

    def reset(self) -> None:
        """Say RSET."""
        self._say("RSET")

    def aside(self) -> None:
        """Say what changes nothing."""
        self._say(self._draws(st.sampled_from(ASIDES)))

    def mail(self) -> None:
        """Say MAIL, which need not be right."""
        self._say(self._mail())

    def bad_line(self) -> None:
        """Say a command that is refused, and changes nothing."""
        self._say(
            self._one_of(
                *("MAIL FROM:", "MAIL FROM:<a@a.example", "RCPT TO:", "RCPT TO:<>"),
                *(self._offer.hello, "MAIL FROM:<a@a.example> FOO=1", "DATA a"),
                *("RCPT TO:<a@a.example> FOO=1", f"RCPT TO:<{STRANGER}>", "BDAT x"),
                *("BDAT -1", "BDAT 3 FIRST", "BDAT 0x3", "AUTH", "AUTH NONE"),
                *("STARTTLS a", "MAIL TO:<a@a.example>", "RSET a", "QUIT a"),
                *("BDAT +3", "BDAT 99999999999999999999", "BDAT", "AUTH PLAIN ="),
            )
        )

    def data(self) -> None:
        """Say DATA, and send a message where it is asked for."""
        self._content()

    def good_message(self) -> None:
        """Send a message that is taken everywhere."""
        self._say(*self._good_envelope())
        self._content()

    def data_without_rcpt(self) -> None:
        """Send a message for nobody behind a new MAIL."""
        self._send(f"MAIL FROM:<{self._offer.sender}>\r\n".encode())
        self._content()

    def rcpt(self) -> None:
        """Say RCPT."""
        self._say(self._good_envelope()[1])

    def hang_up(self) -> None:
        """Leave, and come again, with a hello or not."""
        self.steps.append(HangUp(self._session))
        if not self._seldom():
            self.begin()

    def last_chunk(self) -> None:
        """Send the last chunk, of an octet or more, or of none."""
        self._chunk(self._one_of(b"", b"a", b"a\r\n", b"NOOP\r\n"), last=True)

    def chunk(self) -> None:
        """Send a chunk that is not the last."""
        self._chunk(self._one_of(b"", b"a", b"RSET\r\n", CONTENT), last=False)

    def _chunk(self, content: bytes, last: bool) -> None:
        # A server that knows no BDAT reads the chunk as commands, and rightly.
        if "CHUNKING" in self._offer.keywords:
            self._send(chunk_of(content, last=last))

    def chunks(self) -> None:
        """Send a message in chunks, in groups, with something between them."""
        if self._one_of(True, True, True, False):
            self._say(*self._envelope())
        octets = b""
        for _ in range(self._one_of(1, 2, 3)):
            chunk = self._one_of(b"", b"a", b"NOOP\r\nNOOP\r\n", CONTENT, b"\r\n.\r\n")
            octets += chunk_of(chunk, last=self._seldom())
        octets += self._draws(st.sampled_from(BEHIND_CHUNKS))
        octets += self._one_of(b"", b"NOOP\r\n", b"DATA\r\n")
        self._send(octets)
        self._send(b".\r\n", "content")

    def binary(self) -> None:
        """Look whether binary content comes by DATA, now or in another transaction."""
        mail, rcpt = self._good_envelope()
        self._say(f"{mail} BODY=BINARYMIME", rcpt)
        if self._one_of(True, False):
            self._draws(st.sampled_from(_EVENTS))(self)
            self._say(mail, rcpt)
        self._content()

    def odd_chunk(self) -> None:
        """Give the size of a chunk as nobody may, or nearly so."""
        self._say(*self._good_envelope())
        # Six octets, for whoever reads a six.
        self._send(self._draws(st.sampled_from(ODD_CHUNKS)) + b"\r\nNOOP\r\n")

    def look_alike(self) -> None:
        """Hide commands behind what only looks like the end of the content."""
        self._say(*self._good_envelope())
        separator = self._draws(st.sampled_from(LOOK_ALIKES))
        hidden = self._draws(st.sampled_from(HIDDEN))
        self._send(b"DATA\r\n")
        self._send(b"a" + separator + hidden + b"\r\n.\r\n", "content")

    def any_content(self) -> None:
        """Send content of all kinds, with something behind it in the same segment."""
        self._say(*self._good_envelope())
        self._send(b"DATA\r\n")
        content = dot_stuffed(self._draws(messages())) + b"\r\n.\r\n"
        behind = b""
        if self._offer.is_pipelining and self._one_of(True, False):
            behind = self._one_of(b"NOOP\r\n", b"RSET\r\nNOOP\r\n", b"QUIT\r\n")
        self._send(content + behind, "content")

    def raw(self) -> None:
        """Say lines of all kinds."""
        strategy = command_lines(lmtp=self._offer.hello == "LHLO")
        for _ in range(self._one_of(1, 2)):
            self._send(self._draws(strategy))

    def raw_path(self) -> None:
        """Say MAIL and RCPT with what is nearly an address."""
        self._say(f"MAIL FROM:<{self._offer.sender}>")
        path = self._draws(almost_valid_addresses())
        self._send(self._one_of(b"RCPT TO:", b"MAIL FROM:") + path + b"\r\n")

    def group(self) -> None:
        """Say many commands in one segment."""
        words = st.lists(
            st.sampled_from(["NOOP", "RSET", "VRFY a", "MAIL", "RCPT", "XYZZY"]),
            min_size=2,
            max_size=6,
        )
        lines = {"MAIL": self._mail(), "RCPT": self._rcpt()}
        said = [lines.get(word, word) for word in self._draws(words)]
        last = self._one_of(*("NOOP", "DATA", self._hello(), "QUIT", "VRFY a"))
        group = "".join(f"{line}\r\n" for line in [*said, last])
        self._send(group.encode())
        self._send(b".\r\n", "content")

    def behind_quit(self) -> None:
        """Say something behind QUIT, which nobody answers."""
        self._send(b"QUIT\r\n" + self._one_of(b"NOOP\r\n", b"RSET\r\nNOOP\r\n"))

    def long_line(self) -> None:
        """Say a line of many octets; all behind its end is read as ever."""
        octets = self._draws(st.sampled_from(LINE_OCTETS))
        start = self._one_of(b"NOOP ", b"VRFY ", b"XYZZY ", b"HELP ", b"EXPN ", b"a")
        filling = self._one_of(b"a", b" ", b"NOOP ", b"\0", b"\xe9")
        line = (start + filling * octets)[: max(octets - 2, 0)]
        self._send(line + b"\r\n" + self._one_of(b"", b"NOOP\r\n"))

    def long_content(self) -> None:
        """Send lines and content as large as every server must take them."""
        self._say(*self._good_envelope())
        filling, octets = self._draws(st.sampled_from(LONG_CONTENT))
        self._content((filling * octets)[:octets] + b"\r\n")

    def many_recipients(self) -> None:
        """Send a message for as many as every server must take (RFC 5321 4.5.3.1.8)."""
        mail, rcpt = self._good_envelope()
        count = self._one_of(100, 99, 50, 20)
        self._say("RSET")
        self._say(mail)
        group = f"{rcpt}\r\n".encode() * (count if self._offer.is_pipelining else 1)
        self.steps.append(Send(group, (), "transaction", self._session))
        self._content()

    def neighbour(self) -> None:
        """Look whether a session knows what another one was told."""
        self._session = 1
        self.begin()
        for line in self._draws(st.sampled_from(BEGINNINGS)):
            self._prepared(line)
        self._session = 0
        self._draws(st.sampled_from(_LOOKS))(self)
        self._session = 1
        self._draws(st.sampled_from(_LOOKS))(self)
        self._session = 0

    def auth(self) -> None:
        """Authenticate, rightly or wrongly, or give it up."""
        mechanism = self._one_of(*self._offer.mechanisms)
        begin = f"AUTH {mechanism}".encode()
        answers = self._draws(
            st.lists(st.sampled_from(AUTH_LINES), min_size=1, max_size=3)
        )
        if self._one_of(True, False):
            begin += b" " + answers.pop(0)
        self._send(begin + b"\r\n")
        for answer in (*answers, b"*"):
            self._send(answer + b"\r\n", "auth")

    def log_in(self) -> None:
        """Authenticate rightly, perhaps a second time."""
        self._log_in()

    def wrong_password(self) -> None:
        """Authenticate wrongly, on a connection where nobody has done so rightly."""
        self.steps.append(HangUp(self._session))
        self.begin(logs_in=False)
        self.steps += login_steps(
            self._offer.mechanisms, is_wrong=True, session=self._session
        )

    def long_auth(self) -> None:
        """Send a response of nearly all octets that must be taken (RFC 4954 4)."""
        mechanism = self._one_of(*self._offer.mechanisms)
        octets = self._one_of(400, 1024, 4096, 12_284, 20_000)
        self._send(f"AUTH {mechanism}\r\n".encode())
        self._send(b"A" * octets + b"\r\n", "auth")
        self._send(b"*\r\n", "auth")
        self._say("NOOP")

    def start_tls(self) -> None:
        """Begin TLS, perhaps with something behind it in plain text."""
        behind = (b"", b"", b"NOOP\r\n", b"RSET\r\n", b"EHLO evil.example\r\n")
        self._start_tls(self._one_of(*behind))
        if not self._seldom():
            self._say(self._hello())

    def no_tls(self) -> None:
        """Ask for TLS and say something else."""
        self._send(b"STARTTLS\r\n")
        self.steps.append(HangUp(self._session))
        self.begin()


Scene = Callable[[Scenes], None]
_EVENTS: Final[tuple[Scene, ...]] = (
    *(Scenes.reset, Scenes.again, Scenes.aside, Scenes.mail),
    *(Scenes.bad_line, Scenes.bad_line, Scenes.data, Scenes.hang_up),
    *(Scenes.last_chunk, Scenes.chunk, Scenes.reset, Scenes.again),
)
_LOOKS: Final[tuple[Scene, ...]] = (
    *(Scenes.rcpt, Scenes.mail, Scenes.data, Scenes.last_chunk),
    *(Scenes.data_without_rcpt, Scenes.data_without_rcpt, Scenes.chunk),
    *(Scenes.transaction, Scenes.again, Scenes.good_message, Scenes.good_message),
)


def _scenes(offer: Offer) -> Sequence[Scene]:
    scenes: list[Scene] = [
        *(Scenes.transaction, Scenes.clearing, Scenes.clearing),
        *(Scenes.clearing, Scenes.clearing, Scenes.look_alike),
        *(Scenes.any_content, Scenes.raw, Scenes.raw_path),
        *(Scenes.bad_line, Scenes.long_line, Scenes.long_content),
        *(Scenes.many_recipients, Scenes.hang_up, Scenes.aside),
    ]
    if offer.is_pipelining:
        scenes += [Scenes.group, Scenes.group, Scenes.behind_quit]
    if "CHUNKING" in offer.keywords:
        scenes += [Scenes.chunks, Scenes.chunks, Scenes.odd_chunk]
    if "CHUNKING" in offer.keywords and "BINARYMIME" in offer.keywords:
        scenes += [Scenes.binary]
    if offer.mechanisms:
        scenes += [Scenes.auth, Scenes.auth, Scenes.long_auth]
    if offer.has_user:
        scenes += [Scenes.log_in, Scenes.wrong_password]
    if "STARTTLS" in offer.keywords or offer.begins_tls:
        scenes += [Scenes.start_tls, Scenes.start_tls, Scenes.no_tls]
    if offer.is_concurrent:
        scenes += [Scenes.neighbour]
    return scenes


@st.composite
def _written(draw: st.DrawFn, offer: Offer) -> Plan:
    writer = Scenes(draw, offer)
    writer.begin()
    scenes = _scenes(offer)
    for _ in range(draw(st.integers(1, 3))):
        draw(st.sampled_from(scenes))(writer)
    writer.end()
    return Plan(tuple(writer.steps))


def plans(offer: Offer) -> st.SearchStrategy[Plan]:
    """Plans for a server.

    Args:
        offer: what is known of the server.
    """
    return _written(offer)
