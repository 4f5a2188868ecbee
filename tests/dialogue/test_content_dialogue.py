"""Content in a dialogue: who is asked when, what is due, and misuse of it.

What RFC 3030 and RFC 2033 ask of it is in tests/standards.
"""

from __future__ import annotations

import pytest

from smtpsession.dialogue.command_order import State
from smtpsession.dialogue.content_dialogue import Said, is_accepted, require_final
from smtpsession.dialogue.dialogue import Dialogue
from smtpsession.dialogue.events import ContentTooLarge
from smtpsession.dialogue.message_size import MIN_DISCARD_OCTETS
from smtpsession.dialogue.settings import Settings
from smtpsession.errors import LocalProtocolError
from smtpsession.extensions.chunking import Chunking
from smtpsession.session.session import Session
from smtpsession.wire.commands import Bdat, Data, Ehlo, LastBdat, Noop, Quit, Rset
from smtpsession.wire.events import (
    Content,
    ContentFault,
    EndOfChunk,
    EndOfMessage,
    Event,
)
from smtpsession.wire.replies import Reply
from tests.standards.run_dialogue import CHUNKED, L2, LMTP, P1, P2, make_settings

YES = Reply(250, "fine", "2.0.0")
NO = Reply(451, "later", "4.3.0")


def begin(
    octets: bytes, *, after: bytes = P2, settings: Settings = CHUNKED
) -> Dialogue:
    """Give a dialogue that asks as little as it can, with *octets* received."""
    dialogue = Dialogue(Session("1", lmtp=settings.lmtp), settings, asks=())
    dialogue.greet()
    dialogue.receive_data(after)
    assert dialogue.next_event() is None
    dialogue.data_to_send()
    dialogue.receive_data(octets)
    return dialogue


def next_of(dialogue: Dialogue, kind: type[Event]) -> None:
    """Accept all events before one of this kind, which then is owed or told."""
    while True:
        event = dialogue.next_event()
        if type(event) is kind:
            return
        if not isinstance(event, (Content, ContentFault, ContentTooLarge)):
            dialogue.answer()


def state_of(dialogue: Dialogue) -> State:
    """Give the state; type checkers take a property for something that stays."""
    return dialogue.state


@pytest.mark.parametrize(
    ("answers", "accepted"),
    [
        ([YES], True),
        ([NO], False),
        ([NO, YES, NO], True),
        ([NO, NO], False),
        ([], False),
    ],
)
def test_a_message_is_accepted_if_it_is_for_anybody(
    answers: list[Reply], accepted: bool
) -> None:
    assert is_accepted(answers) is accepted


@pytest.mark.parametrize("said", [None, "354 it says", YES, NO, [], [None, "x", NO]])
def test_what_a_hook_may_say(said: Said) -> None:
    require_final(said)


@pytest.mark.parametrize(
    "said", [Reply(300, "go"), Reply(354, "go"), [None, Reply(334, "go")]]
)
def test_what_no_hook_may_say(said: Said) -> None:
    with pytest.raises(LocalProtocolError, match="no answer that a hook can give"):
        require_final(said)


# Chunks, and who is asked about them.


def test_the_first_chunk_is_asked_and_others_are_not() -> None:
    dialogue = begin(b"BDAT 1\r\naBDAT 1 LAST\r\nb")
    assert dialogue.next_event() == Bdat(1)
    assert state_of(dialogue) is State.RCPT
    dialogue.answer()
    assert state_of(dialogue) is State.BDAT
    # The reply comes when the chunk is there, and its end has been answered.
    assert dialogue.data_to_send() == b""
    assert dialogue.next_event() == Content(b"a")
    assert dialogue.next_event() == EndOfChunk()
    assert dialogue.data_to_send() == b""
    dialogue.answer("1 octet")
    assert dialogue.data_to_send() == b"250 2.0.0 1 octet\r\n"
    assert dialogue.next_event() == Content(b"b")
    assert dialogue.next_event() == EndOfMessage()
    dialogue.answer()
    assert dialogue.data_to_send() == b"250 2.0.0 message accepted\r\n"
    assert dialogue.state is State.READY


@pytest.mark.parametrize(
    ("command", "event"),
    [
        (b"RSET\r\n", Rset()),
        (b"QUIT\r\n", Quit()),
        (b"EHLO d.example\r\n", Ehlo("d.example")),
    ],
)
def test_what_gives_up_a_message_is_asked_whatever_was_asked_for(
    command: bytes, event: Event
) -> None:
    """The handler that waits for content has to hear of it."""
    dialogue = begin(b"BDAT 1\r\na" + command)
    next_of(dialogue, EndOfChunk)
    dialogue.answer()
    assert dialogue.next_event() == event
    assert dialogue.ends_unaccepted(None) is (event != Quit())
    dialogue.answer()
    assert dialogue.state is (State.CLOSED if event == Quit() else State.READY)


def test_nobody_is_asked_when_there_is_nothing_to_give_up() -> None:
    for octets in (b"RSET\r\n", b"BDAT 1\r\naRSET\r\n"):
        dialogue = begin(octets)
        if octets.startswith(b"BDAT"):
            assert isinstance(dialogue.next_event(), Bdat)
            dialogue.answer(NO)
        assert dialogue.next_event() is None
        assert dialogue.data_to_send().endswith(b"250 2.0.0 OK\r\n")


def test_other_commands_between_two_chunks_are_asked_if_they_were_asked_for() -> None:
    dialogue = begin(b"BDAT 1\r\naNOOP\r\n")
    next_of(dialogue, EndOfChunk)
    dialogue.answer()
    assert dialogue.next_event() is None
    asking = Dialogue(Session("1"), CHUNKED, asks={Noop})
    asking.greet()
    asking.receive_data(P2 + b"BDAT 1\r\naNOOP\r\n")
    next_of(asking, EndOfChunk)
    asking.answer()
    assert asking.next_event() == Noop()


# What a chunk's answer does.


@pytest.mark.parametrize(
    ("octets", "kind", "said", "ends"),
    [
        (b"BDAT 1\r\na", Bdat, None, False),
        (b"BDAT 1\r\na", Bdat, NO, True),
        (b"BDAT 1 LAST\r\na", LastBdat, NO, True),
        (b"BDAT 1\r\na", EndOfChunk, None, False),
        (b"BDAT 1\r\na", EndOfChunk, "kept", False),
        (b"BDAT 1\r\na", EndOfChunk, NO, True),
        (b"BDAT 1\r\n\0", EndOfChunk, None, True),
        (b"BDAT 1\r\n\n", EndOfChunk, "kept", True),
        (b"BDAT 1 LAST\r\na", EndOfMessage, None, False),
        (b"BDAT 1 LAST\r\na", EndOfMessage, NO, True),
        (b"BDAT 1 LAST\r\n\0", EndOfMessage, None, True),
        (b"BDAT 9 LAST\r\n123456789", EndOfMessage, None, True),
        (b"BDAT 9\r\n123456789", EndOfChunk, None, True),
    ],
)
def test_ends_unaccepted(
    octets: bytes, kind: type[Event], said: Said, ends: bool
) -> None:
    dialogue = begin(octets, settings=make_settings(size=8, added=[Chunking()]))
    next_of(dialogue, kind)
    assert dialogue.ends_unaccepted(said) is ends
    dialogue.answer(said)
    assert dialogue.session.in_transaction is (not ends and kind is not EndOfMessage)


def test_a_hello_that_says_221_ends_no_transaction_by_itself() -> None:
    dialogue = begin(b"BDAT 1\r\naEHLO d.example\r\n")
    next_of(dialogue, EndOfChunk)
    dialogue.answer()
    assert isinstance(dialogue.next_event(), Ehlo)
    assert not dialogue.ends_unaccepted(Reply(221, "bye"))
    dialogue.answer(Reply(221, "bye"))
    assert dialogue.is_over
    assert dialogue.session.in_transaction


def test_the_octets_of_a_message_are_those_of_all_its_chunks() -> None:
    dialogue = begin(b"BDAT 2\r\nabBDAT 4\r\nc\0de")
    next_of(dialogue, EndOfChunk)
    assert dialogue.message_octets == 2
    dialogue.answer()
    next_of(dialogue, EndOfChunk)
    assert dialogue.message_octets == 6


def test_each_message_is_measured_anew() -> None:
    settings = make_settings(size=3, added=[Chunking()])
    again = P2[len(P1) :]
    octets = b"BDAT 3 LAST\r\nabc" + again + b"BDAT 3 LAST\r\nabc"
    dialogue = begin(octets, settings=settings)
    for _ in range(2):
        next_of(dialogue, EndOfMessage)
        dialogue.answer()
    assert dialogue.data_to_send().count(b"250 2.0.0 message accepted") == 2


# Refused chunks.


def test_a_refused_chunk_is_skipped_before_anything_else_is_read() -> None:
    dialogue = begin(b"BDAT 12\r\nQUIT\r\n")
    assert isinstance(dialogue.next_event(), Bdat)
    assert not dialogue.skips_content
    dialogue.answer(NO)
    assert dialogue.skips_content
    assert not dialogue.is_idle
    assert dialogue.next_event() is None
    assert dialogue.data_to_send() == b""
    dialogue.receive_data(b"NOOP\r\n")
    assert dialogue.next_event() is None
    assert dialogue.data_to_send() == b"451 4.3.0 later\r\n"
    assert not dialogue.skips_content
    # What is left of the message is 503, so nothing is lost by ending here.
    assert dialogue.state is State.BDAT_FAILED
    assert dialogue.is_idle


def test_a_session_is_not_idle_while_a_chunk_out_of_order_is_skipped() -> None:
    dialogue = begin(b"BDAT 12\r\nQUIT\r\n", after=P1)
    assert dialogue.next_event() is None
    assert dialogue.state is State.READY
    assert not dialogue.is_idle
    dialogue.receive_data(b"NOOP\r\n")
    assert dialogue.next_event() is None
    assert dialogue.is_idle


def test_the_end_of_a_message_without_recipients_is_asked() -> None:
    """So that the transaction's end is told, though nothing is said."""
    after = L2[: L2.index(b"RCPT")]
    dialogue = begin(b"BDAT 2 LAST\r\nhi", after=after, settings=LMTP)
    assert dialogue.next_event() == EndOfMessage()
    assert dialogue.ends_unaccepted(None)
    dialogue.answer()
    assert dialogue.data_to_send() == b""
    assert dialogue.state is State.READY
    assert dialogue.session.transaction == 2


def test_a_chunk_in_lmtp_has_one_answer_whatever_its_recipients_get() -> None:
    dialogue = begin(b"BDAT 1\r\na", after=L2, settings=LMTP)
    next_of(dialogue, EndOfChunk)
    dialogue.answer([None])
    assert dialogue.data_to_send() == b"250 2.0.0 OK\r\n"


def test_only_lmtp_has_an_answer_for_each_recipient() -> None:
    dialogue = begin(b"BDAT 1 LAST\r\na")
    next_of(dialogue, EndOfMessage)
    said = "^only a message in LMTP has several answers$"
    with pytest.raises(LocalProtocolError, match=said):
        dialogue.answer([None])


# Content far over the limit.

SMALL = make_settings(size=4, added=[Chunking()])
#: Octets of which the end is still waited for, so that the client reads 552.
MOST = 4 + MIN_DISCARD_OCTETS


@pytest.mark.parametrize(("octets", "is_over"), [(MOST, False), (MOST + 1, True)])
def test_a_message_over_its_limit_is_read_so_far(octets: int, is_over: bool) -> None:
    dialogue = begin(b"DATA\r\n", settings=SMALL)
    assert isinstance(dialogue.next_event(), Data)
    dialogue.answer()
    dialogue.receive_data(b"x" * octets)
    assert isinstance(dialogue.next_event(), Content)
    assert isinstance(dialogue.next_event(), ContentTooLarge)
    assert dialogue.next_event() is None
    assert dialogue.is_over is is_over


@pytest.mark.parametrize(("octets", "is_over"), [(MOST, False), (MOST + 1, True)])
def test_a_chunk_over_the_limit_is_read_so_far(octets: int, is_over: bool) -> None:
    dialogue = begin(b"BDAT %d\r\n" % octets, settings=SMALL)
    assert (dialogue.next_event() is None) is is_over
    assert dialogue.is_over is is_over


def test_a_last_chunk_that_nobody_waits_for_is_refused_to_each_recipient() -> None:
    after = L2 + b"RCPT TO:<c@s.example>\r\n"
    settings = make_settings(size=4, added=[Chunking()], lmtp=True)
    dialogue = begin(b"BDAT 1\r\na", after=after, settings=settings)
    assert isinstance(dialogue.next_event(), Bdat)
    dialogue.answer(NO)
    assert dialogue.next_event() is None
    dialogue.data_to_send()
    dialogue.receive_data(b"BDAT %d LAST\r\n" % (MOST + 1))
    assert dialogue.next_event() is None
    assert dialogue.is_over
    assert dialogue.data_to_send().count(b"503 5.5.1 ") == 2


def test_content_that_grows_while_it_is_normalized_is_not_waited_for() -> None:
    settings = make_settings(size=4, bare_newline="normalize", added=[Chunking()])
    octets = MIN_DISCARD_OCTETS
    dialogue = begin(b"BDAT %d\r\n" % octets, settings=settings)
    next_of(dialogue, Bdat)
    dialogue.answer()
    dialogue.receive_data(b"\n" * octets)
    assert isinstance(dialogue.next_event(), Content)
    assert dialogue.is_over
    assert dialogue.data_to_send().startswith(b"552 5.3.4 ")
