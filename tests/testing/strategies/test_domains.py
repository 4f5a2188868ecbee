"""Domains and address literals are the parser's, and lead nowhere."""

import ipaddress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpsession.testing.strategies import address_literals, domains
from smtpsession.wire.domains import ascii_domain, parse_address_literal, parse_domain
from tests.testing.strategies.minimal import minimal

DOCUMENTATION = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")


@given(domains())
@settings(max_examples=50)
def test_domains_are_valid(domain: str) -> None:
    assert parse_domain(domain) == domain.lower()
    assert domain.isascii()
    assert domain.lower().rpartition(".")[2] in {"example", "test", "invalid"}


@given(st.data(), st.sampled_from([9, 10, 30, 72, 73, 189, 255]))
@settings(max_examples=100)
def test_no_domain_is_too_long(data: st.DataObject, octets: int) -> None:
    domain = data.draw(domains(smtp_utf8=True, max_octets=octets))
    parsed = parse_domain(domain)
    assert len(domain.encode()) <= octets
    assert len(ascii_domain(parsed)) <= octets


@given(address_literals())
@settings(max_examples=50)
def test_literals_are_valid_and_of_documentation(literal: str) -> None:
    text = parse_address_literal(literal)[1:-1].removeprefix("IPv6:")
    address: Any = ipaddress.ip_address(text)
    address = getattr(address, "ipv4_mapped", None) or address
    networks = [ipaddress.ip_network(network) for network in DOCUMENTATION]
    assert any(address in network for network in networks)


def test_what_they_shrink_to() -> None:
    assert minimal(domains()) == "a.example"
    assert minimal(domains(max_octets=9)) == "a.example"
    assert minimal(address_literals()) == "[192.0.2.1]"
    assert not minimal(domains(smtp_utf8=True), lambda d: not d.isascii()).isascii()


def test_the_longest_is_among_them() -> None:
    assert len(minimal(domains(), lambda d: len(d) == 255)) == 255
    assert len(minimal(domains(max_octets=100), lambda d: len(d) == 100)) == 100


def test_bad_arguments() -> None:
    with pytest.raises(ValueError, match="max_octets must be 9 to 255, got 8"):
        domains(max_octets=8)
    with pytest.raises(TypeError, match="smtp_utf8 must be True or False"):
        domains(smtp_utf8=None)  # type: ignore[arg-type]
