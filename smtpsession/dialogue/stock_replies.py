"""What each event is answered with when its hook has nothing to say."""

from __future__ import annotations

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

#: Events that can be decided from outside, and their stock replies.
STOCK_REPLIES: dict[type[Event], Reply] = {
    Helo: replies.HELLO,
    Ehlo: replies.HELLO,
    Lhlo: replies.HELLO,
    Auth: replies.AUTHENTICATED,
    AuthResponse: replies.AUTHENTICATED,
    Mail: replies.SENDER_OK,
    Rcpt: replies.RECIPIENT_OK,
    Data: replies.START_CONTENT,
    Bdat: replies.OK,
    LastBdat: replies.OK,
    Rset: replies.OK,
    Vrfy: replies.CANNOT_VERIFY,
    Expn: replies.NOT_IMPLEMENTED,
    Help: replies.HELP,
    Noop: replies.OK,
    Quit: replies.BYE,
    StartTLS: replies.START_TLS,
    Added: replies.OK,
    Unknown: replies.UNKNOWN_COMMAND,
    Xclient: replies.HELLO,
    Xforward: replies.OK,
    EndOfChunk: replies.OK,
    EndOfMessage: replies.MESSAGE_ACCEPTED,
}
_FAULT_REPLIES = {"bare newline": replies.BARE_NEWLINE, "NUL": replies.NUL_OCTET}


def reply_for(event: Event, said: Reply | str | None, *, too_large: bool) -> Reply:
    """Give the reply to *event* when the outside has answered *said*.

    Args:
        event: the event that owes an answer.
        said: None, the text of a positive reply, or a reply.
        too_large: the content is over the limit.

    Returns:
        The reply. Content of which octets were discarded is never accepted, and one
        with a bare newline has only one answer, because the connection closes on it.
    """
    refused = isinstance(said, Reply) and not said.is_positive
    closes = isinstance(said, Reply) and said.code == 221
    if type(event) is Data and not (refused or closes):
        return replies.START_CONTENT
    if isinstance(event, (EndOfMessage, EndOfChunk)):
        if event.fault == "bare newline" or (event.fault is not None and not refused):
            return _FAULT_REPLIES[event.fault]
        if too_large and not refused:
            return replies.TOO_LARGE
    if isinstance(said, Reply):
        return said
    stock = STOCK_REPLIES[type(event)]
    if said is None:
        return stock
    return (stock if stock.is_positive else replies.OK).with_text(said)
