"""Runs octets through a `Dialogue` as a server would, whole and cut in every way.

Every reply that comes out is held against the grammar of RFC 5321 4.2 here, so
each test that uses this module proves it for its own replies (T-5321-15).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

import attrs

from smtpsession.dialogue.command_order import State
from smtpsession.dialogue.content_dialogue import Said
from smtpsession.dialogue.dialogue import Dialogue
from smtpsession.dialogue.events import ContentTooLarge, Flush, SlowDown
from smtpsession.dialogue.limits import Limits
from smtpsession.dialogue.settings import Settings
from smtpsession.extensions.binarymime import BinaryMIME
from smtpsession.extensions.chunking import Chunking
from smtpsession.extensions.eightbitmime import EightBitMIME
from smtpsession.extensions.enhanced_status_codes import EnhancedStatusCodes
from smtpsession.extensions.extension import Extension
from smtpsession.extensions.pipelining import Pipelining
from smtpsession.extensions.size import Size
from smtpsession.extensions.smtputf8 import SMTPUTF8
from smtpsession.extensions.starttls import StartTLSExtension
from smtpsession.session.session import Session
from smtpsession.session.tls_options import TLSOptions
from smtpsession.wire.bare_newlines import BareNewlinePolicy, NULPolicy
from smtpsession.wire.commands import Bdat, Data, Mail, Rcpt, StartTLS
from smtpsession.wire.events import (
    ConnectionLost,
    Content,
    ContentFault,
    EndOfMessage,
    Event,
)
from smtpsession.wire.replies import Reply

#: What a handler answers to an event, as `Dialogue.answer` takes it.
Decide = Callable[[Event], Said]

HOSTNAME = "mx.example"
TLS = TLSOptions("TLS_AES_256_GCM_SHA384", "TLSv1.3")

# The preludes of the standards' tests: what was said before the octets under test.
P0 = b""
P1 = b"EHLO c.example\r\n"
MAIL = b"MAIL FROM:<a@c.example>\r\n"
RCPT = b"RCPT TO:<b@s.example>\r\n"
P2 = P1 + MAIL + RCPT
P3 = P2 + b"DATA\r\n"
HELO = b"HELO c.example\r\n"
T0 = P1 + b"STARTTLS\r\n"
T1 = T0 + P1

# The same in LMTP.
L1 = b"LHLO c.example\r\n"
L2 = L1 + MAIL + RCPT
L3 = L2 + b"DATA\r\n"

# RFC 5321 4.2: a code, then "-" or SP and a text. RFC 3463 2 for the enhanced code.
_LINE = re.compile(
    rb"([2-5][0-5][0-9])([ -])(?:([245]\.[0-9]{1,3}\.[0-9]{1,3}) )?([\t\x20-\x7e]*)"
)
MAX_REPLY_LINE_OCTETS = 512


def make_settings(
    *,
    size: int | None = 1_000_000,
    hidden: Iterable[str] = (),
    limits: Limits | None = None,
    require_tls: bool = False,
    strict_pipelining: bool = False,
    bare_newline: BareNewlinePolicy = "reject",
    nul: NULPolicy = "reject",
    lenient_addresses: bool = False,
    added: Iterable[Extension] = (),
    lmtp: bool = False,
) -> Settings:
    """Settings with the basic extensions but the *hidden*, and those *added*."""
    added = list(added)
    binary = any(isinstance(extension, BinaryMIME) for extension in added)
    extensions: list[Extension] = [
        Pipelining(),
        Size(size),
        EightBitMIME(binary=binary),
        SMTPUTF8(),
        EnhancedStatusCodes(),
        *added,
        StartTLSExtension(),
    ]
    return Settings(
        hostname=HOSTNAME,
        extensions=tuple(e for e in extensions if e.keyword not in set(hidden)),
        limits=attrs.evolve(limits or PATIENT, message_octets=size),
        require_tls=require_tls,
        strict_pipelining=strict_pipelining,
        bare_newline=bare_newline,
        nul=nul,
        lenient_addresses=lenient_addresses,
        lmtp=lmtp,
    )


#: Limits that no test reaches by the way.
PATIENT = Limits(errors_soft=None, errors_hard=None, junk_commands=None)
SETTINGS = make_settings()
STRICT = make_settings(strict_pipelining=True)
CHUNKED = make_settings(added=[Chunking()])
LMTP = make_settings(added=[Chunking()], lmtp=True)


@attrs.frozen
class Received:
    """One reply as a client reads it."""

    code: int
    enhanced: str | None
    lines: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.code} {self.enhanced}" if self.enhanced else str(self.code)


def parse_replies(octets: bytes) -> list[Received]:
    """Read replies as strictly as RFC 5321 4.2 has them."""
    replies: list[Received] = []
    lines: list[str] = []
    said: tuple[bytes, bytes | None] | None = None
    assert octets.endswith(b"\r\n") or not octets
    for line in octets.split(b"\r\n")[:-1]:
        assert len(line) + 2 <= MAX_REPLY_LINE_OCTETS, line
        match = _LINE.fullmatch(line)
        assert match is not None, line
        code, separator, enhanced, text = match.groups()
        assert said is None or said == (code, enhanced), octets
        assert enhanced is None or enhanced[:1] == code[:1], line
        said = code, enhanced
        lines.append(text.decode("ascii"))
        if separator == b" ":
            enhanced_text = enhanced.decode("ascii") if enhanced else None
            replies.append(Received(int(code), enhanced_text, tuple(lines)))
            lines, said = [], None
    assert not lines, "the last reply has no last line"
    return replies


def accept(event: Event) -> None:
    """Accept everything."""


def refuse(kind: type[Event], reply: Reply, *local_parts: str) -> Decide:
    """Answer *kind* with *reply*; MAIL and RCPT only for *local_parts*, if given."""

    def decide(event: Event) -> Reply | None:
        if type(event) is not kind:
            return None
        if isinstance(event, (Mail, Rcpt)) and local_parts:
            return reply if event.address.local_part in local_parts else None
        return reply

    return decide


class Conversation:
    """A client and a dialogue, driven as a server drives it."""

    def __init__(
        self,
        settings: Settings = SETTINGS,
        decide: Decide = accept,
        *,
        session: Session | None = None,
    ) -> None:
        self.session = session or Session("0123456789abcdef", lmtp=settings.lmtp)
        self._lmtp = settings.lmtp
        self.dialogue = Dialogue(self.session, settings)
        self.dialogue.greet()
        self._decide = decide
        self._wire = bytearray()
        #: Contents of the messages that were accepted.
        self.messages: list[bytes] = []
        #: What happened, in words that can be compared.
        self.trace: list[str] = []
        #: Kinds of the events that were told or asked, one `Content` per message.
        self.kinds: list[type[Event]] = []
        self._content = bytearray()
        self._pump()
        self.greeting = self.take_replies()

    @property
    def is_over(self) -> bool:
        """The server closes the connection."""
        return self.dialogue.is_over

    def send(self, octets: bytes) -> None:
        """Have the client send *octets* in one segment; a server reads none after."""
        assert octets, "that would be hang_up()"
        if self.is_over:
            return
        self.dialogue.receive_data(octets)
        self._pump()

    def hang_up(self) -> None:
        """Have the client close the connection."""
        if not self.is_over:
            self.dialogue.receive_data(b"")
            self._pump()

    def take_replies(self) -> list[Received]:
        """Take the replies that came since the last time."""
        replies = parse_replies(bytes(self._wire))
        self._wire.clear()
        return replies

    def _pump(self) -> None:
        while True:
            event = self.dialogue.next_event()
            if event is None:
                break
            self._handle(event)
        self._wire += self.dialogue.data_to_send()

    def _handle(self, event: Event) -> None:
        kind = type(event)
        if kind is Flush:
            self._wire += self.dialogue.data_to_send()
            return
        if kind is SlowDown:
            return
        if not (kind is Content and self.kinds[-1:] == [Content]):
            self.kinds.append(kind)
        if isinstance(event, Content):
            self._content += event.data
            return
        self._note(event)
        if kind not in (ContentFault, ContentTooLarge, ConnectionLost):
            self._answer(event)

    def _answer(self, event: Event) -> None:
        before = self.dialogue.data_to_send()
        due = self._replies_due(event)
        self.dialogue.answer(self._decide(event))
        answer = self.dialogue.data_to_send()
        replies = parse_replies(answer)
        assert len(replies) == due or (self.is_over and len(replies) <= max(due, 1))
        self._wire += before + answer
        codes = [reply.code for reply in replies]
        if isinstance(event, EndOfMessage) and 250 in codes:
            self.messages.append(bytes(self._content))
        if isinstance(event, (Bdat, Data, EndOfMessage)):
            self._content.clear()
        if isinstance(event, StartTLS) and codes == [220]:
            self.dialogue.tls_established(TLS)

    def _replies_due(self, event: Event) -> int:
        """Exactly one reply per command; a chunk's comes when it has been read."""
        if isinstance(event, Bdat):
            return 0
        if isinstance(event, EndOfMessage) and self._lmtp:
            return len(self.session.envelope.rcpt_to)
        return 1

    def _note(self, event: Event) -> None:
        # Which of two faults of a content is told first is not said anywhere.
        attributes = event if attrs.has(type(event)) else ""
        if isinstance(event, ContentFault):
            attributes = ""
        session = self.session
        self.trace.append(
            f"{type(event).__name__} {attributes} {bytes(self._content)!r}"
            f" {session.transaction} {session.envelope}"
        )


@attrs.frozen
class Outcome:
    """What a client has seen, and a handler, behind the prelude."""

    replies: list[Received]
    is_over: bool
    messages: list[bytes]
    trace: list[str]
    kinds: list[type[Event]]
    conversation: Conversation = attrs.field(eq=False, repr=False)

    @property
    def codes(self) -> list[str]:
        """Each reply as ``250 2.1.0``, or ``250`` without an enhanced code."""
        return [str(reply) for reply in self.replies]

    @property
    def session(self) -> Session:
        """The session after all."""
        return self.conversation.session

    @property
    def state(self) -> State:
        """The state after all."""
        return self.conversation.dialogue.state


def in_segments(
    segments: Iterable[bytes],
    *,
    after: bytes = P1,
    settings: Settings = SETTINGS,
    decide: Decide = accept,
    user: object = None,
) -> Outcome:
    """Send *segments* one by one behind the prelude *after*."""
    conversation = Conversation(settings, decide)
    for line in after.splitlines(keepends=True):
        conversation.send(line)
    prelude = conversation.take_replies()
    assert all(reply.code < 400 for reply in prelude), prelude
    conversation.trace.clear()
    conversation.kinds.clear()
    conversation.session.user = user
    for segment in segments:
        conversation.send(segment)
    return Outcome(
        replies=conversation.take_replies(),
        is_over=conversation.is_over,
        messages=conversation.messages,
        trace=conversation.trace,
        kinds=conversation.kinds,
        conversation=conversation,
    )


def in_one_segment(
    octets: bytes,
    *,
    after: bytes = P1,
    settings: Settings = SETTINGS,
    decide: Decide = accept,
) -> Outcome:
    """Send *octets* whole, where it matters how they are cut."""
    return in_segments([octets], after=after, settings=settings, decide=decide)


def converse(
    octets: bytes,
    *,
    after: bytes = P1,
    settings: Settings = SETTINGS,
    decide: Decide = accept,
    cuts: Iterable[int] | None = None,
) -> Outcome:
    """Send *octets* whole, octet by octet, and in two at every position or *cuts*.

    All must come to the same; its outcome is returned.
    """
    whole, *others = (
        in_segments(segments, after=after, settings=settings, decide=decide)
        for segments in _ways(octets, cuts)
    )
    for other in others:
        assert other == whole
    return whole


def _ways(octets: bytes, cuts: Iterable[int] | None) -> Iterator[list[bytes]]:
    yield [octets]
    yield [octets[i : i + 1] for i in range(len(octets))]
    for cut in range(1, len(octets)) if cuts is None else cuts:
        yield [octets[:cut], octets[cut:]]
