"""What a PROXY protocol header of version 2 says besides addresses, as TLVs.

A TLV is a type of one octet, a length of two, and a value (PROXY protocol 2.2). The
values come from a proxy that often repeats what a client has sent: they are text to
escape, never a reason to trust.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import attrs

from smtpsession.errors import ProxyHeaderError
from smtpsession.wire.crc32c import crc32c

#: Longest unique identifier in octets (PROXY protocol 2.2.5).
MAX_UNIQUE_ID_OCTETS: Final = 128

_CRC32C: Final = 0x03
_NOOP: Final = 0x04
_HEAD_OCTETS: Final = 3

_Readers = Mapping[int, tuple[str, Callable[[bytes], Any]]]


def _utf8(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        raise ProxyHeaderError("a TLV that must be UTF-8 is not") from None


def _ascii(value: bytes) -> str:
    try:
        return value.decode("ascii")
    except UnicodeDecodeError:
        raise ProxyHeaderError("a TLV that must be ASCII is not") from None


def _unique_id(value: bytes) -> bytes:
    if len(value) > MAX_UNIQUE_ID_OCTETS:
        raise ProxyHeaderError(
            f"a unique identifier has at most {MAX_UNIQUE_ID_OCTETS} octets,"
            f" got {len(value)}"
        )
    return value


@attrs.frozen(kw_only=True)
class ProxySSL:
    """What the proxy says about TLS between the client and itself (2.2.6).

    It says nothing about our own connection, and makes no session secure.
    """

    #: Flags: 1 TLS, 2 a certificate in this connection, 4 one in this TLS session.
    client: int
    #: 0 if a certificate was presented and verified.
    verify: int
    #: TLS version, for example "TLSv1.3"; None if it was not said, as below.
    version: str | None = None
    #: Common name of the client's certificate.
    cn: str | None = None
    cipher: str | None = None
    #: How the proxy's certificate is signed, for example "RSA-SHA256".
    sig_alg: str | None = None
    #: The kind of the proxy's key, for example "RSA2048".
    key_alg: str | None = None
    #: Type and value of the others, in their order.
    others: tuple[tuple[int, bytes], ...] = ()

    @property
    def is_tls(self) -> bool:
        """The client speaks TLS to the proxy."""
        return bool(self.client & 1)

    @property
    def is_verified(self) -> bool:
        """The client has presented a certificate, and the proxy has verified it."""
        return self.verify == 0 and bool(self.client & 6)

    @classmethod
    def parse(cls, value: bytes) -> ProxySSL:
        """Read the value of the TLV.

        Raises:
            ProxyHeaderError: it is malformed.
        """
        if len(value) < 5:
            raise ProxyHeaderError("the SSL TLV has at least 5 octets")
        tlvs = [(kind, inner) for kind, _, inner in _walk(value, 5)]
        facts = _read(tlvs, _SSL_READERS)
        return cls(client=value[0], verify=int.from_bytes(value[1:5]), **facts)


@attrs.frozen(kw_only=True)
class ProxyTLVs:
    """The TLVs of one header; None is what was not said."""

    #: The application protocol that client and proxy agreed on (2.2.1).
    alpn: bytes | None = None
    #: The host name that the client asked the proxy for, usually its SNI (2.2.2).
    authority: str | None = None
    #: Identifies the connection across proxies; at most 128 octets (2.2.5).
    unique_id: bytes | None = None
    #: TLS between client and proxy (2.2.6).
    ssl: ProxySSL | None = None
    #: The proxy's network namespace (2.2.7).
    netns: str | None = None
    #: Type and value of the others, in their order.
    others: tuple[tuple[int, bytes], ...] = ()

    @classmethod
    def parse(cls, header: bytes, start: int) -> ProxyTLVs:
        """Read the TLVs at the end of a whole header.

        Args:
            header: all of it, for its checksum.
            start: where the first TLV begins.

        Raises:
            ProxyHeaderError: one is malformed or comes twice, or the checksum is
                wrong.
        """
        tlvs: list[tuple[int, bytes]] = []
        checksums = 0
        for kind, offset, value in _walk(header, start):
            if kind == _CRC32C:
                _verify(header, offset, value)
                checksums += 1
            elif kind != _NOOP:
                tlvs.append((kind, value))
        if checksums > 1:
            raise ProxyHeaderError("the header has two checksums")
        return cls(**_read(tlvs, _READERS))


_READERS: Final[_Readers] = {
    0x01: ("alpn", bytes),
    0x02: ("authority", _utf8),
    0x05: ("unique_id", _unique_id),
    0x20: ("ssl", ProxySSL.parse),
    0x30: ("netns", _ascii),
}
_SSL_READERS: Final[_Readers] = {
    0x21: ("version", _ascii),
    0x22: ("cn", _utf8),
    0x23: ("cipher", _ascii),
    0x24: ("sig_alg", _ascii),
    0x25: ("key_alg", _ascii),
}


def _walk(octets: bytes, start: int) -> Iterator[tuple[int, int, bytes]]:
    """Give type, offset of the value and value of each TLV from *start* on."""
    while start < len(octets):
        begin = start + _HEAD_OCTETS
        end = begin + int.from_bytes(octets[start + 1 : begin])
        if max(begin, end) > len(octets):
            raise ProxyHeaderError("a TLV goes past the end of what holds it")
        yield octets[start], begin, octets[begin:end]
        start = end


def _read(tlvs: list[tuple[int, bytes]], readers: _Readers) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    others: list[tuple[int, bytes]] = []
    for kind, value in tlvs:
        if kind not in readers:
            others.append((kind, value))
            continue
        name, read = readers[kind]
        if name in facts:
            # Who reads the first and who reads the last would not agree.
            raise ProxyHeaderError(f"the TLV 0x{kind:02x} comes twice")
        facts[name] = read(value)
    return {**facts, "others": tuple(others)}


def _verify(header: bytes, offset: int, value: bytes) -> None:
    """Raise unless the checksum is right; it is made with zeros in its own place."""
    if len(value) != 4:
        raise ProxyHeaderError(f"a checksum has 4 octets, got {len(value)}")
    cleared = header[:offset] + bytes(4) + header[offset + 4 :]
    if crc32c(cleared) != int.from_bytes(value):
        raise ProxyHeaderError("the checksum is wrong")
