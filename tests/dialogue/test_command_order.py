"""The state table: complete, closed, and the same in both of its forms."""

import pytest

from smtpsession.dialogue.command_order import MOVES, TRANSITIONS, Move, Refuse, State
from smtpsession.dialogue.stock_replies import STOCK_REPLIES
from smtpsession.wire.commands import (
    VERBS,
    Mail,
    Quit,
    Rcpt,
    Unknown,
    Xclient,
    Xforward,
)
from smtpsession.wire.events import EndOfMessage, Event

#: Known, so that they are no unknown commands, and 503 everywhere so far.
UNPLACED: set[type[Event]] = {Xclient, Xforward}


def after(move: Move | Refuse, state: State) -> set[State]:
    return {state} if isinstance(move, Refuse) else {move.accepted, move.refused}


def test_both_forms_say_the_same() -> None:
    assert set(MOVES) == set(State)
    flat = {(s, event): move for s, row in MOVES.items() for event, move in row.items()}
    assert flat == TRANSITIONS


def test_every_command_has_its_place() -> None:
    kinds: set[type[Event]] = {kind for kind, _ in VERBS.values()}
    placed = {event for _, event in TRANSITIONS}
    assert placed == kinds - UNPLACED | {Unknown, EndOfMessage}
    assert placed == set(STOCK_REPLIES)


def test_every_state_is_reached_from_the_first() -> None:
    reached = {State.CONNECTED}
    for _ in State:
        for (state, _event), move in TRANSITIONS.items():
            if state in reached:
                reached |= after(move, state)
    assert reached == set(State)


def test_nothing_leaves_closed() -> None:
    assert MOVES[State.CLOSED] == {}


def test_content_ends_one_way_only() -> None:
    assert set(MOVES[State.DATA]) == {EndOfMessage}


def test_every_command_state_can_quit() -> None:
    for state in set(State) - {State.DATA, State.CLOSED}:
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
