"""SIZE: message size declaration (RFC 1870)."""

from __future__ import annotations

import re

from smtpsession.errors import DeclaredSizeError, ParameterSyntaxError
from smtpsession.extensions.extension import Extension, need_value
from smtpsession.session.envelope import Envelope
from smtpsession.session.session import Session

# RFC 1870 4: size-value ::= 1*20DIGIT
_SIZE_VALUE = re.compile(r"[0-9]{1,20}")


class Size(Extension):
    """SIZE.

    Args:
        limit: largest message in octets, None for no fixed limit.
    """

    keyword = "SIZE"
    mail_parameters = frozenset({"SIZE"})

    def __init__(self, limit: int | None) -> None:
        self._limit = limit

    def offer(self, session: Session) -> str | None:
        """Give the keyword with the limit; 0 says that there is none."""
        return f"SIZE {self._limit or 0}"

    def mail_parameter(
        self, name: str, value: str | bool, envelope: Envelope, session: Session
    ) -> None:
        """Check the declared size.

        Raises:
            ParameterSyntaxError: not 1 to 20 digits.
            DeclaredSizeError: above the limit.
        """
        digits = need_value(value)
        if _SIZE_VALUE.fullmatch(digits) is None:
            raise ParameterSyntaxError
        octets = int(digits)
        if self._limit is not None and octets > self._limit:
            raise DeclaredSizeError
        envelope.size = octets
