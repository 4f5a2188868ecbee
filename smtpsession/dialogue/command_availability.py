"""What closes a command to a session before its order or argument matters."""

from __future__ import annotations

from smtpsession.dialogue.settings import Settings
from smtpsession.session.session import Session
from smtpsession.wire import replies
from smtpsession.wire.commands import (
    Command,
    Data,
    Ehlo,
    Expn,
    Helo,
    Help,
    Noop,
    Quit,
    StartTLS,
    Vrfy,
)
from smtpsession.wire.replies import Reply

#: Commands that go without TLS where TLS is required (RFC 3207 4).
_BEFORE_TLS = frozenset({Helo, Ehlo, Noop, Help, StartTLS, Quit})
#: Commands that must be the last of a group (RFC 2920 3.1). Octets behind QUIT are
#: dropped, so nothing needs protection there.
_LAST_OF_GROUP = frozenset({Helo, Ehlo, Data, Vrfy, Expn, Noop})


def gate(kind: type[Command], session: Session, settings: Settings) -> Reply | None:
    """Give the reply that closes the command to this session, or None."""
    if session.disabled_commands and kind.verb in session.disabled_commands:
        return replies.NOT_IMPLEMENTED
    if kind is StartTLS:
        if session.secure:
            return replies.TLS_ACTIVE
        if not any(extension.verb == "STARTTLS" for extension in settings.extensions):
            return replies.NOT_IMPLEMENTED
    if settings.require_tls and not session.secure and kind not in _BEFORE_TLS:
        return replies.TLS_REQUIRED
    return None


def must_end_group(kind: type[Command], session: Session, *, strict: bool) -> bool:
    """Say whether octets behind the command are a protocol violation.

    Behind STARTTLS they always are: they came in plain text and would be taken for
    what was said inside TLS (RFC 3207 6). Elsewhere it is a matter of policy, because
    the answer depends on how the network cut the input.
    """
    if kind is StartTLS:
        return True
    if not strict or kind is Quit:
        return False
    return kind in _LAST_OF_GROUP or session.opening_command == "HELO"
