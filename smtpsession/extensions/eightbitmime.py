"""8BITMIME: content with octets above 127 (RFC 6152)."""

from __future__ import annotations

from smtpsession.errors import ParameterSyntaxError, UnknownParameterError
from smtpsession.extensions.extension import Extension, need_value
from smtpsession.session.envelope import BodyType, Envelope
from smtpsession.session.session import Session

_BODY_TYPES: dict[str, BodyType] = {
    "7BIT": "7bit",
    "8BITMIME": "8BITMIME",
    "BINARYMIME": "BINARYMIME",
}


class EightBitMIME(Extension):
    """8BITMIME, with the BODY parameter of MAIL.

    Args:
        binary: BINARYMIME is offered, whose parameter is this one, too (RFC 3030 3).
    """

    keyword = "8BITMIME"
    mail_parameters = frozenset({"BODY"})

    def __init__(self, *, binary: bool = False) -> None:
        self._binary = binary

    def mail_parameter(
        self, name: str, value: str | bool, envelope: Envelope, session: Session
    ) -> None:
        """Take the body type.

        Raises:
            ParameterSyntaxError: no body type at all.
            UnknownParameterError: BINARYMIME where it is not offered.
        """
        text = need_value(value)
        # Only ASCII: in upper case the dotless i, U+0131, is an "I".
        word = text.upper() if text.isascii() else text
        if word == "BINARYMIME" and not self._offers_binary(session):
            raise UnknownParameterError
        body_type = _BODY_TYPES.get(word)
        if body_type is None:
            raise ParameterSyntaxError
        envelope.body_type = body_type

    def _offers_binary(self, session: Session) -> bool:
        # Such content travels by BDAT only (RFC 3030 3).
        return self._binary and "BDAT" not in session.disabled_commands
