"""CHUNKING and BINARYMIME (RFC 3030): B1 to B10, T-BDAT-1 to T-BDAT-11.

B8, bare newlines over the borders of chunks, is also in test_smuggling.py; the
deadlines of T-BDAT-10 are in tests/server/test_chunks.py.
"""

import tracemalloc

import attrs
import pytest

from smtpsession.dialogue.command_order import State
from smtpsession.dialogue.events import ContentTooLarge
from smtpsession.dialogue.limits import Limits
from smtpsession.dialogue.message_size import MIN_DISCARD_OCTETS
from smtpsession.dialogue.settings import Settings
from smtpsession.extensions.binarymime import BinaryMIME
from smtpsession.extensions.chunking import Chunking
from smtpsession.wire.commands import Bdat, Data, LastBdat, Mail, Quit, Rcpt, Rset
from smtpsession.wire.dot_stuffing import dot_stuff
from smtpsession.wire.events import (
    ConnectionLost,
    Content,
    ContentFault,
    EndOfChunk,
    EndOfMessage,
    Event,
)
from smtpsession.wire.replies import Reply
from tests.standards.run_dialogue import (
    CHUNKED,
    HELO,
    MAIL,
    P1,
    P2,
    P3,
    PATIENT,
    RCPT,
    SETTINGS,
    Conversation,
    Decide,
    Outcome,
    accept,
    converse,
    in_one_segment,
    in_segments,
    make_settings,
    refuse,
)

OK = "250 2.0.0"
LATER = Reply(451, "later", "4.3.0")
NOBODY = refuse(Rcpt, Reply(550, "no such user", "5.1.1"))
BINARY = make_settings(added=[Chunking(), BinaryMIME()])
BINARY_MAIL = b"MAIL FROM:<a@c.example> BODY=BINARYMIME\r\n"


def chunks(octets: bytes, *, after: bytes = P2, decide: Decide = accept) -> Outcome:
    """Send *octets* in every way."""
    return converse(octets, after=after, settings=CHUNKED, decide=decide)


# The rows, as they are written.


def test_t_bdat_1() -> None:
    outcome = chunks(b"BDAT 5\r\nhelloBDAT 3 LAST\r\nyou")
    assert outcome.codes == [OK, OK]
    assert outcome.messages == [b"helloyou"]


def test_t_bdat_2() -> None:
    outcome = chunks(b"BDAT 6\r\nQUIT\r\nNOOP\r\n", after=P1)
    assert outcome.codes == ["503 5.5.1", OK]
    assert not outcome.is_over
    assert Quit not in outcome.kinds


def test_t_bdat_3() -> None:
    octets = MAIL + RCPT + b"BDAT 6 LAST\r\nRSET\r\nNOOP\r\n"
    outcome = chunks(octets, after=P1, decide=NOBODY)
    assert outcome.codes == ["250 2.1.0", "550 5.1.1", "554 5.5.1", OK]
    assert Rset not in outcome.kinds


@pytest.mark.parametrize(
    "line",
    [
        b"BDAT -1\r\n",
        b"BDAT x\r\n",
        b"BDAT 5 FIRST\r\n",
        b"BDAT 99999999999999999999 LAST\r\n",
        b"BDAT 1_0\r\n",
        b"BDAT\r\n",
        b"BDAT\t5\r\n",
        b" BDAT 5\r\n",
        "BDAT \u0661\r\n".encode(),
    ],
)
@pytest.mark.parametrize("after", [P1, P1 + MAIL, P2])
def test_t_bdat_4(line: bytes, after: bytes) -> None:
    outcome = chunks(line + b"hello" + MAIL + b"QUIT\r\n", after=after)
    assert outcome.codes == ["501 5.5.4"]
    assert outcome.is_over
    assert outcome.kinds == []


def test_t_bdat_5() -> None:
    octets = b"BDAT 5\r\nhelloDATA\r\nRCPT TO:<x@s.example>\r\nBDAT 0 LAST\r\n"
    outcome = chunks(octets)
    assert outcome.codes == [OK, "503 5.5.1", "503 5.5.1", OK]
    assert outcome.messages == [b"hello"]


def test_t_bdat_6() -> None:
    outcome = chunks(b"BDAT 5\r\nhelloRSET\r\nBDAT 0 LAST\r\n")
    assert outcome.codes == [OK, OK, "503 5.5.1"]
    assert outcome.messages == []


@pytest.mark.parametrize("where", [Bdat, EndOfChunk])
def test_t_bdat_7(where: type[Event]) -> None:
    octets = b"BDAT 4\r\nabcdBDAT 4\r\nxxxxBDAT 4 LAST\r\nyyyy" + RCPT + b"DATA\r\n"
    decide = refuse(where, LATER)
    outcome = chunks(octets, decide=decide)
    assert outcome.codes == ["451 4.3.0", *["503 5.5.1"] * 4]
    assert outcome.messages == []
    assert not outcome.session.in_transaction
    # And the next message is none of the first's business.
    again = chunks(octets + MAIL + RCPT + b"DATA\r\n.\r\n", decide=decide)
    assert again.codes[-1] == OK
    assert again.messages == [b""]


def test_t_bdat_8() -> None:
    outcome = chunks(b"BDAT 9 LAST\r\na\r\n.\r\nb\r\n")
    assert outcome.codes == [OK]
    assert outcome.messages == [b"a\r\n.\r\nb\r\n"]


@pytest.mark.parametrize("last", [b"", b" LAST"])
def test_t_bdat_9(last: bytes) -> None:
    settings = make_settings(size=10_000_000, added=[Chunking()])
    tracemalloc.start()
    outcome = in_segments(
        [b"BDAT 4000000000" + last + b"\r\n", b"x" * 1000], after=P2, settings=settings
    )
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert outcome.codes == ["552 5.3.4"]
    assert outcome.is_over
    assert Content not in outcome.kinds
    assert peak < 1_000_000


@pytest.mark.parametrize("last", [b"", b" LAST"])
def test_t_bdat_10(last: bytes) -> None:
    conversation = Conversation(CHUNKED)
    for line in P2.splitlines(keepends=True):
        conversation.send(line)
    conversation.take_replies()
    conversation.send(b"BDAT 100" + last + b"\r\n" + b"x" * 50)
    conversation.hang_up()
    assert conversation.messages == []
    assert conversation.take_replies() == []
    assert conversation.kinds[-2:] == [Content, ConnectionLost]
    assert conversation.session.in_transaction


@pytest.mark.parametrize("after", [P1, P1 + MAIL, P2])
def test_t_bdat_11(after: bytes) -> None:
    outcome = converse(b"BDAT 6\r\nQUIT\r\n", after=after)
    assert outcome.codes == ["502 5.5.1"]
    assert outcome.is_over
    assert Quit not in outcome.kinds


# B1: the command.


@pytest.mark.parametrize("line", [b"bdat 2 last", b"Bdat 2 LAST \t", b"BDAT 02 Last"])
def test_the_command_in_any_case(line: bytes) -> None:
    outcome = chunks(line + b"\r\nhi")
    assert outcome.codes == [OK]
    assert outcome.messages == [b"hi"]


def test_the_reply_comes_once_the_chunk_is_there() -> None:
    outcome = in_segments([b"BDAT 2\r\n"], after=P2, settings=CHUNKED)
    assert outcome.codes == []
    outcome = in_segments([b"BDAT 2\r\nh"], after=P2, settings=CHUNKED)
    assert outcome.codes == []
    outcome = in_segments([b"BDAT 2\r\nh", b"i"], after=P2, settings=CHUNKED)
    assert outcome.codes == [OK]


def test_the_handler_is_asked_at_the_first_chunk_only() -> None:
    outcome = chunks(b"BDAT 1\r\naBDAT 1\r\nbBDAT 1 LAST\r\nc")
    assert outcome.kinds == [
        *(Bdat, Content, EndOfChunk, Content, EndOfChunk, Content, EndOfMessage)
    ]
    outcome = chunks(b"BDAT 1 LAST\r\na")
    assert outcome.kinds == [LastBdat, Content, EndOfMessage]


def test_after_helo_chunks_are_taken_all_the_same() -> None:
    # RFC 5321 2.2.1: nothing was offered, but what BDAT announces is content.
    outcome = chunks(b"BDAT 2 LAST\r\nhi", after=HELO + MAIL + RCPT)
    assert outcome.codes == [OK]
    strict = make_settings(strict_pipelining=True, added=[Chunking()])
    outcome = in_one_segment(
        b"BDAT 2 LAST\r\nhi", after=HELO + MAIL + RCPT, settings=strict
    )
    assert outcome.codes == [OK]


def test_content_without_a_last_line_end_is_legal() -> None:
    assert chunks(b"BDAT 2 LAST\r\nhi").messages == [b"hi"]
    assert chunks(b"BDAT 0 LAST\r\n").messages == [b""]
    assert chunks(b"BDAT 3 LAST\r\nhi\r").codes == ["550 5.5.2"]


# B2: a refused chunk is read to its end, and its reply comes then.


@pytest.mark.parametrize(
    ("after", "reply"),
    [
        (b"", "503 5.5.1"),
        (P1, "503 5.5.1"),
        (P1 + MAIL, "554 5.5.1"),
        (P2, "451 4.3.0"),
    ],
)
@pytest.mark.parametrize("line", [b"BDAT 12\r\n", b"BDAT 12 LAST\r\n"])
def test_a_refused_chunk(after: bytes, reply: str, line: bytes) -> None:
    octets = line + b"QUIT\r\nNOOP\r\n"
    outcome = chunks(octets + b"NOOP\r\n", after=after, decide=refuse_any)
    assert outcome.codes == [reply, OK]
    assert Content not in outcome.kinds
    assert Quit not in outcome.kinds
    held = in_segments([octets[:-1]], after=after, settings=CHUNKED, decide=refuse_any)
    assert held.codes == []


def refuse_any(event: Event) -> Reply | None:
    return LATER if isinstance(event, Bdat) else None


@pytest.mark.parametrize("last", [b"", b" LAST"])
def test_a_refused_chunk_may_be_cut_off(last: bytes) -> None:
    conversation = Conversation(CHUNKED)
    conversation.send(b"BDAT 12" + last + b"\r\nQUIT\r\n")
    conversation.hang_up()
    assert conversation.take_replies() == []
    assert conversation.kinds == [ConnectionLost]


def test_421_for_a_chunk_waits_for_nothing() -> None:
    decide = refuse(Bdat, Reply(421, "going down", "4.3.2"))
    outcome = chunks(b"BDAT 12\r\nQUIT\r\n", decide=decide)
    assert outcome.codes == ["421 4.3.2"]
    assert outcome.is_over


def test_a_refused_chunk_is_one_error() -> None:
    two = make_settings(limits=Limits(errors_hard=2), added=[Chunking()])
    outcome = converse(b"BDAT 1\r\nxNOOP\r\n", settings=two)
    assert outcome.codes == ["503 5.5.1", OK]
    outcome = converse(b"BDAT 1\r\nx" * 2, settings=two)
    assert outcome.codes == ["503 5.5.1", "421 4.7.0"]


@pytest.mark.parametrize("last", [b"", b" LAST"])
def test_after_a_refused_chunk_a_new_message_may_begin(last: bytes) -> None:
    octets = b"BDAT 1" + last + b"\r\nx" + b"RSET\r\n" + MAIL + RCPT + b"DATA\r\n.\r\n"
    outcome = chunks(octets, decide=refuse_any)
    assert outcome.codes == [
        *("451 4.3.0", OK, "250 2.1.0", "250 2.1.5", "354", OK),
    ]
    assert outcome.session.transaction == 3


def test_the_refused_last_chunk_is_the_end_of_its_message() -> None:
    octets = b"BDAT 1\r\nxBDAT 1 LAST\r\ny" + MAIL
    outcome = chunks(octets, decide=refuse(EndOfChunk, LATER))
    assert outcome.codes == ["451 4.3.0", "503 5.5.1", "250 2.1.0"]
    outcome = chunks(b"BDAT 1 LAST\r\nx" + MAIL, decide=refuse_any)
    assert outcome.codes == ["451 4.3.0", "250 2.1.0"]
    outcome = chunks(b"BDAT 1\r\nx" + MAIL, decide=refuse_any)
    assert outcome.codes == ["451 4.3.0", "503 5.5.1"]


# B4 and SIZE: the limit counts all chunks together.

SMALL = make_settings(size=10, added=[Chunking()])
#: The largest message of SMALL that is read to its end.
CAP = 10 + MIN_DISCARD_OCTETS


def test_a_message_may_be_as_large_as_the_limit() -> None:
    octets = b"BDAT 4\r\n12\r\nBDAT 6 LAST\r\n7890\r\n"
    outcome = converse(octets, after=P2, settings=SMALL)
    assert outcome.codes == [OK, OK]
    assert outcome.messages == [b"12\r\n7890\r\n"]


@pytest.mark.parametrize(
    ("octets", "codes"),
    [
        (b"BDAT 11 LAST\r\n12345678901", ["552 5.3.4"]),
        (b"BDAT 11\r\n12345678901BDAT 0 LAST\r\n", ["552 5.3.4", "503 5.5.1"]),
        (b"BDAT 6\r\n123456BDAT 5 LAST\r\n12345", [OK, "552 5.3.4"]),
        (b"BDAT 6\r\n123456BDAT 5\r\n12345BDAT 1\r\nx", [OK, "552 5.3.4", "503 5.5.1"]),
        (b"BDAT 10\r\n1234567890BDAT 1\r\nx", [OK, "552 5.3.4"]),
    ],
)
def test_chunks_over_the_limit(octets: bytes, codes: list[str]) -> None:
    outcome = converse(octets + b"NOOP\r\n", after=P2, settings=SMALL)
    assert outcome.codes == [*codes, OK]
    assert outcome.messages == []
    assert ContentTooLarge in outcome.kinds
    assert not outcome.session.in_transaction


def test_what_is_announced_counts_with_what_came() -> None:
    most = b"BDAT %d\r\n" % (CAP - 5)
    outcome = in_segments([b"BDAT 5\r\nhello" + most], after=P2, settings=SMALL)
    assert outcome.codes == [OK]
    assert not outcome.is_over
    more = b"BDAT %d LAST\r\n" % (CAP - 4)
    outcome = in_segments([b"BDAT 5\r\nhello" + more], after=P2, settings=SMALL)
    assert outcome.codes == [OK, "552 5.3.4"]
    assert outcome.is_over


@pytest.mark.parametrize("after", [b"", P1, P1 + MAIL])
def test_a_hopeless_chunk_is_not_read_where_none_may_be(after: bytes) -> None:
    line = b"BDAT %d\r\n" % (CAP + 1)
    outcome = converse(line, after=after, settings=SMALL)
    assert outcome.codes == ["554 5.5.1" if MAIL in after else "503 5.5.1"]
    assert outcome.is_over


def test_normalized_content_that_grows_over_the_cap_ends() -> None:
    """Each bare LF becomes two octets, so more comes than was announced."""
    settings = make_settings(size=10, bare_newline="normalize", added=[Chunking()])
    half = CAP // 2 + 10
    segments = [b"BDAT %d LAST\r\n" % half, b"\n" * half]
    outcome = in_segments(segments, after=P2, settings=settings)
    assert outcome.codes == ["552 5.3.4"]
    assert outcome.is_over


def test_without_a_limit_any_size_may_be_announced() -> None:
    settings = make_settings(size=None, added=[Chunking()])
    line = b"BDAT 999999999999999999\r\n"
    outcome = in_segments([line, b"x" * 1000], after=P2, settings=settings)
    assert not outcome.is_over
    assert outcome.conversation.dialogue.message_octets == 1000
    skipped = in_segments([line, b"QUIT\r\n" * 1000], settings=settings)
    assert not skipped.is_over
    assert skipped.codes == []


# B5: one message at a time, and by one command.


def test_bdat_after_the_last_is_503() -> None:
    octets = b"BDAT 2 LAST\r\nhiBDAT 6\r\nQUIT\r\nBDAT 0 LAST\r\nNOOP\r\n"
    outcome = chunks(octets)
    assert outcome.codes == [OK, "503 5.5.1", "503 5.5.1", OK]
    assert outcome.messages == [b"hi"]


@pytest.mark.parametrize("command", [MAIL, RCPT, b"DATA\r\n", b"STARTTLS\r\n"])
def test_what_may_not_be_between_two_chunks_changes_nothing(command: bytes) -> None:
    outcome = chunks(b"BDAT 5\r\nhello" + command + b"BDAT 4 LAST\r\n you")
    assert outcome.codes == [OK, "503 5.5.1", OK]
    assert outcome.messages == [b"hello you"]
    assert Data not in outcome.kinds
    assert Mail not in outcome.kinds


@pytest.mark.parametrize(
    "command", [b"NOOP\r\n", b"HELP\r\n", b"VRFY x\r\n", b"EXPN x\r\n", b"XYZZY\r\n"]
)
def test_what_may_be_between_two_chunks(command: bytes) -> None:
    outcome = chunks(b"BDAT 5\r\nhello" + command + b"BDAT 4 LAST\r\n you")
    assert outcome.codes[0] == outcome.codes[2] == OK
    assert outcome.messages == [b"hello you"]


@pytest.mark.parametrize(
    "line", [b"EHLO\r\n", b"EHLO a b\r\n", b"RSET x\r\n", b"QUIT x\r\n", b"NOOP\0\r\n"]
)
def test_bad_syntax_between_two_chunks_changes_nothing(line: bytes) -> None:
    outcome = chunks(b"BDAT 5\r\nhello" + line + b"BDAT 4 LAST\r\n you")
    assert outcome.codes[0] == outcome.codes[2] == OK
    assert outcome.codes[1][0] == "5"
    assert outcome.messages == [b"hello you"]


def test_a_hello_that_is_refused_between_two_chunks_changes_nothing() -> None:
    """RFC 5321 4.1.4: the server stays in the state it was in."""

    def decide(event: Event) -> Reply | None:
        is_second = getattr(event, "name", "") == "d.example"
        return Reply(550, "no") if is_second else None

    octets = b"BDAT 5\r\nhelloEHLO d.example\r\nBDAT 0 LAST\r\n"
    outcome = chunks(octets, decide=decide)
    assert outcome.codes == [OK, "550", OK]
    assert outcome.messages == [b"hello"]


def test_chunks_and_data_may_take_turns() -> None:
    message = MAIL + RCPT + b"BDAT 1\r\n.BDAT 1 LAST\r\n."
    outcome = chunks(message + MAIL + RCPT + b"DATA\r\n..\r\n.\r\n" + message, after=P1)
    assert outcome.messages == [b"..", b".\r\n", b".."]


# B6: RSET, and what else gives the chunks up.


@pytest.mark.parametrize("command", [b"RSET\r\n", b"EHLO d.example\r\n"])
def test_what_was_given_up_is_in_no_message(command: bytes) -> None:
    octets = b"BDAT 4\r\nold\r" + command + MAIL + RCPT + b"BDAT 4 LAST\r\nnew."
    outcome = chunks(octets)
    assert outcome.codes[-1] == OK
    assert outcome.messages == [b"new."]


def test_quit_between_two_chunks() -> None:
    outcome = chunks(b"BDAT 5\r\nhelloQUIT\r\nBDAT 0 LAST\r\n")
    assert outcome.codes == [OK, "221 2.0.0"]
    assert outcome.is_over
    assert outcome.messages == []


# B7: BINARYMIME.


def test_binary_content_is_handed_on_unchanged() -> None:
    content = bytes(range(256)) + b"\r\n.\r\n\n\r"
    head = BINARY_MAIL + RCPT
    octets = b"BDAT 100\r\n" + content[:100]
    octets += b"BDAT %d LAST\r\n" % (len(content) - 100) + content[100:]
    outcome = converse(octets, after=P1 + head, settings=BINARY)
    assert outcome.codes == [OK, OK]
    assert outcome.messages == [content]
    assert ContentFault not in outcome.kinds


@pytest.mark.parametrize("body", [b"", b" BODY=7BIT", b" BODY=8BITMIME"])
def test_other_content_is_lines_and_judged(body: bytes) -> None:
    mail = MAIL.replace(b"\r\n", body + b"\r\n")
    octets = b"BDAT 3 LAST\r\na\0b"
    outcome = converse(octets, after=P1 + mail + RCPT, settings=BINARY)
    assert outcome.codes == ["554 5.6.0"]


def test_the_next_message_after_a_binary_one_is_lines_again() -> None:
    octets = b"BDAT 1 LAST\r\n\n" + MAIL + RCPT + b"BDAT 1 LAST\r\n\n"
    outcome = converse(octets, after=P1 + BINARY_MAIL + RCPT, settings=BINARY)
    assert outcome.codes == [OK, "250 2.1.0", "250 2.1.5", "550 5.5.2"]
    assert outcome.is_over


def test_data_after_binarymime_is_503_and_bdat_goes_on() -> None:
    octets = b"DATA\r\nBDAT 1 LAST\r\n\0"
    outcome = converse(octets, after=P1 + BINARY_MAIL + RCPT, settings=BINARY)
    assert outcome.codes == ["503 5.5.1", OK]
    assert outcome.messages == [b"\0"]


@pytest.mark.parametrize("settings", [CHUNKED, SETTINGS])
def test_binarymime_that_is_not_offered_is_555(settings: Settings) -> None:
    assert converse(BINARY_MAIL, settings=settings).codes == ["555 5.5.4"]


def test_binarymime_goes_when_the_session_disables_bdat() -> None:
    conversation = Conversation(BINARY)
    conversation.session.disabled_commands = frozenset({"BDAT"})
    conversation.send(P1)
    (hello,) = conversation.take_replies()
    assert not {"CHUNKING", "BINARYMIME"} & set(hello.lines)
    conversation.send(BINARY_MAIL + MAIL + RCPT + b"BDAT 6 LAST\r\nQUIT\r\n")
    codes = [str(reply) for reply in conversation.take_replies()]
    assert codes == ["555 5.5.4", "250 2.1.0", "250 2.1.5", "502 5.5.1"]
    assert conversation.is_over


def test_both_are_offered() -> None:
    (reply,) = converse(P1, settings=BINARY).replies
    assert {"CHUNKING", "BINARYMIME", "8BITMIME"} <= set(reply.lines)
    (reply,) = converse(P1, settings=CHUNKED).replies
    assert "CHUNKING" in reply.lines
    assert "BINARYMIME" not in reply.lines


# B8: text in chunks.


def test_a_line_end_may_be_cut_by_a_chunk() -> None:
    outcome = chunks(b"BDAT 2\r\na\rBDAT 2 LAST\r\n\nb")
    assert outcome.codes == [OK, OK]
    assert outcome.messages == [b"a\r\nb"]


@pytest.mark.parametrize(
    ("octets", "codes"),
    [
        (b"BDAT 2\r\na\nBDAT 1 LAST\r\nb", ["550 5.5.2"]),
        (b"BDAT 2\r\na\rBDAT 1 LAST\r\nb", [OK, "550 5.5.2"]),
        (b"BDAT 2\r\na\rBDAT 0 LAST\r\n", [OK, "550 5.5.2"]),
        (b"BDAT 1\r\naBDAT 1 LAST\r\n\n", [OK, "550 5.5.2"]),
        (b"BDAT 2 LAST\r\na\r", ["550 5.5.2"]),
    ],
)
def test_a_bare_newline_closes(octets: bytes, codes: list[str]) -> None:
    outcome = chunks(octets + b"NOOP\r\n")
    assert outcome.codes == codes
    assert outcome.is_over
    assert outcome.messages == []
    said = chunks(octets + b"NOOP\r\n", decide=refuse(EndOfMessage, LATER))
    assert said.codes == codes


def test_a_nul_refuses_its_chunk_and_leaves_the_session_open() -> None:
    outcome = chunks(b"BDAT 2\r\na\0BDAT 1\r\nbBDAT 1 LAST\r\ncNOOP\r\n")
    assert outcome.codes == ["554 5.6.0", "503 5.5.1", "503 5.5.1", OK]
    outcome = chunks(b"BDAT 1\r\naBDAT 1 LAST\r\n\0NOOP\r\n")
    assert outcome.codes == [OK, "554 5.6.0", OK]


# B9: chunks of nothing, and of next to nothing.


def test_an_empty_chunk_counts_as_junk() -> None:
    limits = Limits(errors_soft=None, errors_hard=2, junk_commands=3)
    settings = make_settings(limits=limits, added=[Chunking()])
    outcome = converse(b"BDAT 0\r\n" * 10, after=P2, settings=settings)
    # The EHLO of the prelude is the first of the junk commands.
    assert outcome.codes == [OK, OK, OK, "421 4.7.0"]
    outcome = converse(b"BDAT 1\r\nx" * 10, after=P2, settings=settings, cuts=[])
    assert outcome.codes == [OK] * 10


def test_the_last_chunk_may_be_empty_and_is_no_junk() -> None:
    limits = Limits(errors_soft=None, errors_hard=1, junk_commands=1)
    settings = make_settings(limits=limits, added=[Chunking()])
    message = MAIL + RCPT + b"BDAT 1\r\nxBDAT 0 LAST\r\n"
    outcome = converse(message * 3, settings=settings, cuts=[])
    assert outcome.codes == ["250 2.1.0", "250 2.1.5", OK, OK] * 3


def test_many_chunks_of_one_octet_keep_nothing() -> None:
    conversation = Conversation(attrs.evolve(CHUNKED, limits=PATIENT))
    conversation.send(P2)
    group = b"BDAT 1\r\nx" * 1000
    conversation.send(group)
    tracemalloc.start()
    for _ in range(10):
        conversation.send(group)
        conversation.take_replies()
        conversation.trace.clear()
        conversation.kinds.clear()
    now, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert now < 100_000
    conversation.send(b"BDAT 0 LAST\r\n")
    assert conversation.messages == [b"x" * 11_000]


# B10: content of chunks that is sent on by DATA.


@pytest.mark.parametrize(
    "content", [b".", b".\r\n", b"a\r\n.\r\n", b"a\r\n.", b"..\r\n.b\r\n", b"no end"]
)
def test_content_of_chunks_can_be_sent_on(content: bytes) -> None:
    (received,) = chunks(b"BDAT %d LAST\r\n" % len(content) + content).messages
    assert received == content
    again = converse(dot_stuff(received), after=P3, cuts=[])
    ended = content if content.endswith(b"\r\n") else content + b"\r\n"
    assert again.messages == [ended]
    assert again.state is State.READY
