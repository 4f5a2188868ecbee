"""STARTTLS: TLS inside the session (RFC 3207)."""

from __future__ import annotations

from smtpsession.extensions.extension import Extension
from smtpsession.session.session import Session


class StartTLSExtension(Extension):
    """STARTTLS; never offered once TLS is active (RFC 3207 4.2)."""

    keyword = "STARTTLS"
    verb = "STARTTLS"

    def offer(self, session: Session) -> str | None:
        """Give the keyword while the session is in plain text."""
        return None if session.secure else self.keyword
