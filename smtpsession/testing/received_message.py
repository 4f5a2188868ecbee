"""Messages as tests look at them."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterable
from email.message import EmailMessage

import attrs

from smtpsession import Address, Envelope, Session


@attrs.frozen
class ReceivedMessage:
    """A message that was accepted, and for whom."""

    #: The address of the sender; "" for the null sender.
    sender: str
    #: The addresses of the recipients that got it, in the order of RCPT.
    recipients: tuple[str, ...]
    #: The content as the client sent it, dot-stuffing removed.
    content: bytes = attrs.field(repr=False)
    #: Everything that MAIL and RCPT said, as it was at the end of the message.
    envelope: Envelope = attrs.field(repr=False)
    #: The session that it came in, which may have gone on since.
    session: Session = attrs.field(repr=False)

    @classmethod
    def of(
        cls, session: Session, content: bytes, recipients: Iterable[Address]
    ) -> ReceivedMessage:
        """Give the message that ends the current mail transaction of *session*."""
        envelope = session.envelope
        return cls(
            sender="" if envelope.mail_from is None else envelope.mail_from.address,
            recipients=tuple(address.address for address in recipients),
            content=content,
            envelope=attrs.evolve(envelope, rcpt_to=list(envelope.rcpt_to)),
            session=session,
        )

    def parse(self) -> EmailMessage:
        """Parse the content with the standard library's ``email`` package."""
        return email.message_from_bytes(self.content, policy=email.policy.default)
