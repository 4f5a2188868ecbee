"""Headers of version 2 are read, and what is broken never is (PROXY protocol 2.2)."""

from typing import Any

import pytest
from hypothesis import given, settings

from smtpsession.errors import ProxyHeaderError
from smtpsession.testing.strategies import proxy_headers_v2
from smtpsession.wire.proxy_header import ProxyHeader
from tests.testing.strategies.minimal import minimal, some
from tests.wire.proxy_octets import read


def header_of(octets: bytes) -> ProxyHeader:
    header, rest = read([octets])
    assert header is not None
    assert not rest
    return header


@given(proxy_headers_v2())
@settings(max_examples=100)
def test_what_is_valid_is_read(octets: bytes) -> None:
    assert header_of(octets).version == 2


@given(proxy_headers_v2(valid=False))
@settings(max_examples=200)
def test_what_is_broken_is_refused(octets: bytes) -> None:
    with pytest.raises(ProxyHeaderError):
        read([octets])


@pytest.mark.parametrize(
    "facts",
    [
        {"source_address": "192.0.2.1"},
        {"source_address": "2001:db8::1"},
        {"source_path": b"/run/a"},
        {"is_local": True},
        {"is_unknown": True},
    ],
)
def test_each_kind_is_among_them(facts: dict[str, Any]) -> None:
    def has_them(octets: bytes) -> bool:
        header = header_of(octets)
        return all(getattr(header, name) == value for name, value in facts.items())

    assert header_of(minimal(proxy_headers_v2(), has_them)).version == 2


def test_what_they_shrink_to() -> None:
    shortest = minimal(proxy_headers_v2())
    assert shortest == bytes.fromhex(
        "0d0a0d0a000d0a515549540a2111000cc0000201c000020100190019"
    )


def test_bad_arguments() -> None:
    with pytest.raises(TypeError, match="valid must be True or False, got 0"):
        proxy_headers_v2(valid=0)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["alpn", "authority", "unique_id", "ssl", "netns"])
def test_each_tlv_is_among_them(name: str) -> None:
    found = minimal(
        proxy_headers_v2(), lambda octets: getattr(header_of(octets).tlvs, name)
    )
    assert getattr(header_of(found).tlvs, name)


def test_a_checksum_is_among_them_and_holds() -> None:
    found = minimal(proxy_headers_v2(), lambda octets: octets[28:31] == b"\x03\0\x04")
    changed = bytes([*found[:-1], found[-1] ^ 1])
    with pytest.raises(ProxyHeaderError):
        read([changed])


@pytest.mark.parametrize(
    "reason",
    [
        *("no header", "unknown version and command", "unknown family and transport"),
        *(
            "have 12 octets, got 11",
            "past the end",
            "comes twice",
            "the checksum is wrong",
        ),
        *("UTF-8", "ASCII", "a unique identifier has", "the SSL TLV has"),
        "a checksum has 4 octets",
    ],
)
def test_each_mistake_is_among_them(reason: str) -> None:
    def is_refused_for_it(octets: bytes) -> bool:
        try:
            read([octets])
        except ProxyHeaderError as error:
            return reason in str(error)
        return False

    assert some(proxy_headers_v2(valid=False), is_refused_for_it)
