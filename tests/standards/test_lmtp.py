"""LMTP (RFC 2033): L1 to L6, T-LMTP-1 to T-LMTP-4.

L1, that TCP port 25 is refused, and L6 are in tests/server and tests/handlers.
"""

from __future__ import annotations

import pytest

from smtpsession.dialogue.content_dialogue import Said
from smtpsession.dialogue.dialogue import Dialogue
from smtpsession.dialogue.limits import Limits
from smtpsession.dialogue.message_size import MIN_DISCARD_OCTETS
from smtpsession.dialogue.settings import Settings
from smtpsession.errors import LocalProtocolError
from smtpsession.extensions.chunking import Chunking
from smtpsession.session.session import Session
from smtpsession.wire.commands import Bdat, Data, LastBdat, Rcpt
from smtpsession.wire.events import Content, EndOfChunk, EndOfMessage, Event
from smtpsession.wire.replies import Reply
from tests.standards.run_dialogue import (
    CHUNKED,
    L1,
    L2,
    L3,
    LMTP,
    MAIL,
    P1,
    RCPT,
    Conversation,
    Decide,
    Outcome,
    accept,
    converse,
    in_segments,
    make_settings,
    parse_replies,
    refuse,
)

OK = "250 2.0.0"
LATER = Reply(451, "later", "4.3.0")
NO_SUCH_USER = Reply(550, "no such user", "5.1.1")
A, B, C = (b"RCPT TO:<%s@s.example>\r\n" % name for name in (b"a", b"b", b"c"))
NO_B = refuse(Rcpt, NO_SUCH_USER, "b")
NOBODY = refuse(Rcpt, NO_SUCH_USER)
LAST = b"BDAT 2 LAST\r\nhi"


def lmtp(octets: bytes, *, after: bytes = L1, decide: Decide = accept) -> Outcome:
    """Send *octets* in every way."""
    return converse(octets, after=after, settings=LMTP, decide=decide)


def at_the_end(said: Said) -> Decide:
    """Answer the end of each message with *said*."""
    return lambda event: said if isinstance(event, EndOfMessage) else None


# The rows, as they are written.


def test_t_lmtp_1() -> None:
    outcome = lmtp(b"EHLO x\r\nHELO x\r\nLHLO x\r\n", after=b"")
    assert outcome.codes == ["500 5.5.2", "500 5.5.2", "250"]
    assert outcome.session.opening_command == "LHLO"
    smtp = converse(b"LHLO x\r\nEHLO x\r\n", after=b"")
    assert smtp.codes == ["500 5.5.2", "250"]


@pytest.mark.parametrize("content", [b"DATA\r\nhi\r\n.\r\n", LAST])
def test_t_lmtp_2(content: bytes) -> None:
    texts = ["first", "second", "third"]
    outcome = lmtp(MAIL + A + B + A + C + content, decide=no_b_and(texts))
    replies = ["250 2.1.0", "250 2.1.5", "550 5.1.1", "250 2.1.5", "250 2.1.5"]
    go = [] if content == LAST else ["354"]
    assert outcome.codes == [*replies, *go, OK, OK, OK]
    assert [reply.lines for reply in outcome.replies[-3:]] == [
        *(("first",), ("second",), ("third",))
    ]
    assert len(outcome.messages) == 1


def no_b_and(said: Said) -> Decide:
    return lambda event: said if isinstance(event, EndOfMessage) else NO_B(event)


def test_t_lmtp_3() -> None:
    outcome = lmtp(MAIL + A + B + b"DATA\r\n", decide=NOBODY)
    assert outcome.codes == ["250 2.1.0", "550 5.1.1", "550 5.1.1", "503 5.5.1"]
    octets = MAIL + A + B + b"BDAT 3 LAST\r\nabcNOOP\r\n"
    outcome = lmtp(octets, decide=NOBODY)
    assert outcome.codes == ["250 2.1.0", "550 5.1.1", "550 5.1.1", OK]
    assert outcome.messages == []


def test_t_lmtp_4() -> None:
    octets = MAIL + A + B + C + b"DATA\r\n.\r\nNOOP\r\n"
    outcome = lmtp(octets, decide=at_the_end([None]))
    assert outcome.codes[-4:] == [OK, "451 4.3.0", "451 4.3.0", OK]


# L1: the session.


def test_the_greeting_says_lmtp() -> None:
    (greeting,) = Conversation(LMTP).greeting
    assert str(greeting) == "220"
    assert greeting.lines == ("mx.example LMTP",)


def test_what_lmtp_asks_for_is_offered() -> None:
    # RFC 2033 5: PIPELINING and ENHANCEDSTATUSCODES MUST, 8BITMIME SHOULD.
    (reply,) = lmtp(b"LHLO x\r\n", after=b"").replies
    assert reply.lines[0] == "mx.example"
    assert {"PIPELINING", "ENHANCEDSTATUSCODES", "8BITMIME"} <= set(reply.lines)


def test_the_transmission_type() -> None:
    assert lmtp(b"NOOP\r\n").session.transmission_type == "LMTP"


@pytest.mark.parametrize(
    ("octets", "codes"),
    [
        (b"LHLO\r\n", ["501"]),
        (b"LHLO a b\r\n", ["501"]),
        (b"lhlo [192.0.2.1] \r\n", ["250"]),
        (MAIL, ["503 5.5.1"]),
        (b"LHLO x\r\n" + MAIL + RCPT, ["250", "250 2.1.0", "250 2.1.5"]),
    ],
)
def test_lhlo(octets: bytes, codes: list[str]) -> None:
    assert lmtp(octets, after=b"").codes == codes


def test_a_new_lhlo_resets_the_transaction() -> None:
    outcome = lmtp(b"LHLO x\r\n" + RCPT, after=L2)
    assert outcome.codes == ["250", "503 5.5.1"]
    assert outcome.session.transaction == 2


def test_lhlo_must_end_its_group() -> None:
    strict = make_settings(strict_pipelining=True, lmtp=True)
    outcome = in_segments([b"LHLO x\r\nNOOP\r\n"], after=b"", settings=strict)
    assert outcome.codes == ["554 5.5.0"]


@pytest.mark.parametrize(
    ("state", "after", "code"),
    [
        ("before", b"", "503 5.5.1"),
        ("idle", L1, "503 5.5.1"),
        ("mail", L1 + MAIL, "503 5.5.1"),
        ("rcpt", L2, "354"),
    ],
)
def test_data_in_state(state: str, after: bytes, code: str) -> None:
    assert lmtp(b"DATA\r\n", after=after).codes == [code]


# L2: one reply per recipient after the dot.


@pytest.mark.parametrize("recipients", [1, 2, 7])
@pytest.mark.parametrize("content", [b"DATA\r\nhi\r\n.\r\n", LAST])
def test_one_reply_per_recipient(recipients: int, content: bytes) -> None:
    outcome = lmtp(A * recipients + content, after=L1 + MAIL)
    assert outcome.codes[-recipients:] == [OK] * recipients
    assert len(outcome.replies) == 2 * recipients + (content != LAST)
    assert not outcome.session.in_transaction
    assert outcome.session.transaction == 2


def test_other_commands_have_one_reply() -> None:
    octets = b"NOOP\r\nVRFY x\r\nHELP\r\nXYZZY\r\nRSET\r\nQUIT\r\n"
    outcome = lmtp(octets, after=L2)
    assert [reply.code for reply in outcome.replies] == [250, 252, 214, 500, 250, 221]


def test_data_that_is_refused_has_one_reply() -> None:
    outcome = lmtp(b"DATA\r\nNOOP\r\n", after=L2 + B, decide=refuse(Data, LATER))
    assert outcome.codes == ["451 4.3.0", OK]
    assert outcome.session.in_transaction


@pytest.mark.parametrize(
    ("said", "codes", "accepted"),
    [
        (None, [OK, OK, OK], True),
        ("kept", [OK, OK, OK], True),
        (LATER, ["451 4.3.0"] * 3, False),
        ([None, "kept", Reply(250, "all right", "2.1.5")], [OK, OK, "250 2.1.5"], True),
        ([None, LATER, NO_SUCH_USER], [OK, "451 4.3.0", "550 5.1.1"], True),
        ([LATER, None, LATER], ["451 4.3.0", OK, "451 4.3.0"], True),
        ([LATER, NO_SUCH_USER, LATER], ["451 4.3.0", "550 5.1.1", "451 4.3.0"], False),
        ((None, None, LATER), [OK, OK, "451 4.3.0"], True),
        ([None, None], [OK, OK, "451 4.3.0"], True),
        ([], ["451 4.3.0"] * 3, False),
        ([LATER, LATER, LATER, None], ["451 4.3.0"] * 3, False),
        ([None, None, None, LATER], [OK, OK, OK], True),
    ],
)
@pytest.mark.parametrize("content", [b"DATA\r\n.\r\n", LAST])
def test_answers(said: Said, codes: list[str], accepted: bool, content: bytes) -> None:
    decide = at_the_end(said)
    outcome = lmtp(content + b"NOOP\r\n", after=L2 + B + C, decide=decide)
    go = [] if content == LAST else ["354"]
    assert outcome.codes == [*go, *codes, OK]
    assert bool(outcome.messages) is accepted
    assert outcome.session.transaction == 2


@pytest.mark.parametrize(
    ("said", "ends"),
    [(None, False), ([LATER, None], False), ([LATER], True), (LATER, True), ([], True)],
)
def test_a_transaction_ends_unaccepted_only_if_all_refuse(
    said: Said, ends: bool
) -> None:
    dialogue = Dialogue(Session("1", lmtp=True), LMTP, asks=())
    dialogue.greet()
    dialogue.receive_data(L2 + B + LAST)
    assert isinstance(dialogue.next_event(), LastBdat)
    dialogue.answer()
    assert isinstance(dialogue.next_event(), Content)
    assert isinstance(dialogue.next_event(), EndOfMessage)
    assert dialogue.ends_unaccepted(said) is ends


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("code", [421, 221])
def test_421_for_one_recipient_closes_behind_all_replies(place: int, code: int) -> None:
    said: list[Reply | str | None] = [None, None, None]
    said[place] = Reply(code, "going down")
    outcome = lmtp(
        b"x\r\n.\r\nNOOP\r\n", after=L2 + B + C + b"DATA\r\n", decide=at_the_end(said)
    )
    codes = [250, 250, 250]
    codes[place] = code
    assert [reply.code for reply in outcome.replies] == codes
    assert outcome.is_over


def test_a_refused_message_is_one_error_however_many_recipients() -> None:
    limits = Limits(errors_soft=None, errors_hard=2)
    settings = make_settings(limits=limits, lmtp=True)
    octets = MAIL + A + B + C + b"DATA\r\n.\r\n"
    outcome = converse(octets, after=L1, settings=settings, decide=at_the_end(LATER))
    assert outcome.codes[-3:] == ["451 4.3.0"] * 3
    assert not outcome.is_over
    outcome = converse(
        octets * 2, after=L1, settings=settings, decide=at_the_end(LATER), cuts=[]
    )
    assert outcome.codes[-1] == "421 4.7.0"
    assert outcome.codes.count("421 4.7.0") == 1


def test_a_message_that_one_recipient_gets_forgives_the_errors() -> None:
    limits = Limits(errors_soft=None, errors_hard=2)
    settings = make_settings(limits=limits, lmtp=True)
    octets = b"XYZZY\r\n" + MAIL + A + B + b"DATA\r\n.\r\nXYZZY\r\n"
    decide = at_the_end([LATER, None])
    outcome = converse(octets, after=L1, settings=settings, decide=decide)
    assert outcome.codes[-3:] == ["451 4.3.0", OK, "500 5.5.2"]
    assert not outcome.is_over


# L3: BDAT.


@pytest.mark.parametrize("octets", [b"", b"abc"])
def test_a_last_chunk_without_recipients_is_the_end_and_has_no_reply(
    octets: bytes,
) -> None:
    last = b"BDAT %d LAST\r\n" % len(octets) + octets
    outcome = lmtp(last + MAIL + A + LAST, after=L1 + MAIL)
    assert outcome.codes == ["250 2.1.0", "250 2.1.5", OK]
    assert outcome.session.transaction == 3
    held = in_segments([last[:-1]], after=L1 + MAIL, settings=LMTP)
    assert held.session.in_transaction


def test_another_chunk_without_recipients_is_503() -> None:
    octets = b"BDAT 6\r\nQUIT\r\nBDAT 6 LAST\r\nQUIT\r\nNOOP\r\n"
    outcome = lmtp(octets, after=L1 + MAIL)
    assert outcome.codes == ["503 5.5.1", OK]
    assert not outcome.is_over


@pytest.mark.parametrize("after", [b"", L1])
def test_a_last_chunk_outside_of_a_transaction_is_503(after: bytes) -> None:
    outcome = lmtp(b"BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n", after=after)
    assert outcome.codes == ["503 5.5.1", OK]
    outcome = lmtp(LAST + b"BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n", after=L2 + B)
    assert outcome.codes == [OK, OK, "503 5.5.1", OK]


def test_a_chunk_that_is_not_the_last_has_one_reply() -> None:
    outcome = lmtp(b"BDAT 1\r\nh" + b"BDAT 1 LAST\r\ni", after=L2 + B)
    assert outcome.codes == [OK, OK, OK]
    assert outcome.messages == [b"hi"]


@pytest.mark.parametrize("where", [Bdat, EndOfChunk])
def test_a_refused_chunk_has_one_reply_and_the_last_one_per_recipient(
    where: type[Event],
) -> None:
    """A client that has sent all in one group counts on it (RFC 2033 4.3)."""
    octets = b"BDAT 1\r\nhBDAT 1\r\niBDAT 1 LAST\r\njNOOP\r\n"
    outcome = lmtp(octets, after=L2 + B + C, decide=refuse(where, LATER))
    assert outcome.codes == ["451 4.3.0", "503 5.5.1", *["503 5.5.1"] * 3, OK]
    assert outcome.messages == []


def test_a_last_chunk_that_is_refused_unread_has_one_reply_per_recipient() -> None:
    octets = b"BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n"
    outcome = lmtp(octets, after=L2 + B + C, decide=refuse(LastBdat, LATER))
    assert outcome.codes == ["451 4.3.0"] * 3 + [OK]
    assert not outcome.session.in_transaction


def test_a_message_that_failed_and_was_given_up_has_no_recipients() -> None:
    octets = b"BDAT 1\r\nhRSET\r\nBDAT 1 LAST\r\niNOOP\r\n"
    outcome = lmtp(octets, after=L2 + B + C, decide=refuse(EndOfChunk, LATER))
    assert outcome.codes == ["451 4.3.0", OK, "503 5.5.1", OK]


def test_the_count_is_of_the_message_that_is_open() -> None:
    octets = b"BDAT 0 LAST\r\n" + MAIL + A + b"BDAT 1\r\nhBDAT 1 LAST\r\ni"
    outcome = lmtp(octets, after=L2 + B + C, decide=refuse(EndOfChunk, LATER))
    assert outcome.codes[3:] == ["250 2.1.0", "250 2.1.5", "451 4.3.0", "503 5.5.1"]


def test_refused_recipients_over_the_error_limit_get_421_once() -> None:
    limits = Limits(errors_soft=None, errors_hard=1)
    settings = make_settings(limits=limits, lmtp=True, added=[Chunking()])
    decide = refuse(LastBdat, LATER)
    outcome = converse(LAST, after=L2 + B, settings=settings, decide=decide)
    assert outcome.codes == ["421 4.7.0"]


def test_data_after_bdat_is_503_and_the_message_goes_on() -> None:
    outcome = lmtp(b"BDAT 1\r\nhDATA\r\n" + A + b"BDAT 0 LAST\r\n", after=L2 + B)
    assert outcome.codes == [OK, "503 5.5.1", "503 5.5.1", OK, OK]
    assert outcome.messages == [b"h"]


def test_several_answers_are_for_the_end_of_the_message() -> None:
    """One that is given at a chunk before it waits."""
    said: list[Reply | str | None] = [LATER, None]

    def decide(event: Event) -> Said:
        return said if isinstance(event, (EndOfChunk, EndOfMessage)) else None

    outcome = lmtp(b"BDAT 1\r\nhBDAT 1 LAST\r\ni", after=L2 + B, decide=decide)
    assert outcome.codes == [OK, "451 4.3.0", OK]


# L5: what is wrong with the content is said once per recipient.

SMALL = make_settings(size=10, lmtp=True, added=[Chunking()])
CAP = 10 + MIN_DISCARD_OCTETS


@pytest.mark.parametrize(
    ("content", "code", "over"),
    [
        (b"a\nb", "550 5.5.2", True),
        (b"a\rb", "550 5.5.2", True),
        (b"a\0b", "554 5.6.0", False),
        (b"12345678901", "552 5.3.4", False),
    ],
)
@pytest.mark.parametrize("chunked", [False, True])
def test_a_fault_is_said_once_per_recipient(
    content: bytes, code: str, over: bool, chunked: bool
) -> None:
    octets = b"DATA\r\n" + content + b"\r\n.\r\n"
    if chunked:
        octets = b"BDAT %d LAST\r\n" % len(content) + content
    outcome = converse(octets + b"NOOP\r\n", after=L2 + B + C, settings=SMALL)
    codes = outcome.codes if chunked else outcome.codes[1:]
    assert codes == [code] * 3 + [OK] * (not over)
    assert outcome.is_over is over
    assert outcome.messages == []


def test_a_fault_of_another_chunk_is_said_once() -> None:
    octets = b"BDAT 2\r\na\0BDAT 1 LAST\r\nb"
    outcome = lmtp(octets, after=L2 + B)
    assert outcome.codes == ["554 5.6.0", "503 5.5.1", "503 5.5.1"]
    outcome = lmtp(b"BDAT 2\r\na\nBDAT 1 LAST\r\nb", after=L2 + B)
    assert outcome.codes == ["550 5.5.2"]
    assert outcome.is_over


@pytest.mark.parametrize(
    ("octets", "after", "times"),
    [
        (b"x" * (CAP + 1), L2 + B + C + b"DATA\r\n", 3),
        (b"\0" + b"x" * CAP, L2 + B + C + b"DATA\r\n", 3),
        (b"x" * CAP + b"\r\n.\r\n", L2 + B + C + b"DATA\r\n", 3),
        (b"BDAT %d LAST\r\n" % (CAP + 1), L2 + B + C, 3),
        (b"BDAT %d\r\n" % (CAP + 1), L2 + B + C, 1),
    ],
)
def test_content_far_over_the_limit_ends_with_a_reply_per_recipient(
    octets: bytes, after: bytes, times: int
) -> None:
    outcome = in_segments([octets], after=after, settings=SMALL)
    assert outcome.codes == ["552 5.3.4"] * times
    assert outcome.is_over


@pytest.mark.parametrize("after", [b"", L1, L1 + MAIL])
def test_a_hopeless_last_chunk_without_recipients_ends_with_a_reply(
    after: bytes,
) -> None:
    octets = b"BDAT %d LAST\r\n" % (CAP + 1)
    outcome = in_segments([octets], after=after, settings=SMALL)
    assert outcome.codes == ["503 5.5.1"]
    assert outcome.is_over


# SMTP has one reply, and no list of them.


def test_smtp_has_one_reply_however_many_recipients() -> None:
    head = MAIL + A + B + C
    outcome = converse(head + b"DATA\r\n.\r\n" + head + LAST, settings=CHUNKED)
    one = ["250 2.1.0", *["250 2.1.5"] * 3]
    assert outcome.codes == [*one, "354", OK, *one, OK]


@pytest.mark.parametrize(
    ("settings", "octets", "kind"),
    [
        (CHUNKED, P1 + MAIL + RCPT + b"BDAT 0 LAST\r\n", EndOfMessage),
        (CHUNKED, P1 + MAIL + RCPT + b"BDAT 0\r\n", EndOfChunk),
        (LMTP, L2 + b"BDAT 0\r\n", Bdat),
    ],
)
def test_several_answers_where_there_is_one_reply_are_a_mistake(
    settings: Settings, octets: bytes, kind: type[Event]
) -> None:
    dialogue = Dialogue(Session("1", lmtp=settings.lmtp), settings, asks=())
    dialogue.greet()
    dialogue.receive_data(octets)
    while type(dialogue.next_event()) is not kind:
        dialogue.answer()
    dialogue.data_to_send()
    with pytest.raises(LocalProtocolError, match="several answers"):
        dialogue.answer([None])
    # The question is still open.
    dialogue.answer()
    if kind is Bdat:
        assert isinstance(dialogue.next_event(), EndOfChunk)
        dialogue.answer()
    assert str(parse_replies(dialogue.data_to_send())[0]) == OK


def test_a_list_cannot_hold_a_reply_that_no_hook_can_give() -> None:
    dialogue = Dialogue(Session("1", lmtp=True), LMTP, asks=())
    dialogue.greet()
    dialogue.receive_data(L3 + b".\r\n")
    while type(dialogue.next_event()) is not EndOfMessage:
        dialogue.answer()
    with pytest.raises(LocalProtocolError, match="354 is no answer"):
        dialogue.answer([Reply(354, "go on")])
