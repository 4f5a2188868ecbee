"""The order of commands: one table, and nowhere else.

What is absent from the table is 503. A row says which state follows when the
command is accepted and which when it is refused, or which reply refuses it here.
"""

from __future__ import annotations

import enum

import attrs

from smtpsession.wire import replies
from smtpsession.wire.commands import (
    Added,
    Auth,
    Bdat,
    Data,
    Ehlo,
    Expn,
    Helo,
    Help,
    LastBdat,
    Lhlo,
    Mail,
    Noop,
    Quit,
    Rcpt,
    Rset,
    StartTLS,
    Unknown,
    Vrfy,
    Xclient,
    Xforward,
)
from smtpsession.wire.events import AuthResponse, EndOfChunk, EndOfMessage, Event
from smtpsession.wire.replies import Reply


class State(enum.Enum):
    """Where a dialogue stands."""

    #: The greeting is sent, or TLS has begun; no hello yet.
    CONNECTED = "connected"
    #: A hello was accepted; no mail transaction.
    READY = "ready"
    #: A challenge was sent; the next line is the client's response to it.
    AUTH = "auth"
    #: A sender was accepted.
    MAIL = "mail"
    #: A recipient was accepted.
    RCPT = "rcpt"
    #: 354 was sent; content is being received.
    DATA = "data"
    #: A chunk of content was announced, and perhaps received; more is to follow.
    BDAT = "bdat"
    #: A chunk was refused, and with it the message; what is left of it is skipped.
    BDAT_FAILED = "bdat failed"
    #: The dialogue is over.
    CLOSED = "closed"


@attrs.frozen
class Move:
    """The state after a command was accepted, and after it was refused."""

    accepted: State
    refused: State


@attrs.frozen
class Refuse:
    """The command cannot be accepted here."""

    reply: Reply
    #: The state after it; None if it stays.
    then: State | None = None


_COMMAND_STATES = (State.CONNECTED, State.READY, State.MAIL, State.RCPT)
_BDAT_STATES = (State.BDAT, State.BDAT_FAILED)


def _stay(state: State) -> Move:
    return Move(accepted=state, refused=state)


#: (state, event) to what may come of it.
TRANSITIONS: dict[tuple[State, type[Event]], Move | Refuse] = {
    **{
        (state, hello): Move(accepted=State.READY, refused=state)
        for state in (*_COMMAND_STATES, *_BDAT_STATES)
        for hello in (Helo, Ehlo, Lhlo)
    },
    **{
        (state, command): _stay(state)
        for state in (*_COMMAND_STATES, *_BDAT_STATES)
        for command in (Noop, Help, Vrfy, Expn, Added, Unknown)
    },
    **{
        (state, Quit): Move(accepted=State.CLOSED, refused=state)
        for state in (*_COMMAND_STATES, *_BDAT_STATES)
    },
    (State.CONNECTED, Rset): _stay(State.CONNECTED),
    **{
        (state, Rset): Move(accepted=State.READY, refused=state)
        for state in (State.READY, State.MAIL, State.RCPT, *_BDAT_STATES)
    },
    (State.CONNECTED, StartTLS): _stay(State.CONNECTED),
    (State.READY, StartTLS): Move(accepted=State.CONNECTED, refused=State.READY),
    # A challenge leads to AUTH; the answer to the last response back to READY.
    (State.READY, Auth): _stay(State.READY),
    (State.AUTH, AuthResponse): Move(accepted=State.READY, refused=State.READY),
    # XCLIENT begins the session anew, as another client's.
    (State.CONNECTED, Xclient): _stay(State.CONNECTED),
    (State.READY, Xclient): Move(accepted=State.CONNECTED, refused=State.READY),
    (State.CONNECTED, Xforward): _stay(State.CONNECTED),
    (State.READY, Xforward): _stay(State.READY),
    (State.READY, Mail): Move(accepted=State.MAIL, refused=State.READY),
    (State.MAIL, Rcpt): Move(accepted=State.RCPT, refused=State.MAIL),
    (State.RCPT, Rcpt): _stay(State.RCPT),
    # RFC 5321 3.3: 503 or 554 when there is no valid recipient. It is 554, because a
    # pipelined DATA behind refused recipients is no wrong sequence (RFC 2920 3.1).
    **{
        (State.MAIL, command): Refuse(replies.NO_VALID_RECIPIENTS)
        for command in (Data, Bdat, LastBdat)
    },
    (State.RCPT, Data): Move(accepted=State.DATA, refused=State.RCPT),
    (State.DATA, EndOfMessage): Move(accepted=State.READY, refused=State.READY),
    # RFC 3030 2: a refused chunk is the end of its message.
    (State.RCPT, Bdat): Move(accepted=State.BDAT, refused=State.BDAT_FAILED),
    (State.RCPT, LastBdat): Move(accepted=State.BDAT, refused=State.READY),
    (State.BDAT, Bdat): _stay(State.BDAT),
    (State.BDAT, LastBdat): _stay(State.BDAT),
    (State.BDAT, EndOfChunk): Move(accepted=State.BDAT, refused=State.BDAT_FAILED),
    (State.BDAT, EndOfMessage): Move(accepted=State.READY, refused=State.READY),
    (State.BDAT_FAILED, LastBdat): Refuse(replies.BAD_SEQUENCE, then=State.READY),
    # LMTP has no reply for a message without recipients (RFC 2033 4.3), but an end.
    (State.MAIL, EndOfMessage): Move(accepted=State.READY, refused=State.READY),
}

#: The same, by state first, as a dialogue looks it up.
MOVES: dict[State, dict[type[Event], Move | Refuse]] = {
    state: {event: move for (at, event), move in TRANSITIONS.items() if at is state}
    for state in State
}

#: Replies that LMTP has in place of those in the table (RFC 2033 4.2).
_IN_LMTP = {replies.NO_VALID_RECIPIENTS: replies.LMTP_NO_VALID_RECIPIENTS}


def refusal_by_order(
    moves: dict[type[Event], Move | Refuse], kind: type[Event], *, lmtp: bool = False
) -> Reply | None:
    """Give the reply to a command that is out of order, or None if it is not.

    Args:
        moves: the row of the current state in ``MOVES``.
        kind: the command.
        lmtp: the session speaks LMTP.
    """
    move = moves.get(kind)
    if move is None:
        return replies.BAD_SEQUENCE
    if not isinstance(move, Refuse):
        return None
    return _IN_LMTP.get(move.reply, move.reply) if lmtp else move.reply
