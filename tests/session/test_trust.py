"""Whose word about other clients is taken."""

import attrs

from smtpsession import ProxyHeader, Session
from smtpsession.session.trust import is_trusted
from smtpsession.wire.trusted_networks import TrustedNetworks

NETWORKS = TrustedNetworks.of(["192.0.2.0/24", "unix"], option="xclient")
PROXY = ("192.0.2.1", 4711)


def session(address: str, peer: tuple[str, int], proxy: ProxyHeader | None) -> Session:
    return Session("1", remote_address=address, transport_peer=peer, proxy=proxy)


HEADER = ProxyHeader(version=2)


def test_a_client_is_trusted_by_its_address() -> None:
    assert is_trusted(session("192.0.2.7", ("192.0.2.7", 25), None), NETWORKS)
    assert not is_trusted(session("198.51.100.7", ("198.51.100.7", 25), None), NETWORKS)
    assert not is_trusted(session("192.0.2.7", PROXY, None), TrustedNetworks())


def test_a_unix_socket_is_trusted_by_its_word() -> None:
    assert is_trusted(session("", ("", 0), None), NETWORKS)


def test_a_client_of_a_proxy_is_trusted_by_its_own_address_only() -> None:
    assert is_trusted(session("192.0.2.7", PROXY, HEADER), NETWORKS)
    assert not is_trusted(session("198.51.100.7", PROXY, HEADER), NETWORKS)
    # Its proxy came by TCP, and says that it came by a Unix socket itself.
    assert not is_trusted(session("", PROXY, HEADER), NETWORKS)


def test_a_client_that_the_proxy_cannot_name_is_not_trusted_as_the_proxy() -> None:
    unknown = attrs.evolve(HEADER, is_unknown=True)
    assert not is_trusted(session("192.0.2.1", PROXY, unknown), NETWORKS)
