"""The state table: complete, closed, and the same in both of its forms."""

import pytest

from smtpsession.dialogue.command_order import (
    MOVES,
    TRANSITIONS,
    Move,
    Refuse,
    State,
    refusal_by_order,
)
from smtpsession.dialogue.stock_replies import STOCK_REPLIES
from smtpsession.wire import replies
from smtpsession.wire.commands import (
    LMTP_VERBS,
    VERBS,
    Added,
    Auth,
    Bdat,
    Data,
    Ehlo,
    Helo,
    LastBdat,
    Lhlo,
    Mail,
    Noop,
    Quit,
    Rcpt,
    Rset,
    StartTLS,
    Unknown,
    Xclient,
    Xforward,
)
from smtpsession.wire.events import AuthResponse, EndOfChunk, EndOfMessage, Event

#: What stands in the table and is no command with a verb.
NO_VERB: set[type[Event]] = {Added, Unknown, LastBdat, AuthResponse} | {
    EndOfChunk,
    EndOfMessage,
}
BDAT_STATES = [State.BDAT, State.BDAT_FAILED]


def after(move: Move | Refuse, state: State) -> set[State]:
    if isinstance(move, Refuse):
        return {move.then or state}
    return {move.accepted, move.refused}


def test_both_forms_say_the_same() -> None:
    assert set(MOVES) == set(State)
    flat = {(s, event): move for s, row in MOVES.items() for event, move in row.items()}
    assert flat == TRANSITIONS


def test_every_command_has_its_place() -> None:
    rows = [*VERBS.values(), *LMTP_VERBS.values()]
    kinds: set[type[Event]] = {kind for kind, _ in rows}
    placed = {event for _, event in TRANSITIONS}
    assert placed == kinds | NO_VERB
    assert placed == set(STOCK_REPLIES)


def test_every_state_is_reached_from_the_first() -> None:
    # A challenge leads to AUTH, and no row: it is no answer to a command.
    reached = {State.CONNECTED, State.AUTH}
    for _ in State:
        for (state, _event), move in TRANSITIONS.items():
            if state in reached:
                reached |= after(move, state)
    assert reached == set(State)


def test_a_state_is_called_by_its_name() -> None:
    assert [state.value for state in State] == [
        state.name.lower().replace("_", " ") for state in State
    ]


def test_nothing_leaves_closed() -> None:
    assert MOVES[State.CLOSED] == {}


def test_content_ends_one_way_only() -> None:
    assert set(MOVES[State.DATA]) == {EndOfMessage}


def test_every_command_state_can_quit() -> None:
    for state in set(State) - {State.DATA, State.AUTH, State.CLOSED}:
        move = TRANSITIONS[state, Quit]
        assert isinstance(move, Move)
        assert move.accepted is State.CLOSED


@pytest.mark.parametrize("kind", [Mail, Rcpt])
def test_a_refusal_goes_nowhere(kind: type[Event]) -> None:
    for (state, event), move in TRANSITIONS.items():
        if event is kind:
            assert isinstance(move, Move)
            assert move.refused is state


def test_a_refusal_from_the_table_is_negative() -> None:
    refusals = [move for move in TRANSITIONS.values() if isinstance(move, Refuse)]
    assert refusals
    assert all(not refusal.reply.is_positive for refusal in refusals)


def test_an_exchange_of_auth_ends_one_way_only() -> None:
    assert set(MOVES[State.AUTH]) == {AuthResponse}


@pytest.mark.parametrize("state", BDAT_STATES)
@pytest.mark.parametrize("kind", [Mail, Rcpt, Data, StartTLS, Auth, Xclient, Xforward])
def test_a_message_in_chunks_is_no_place_for(state: State, kind: type[Event]) -> None:
    assert refusal_by_order(MOVES[state], kind) == replies.BAD_SEQUENCE


@pytest.mark.parametrize("state", BDAT_STATES)
@pytest.mark.parametrize("kind", [Helo, Ehlo, Lhlo, Rset])
def test_what_gives_up_a_message_in_chunks(state: State, kind: type[Event]) -> None:
    # RFC 5321 4.1.4: a hello that is refused leaves the state as it was.
    assert TRANSITIONS[state, kind] == Move(State.READY, refused=state)


@pytest.mark.parametrize("state", BDAT_STATES)
def test_noop_between_two_chunks_changes_nothing(state: State) -> None:
    assert TRANSITIONS[state, Noop] == Move(state, refused=state)


@pytest.mark.parametrize("state", [State.CONNECTED, State.READY, State.DATA])
@pytest.mark.parametrize("kind", [Bdat, LastBdat])
def test_no_chunk_outside_of_a_transaction(state: State, kind: type[Event]) -> None:
    assert refusal_by_order(MOVES[state], kind) == replies.BAD_SEQUENCE


@pytest.mark.parametrize(
    ("state", "kind", "refused"),
    [
        (State.RCPT, Bdat, State.BDAT_FAILED),
        (State.RCPT, LastBdat, State.READY),
        (State.BDAT, EndOfChunk, State.BDAT_FAILED),
        (State.BDAT, EndOfMessage, State.READY),
    ],
)
def test_a_refused_chunk_is_the_end_of_its_message(
    state: State, kind: type[Event], refused: State
) -> None:
    move = TRANSITIONS[state, kind]
    assert isinstance(move, Move)
    assert move.refused is refused


def test_the_last_chunk_of_a_failed_message_is_the_end_of_it() -> None:
    failed = State.BDAT_FAILED
    assert refusal_by_order(MOVES[failed], Bdat) == replies.BAD_SEQUENCE
    for lmtp in (False, True):
        refusal = refusal_by_order(MOVES[failed], LastBdat, lmtp=lmtp)
        assert refusal == replies.BAD_SEQUENCE
    assert TRANSITIONS[failed, LastBdat] == Refuse(replies.BAD_SEQUENCE, State.READY)


@pytest.mark.parametrize("kind", [Data, Bdat, LastBdat])
def test_no_content_without_a_recipient(kind: type[Event]) -> None:
    # RFC 5321 3.3, and RFC 2033 4.2 and 4.3.
    moves = MOVES[State.MAIL]
    assert refusal_by_order(moves, kind) == replies.NO_VALID_RECIPIENTS
    lmtp = refusal_by_order(moves, kind, lmtp=True)
    assert lmtp == replies.LMTP_NO_VALID_RECIPIENTS
    assert replies.NO_VALID_RECIPIENTS.code == 554
    assert replies.LMTP_NO_VALID_RECIPIENTS.code == 503
    assert refusal_by_order(MOVES[State.READY], kind, lmtp=True) == replies.BAD_SEQUENCE
