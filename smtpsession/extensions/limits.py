"""LIMITS: how much a client may ask of a session (RFC 9422)."""

from __future__ import annotations

from smtpsession.extensions.extension import Extension
from smtpsession.session.session import Session

# RFC 9422 4: limit-value = 1*6DIGIT
_MAX_VALUE = 999_999


class LimitsExtension(Extension):
    """LIMITS; it says what is enforced, and is silent where nothing is.

    A limit of more than six digits cannot be said and is left out.

    Args:
        rcpt_max: most recipients of one mail transaction, None for no limit.
        mail_max: most MAIL commands of one session, None for no limit.
    """

    keyword = "LIMITS"

    def __init__(self, *, rcpt_max: int | None, mail_max: int | None) -> None:
        limits = {"RCPTMAX": rcpt_max, "MAILMAX": mail_max}
        self._said = [
            f"{name}={value}"
            for name, value in limits.items()
            if value is not None and value <= _MAX_VALUE
        ]

    def offer(self, session: Session) -> str | None:
        """Give the keyword with the limits, or None when there is none to say."""
        return " ".join([self.keyword, *self._said]) if self._said else None
