"""Which mechanisms a session may authenticate with (RFC 4954 3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs

from smtpsession.auth.mechanism import ExchangeFacts, Mechanism
from smtpsession.session.session import Session


@attrs.frozen(kw_only=True)
class AuthPolicy:
    """The mechanisms of a server, and what they need to know."""

    #: By name, in the order in which they are offered.
    mechanisms: Mapping[str, type[Mechanism]]
    #: The name of this server.
    hostname: str
    #: Gives so many random octets.
    random: Callable[[int], bytes] = attrs.field(repr=False)
    #: Octets that only this server knows.
    server_key: bytes = attrs.field(repr=False)
    #: Authenticate without TLS, too.
    allow_insecure: bool = False

    def available(self, session: Session) -> Mapping[str, type[Mechanism]]:
        """Give the mechanisms that *session* can use now, by name."""
        if not (session.secure or self.allow_insecure):
            return {}
        facts = self._facts(session, frozenset())
        return {
            name: mechanism
            for name, mechanism in self.mechanisms.items()
            if mechanism.is_available(facts)
        }

    def begin(self, mechanism: type[Mechanism], session: Session) -> Mechanism:
        """Make the object that serves one attempt of *session*."""
        return mechanism(self._facts(session, frozenset(self.available(session))))

    def _facts(self, session: Session, offered: frozenset[str]) -> ExchangeFacts:
        # After XCLIENT the TLS session is the proxy's, and proves nothing of others.
        is_own = not session.xclient
        return ExchangeFacts(
            hostname=self.hostname,
            random=self.random,
            server_key=self.server_key,
            channel_bindings=session.channel_bindings if is_own else {},
            offered=offered,
            peer_certificate=session.peer_certificate if is_own else None,
        )
