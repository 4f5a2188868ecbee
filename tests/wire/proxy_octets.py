"""Writes PROXY protocol headers, as a proxy does, and holds the known octets."""

from __future__ import annotations

import ipaddress
import itertools

from smtpsession.wire.proxy_header import ProxyHeader
from smtpsession.wire.proxy_header_reader import ProxyHeaderReader

SIGNATURE = bytes.fromhex("0d0a0d0a000d0a515549540a")
LINE = b"PROXY TCP4 192.0.2.1 198.51.100.2 56324 25\r\n"
BLOCK = bytes.fromhex("0d0a0d0a000d0a515549540a2111000cc0000201c6336402dc040019")
#: The same with a checksum.
CHECKED = bytes.fromhex(
    "0d0a0d0a000d0a515549540a21110013c0000201c6336402dc0400190300047fab4ab2"
)
LOCAL = bytes.fromhex("0d0a0d0a000d0a515549540a20000000")

#: What is no header, and why it is a good thing to try.
NO_HEADERS = {
    "LF only": LINE[:-2] + b"\n",
    "CR only": LINE[:-1] + b"x",
    "two spaces": LINE.replace(b" 198", b"  198"),
    "space at the end": LINE.replace(b"\r", b" \r"),
    "tab": LINE.replace(b" 198", b"\t198"),
    "wrong family": b"PROXY TCP4 ::1 ::1 56324 25\r\n",
    "wrong family of one": b"PROXY TCP6 ::1 192.0.2.1 56324 25\r\n",
    "zero in front": LINE.replace(b"192.0.2.1", b"01.2.3.4"),
    "three numbers": LINE.replace(b"192.0.2.1", b"192.0.2"),
    "256": LINE.replace(b"192", b"256"),
    "port 65536": LINE.replace(b"56324", b"65536"),
    "port 025": LINE.replace(b" 25", b" 025"),
    "negative port": LINE.replace(b" 25", b" -25"),
    "no port": LINE.replace(b" 25", b""),
    "one field too many": LINE.replace(b" 25", b" 25 25"),
    "digits beyond ASCII": LINE.replace(b" 25", " \u0662\u0665".encode()),
    "zone": b"PROXY TCP6 fe80::1%eth0 ::1 56324 25\r\n",
    "two gaps": b"PROXY TCP6 1::2::3 ::1 56324 25\r\n",
    "too few groups": b"PROXY TCP6 1:2:3 ::1 56324 25\r\n",
    "108 octets": b"PROXY UNKNOWN " + b"x" * 92 + b"\r\n",
    "109 octets": b"PROXY UNKNOWN " + b"x" * 93 + b"\r\n",
    "endless": b"PROXY UNKNOWN " + b"x" * 1000,
    "LF in UNKNOWN": b"PROXY UNKNOWN x\ny\r\n",
    "CR in UNKNOWN": b"PROXY UNKNOWN x\ry\r\n",
    "no space behind UNKNOWN": b"PROXY UNKNOWNX\r\n",
    "UDP": LINE.replace(b"TCP4", b"UDP4"),
    "lower case": LINE.replace(b"PROXY", b"proxy"),
    "PROXY alone": b"PROXY\r\n",
    "no family": b"PROXY \r\n",
    "EHLO": b"EHLO x\r\n",
    "a space in front": b" " + LINE,
    "TLS": bytes.fromhex("1603010200010001fc0303"),
    "HTTP": b"GET / HTTP/1.1\r\n",
    "version 3": SIGNATURE + bytes.fromhex("31110000"),
    "command 2": SIGNATURE + bytes.fromhex("22110000"),
    "LOCAL of version 3": SIGNATURE + bytes.fromhex("30000000"),
    "family 4": SIGNATURE + bytes.fromhex("21410000"),
    "transport 3": SIGNATURE + bytes.fromhex("21130000"),
    "IPv4 of 11 octets": SIGNATURE + bytes.fromhex("2111000b") + bytes(11),
    "IPv6 of 35 octets": SIGNATURE + bytes.fromhex("21210023") + bytes(35),
    "Unix of 215 octets": SIGNATURE + bytes.fromhex("213100d7") + bytes(215),
    "length over the limit": SIGNATURE + bytes.fromhex("21110ff1") + bytes(4081),
    "LOCAL over the limit": SIGNATURE + bytes.fromhex("2000ffff"),
    "signature with a wrong end": SIGNATURE[:-1] + b"\r" + BLOCK[12:],
    "wrong checksum": CHECKED[:-1] + b"\xb3",
    "TLV past the end": BLOCK[:14] + b"\x00\x13" + BLOCK[16:] + b"\xe0\x00\x05abcd",
    "TLV without length": BLOCK[:14] + b"\x00\x0e" + BLOCK[16:] + b"\xe0\x00",
}


def tlv(kind: int, value: bytes) -> bytes:
    return bytes([kind]) + len(value).to_bytes(2) + value


def block(
    kind: int,
    addresses: bytes,
    *tlvs: bytes,
    command: int = 0x21,
    checksum: bool = False,
) -> bytes:
    """Write a header of version 2; the checksum comes behind the other TLVs."""
    rest = addresses + b"".join(tlvs) + (tlv(3, bytes(4)) if checksum else b"")
    written = SIGNATURE + bytes([command, kind]) + len(rest).to_bytes(2) + rest
    return written[:-4] + bitwise_crc32c(written).to_bytes(4) if checksum else written


def tcp(
    source: str, source_port: int, destination: str, destination_port: int
) -> bytes:
    addresses = (ipaddress.ip_address(text).packed for text in (source, destination))
    return b"".join([*addresses, source_port.to_bytes(2), destination_port.to_bytes(2)])


def tcp4(*tlvs: bytes, checksum: bool = False) -> bytes:
    addresses = tcp("192.0.2.1", 56324, "198.51.100.2", 25)
    return block(0x11, addresses, *tlvs, checksum=checksum)


def bitwise_crc32c(data: bytes) -> int:
    """Do without a table what RFC 4960 appendix B says, bit by bit."""
    remainder = 0xFFFFFFFF
    for octet in data:
        for place in range(8):
            bit = octet >> place & 1
            top = remainder >> 31 & 1
            remainder = (remainder << 1) & 0xFFFFFFFF
            if bit ^ top:
                remainder ^= 0x1EDC6F41
    reflected = int(f"{remainder:032b}"[::-1], 2)
    return reflected ^ 0xFFFFFFFF


def cut(octets: bytes, places: list[int]) -> list[bytes]:
    bounds = [0, *sorted(place % (len(octets) + 1) for place in places), len(octets)]
    return [octets[a:b] for a, b in itertools.pairwise(bounds)]


def read(pieces: list[bytes]) -> tuple[ProxyHeader | None, bytes]:
    """Read pieces as they come from a stream; give the header and what is behind it.

    Raises:
        ProxyHeaderError: the pieces begin with none.
    """
    reader = ProxyHeaderReader()
    waiting = list(pieces)
    while waiting:
        taken, rest = waiting[0][: reader.wanted], waiting[0][reader.wanted :]
        waiting[:1] = [rest] if rest else []
        if not taken:
            continue
        header = reader.feed(taken)
        if header is not None:
            assert reader.wanted == 0
            return header, b"".join(waiting)
        assert reader.wanted > 0
    return None, b""
