"""From an address with parameters to an envelope: MAIL and RCPT by the extensions."""

from __future__ import annotations

from collections.abc import Mapping

from smtpsession.dialogue.settings import Settings
from smtpsession.errors import (
    RecipientNeedsUTF8Error,
    SenderNeedsUTF8Error,
    TooManyRecipientsError,
    UnknownParameterError,
)
from smtpsession.extensions.extension import Extension
from smtpsession.session.envelope import Envelope
from smtpsession.session.session import Session
from smtpsession.wire.addresses import Address
from smtpsession.wire.commands import Mail, Rcpt


def begin_transaction(event: Mail, session: Session, settings: Settings) -> Mail:
    """Give the session the envelope that MAIL asks for; its sender is still None.

    Raises:
        RemoteProtocolError: a parameter is unknown here or has a bad value, or the
            sender needs SMTPUTF8. All parameters are read before the sender is judged.
        Reject: an extension of one's own refuses.
    """
    session.envelope = new_envelope(event.address, session, settings)
    return event


def check_recipient(event: Rcpt, session: Session, settings: Settings) -> Rcpt:
    """Give RCPT with the parameters of its address understood.

    Raises:
        RemoteProtocolError: a limit is reached, a parameter is unknown here or has a
            bad value, or the recipient needs SMTPUTF8.
        Reject: an extension of one's own refuses.
    """
    limit = settings.limits.recipients
    if limit is not None and len(session.envelope.rcpt_to) >= limit:
        raise TooManyRecipientsError
    address = checked_recipient(event.address, session, settings)
    return event if address is event.address else Rcpt(address)


def new_envelope(sender: Address, session: Session, settings: Settings) -> Envelope:
    """Make the envelope that MAIL asks for; its sender is still None.

    Raises:
        RemoteProtocolError: a parameter is unknown here or has a bad value, or the
            sender needs SMTPUTF8. All parameters are read before the sender is judged.
    """
    envelope = Envelope()
    used: list[Extension] = []
    for name, value in sender.args.items():
        extension = _extension(name, settings.mail_parameters, session)
        extension.mail_parameter(name, value, envelope, session)
        if extension not in used:
            used.append(extension)
    for extension in used:
        extension.check_mail(sender, envelope, session)
    if not envelope.smtp_utf8 and not sender.is_ascii:
        raise SenderNeedsUTF8Error
    return envelope


def checked_recipient(
    recipient: Address, session: Session, settings: Settings
) -> Address:
    """Give the recipient with its parameters understood.

    Raises:
        RemoteProtocolError: a parameter is unknown here or has a bad value, or the
            recipient needs SMTPUTF8.
    """
    checked = recipient
    for name, value in recipient.args.items():
        extension = _extension(name, settings.rcpt_parameters, session)
        checked = extension.rcpt_parameter(name, value, checked, session)
    if not session.envelope.smtp_utf8 and not checked.is_ascii:
        raise RecipientNeedsUTF8Error
    return checked


def _extension(
    name: str, known: Mapping[str, Extension], session: Session
) -> Extension:
    extension = known.get(name)
    # No service extension is available after HELO (RFC 5321 2.2.1).
    if (
        extension is None
        or session.opening_command == "HELO"
        or (extension.verb and extension.verb in session.disabled_commands)
        or not extension.is_available(session)
    ):
        raise UnknownParameterError
    return extension
