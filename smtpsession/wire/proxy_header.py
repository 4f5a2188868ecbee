"""The header of the PROXY protocol: who the client of a proxy is.

Specified by HAProxy's doc/proxy-protocol.txt; the sections named here are its own.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Final

import attrs

from smtpsession.errors import ProxyHeaderError
from smtpsession.wire.ip_addresses import parse_ip
from smtpsession.wire.proxy_tlvs import ProxyTLVs

#: Octets of version 2 before the addresses.
V2_HEAD_OCTETS: Final = 16

# Section 2.1: exactly one space between the fields, no zeros in front, and IPv6 as it
# is everywhere. Departure: IPv6 may end in an IPv4 address, since that is how systems
# write IPv4-mapped ones. The numbers' upper bounds are checked below.
_IPV4: Final = r"(?:0|[1-9][0-9]{0,2})(?:\.(?:0|[1-9][0-9]{0,2})){3}"
_IPV6: Final = r"[0-9A-Fa-f:]{2,39}(?:(?<=:)[0-9]{1,3}(?:\.[0-9]{1,3}){3})?"
_PORT: Final = r"(0|[1-9][0-9]{0,4})"
_TCP: Final = tuple(
    re.compile(rf"PROXY {name} ({address}) ({address}) {_PORT} {_PORT}".encode())
    for name, address in (("TCP4", _IPV4), ("TCP6", _IPV6))
)
_UNKNOWN: Final = re.compile(rb"PROXY UNKNOWN(?: [^\r\n]*)?")

# Section 2.2: version and command, family and transport, octets of the addresses.
_LOCAL: Final = 0x20
_PROXY: Final = 0x21
_TCP4: Final = 0x11
_TCP6: Final = 0x21
_UNIX: Final = 0x31
_ADDRESS_OCTETS: Final = {_TCP4: 12, _TCP6: 36, _UNIX: 216}


@attrs.frozen(kw_only=True)
class ProxyHeader:
    """What a proxy says about a connection; see ``names_client`` first."""

    #: 1 or 2.
    version: int
    #: The proxy speaks for itself, for example to check that the server is alive.
    is_local: bool = False
    #: The proxy cannot say who the client is.
    is_unknown: bool = False
    #: The client's address: IPv4, or IPv6 in its short form; "" if there is none, as
    #: with a client of a Unix socket.
    source_address: str = ""
    source_port: int = 0
    #: The address that the client connected to.
    destination_address: str = ""
    destination_port: int = 0
    #: Paths instead of addresses, where the client came by a Unix socket; a socket
    #: without a name has none.
    source_path: bytes = b""
    destination_path: bytes = b""
    #: What version 2 says besides.
    tlvs: ProxyTLVs = attrs.field(factory=ProxyTLVs)

    @property
    def names_client(self) -> bool:
        """The header is about a client, and says where it comes from."""
        return not (self.is_local or self.is_unknown)

    @classmethod
    def parse_line(cls, line: bytes) -> ProxyHeader:
        """Read a header of version 1 (2.1).

        Args:
            line: all of it without its CRLF.

        Raises:
            ProxyHeaderError: it is malformed.
        """
        if _UNKNOWN.fullmatch(line):
            return cls(version=1, is_unknown=True)
        matches = (pattern.fullmatch(line) for pattern in _TCP)
        match = next(filter(None, matches), None)
        if match is None:
            raise ProxyHeaderError("malformed line")
        source, destination, source_port, destination_port = match.groups()
        return cls(
            version=1,
            source_address=_address(source),
            source_port=_port(source_port),
            destination_address=_address(destination),
            destination_port=_port(destination_port),
        )

    @classmethod
    def parse_block(cls, block: bytes) -> ProxyHeader:
        """Read a header of version 2 (2.2).

        Args:
            block: all of it, as long as ``v2_octets`` says.

        Raises:
            ProxyHeaderError: it is malformed.
        """
        if block[12] == _LOCAL:
            # "The receiver must [...] discard the protocol block."
            return cls(version=2, is_local=True)
        octets = _ADDRESS_OCTETS.get(block[13])
        if octets is None:
            return cls(version=2, is_unknown=True)
        end = V2_HEAD_OCTETS + octets
        addresses = block[V2_HEAD_OCTETS:end]
        tlvs = ProxyTLVs.parse(block, end)
        if block[13] == _UNIX:
            source, destination = _halves(addresses)
            return cls(
                version=2,
                source_path=source.rstrip(b"\0"),
                destination_path=destination.rstrip(b"\0"),
                tlvs=tlvs,
            )
        source, destination = _halves(addresses[:-4])
        return cls(
            version=2,
            source_address=_packed_address(source),
            source_port=int.from_bytes(addresses[-4:-2]),
            destination_address=_packed_address(destination),
            destination_port=int.from_bytes(addresses[-2:]),
            tlvs=tlvs,
        )


def v2_octets(head: bytes) -> int:
    """Give the length of a header of version 2 by its first 16 octets.

    Raises:
        ProxyHeaderError: no header begins with them.
    """
    command, kind = head[12], head[13]
    octets = int.from_bytes(head[14:16])
    if command == _LOCAL:
        return V2_HEAD_OCTETS + octets
    if command != _PROXY:
        raise ProxyHeaderError(f"unknown version and command 0x{command:02x}")
    if kind >> 4 > 3 or kind & 15 > 2:
        raise ProxyHeaderError(f"unknown family and transport 0x{kind:02x}")
    if octets < _ADDRESS_OCTETS.get(kind, 0):
        raise ProxyHeaderError(
            f"addresses of kind 0x{kind:02x} have {_ADDRESS_OCTETS[kind]} octets,"
            f" got {octets}"
        )
    return V2_HEAD_OCTETS + octets


def _address(octets: bytes) -> str:
    try:
        return str(parse_ip(octets.decode("ascii")))
    except ValueError:
        raise ProxyHeaderError("malformed address") from None


def _port(octets: bytes) -> int:
    port = int(octets)
    if port > 65_535:
        raise ProxyHeaderError(f"a port is at most 65535, got {port}")
    return port


def _packed_address(octets: bytes) -> str:
    # Through its text, so that there is one rule for IPv4-mapped addresses.
    return str(parse_ip(str(ipaddress.ip_address(octets))))


def _halves(octets: bytes) -> tuple[bytes, bytes]:
    middle = len(octets) // 2
    return octets[:middle], octets[middle:]
