"""The header of the PROXY protocol, read naively: of the whole input, by its words.

Nothing here is shared with what it judges; addresses are read by the C library.
"""

from __future__ import annotations

import socket

import attrs

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
MAX_LINE_OCTETS = 107
MAX_OCTETS = 4096
# Family and transport: octets of the two addresses and ports (2.2).
ADDRESSES = {0x11: 12, 0x21: 36, 0x31: 216}


@attrs.frozen
class Header:
    """What a header says."""

    #: "LOCAL", "UNKNOWN", or of what kind the ends are.
    kind: str
    #: Addresses with ports, or paths.
    source: object = None
    destination: object = None
    #: Octets of the header.
    octets: int = attrs.field(default=0, eq=False)


class NoHeader(Exception):
    """This is none, and will never be one."""


def read_header(octets: bytes) -> Header | None:
    """Read the header in front of the input.

    Returns:
        The header, or None while it may still become one.

    Raises:
        NoHeader: it is none.
    """
    if SIGNATURE.startswith(octets[:12]):
        return _read_block(octets)
    if b"PROXY ".startswith(octets[:6]):
        return _read_line(octets)
    raise NoHeader


def _read_line(octets: bytes) -> Header | None:
    """Read version 1 (2.1): a line with its CRLF of at most 107 octets."""
    line, crlf, _ = octets.partition(b"\r\n")
    for fault in (b"\r", b"\n"):
        # A CR that comes last may still get its LF.
        if fault in (line if crlf else line.removesuffix(b"\r")):
            raise NoHeader
    missing = 0 if crlf else 1 if line.endswith(b"\r") else 2
    if len(line) + len(crlf) + missing > MAX_LINE_OCTETS:
        raise NoHeader
    if not crlf:
        return None
    length = len(line) + len(crlf)
    words = line.decode("latin-1").split(" ")
    if words[1] == "UNKNOWN":
        return Header("UNKNOWN", octets=length)
    if len(words) != 6 or words[1] not in ("TCP4", "TCP6"):
        raise NoHeader
    family = socket.AF_INET if words[1] == "TCP4" else socket.AF_INET6
    source, destination = (_address(family, word) for word in words[2:4])
    ports = [_port(word) for word in words[4:]]
    return Header("TCP", (source, ports[0]), (destination, ports[1]), length)


def _address(family: socket.AddressFamily, text: str) -> bytes:
    try:
        return _unmapped(socket.inet_pton(family, text))
    except (OSError, UnicodeEncodeError, ValueError):
        raise NoHeader from None


def _unmapped(packed: bytes) -> bytes:
    return packed[12:] if packed[:12] == bytes(10) + b"\xff\xff" else packed


def _port(text: str) -> int:
    # No sign, no space, no zero in front.
    if text not in map(str, range(65_536)):
        raise NoHeader
    return int(text)


def _read_block(octets: bytes) -> Header | None:
    """Read version 2 (2.2): a head of 16 octets, and as many as it says."""
    if len(octets) < 16:
        return None
    command, kind = octets[12], octets[13]
    behind = octets[14] * 256 + octets[15]
    if command not in (0x20, 0x21):
        raise NoHeader
    if command == 0x21 and (kind // 16 > 3 or kind % 16 > 2):
        raise NoHeader
    if command == 0x21 and behind < ADDRESSES.get(kind, 0):
        raise NoHeader
    if 16 + behind > MAX_OCTETS:
        raise NoHeader
    if len(octets) < 16 + behind:
        return None
    if command == 0x20:
        return Header("LOCAL", octets=16 + behind)
    if kind not in ADDRESSES:
        return Header("UNKNOWN", octets=16 + behind)
    block = octets[16 : 16 + behind]
    addresses, tlvs = block[: ADDRESSES[kind]], block[ADDRESSES[kind] :]
    _check_tlvs(tlvs)
    return _read_addresses(kind, addresses, 16 + behind)


def _read_addresses(kind: int, addresses: bytes, length: int) -> Header:
    if kind == 0x31:
        source, destination = addresses[:108], addresses[108:]
        return Header("UNIX", source.rstrip(b"\0"), destination.rstrip(b"\0"), length)
    ports = addresses[-4:]
    size = (len(addresses) - 4) // 2
    return Header(
        "TCP",
        (_unmapped(addresses[:size]), ports[0] * 256 + ports[1]),
        (_unmapped(addresses[size:-4]), ports[2] * 256 + ports[3]),
        length,
    )


def _check_tlvs(tlvs: bytes) -> None:
    """See that each TLV ends within the header; their values are not judged here."""
    while tlvs:
        if len(tlvs) < 3 or len(tlvs) < 3 + tlvs[1] * 256 + tlvs[2]:
            raise NoHeader
        tlvs = tlvs[3 + tlvs[1] * 256 + tlvs[2] :]
