"""The order of commands: one table, and nowhere else.

What is absent from the table is 503. A row says which state follows when the
command is accepted and which when it is refused, or which reply refuses it here.
"""

from __future__ import annotations

import enum

import attrs

from smtpsession.wire import replies
from smtpsession.wire.commands import (
    Data,
    Ehlo,
    Expn,
    Helo,
    Help,
    Mail,
    Noop,
    Quit,
    Rcpt,
    Rset,
    StartTLS,
    Unknown,
    Vrfy,
)
from smtpsession.wire.events import EndOfMessage, Event
from smtpsession.wire.replies import Reply


class State(enum.Enum):
    """Where a dialogue stands."""

    #: The greeting is sent, or TLS has begun; no hello yet.
    CONNECTED = "connected"
    #: A hello was accepted; no mail transaction.
    READY = "ready"
    #: A sender was accepted.
    MAIL = "mail"
    #: A recipient was accepted.
    RCPT = "rcpt"
    #: 354 was sent; content is being received.
    DATA = "data"
    #: The dialogue is over.
    CLOSED = "closed"


@attrs.frozen
class Move:
    """The state after a command was accepted, and after it was refused."""

    accepted: State
    refused: State


@attrs.frozen
class Refuse:
    """The command cannot be accepted here; the state stays."""

    reply: Reply


_COMMAND_STATES = (State.CONNECTED, State.READY, State.MAIL, State.RCPT)


def _stay(state: State) -> Move:
    return Move(accepted=state, refused=state)


#: (state, event) to what may come of it.
TRANSITIONS: dict[tuple[State, type[Event]], Move | Refuse] = {
    **{
        (state, hello): Move(accepted=State.READY, refused=state)
        for state in _COMMAND_STATES
        for hello in (Helo, Ehlo)
    },
    **{
        (state, command): _stay(state)
        for state in _COMMAND_STATES
        for command in (Noop, Help, Vrfy, Expn, Unknown)
    },
    **{
        (state, Quit): Move(accepted=State.CLOSED, refused=state)
        for state in _COMMAND_STATES
    },
    (State.CONNECTED, Rset): _stay(State.CONNECTED),
    (State.READY, Rset): _stay(State.READY),
    (State.MAIL, Rset): Move(accepted=State.READY, refused=State.MAIL),
    (State.RCPT, Rset): Move(accepted=State.READY, refused=State.RCPT),
    (State.CONNECTED, StartTLS): _stay(State.CONNECTED),
    (State.READY, StartTLS): Move(accepted=State.CONNECTED, refused=State.READY),
    (State.READY, Mail): Move(accepted=State.MAIL, refused=State.READY),
    (State.MAIL, Rcpt): Move(accepted=State.RCPT, refused=State.MAIL),
    (State.RCPT, Rcpt): _stay(State.RCPT),
    # RFC 5321 3.3: 503 or 554 when there is no valid recipient. It is 554, because a
    # pipelined DATA behind refused recipients is no wrong sequence (RFC 2920 3.1).
    (State.MAIL, Data): Refuse(replies.NO_VALID_RECIPIENTS),
    (State.RCPT, Data): Move(accepted=State.DATA, refused=State.RCPT),
    (State.DATA, EndOfMessage): Move(accepted=State.READY, refused=State.READY),
}

#: The same, by state first, as a dialogue looks it up.
MOVES: dict[State, dict[type[Event], Move | Refuse]] = {
    state: {event: move for (at, event), move in TRANSITIONS.items() if at is state}
    for state in State
}


def refusal_by_order(
    moves: dict[type[Event], Move | Refuse], kind: type[Event]
) -> Reply | None:
    """Give the reply to a command that is out of order, or None if it is not.

    Args:
        moves: the row of the current state in ``MOVES``.
        kind: the command.
    """
    move = moves.get(kind)
    if move is None:
        return replies.BAD_SEQUENCE
    return move.reply if isinstance(move, Refuse) else None
