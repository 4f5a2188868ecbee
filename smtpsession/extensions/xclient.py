"""XCLIENT: a trusted proxy says whom it speaks for (Postfix's XCLIENT_README)."""

from __future__ import annotations

from smtpsession.extensions.extension import Extension
from smtpsession.session.session import Session
from smtpsession.session.trust import is_trusted
from smtpsession.wire.trusted_networks import TrustedNetworks


class XclientExtension(Extension):
    """XCLIENT, with the command of that name; offered to trusted clients only.

    Args:
        trusted: the clients.
    """

    keyword = "XCLIENT"
    verb = "XCLIENT"

    def __init__(self, trusted: TrustedNetworks) -> None:
        self._trusted = trusted

    def offer(self, session: Session) -> str | None:
        """Give the keyword with the attributes that are understood."""
        if not is_trusted(session, self._trusted):
            return None
        names = "NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT REVERSE_NAME"
        return f"{self.keyword} {names}"
