"""What an answered event changes in the session."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from smtpsession.session.envelope import Envelope
from smtpsession.session.reset_scope import ResetScope
from smtpsession.session.session import Session
from smtpsession.session.tls_options import TLSOptions
from smtpsession.wire.commands import Bdat, Hello, Mail, Rcpt, Rset, Xclient, Xforward
from smtpsession.wire.events import EndOfChunk, EndOfMessage, Event
from smtpsession.wire.proxy_attributes import XFORWARD_NAMES


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
        case Xforward():
            # Postfix's XFORWARD_README: what the first one leaves out is not known.
            known = session.xforward or dict.fromkeys(XFORWARD_NAMES)
            session.xforward = {**known, **event.attributes}
        case _:
            pass


def note_refused(event: Event, session: Session) -> None:
    """Change the session as a refused *event* does; most leave no trace."""
    match event:
        case Mail():
            session.envelope = Envelope()
        case EndOfMessage() | EndOfChunk() | Bdat():
            # RFC 5321 4.1.1.4: the buffers are cleared whatever the reply is, and a
            # refused chunk is the end of its message (RFC 3030 2).
            session.reset(ResetScope.TRANSACTION)
        case _:
            pass


def note_tls(
    session: Session,
    options: TLSOptions,
    *,
    servername: str | None,
    peer_certificate: dict[str, Any] | None,
    channel_bindings: dict[str, bytes],
) -> None:
    """Have the session begin anew inside TLS (RFC 3207 4.2)."""
    session.reset(ResetScope.TLS)
    session.secure = True
    session.tls_options = options
    session.servername = servername
    session.peer_certificate = peer_certificate
    session.channel_bindings = channel_bindings


#: Which field of a session an attribute of XCLIENT is about, and what it is when the
#: proxy does not know it.
_XCLIENT_FIELDS: Mapping[str, tuple[str, str | int | None]] = {
    "ADDR": ("remote_address", ""),
    "PORT": ("remote_port", 0),
    "DESTADDR": ("local_address", ""),
    "DESTPORT": ("local_port", 0),
    "HELO": ("host_name_appears_as", None),
}
#: What XCLIENT may change in a session, LOGIN's user among it.
_CLIENT_FACTS = (
    *(field for field, _ in _XCLIENT_FIELDS.values()),
    *("client_hostname", "opening_command", "user", "xclient", "xforward"),
)


def note_xclient(event: Xclient, session: Session) -> dict[str, Any]:
    """Have the session be that of the client of which XCLIENT speaks.

    Its name is "" where the proxy gave an address without a name.

    Returns:
        What ``undo_xclient`` needs.
    """
    before = {field: getattr(session, field) for field in _CLIENT_FACTS}
    said = event.attributes
    defaults: dict[str, str | int | None] = {
        "ADDR:DEFAULT": session.remote_address,
        "NAME:DEFAULT": session.client_hostname,
        "PORT:DEFAULT": session.remote_port,
    }
    session.reset(ResetScope.PROXY)
    session.xclient = {**defaults, **session.xclient, **said}
    for name, (field, unknown) in _XCLIENT_FIELDS.items():
        if name in said:
            value = said[name]
            setattr(session, field, unknown if value is None else value)
    if "NAME" in said:
        session.client_hostname = str(said["NAME"] or f"[{session.remote_address}]")
    elif "ADDR" not in said:
        session.client_hostname = before["client_hostname"]
    return before


def undo_xclient(before: dict[str, Any], session: Session) -> None:
    """Have the session be what it was before a XCLIENT that is refused."""
    for field, value in before.items():
        setattr(session, field, value)
