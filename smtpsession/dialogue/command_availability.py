"""What closes a command to a session before its order or argument matters."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from smtpsession.dialogue.settings import Settings
from smtpsession.session.session import Session
from smtpsession.session.trust import is_trusted
from smtpsession.wire import replies
from smtpsession.wire.commands import (
    Added,
    Auth,
    Bdat,
    Command,
    Data,
    Ehlo,
    Expn,
    Helo,
    Help,
    LastBdat,
    Lhlo,
    Noop,
    Quit,
    Rset,
    StartTLS,
    Vrfy,
    Xclient,
    Xforward,
)
from smtpsession.wire.replies import Reply

#: Commands that go without TLS where TLS is required (RFC 3207 4).
_BEFORE_TLS = frozenset({Helo, Ehlo, Lhlo, Noop, Help, StartTLS, Quit, Xclient})
#: Commands that go before AUTH where AUTH is required (RFC 4954 6).
_BEFORE_AUTH = frozenset(
    {Auth, Helo, Ehlo, Lhlo, Noop, Rset, StartTLS, Quit, Xclient, Xforward}
)
#: Commands that must be the last of a group (RFC 2920 3.1). Octets behind QUIT are
#: dropped, so nothing needs protection there.
_LAST_OF_GROUP = frozenset({Helo, Ehlo, Lhlo, Data, Vrfy, Expn, Noop, Xclient, Added})


def gate(kind: type[Command], session: Session, settings: Settings) -> Reply | None:
    """Give the reply that closes the command to this session, or None."""
    if session.disabled_commands and kind.verb in session.disabled_commands:
        return replies.NOT_IMPLEMENTED
    own_gate = _GATES.get(kind)
    if own_gate is not None:
        refusal = own_gate(kind, session, settings)
        if refusal is not None:
            return refusal
    if settings.require_tls and not session.secure and kind not in _BEFORE_TLS:
        return replies.TLS_REQUIRED
    if settings.auth_required and session.user is None and kind not in _BEFORE_AUTH:
        return replies.AUTH_REQUIRED
    return None


def _gate_of_extension(
    kind: type[Command], session: Session, settings: Settings
) -> Reply | None:
    if kind.verb not in settings.extension_verbs:
        return replies.NOT_IMPLEMENTED
    if kind is StartTLS and session.secure:
        return replies.TLS_ACTIVE
    if kind is Auth and session.user is not None:
        return replies.ALREADY_AUTHENTICATED
    return None


def _gate_of_trust(
    kind: type[Command], session: Session, settings: Settings
) -> Reply | None:
    trusted = settings.xclient if kind is Xclient else settings.xforward
    return None if is_trusted(session, trusted) else replies.NOT_TRUSTED


def _gate_of_data(
    kind: type[Command], session: Session, settings: Settings
) -> Reply | None:
    is_binary = session.envelope.body_type == "BINARYMIME"
    return replies.NEEDS_BDAT if is_binary else None


_Gate = Callable[[type[Command], Session, Settings], Reply | None]
#: What closes a command besides what closes all of them.
_GATES: Mapping[type[Command], _Gate] = {
    Auth: _gate_of_extension,
    Bdat: _gate_of_extension,
    LastBdat: _gate_of_extension,
    StartTLS: _gate_of_extension,
    Xclient: _gate_of_trust,
    Xforward: _gate_of_trust,
    Data: _gate_of_data,
}


def must_end_group(kind: type[Command], session: Session, *, strict: bool) -> bool:
    """Say whether octets behind the command are a protocol violation.

    Behind STARTTLS they always are: they came in plain text and would be taken for
    what was said inside TLS (RFC 3207 6). Elsewhere it is a matter of policy, because
    the answer depends on how the network cut the input.
    """
    if kind is StartTLS:
        return True
    if not strict or kind is Quit or issubclass(kind, Bdat):
        return False
    return kind in _LAST_OF_GROUP or session.opening_command == "HELO"
