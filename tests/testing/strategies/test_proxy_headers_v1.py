"""Headers of version 1 are read, and what is broken never is (PROXY protocol 2.1)."""

from typing import Any

import pytest
from hypothesis import given, settings

from smtpsession.errors import ProxyHeaderError
from smtpsession.testing.strategies import proxy_headers_v1
from smtpsession.wire.proxy_header import ProxyHeader
from tests.testing.strategies.minimal import minimal
from tests.wire.proxy_octets import read


def header_of(octets: bytes) -> ProxyHeader:
    header, rest = read([octets])
    assert header is not None
    assert not rest
    return header


@given(proxy_headers_v1())
@settings(max_examples=100)
def test_what_is_valid_is_read(octets: bytes) -> None:
    assert header_of(octets).version == 1


@given(proxy_headers_v1(valid=False))
@settings(max_examples=200)
def test_what_is_broken_is_refused(octets: bytes) -> None:
    with pytest.raises(ProxyHeaderError):
        read([octets])


@pytest.mark.parametrize(
    "facts", [{"source_address": "192.0.2.1"}, {"is_unknown": True}]
)
def test_each_kind_is_among_them(facts: dict[str, Any]) -> None:
    def has_them(octets: bytes) -> bool:
        header = header_of(octets)
        return all(getattr(header, name) == value for name, value in facts.items())

    assert header_of(minimal(proxy_headers_v1(), has_them)).version == 1


def test_what_they_shrink_to() -> None:
    assert minimal(proxy_headers_v1()) == (b"PROXY TCP4 192.0.2.1 192.0.2.1 25 25\r\n")
    known = minimal(proxy_headers_v1(), lambda line: b"TCP6" in line)
    assert known == b"PROXY TCP6 2001:db8::1 2001:db8::1 25 25\r\n"
    assert minimal(proxy_headers_v1(), lambda line: b"UNKNOWN" in line) == (
        b"PROXY UNKNOWN\r\n"
    )


def test_bad_arguments() -> None:
    with pytest.raises(TypeError, match="valid must be True or False, got 0"):
        proxy_headers_v1(valid=0)  # type: ignore[arg-type]
