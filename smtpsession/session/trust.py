"""Whether a session's client is one whose word about others is taken."""

from __future__ import annotations

from smtpsession.session.session import Session
from smtpsession.wire.trusted_networks import TrustedNetworks


def is_trusted(session: Session, networks: TrustedNetworks) -> bool:
    """Say whether the client is in one of *networks*.

    A client of a proxy is trusted by its own address only, never by the proxy's: one
    that the proxy cannot name, or names without an address, is not trusted.
    """
    proxy = session.proxy
    if proxy is not None and proxy.is_unknown:
        return False
    if not session.remote_address and _is_spoken_for(session):
        return False
    return networks.trusts(session.remote_address)


def _is_spoken_for(session: Session) -> bool:
    is_named = session.proxy is not None and session.proxy.names_client
    return is_named or "ADDR" in session.xclient or bool(session.transport_peer[0])
