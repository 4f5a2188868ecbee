"""Trace fields of an accepted message: ``Return-Path`` and ``Received``.

RFC 5321 4.4 with the ``with`` keywords of RFC 3848 and RFC 6531.
"""

from __future__ import annotations

import re
from datetime import datetime

from smtpsession.session.envelope import Envelope
from smtpsession.session.session import Session

# What could end a comment or a field, or begin another one, in text that a client
# or the DNS has chosen.
_UNSAFE = re.compile(r"[^\x21-\x7e]|[ <>()\\\";@]")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)


def return_path_field(envelope: Envelope) -> bytes:
    """Build the ``Return-Path`` field of an accepted message, CRLF included."""
    sender = envelope.mail_from.address if envelope.mail_from is not None else ""
    return f"Return-Path: <{sender}>\r\n".encode()


def received_field(session: Session, hostname: str, when: datetime) -> bytes:
    """Build the ``Received`` field of the current mail transaction, CRLF included.

    Args:
        session: the session, inside the mail transaction.
        hostname: the name of this server.
        when: time of acceptance, aware of its zone.

    Returns:
        A folded field of at most 998 octets a line. Text that the client or the DNS
        chose has everything replaced by ``?`` that could end a comment or a line. The
        ``for`` clause stands only with exactly one recipient, so that none learns of
        another.

    Raises:
        ValueError: *when* has no time zone.
    """
    if when.tzinfo is None:
        raise ValueError(
            f"the time of a Received field needs a time zone, got {when!r}"
        )
    clauses = [
        f"from {_safe(session.host_name_appears_as or 'unknown')} ({_client(session)})",
        f"by {_safe(hostname)} with {session.transmission_type}"
        f" id {session.id}.{session.transaction}",
    ]
    recipients = session.envelope.rcpt_to
    if len(recipients) == 1:
        clauses.append(f"for <{recipients[0].address}>")
    text = "\r\n\t".join(clauses)
    return f"Received: {text};\r\n\t{_date_time(when)}\r\n".encode()


def _client(session: Session) -> str:
    literal = session.remote_address
    if not literal:
        return "local"
    address = f"[{'IPv6:' if ':' in literal else ''}{literal}]"
    name = session.client_hostname
    return address if not name or name.startswith("[") else f"{_safe(name)} {address}"


def _safe(text: str) -> str:
    return _UNSAFE.sub("?", text)


def _date_time(when: datetime) -> str:
    # RFC 5322 3.3; strftime's %a and %b would follow the locale.
    return (
        f"{_DAYS[when.weekday()]}, {when.day} {_MONTHS[when.month - 1]} {when.year:04}"
        f" {when:%H:%M:%S %z}"
    )
