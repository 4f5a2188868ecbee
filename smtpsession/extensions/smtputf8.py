"""SMTPUTF8: internationalized addresses and header fields (RFC 6531)."""

from __future__ import annotations

from smtpsession.extensions.extension import Extension, need_flag
from smtpsession.session.envelope import Envelope
from smtpsession.session.session import Session


class SMTPUTF8(Extension):
    """SMTPUTF8, a parameter of MAIL without a value."""

    keyword = "SMTPUTF8"
    mail_parameters = frozenset({"SMTPUTF8"})

    def mail_parameter(
        self, name: str, value: str | bool, envelope: Envelope, session: Session
    ) -> None:
        """Note that this mail transaction is internationalized.

        Raises:
            ParameterSyntaxError: the parameter has a value (RFC 6531 3.4).
        """
        need_flag(value)
        envelope.smtp_utf8 = True
