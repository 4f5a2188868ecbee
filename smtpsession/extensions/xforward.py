"""XFORWARD: a trusted client says where a message came from.

Postfix's XFORWARD_README.
"""

from __future__ import annotations

from smtpsession.extensions.extension import Extension
from smtpsession.session.session import Session
from smtpsession.session.trust import is_trusted
from smtpsession.wire.trusted_networks import TrustedNetworks


class XforwardExtension(Extension):
    """XFORWARD, with the command of that name; offered to trusted clients only.

    Args:
        trusted: the clients.
    """

    keyword = "XFORWARD"
    verb = "XFORWARD"

    def __init__(self, trusted: TrustedNetworks) -> None:
        self._trusted = trusted

    def offer(self, session: Session) -> str | None:
        """Give the keyword with the attributes that are understood."""
        if not is_trusted(session, self._trusted):
            return None
        return f"{self.keyword} NAME ADDR PORT PROTO HELO IDENT SOURCE"
