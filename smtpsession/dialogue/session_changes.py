"""What an answered event changes in the session."""

from __future__ import annotations

from typing import Any

from smtpsession.session.envelope import Envelope
from smtpsession.session.reset_scope import ResetScope
from smtpsession.session.session import Session
from smtpsession.session.tls_options import TLSOptions
from smtpsession.wire.commands import Hello, Mail, Rcpt, Rset
from smtpsession.wire.events import EndOfMessage, Event


def note_accepted(event: Event, session: Session) -> None:
    """Change the session as an accepted *event* does."""
    match event:
        case Rcpt():
            session.envelope.rcpt_to.append(event.address)
        case Mail():
            session.envelope.mail_from = event.address
        case EndOfMessage() | Rset():
            session.reset(ResetScope.TRANSACTION)
        case Hello():
            session.reset(ResetScope.HELLO)
            session.opening_command = event.verb
            session.host_name_appears_as = event.name
        case _:
            pass


def note_refused(event: Event, session: Session) -> None:
    """Change the session as a refused *event* does; most leave no trace."""
    match event:
        case Mail():
            session.envelope = Envelope()
        case EndOfMessage():
            # RFC 5321 4.1.1.4: the buffers are cleared whatever the reply is.
            session.reset(ResetScope.TRANSACTION)
        case _:
            pass


def note_tls(
    session: Session,
    options: TLSOptions,
    *,
    servername: str | None,
    peer_certificate: dict[str, Any] | None,
) -> None:
    """Have the session begin anew inside TLS (RFC 3207 4.2)."""
    session.reset(ResetScope.TLS)
    session.secure = True
    session.tls_options = options
    session.servername = servername
    session.peer_certificate = peer_certificate
