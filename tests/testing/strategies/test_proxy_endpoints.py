"""Addresses in headers are ones, and the ports fit."""

import ipaddress

from hypothesis import given, settings

from smtpsession.testing.strategies.proxy_endpoints import IPV4, IPV6, PORTS
from tests.testing.strategies.minimal import minimal


@given(IPV4, IPV6, PORTS)
@settings(max_examples=30)
def test_endpoints(ipv4: str, ipv6: str, port: int) -> None:
    assert str(ipaddress.IPv4Address(ipv4)) == ipv4
    assert ipaddress.ip_address(ipv6).version == 6
    assert 0 <= port <= 65_535


def test_what_they_shrink_to() -> None:
    assert minimal(IPV4) == "192.0.2.1"
    assert minimal(IPV6) == "2001:db8::1"
    assert minimal(PORTS) == 25
