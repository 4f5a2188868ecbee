"""Properties of any dialogue: cuts, framing, replies, and the order of commands."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.dialogue.content_dialogue import Said
from smtpsession.dialogue.limits import Limits
from smtpsession.dialogue.settings import Settings
from smtpsession.extensions.chunking import Chunking
from smtpsession.extensions.dsn import DSNExtension
from smtpsession.server.extension_choice import OPTIONAL
from smtpsession.wire.commands import Bdat, Data, Hello, Mail, Rcpt, Vrfy
from smtpsession.wire.events import EndOfMessage, Event
from smtpsession.wire.replies import Reply
from tests.standards.run_dialogue import (
    CHUNKED,
    L1,
    L2,
    L3,
    LMTP,
    P0,
    P1,
    P2,
    P3,
    SETTINGS,
    Conversation,
    in_segments,
    make_settings,
)

# Whatever is here, the answer does not depend on how the input is cut.
ALL_SETTINGS = [
    SETTINGS,
    make_settings(bare_newline="normalize", lenient_addresses=True),
    make_settings(nul="accept", size=None),
    make_settings(size=20),
    make_settings(require_tls=True),
    make_settings(hidden=["ENHANCEDSTATUSCODES", "SIZE", "STARTTLS"]),
    make_settings(limits=Limits(errors_soft=1, errors_hard=3, junk_commands=2)),
    make_settings(limits=Limits(transactions=1)),
    make_settings(added=[DSNExtension(), *OPTIONAL.values()]),
    CHUNKED,
    make_settings(bare_newline="normalize", added=[Chunking()]),
    make_settings(size=20, added=[Chunking(), *OPTIONAL.values()]),
    make_settings(
        limits=Limits(errors_soft=1, errors_hard=3, junk_commands=2),
        added=[Chunking()],
    ),
    make_settings(require_tls=True, added=[Chunking()]),
    LMTP,
    make_settings(size=20, nul="accept", lmtp=True, added=[Chunking()]),
]
PRELUDES_OF_LMTP = {P0: P0, P1: L1, P2: L2, P3: L3}


def picky(event: Event) -> Said:
    """Refuse what is called bad and chunks of some sizes, and have texts for others."""
    match event:
        case Bdat() if event.octets % 5 == 4:
            return Reply(451, "later", "4.3.0")
        case EndOfMessage() if event.fault is None:
            return "kept"
        case Mail() if event.address.local_part == "bad":
            return Reply(451, "later", "4.7.1")
        case Rcpt() if event.address.local_part == "bad":
            return Reply(550, ["no such", "user"], "5.1.1")
        case Hello() if event.name.startswith("bad"):
            return Reply(550, "no")
        case Vrfy():
            return event.argument
        case _:
            return None


paths = st.sampled_from(
    [
        *(b"<a@c.example>", b"<bad@c.example>", b"<>", b"<postmaster>"),
        *(b"<@h.example:a@c.example>", b'<"a b"@[192.0.2.1]>', b"a@c.example"),
        *(b"<a@b_c.example>", b"<a@@c>", b"<", b"", "<é@ü.example>".encode()),
        *(b"<\xff@c.example>", b"<a\0@c.example>"),
    ]
)
parameters = st.sampled_from(
    [
        *(b"", b"", b"", b" SIZE=5", b" SIZE=9999999999", b" SIZE=x"),
        *(b" RET=FULL ENVID=a+00", b" NOTIFY=NEVER", b" ORCPT=utf-8;\xc3\xa9"),
        *(b" REQUIRETLS", b" BY=1;R", b" HOLDFOR=1", b" RRVS=2024-01-01T00:00:00Z"),
        *(b" BODY=8BITMIME SMTPUTF8", b" SMTPUTF8", b" FOO=1", b" BODY=BINARYMIME"),
    ]
)
names = st.sampled_from([b"c.example", b"bad.example", b"[192.0.2.1]", b"", b"a b"])
ends = st.sampled_from([b"\r\n"] * 12 + [b" \r\n", b"\t\r\n", b"\n", b"\r\r\n"])


def lines(*parts: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    return st.tuples(*parts, ends).map(b"".join)


mails = lines(st.sampled_from([b"MAIL FROM:", b"mail from: "]), paths, parameters)
rcpts = lines(st.sampled_from([b"RCPT TO:", b"Rcpt To:"]), paths, parameters)
hellos = lines(st.sampled_from([b"EHLO ", b"ehlo ", b"HELO ", b"LHLO "]), names)
bare = lines(
    st.sampled_from(
        [
            *(b"DATA", b"DATA", b"DATA", b"RSET", b"NOOP", b"NOOP x", b"HELP"),
            *(b"VRFY x", b"EXPN x", b"STARTTLS", b"RSET x", b"data", b"QUIT"),
            *(b"XYZZY", b"LHLO x"),
        ]
    )
)
garbage = lines(
    st.one_of(
        st.binary(max_size=12),
        st.text(alphabet="AZaz :<>@.", max_size=12).map(str.encode),
        st.sampled_from([b"GET / HTTP/1.1", b"\x16\x03\x01", b"", b" ", b"Host: x"]),
        st.integers(2_030, 4_200).map(lambda octets: b"NOOP " + b"x" * octets),
    )
)
# Pieces of content of which some look like its end, or like commands behind it.
pieces = st.sampled_from(
    [
        *(b".", b"\r", b"\n", b"\r\n", b"\r\n", b"\r\n.", b"\r\n..", b"\0", b"x"),
        *(b"Subject: x\r\n", b"\r\n.\r\n", b"\n.\n", b"\r.\r", b"\r\n.\r", b"\xe9"),
        *(b"MAIL FROM:<evil@x.example>\r\n", b"DATA\r\n", b"x" * 30),
    ]
)
clean_pieces = st.sampled_from([b".", b"..", b"x", b"\r\n", b"\xe9", b"\r\n."])
contents = st.tuples(
    st.one_of(
        st.lists(clean_pieces, max_size=8).map(b"".join),
        st.lists(pieces, max_size=8).map(b"".join),
    ),
    st.just(b"\r\n.\r\n"),
).map(b"".join)
transactions = st.tuples(
    st.sampled_from([b"MAIL FROM:<a@c.example>\r\n", b"MAIL FROM:<> SMTPUTF8\r\n"]),
    st.lists(
        st.sampled_from([b"RCPT TO:<b@s.example>\r\n", b"RCPT TO:<bad@s.example>\r\n"]),
        max_size=3,
    ).map(b"".join),
    st.just(b"DATA\r\n"),
    contents,
).map(b"".join)
chunk_pieces = st.sampled_from(
    [
        *(b"", b"x", b"\r", b"\n", b"\r\n", b"\r\n.\r\n", b"a\r\n", b"\0", b"1234"),
        *(b"QUIT\r\n", b"RSET\r\n", b"BDAT 3\r\n", b"MAIL FROM:<evil@x.example>\r\n"),
    ]
)


@st.composite
def chunks(draw: st.DrawFn) -> bytes:
    """Draw a chunk, its command with a size that is nearly always right."""
    content = draw(st.lists(chunk_pieces, max_size=3).map(b"".join))
    size = len(content) + draw(st.sampled_from([0] * 20 + [-1, 1]))
    verb = draw(st.sampled_from([b"BDAT", b"BDAT", b"BDAT", b"bdat"]))
    last = draw(st.sampled_from([b"", b" LAST"]))
    return b"%s %d%s\r\n%s" % (verb, max(size, 0), last, content)


chunk_lines = lines(
    st.sampled_from(
        [
            *(b"BDAT 0", b"BDAT 0 LAST", b"BDAT x", b"BDAT -1", b"BDAT\t5", b"BDAT"),
            *(b"BDAT 99999999", b"BDAT 9999999999 LAST", b"BDAT 5 FIRST"),
        ]
    )
)
between_chunks = st.sampled_from(
    [b"RSET\r\n", b"NOOP\r\n", b"EHLO bad.example\r\n", b"DATA\r\n", b"", b"", b""]
)
transactions_in_chunks = st.tuples(
    st.sampled_from(
        [b"MAIL FROM:<a@c.example>\r\n", b"MAIL FROM:<> BODY=BINARYMIME\r\n"]
    ),
    st.lists(
        st.sampled_from([b"RCPT TO:<b@s.example>\r\n", b"RCPT TO:<bad@s.example>\r\n"]),
        max_size=3,
    ).map(b"".join),
    chunks(),
    between_chunks,
    st.lists(chunks(), max_size=3).map(b"".join),
    st.sampled_from([b"BDAT 0 LAST\r\n", b""]),
).map(b"".join)
steps = st.one_of(
    *(transactions, transactions, mails, rcpts, rcpts, bare, bare, hellos, garbage),
    *(transactions_in_chunks, transactions_in_chunks, chunks(), chunk_lines),
)
dialogues = st.lists(steps, max_size=8).map(b"".join)
preludes = st.sampled_from([P0, P1, P1, P2, P3])

_STARTTLS_END = re.compile(rb"(?i)starttls[ \t]*\r\n")


def groups_of(octets: bytes) -> list[bytes]:
    """Cut behind each STARTTLS: what follows in the same segment is an attack."""
    groups: list[bytes] = []
    start = 0
    for match in _STARTTLS_END.finditer(octets):
        groups.append(octets[start : match.end()])
        start = match.end()
    return [*groups, octets[start:]]


def cut(octets: bytes, positions: set[int]) -> list[bytes]:
    places = sorted(p for p in positions if p < len(octets))
    return [
        octets[i:j] for i, j in zip([0, *places], [*places, len(octets)], strict=True)
    ]


@given(
    dialogues,
    preludes,
    st.sampled_from(ALL_SETTINGS),
    st.sets(st.integers(1, 600), max_size=30),
)
def test_any_cut_comes_to_the_same(
    octets: bytes, after: bytes, settings: Settings, positions: set[int]
) -> None:
    if settings.require_tls:
        after = P0
    if settings.lmtp:
        after = PRELUDES_OF_LMTP[after]
        octets = octets.replace(b"EHLO", b"LHLO")
    groups = groups_of(octets)
    single = [octets[i : i + 1] for i in range(len(octets))]
    some = [part for group in groups for part in cut(group, positions)]
    whole, *others = (
        in_segments(
            (s for s in segments if s), after=after, settings=settings, decide=picky
        )
        for segments in (groups, single, some)
    )
    for other in others:
        assert other == whole
        assert other.session.envelope == whole.session.envelope
        assert other.session.transaction == whole.session.transaction
        assert other.state is whole.state


@given(
    st.lists(st.one_of(st.binary(), steps), max_size=8),
    st.sampled_from(ALL_SETTINGS),
    preludes,
)
def test_no_octets_raise(
    segments: list[bytes], settings: Settings, after: bytes
) -> None:
    conversation = Conversation(settings, picky)
    for segment in [after, *segments]:
        if segment:
            conversation.send(segment)
    conversation.hang_up()
    assert conversation.is_over
    # Reading them is what holds each reply against the grammar.
    replies = conversation.take_replies()
    assert len(replies) <= (after + b"".join(segments)).count(b"\n") + 1


dialogues_without_chunks = st.lists(
    st.one_of(
        transactions, transactions, mails, rcpts, rcpts, bare, bare, hellos, garbage
    ),
    max_size=8,
).map(b"".join)


@given(dialogues_without_chunks, preludes, st.sampled_from(ALL_SETTINGS[:6]))
def test_one_reply_per_command_and_per_message(
    octets: bytes, after: bytes, settings: Settings
) -> None:
    """An independent reader of lines says when a reply is due, and when none is."""
    conversation = Conversation(settings, picky)
    content: bytes | None = None
    for line in (after + octets).splitlines(keepends=True):
        if conversation.is_over:
            break
        for octet in re.findall(rb"(?s).", line):
            conversation.send(octet)
        replies = conversation.take_replies()
        if content is None:
            due = line.endswith(b"\n")
        else:
            content += line
            due = content.endswith(b"\r\n.\r\n")
        if content is None and not due:
            # A CR alone ends a line for splitlines(), and no command.
            assert replies == [] or conversation.is_over
            continue
        assert len(replies) == due
        if due:
            content = b"\r\n" if replies[0].code == 354 else None


@given(contents, st.sampled_from(ALL_SETTINGS[:4]))
def test_what_is_accepted_holds_no_bare_newline(
    content: bytes, settings: Settings
) -> None:
    outcome = in_segments([content], after=P3, settings=settings)
    for message in outcome.messages:
        assert re.search(rb"(?<!\r)\n|\r(?!\n)", message) is None


# The order of commands, told a second time and in another way.

CONNECTED, READY, MAIL, RCPT = "connected", "ready", "mail", "rcpt"
COMMANDS = {
    "EHLO": b"EHLO c.example\r\n",
    "HELO": b"HELO c.example\r\n",
    "MAIL": b"MAIL FROM:<a@c.example>\r\n",
    "RCPT": b"RCPT TO:<b@s.example>\r\n",
    "DATA": b"DATA\r\n",
    "RSET": b"RSET\r\n",
    "NOOP": b"NOOP\r\n",
    "HELP": b"HELP\r\n",
    "VRFY": b"VRFY x\r\n",
    "EXPN": b"EXPN x\r\n",
    "STARTTLS": b"STARTTLS\r\n",
}
REFUSAL = Reply(450, "no", "4.2.1")


class Model:
    """What RFC 5321 and RFC 3207 ask for, as a person would tell it."""

    def __init__(self) -> None:
        self.greeted = False
        self.sender = False
        self.recipients = 0
        self.secure = False
        self.transaction = 1

    @property
    def state(self) -> str:
        if not self.greeted:
            return CONNECTED
        if not self.sender:
            return READY
        return RCPT if self.recipients else MAIL

    def end_transaction(self) -> None:
        self.transaction += self.sender
        self.sender, self.recipients = False, 0

    def say(self, command: str, accepted: bool, message_accepted: bool) -> list[int]:
        no = [REFUSAL.code]
        if command in ("NOOP", "HELP", "VRFY", "EXPN"):
            return [{"NOOP": 250, "HELP": 214, "VRFY": 252, "EXPN": 502}[command]]
        if command == "RSET":
            self.end_transaction()
            return [250]
        if command in ("EHLO", "HELO"):
            if not accepted:
                return no
            self.end_transaction()
            self.greeted = True
            return [250]
        if command == "STARTTLS":
            if self.secure or self.sender:
                return [503]
            self.secure, self.greeted = True, False
            return [220]
        if command == "MAIL":
            if self.sender or not self.greeted:
                return [503]
            self.sender = accepted
            return [250] if accepted else no
        if not self.sender:
            return [503]
        if command == "RCPT":
            self.recipients += accepted
            return [250] if accepted else no
        if not self.recipients:
            return [554]
        if not accepted:
            return no
        self.end_transaction()
        return [354, 250 if message_accepted else REFUSAL.code]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(list(COMMANDS)),
            st.sampled_from([True, True, True, False]),
            st.booleans(),
        ),
        max_size=40,
    )
)
def test_the_order_of_commands_is_the_models(
    said: list[tuple[str, bool, bool]],
) -> None:
    answers = {"accepted": True, "message": True}

    def decide(event: Event) -> Reply | None:
        if isinstance(event, EndOfMessage):
            return None if answers["message"] else REFUSAL
        asked = isinstance(event, (Hello, Mail, Rcpt, Data))
        return REFUSAL if asked and not answers["accepted"] else None

    model = Model()
    conversation = Conversation(SETTINGS, decide)
    for command, accepted, message in said:
        answers.update(accepted=accepted, message=message)
        conversation.send(COMMANDS[command])
        if conversation.dialogue.state.value == "data":
            conversation.send(b"x\r\n.\r\n")
        codes = [reply.code for reply in conversation.take_replies()]
        assert codes == model.say(command, accepted, message)
        assert conversation.dialogue.state.value == model.state
        session = conversation.session
        assert session.in_transaction is model.sender
        assert len(session.envelope.rcpt_to) == model.recipients
        assert session.transaction == model.transaction
        assert session.secure is model.secure


@pytest.mark.parametrize("settings", ALL_SETTINGS)
def test_a_transaction_as_the_strategies_make_it(settings: Settings) -> None:
    """The strategies reach accepted messages, whatever the settings."""
    octets = b"EHLO c.example\r\nSTARTTLS\r\nEHLO c.example\r\n"
    octets += b"MAIL FROM:<a@c.example>\r\nRCPT TO:<b@s.example>\r\nDATA\r\n.x\r\n.\r\n"
    if settings.lmtp:
        octets = octets.replace(b"EHLO", b"LHLO")
    outcome = in_segments(groups_of(octets), after=P0, settings=settings, decide=picky)
    starttls = "STARTTLS" in {e.keyword for e in settings.extensions}
    assert outcome.messages == [b"x\r\n"]
    assert outcome.session.secure is starttls
