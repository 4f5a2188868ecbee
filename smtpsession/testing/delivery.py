"""What the server says to a message, from MAIL to the end of the content."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

import attrs

from smtpsession.testing.received_reply import ReceivedReply


@attrs.frozen(kw_only=True)
class Delivery:
    """The replies to one message; what was not sent any more has none."""

    #: The reply to MAIL.
    mail: ReceivedReply
    #: The replies to RCPT, one for each recipient.
    rcpt: tuple[ReceivedReply, ...] = ()
    #: The reply to DATA.
    data: ReceivedReply | None = None
    #: The replies to the content: one, and in LMTP one for each accepted recipient.
    message: tuple[ReceivedReply, ...] = ()

    @property
    def accepted(self) -> bool:
        """The server has the message, for one recipient at least."""
        return any(reply.is_positive for reply in self.message)

    @property
    def replies(self) -> list[ReceivedReply]:
        """All replies in the order in which they came."""
        data = [] if self.data is None else [self.data]
        return [self.mail, *self.rcpt, *data, *self.message]


def to_octets(content: bytes | str | EmailMessage) -> bytes:
    """Give content as it goes over the wire, before dot-stuffing.

    Args:
        content: octets are taken as they are; the lines of a str and of an
            ``EmailMessage`` get CRLF. Both get a CRLF at the end if it has none.
    """
    if isinstance(content, EmailMessage):
        content = content.as_bytes(policy=SMTP)
    elif isinstance(content, str):
        content = "\r\n".join(content.splitlines()).encode()
    return content if content.endswith(b"\r\n") else content + b"\r\n"


def dot_stuffed(content: bytes) -> bytes:
    """Give octets that end with CRLF with dot-stuffing and the end of the message.

    RFC 5321 4.5.2.
    """
    return (b"\r\n" + content).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n"
