"""AUTH: authentication (RFC 4954)."""

from __future__ import annotations

from collections.abc import Callable, Collection

from smtpsession.errors import ParameterSyntaxError, RemoteProtocolError
from smtpsession.extensions.extension import Extension, need_value
from smtpsession.session.envelope import Envelope
from smtpsession.session.session import Session
from smtpsession.wire.addresses import parse_reverse_path
from smtpsession.wire.xtext import decode_xtext


class AuthExtension(Extension):
    """AUTH, with the command and the parameter of MAIL of that name.

    Args:
        mechanisms: gives the names that a session can use now.
    """

    keyword = "AUTH"
    verb = "AUTH"
    mail_parameters = frozenset({"AUTH"})

    def __init__(self, mechanisms: Callable[[Session], Collection[str]]) -> None:
        self._mechanisms = mechanisms

    def offer(self, session: Session) -> str | None:
        """Give the keyword with the mechanisms, until somebody is authenticated."""
        if session.user is not None:
            return None
        names = self._mechanisms(session)
        return f"AUTH {' '.join(names)}" if names else None

    def is_available(self, session: Session) -> bool:
        """Say whether MAIL takes AUTH: also once a client has authenticated."""
        return session.user is not None or bool(self._mechanisms(session))

    def mail_parameter(
        self, name: str, value: str | bool, envelope: Envelope, session: Session
    ) -> None:
        """Note who has submitted the message.

        Nobody is taken for the submitter on the word of a client that has not
        authenticated (RFC 4954 5).

        Raises:
            ParameterSyntaxError: no xtext, or neither a mailbox nor ``<>``.
        """
        submitter = _submitter(need_value(value))
        envelope.auth = submitter if session.user is not None else ""


def _submitter(value: str) -> str:
    try:
        text = decode_xtext(value)
        path = text if text == "<>" else f"<{text}>"
        address = parse_reverse_path(path.encode("ascii"))
    except (ValueError, RemoteProtocolError):
        raise ParameterSyntaxError from None
    if address.args or not text:
        raise ParameterSyntaxError
    return address.address
