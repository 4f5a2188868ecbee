"""Headers of the PROXY protocol, version 2 (HAProxy's proxy-protocol.txt, 2.2)."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Final

from hypothesis import strategies as st

from smtpsession.testing.strategies.arguments import check_flags
from smtpsession.testing.strategies.proxy_endpoints import IPV4, IPV6, PORTS
from smtpsession.wire.crc32c import crc32c

_SIGNATURE: Final = b"\r\n\r\n\0\r\nQUIT\n"
_HEAD_OCTETS: Final = len(_SIGNATURE) + 4
_LOCAL: Final = 0x20
_PROXY: Final = 0x21
_TCP4: Final = 0x11
_UNIX_PATH_OCTETS: Final = 108

# The types of TLVs (2.2.1 to 2.2.7).
_ALPN, _AUTHORITY, _CRC32C, _NOOP, _UNIQUE_ID, _SSL, _NETNS = (1, 2, 3, 4, 5, 32, 48)
_MAX_UNIQUE_ID_OCTETS: Final = 128

Octets = st.SearchStrategy[bytes]


def proxy_headers_v2(*, valid: bool = True) -> Octets:
    """Blocks that a proxy puts before all else, with TLVs and checksum or without.

    They are about TCP over IPv4 and IPv6 and about Unix sockets, or LOCAL, or of kinds
    that a receiver has to skip; they shrink to TCP over IPv4 without TLVs.

    Args:
        valid: False gives blocks that are no header, and that no receiver may take for
            one (section 2.2).

    Raises:
        TypeError: valid is no bool.
    """
    check_flags(valid=valid)
    return _valid_headers() if valid else _broken_headers()


def _tlv(kind: int, value: bytes) -> bytes:
    return bytes([kind]) + len(value).to_bytes(2) + value


def _block(command: int, kind: int, rest: bytes) -> bytes:
    return _SIGNATURE + bytes([command, kind]) + len(rest).to_bytes(2) + rest


def _tcp(source: str, destination: str, source_port: int, port: int) -> bytes:
    packed = (ipaddress.ip_address(text).packed for text in (source, destination))
    return b"".join([*packed, source_port.to_bytes(2), port.to_bytes(2)])


def _ssl_value(client: int, verify: int, tlvs: bytes) -> bytes:
    return bytes([client]) + verify.to_bytes(4) + tlvs


def _checked(command: int, kind: int, addresses: bytes, tlvs: list[bytes]) -> bytes:
    """Give a block with a checksum in front of its TLVs (2.2.3)."""
    rest = [addresses, _tlv(_CRC32C, bytes(4)), *tlvs]
    block = _block(command, kind, b"".join(rest))
    start = _HEAD_OCTETS + len(addresses) + 3
    return block[:start] + crc32c(block).to_bytes(4) + block[start + 4 :]


_tcp4: Final = st.builds(_tcp, IPV4, IPV4, PORTS, PORTS)
_tcp6: Final = st.builds(_tcp, IPV6, IPV6, PORTS, PORTS)
_paths: Final = st.sampled_from([b"", b"/run/a", b"\0a", b"a" * _UNIX_PATH_OCTETS]).map(
    lambda path: path.ljust(_UNIX_PATH_OCTETS, b"\0")
)
_unix: Final = st.tuples(_paths, _paths, _tcp4).map(lambda drawn: b"".join(drawn[:2]))
#: Kinds that a receiver skips: no family, and datagrams.
_SKIPPED: Final = (0x00, 0x01, 0x10, 0x12)
#: Family and transport with their addresses.
_kinds: Final = st.one_of(
    st.tuples(st.just(_TCP4), _tcp4),
    st.tuples(st.just(0x21), _tcp6),
    st.tuples(st.just(0x31), _unix),
    # As many choices as the others make, or this would be what all shrinks to.
    st.tuples(st.sampled_from(_SKIPPED), _tcp4),
)

_ssl_tlvs: Final = st.sets(
    st.sampled_from(
        [
            *(_tlv(0x21, b"TLSv1.3"), _tlv(0x22, b"a.example"), _tlv(0x23, b"AES")),
            *(_tlv(0x24, b"RSA-SHA256"), _tlv(0x25, b"RSA2048"), _tlv(0x26, b"x")),
        ]
    ),
    max_size=3,
).map(lambda tlvs: b"".join(sorted(tlvs)))
_ssl: Final = st.builds(_ssl_value, st.integers(0, 7), st.integers(0, 1), _ssl_tlvs)
#: Values by type; each of them comes once at most.
_VALUES: Final[dict[int, Octets]] = {
    _ALPN: st.sampled_from([b"smtp", b"h2"]),
    _AUTHORITY: st.text(max_size=10).map(str.encode),
    _UNIQUE_ID: st.binary(max_size=_MAX_UNIQUE_ID_OCTETS),
    _SSL: _ssl,
    _NETNS: st.sampled_from([b"blue", b""]),
    _NOOP: st.binary(max_size=8),
    0xE0: st.binary(max_size=8),
}


@st.composite
def _tlvs(draw: st.DrawFn) -> list[bytes]:
    chosen = draw(st.lists(st.sampled_from(list(_VALUES)), unique=True, max_size=4))
    return [_tlv(kind, draw(_VALUES[kind])) for kind in chosen]


@st.composite
def _valid_headers(draw: st.DrawFn) -> bytes:
    kind, addresses = draw(_kinds)
    if kind in _SKIPPED and draw(st.booleans()):
        addresses = b""
    command = draw(st.sampled_from([_PROXY, _PROXY, _PROXY, _LOCAL]))
    tlvs = draw(_tlvs())
    if draw(st.booleans()):
        return _checked(command, kind, addresses, tlvs)
    return _block(command, kind, addresses + b"".join(tlvs))


def _with_tlvs(*tlvs: bytes) -> Callable[[bytes, list[bytes]], bytes]:
    """Give what adds these to a header that is right."""
    return lambda addresses, others: _block(
        _PROXY, _TCP4, addresses + b"".join([*others, *tlvs])
    )


def _with_head(command: int, kind: int) -> Callable[[bytes, list[bytes]], bytes]:
    """Give what makes such a header of one that is right."""
    return lambda addresses, others: _block(command, kind, addresses + b"".join(others))


def _too_short(addresses: bytes, others: list[bytes]) -> bytes:
    return _block(_PROXY, _TCP4, addresses[:-1])


def _without_signature(addresses: bytes, others: list[bytes]) -> bytes:
    block = _block(_PROXY, _TCP4, addresses)
    end = len(_SIGNATURE)
    return block[: end - 1] + b"\r" + block[end:]


def _wrong_checksum(addresses: bytes, others: list[bytes]) -> bytes:
    block = bytearray(_checked(_PROXY, _TCP4, addresses, others))
    block[_HEAD_OCTETS + len(addresses) + 3] ^= 1
    return bytes(block)


_BREAKERS: Final = (
    *(_with_head(command, _TCP4) for command in (0x22, 0x2F, 0x11, 0x31, 0x30, 0x01)),
    *(_with_head(_PROXY, kind) for kind in (0x41, 0xF1, 0x13, 0x1F)),
    *(_too_short, _without_signature, _wrong_checksum),
    # A TLV without a length, and one that goes past the end.
    *(_with_tlvs(b"\xe0\x00"), _with_tlvs(b"\xe0\x00\x05abcd"), _with_tlvs(b"\xe0")),
    # Two that differ, of a kind that comes once (2.2).
    _with_tlvs(_tlv(_AUTHORITY, b"a"), _tlv(_AUTHORITY, b"b")),
    _with_tlvs(_tlv(_SSL, bytes(5)), _tlv(_SSL, bytes(5))),
    _with_tlvs(_tlv(_AUTHORITY, b"\xff")),
    _with_tlvs(_tlv(_NETNS, b"\xe9")),
    _with_tlvs(_tlv(_UNIQUE_ID, bytes(_MAX_UNIQUE_ID_OCTETS + 1))),
    _with_tlvs(_tlv(_SSL, bytes(4))),
    _with_tlvs(_tlv(_SSL, bytes(5) + b"\x21\x00\x09a")),
    *(_with_tlvs(_tlv(_CRC32C, bytes(size))) for size in (0, 3, 5)),
)


def _broken_headers() -> Octets:
    drawn = st.tuples(st.sampled_from(_BREAKERS), _tcp4, _tlvs())
    return drawn.map(lambda parts: parts[0](parts[1], parts[2]))
