"""REQUIRETLS: the message may travel inside TLS only (RFC 8689)."""

from __future__ import annotations

from smtpsession.extensions.extension import Extension, need_flag
from smtpsession.session.envelope import Envelope
from smtpsession.session.session import Session


class RequireTLS(Extension):
    """REQUIRETLS, a parameter of MAIL without a value; offered inside TLS only."""

    keyword = "REQUIRETLS"
    mail_parameters = frozenset({"REQUIRETLS"})

    def offer(self, session: Session) -> str | None:
        """Give the keyword once TLS is active (RFC 8689)."""
        return self.keyword if session.secure else None

    def mail_parameter(
        self, name: str, value: str | bool, envelope: Envelope, session: Session
    ) -> None:
        """Note that this message may be handed on inside TLS only.

        Raises:
            ParameterSyntaxError: the parameter has a value.
        """
        need_flag(value)
        envelope.require_tls = True
