"""Headers of the PROXY protocol, by the sections of its specification."""

import contextlib
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.errors import ProxyHeaderError
from smtpsession.wire.proxy_header import ProxyHeader, v2_octets
from smtpsession.wire.proxy_tlvs import ProxyTLVs
from tests.wire.proxy_octets import (
    BLOCK,
    CHECKED,
    LINE,
    LOCAL,
    NO_HEADERS,
    SIGNATURE,
    block,
    cut,
    read,
    tcp,
    tcp4,
    tlv,
)

CLIENT: dict[str, Any] = {
    "source_address": "192.0.2.1",
    "source_port": 56324,
    "destination_address": "198.51.100.2",
    "destination_port": 25,
}


def header_of(octets: bytes) -> ProxyHeader:
    header, rest = read([octets])
    assert header is not None
    assert rest == b""
    return header


def test_version_1() -> None:
    assert header_of(LINE) == ProxyHeader(version=1, **CLIENT)
    assert header_of(LINE).names_client


@pytest.mark.parametrize("octets", [BLOCK, CHECKED])
def test_version_2(octets: bytes) -> None:
    assert header_of(octets) == ProxyHeader(version=2, **CLIENT)
    assert header_of(octets).names_client


@pytest.mark.parametrize("address", ["0.0.0.0", "1.2.3.4", "255.255.255.255"])
def test_ipv4_in_version_1(address: str) -> None:
    header = header_of(b"PROXY TCP4 %b 192.0.2.1 1 25\r\n" % address.encode())
    assert (header.source_address, header.source_port) == (address, 1)


def test_what_a_header_does_not_say() -> None:
    header = ProxyHeader(version=2)
    assert (header.source_address, header.destination_address) == ("", "")
    assert (header.source_port, header.destination_port) == (0, 0)
    assert (header.source_path, header.destination_path) == (b"", b"")


@pytest.mark.parametrize(
    ("said", "address"),
    [
        (b"::1", "::1"),
        (b"::", "::"),
        (b"2001:0DB8:0000:0000:0000:0000:0000:0001", "2001:db8::1"),
        (b"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
        (b"::ffff:192.0.2.1", "192.0.2.1"),
        (b"::ffff:c000:201", "192.0.2.1"),
        (b"::ffff:1.2.3.254", "1.2.3.254"),
        (b"::192.0.2.1", "::c000:201"),
    ],
)
def test_ipv6_in_version_1(said: bytes, address: str) -> None:
    header = header_of(b"PROXY TCP6 %b 2001:db8::2 65535 0\r\n" % said)
    assert (header.source_address, header.source_port) == (address, 65535)
    assert (header.destination_address, header.destination_port) == ("2001:db8::2", 0)


@pytest.mark.parametrize(
    ("source", "address"),
    [
        ("2001:db8::1", "2001:db8::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::", "::"),
    ],
)
def test_ipv6_in_version_2(source: str, address: str) -> None:
    header = header_of(block(0x21, tcp(source, 65535, "::1", 0)))
    assert (header.source_address, header.source_port) == (address, 65535)
    assert (header.destination_address, header.destination_port) == ("::1", 0)


@pytest.mark.parametrize(
    "line", [b"", b" ", b" ::1 ::1 25 25", b" what\x00ever\xff", b" " + b"x" * 91]
)
def test_unknown_in_version_1_ignores_the_rest(line: bytes) -> None:
    header = header_of(b"PROXY UNKNOWN" + line + b"\r\n")
    assert header == ProxyHeader(version=1, is_unknown=True)
    assert not header.names_client


@pytest.mark.parametrize("kind", [0x00, 0x01, 0x02, 0x10, 0x12, 0x20, 0x22, 0x30, 0x32])
@pytest.mark.parametrize("rest", [b"", bytes(12), b"\xff" * 300])
def test_unspecified_and_datagrams_in_version_2_are_unknown(
    kind: int, rest: bytes
) -> None:
    header = header_of(block(kind, rest))
    assert header == ProxyHeader(version=2, is_unknown=True)
    assert not header.names_client


@pytest.mark.parametrize("kind", [0x00, 0x11, 0x31, 0xFF])
@pytest.mark.parametrize("rest", [b"", b"x", bytes(12), b"\xff" * 300])
def test_local_discards_the_rest(kind: int, rest: bytes) -> None:
    header = header_of(block(kind, rest, command=0x20))
    assert header == ProxyHeader(version=2, is_local=True)
    assert not header.names_client


def test_a_client_of_a_unix_socket_has_paths_and_no_address() -> None:
    paths = b"/run/client".ljust(108, b"\0") + b"\0abstract".ljust(108, b"\0")
    assert header_of(block(0x31, paths)) == ProxyHeader(
        version=2, source_path=b"/run/client", destination_path=b"\0abstract"
    )
    longest = b"a" * 108 + b"b" * 108
    header = header_of(block(0x31, longest, tlv(0x30, b"blue")))
    assert (header.source_path, header.destination_path) == (b"a" * 108, b"b" * 108)
    assert header.tlvs.netns == "blue"
    assert header.names_client
    assert header_of(block(0x31, bytes(216))).source_path == b""
    paths = b"/run/X".ljust(108, b"\0") * 2
    header = header_of(block(0x31, paths))
    assert header.source_path == header.destination_path == b"/run/X"


def test_facts_behind_the_addresses() -> None:
    header = header_of(tcp4(tlv(0x02, b"mx.example.org"), checksum=True))
    assert header.tlvs == ProxyTLVs(authority="mx.example.org")


def test_the_longest_header() -> None:
    padding = tlv(0x04, bytes(4096 - 28 - 3))
    octets = tcp4(padding)
    assert len(octets) == 4096
    assert header_of(octets) == ProxyHeader(version=2, **CLIENT)


@pytest.mark.parametrize("octets", NO_HEADERS.values(), ids=list(NO_HEADERS))
def test_what_is_no_header(octets: bytes) -> None:
    with pytest.raises(ProxyHeaderError) as caught:
        read([octets])
    assert str(caught.value).isascii()
    assert "192" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("two spaces", "malformed line"),
        ("256", "malformed address"),
        ("port 65536", "a port is at most 65535, got 65536"),
        ("command 2", "unknown version and command 0x22"),
        ("family 4", "unknown family and transport 0x41"),
        ("IPv4 of 11 octets", "addresses of kind 0x11 have 12 octets, got 11"),
    ],
)
def test_the_error_says_what_is_wrong(name: str, said: str) -> None:
    with pytest.raises(ProxyHeaderError) as caught:
        read([NO_HEADERS[name]])
    assert str(caught.value) == said


@pytest.mark.parametrize("octet", [b"\r", b"\n"])
def test_a_line_holds_no_other_line(octet: bytes) -> None:
    with pytest.raises(ProxyHeaderError, match="malformed line"):
        ProxyHeader.parse_line(b"PROXY UNKNOWN x%by" % octet)


@pytest.mark.parametrize(
    ("head", "octets"),
    [
        (BLOCK[:16], 28),
        (LOCAL, 16),
        (SIGNATURE + bytes.fromhex("2000ffff"), 16 + 65535),
        (SIGNATURE + bytes.fromhex("213100d8"), 232),
    ],
)
def test_the_length_is_known_by_the_head(head: bytes, octets: int) -> None:
    assert v2_octets(head) == octets


def test_headers_do_not_change() -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        ProxyHeader(version=1).source_port = 25  # type: ignore[misc]


# Properties.

ports = st.integers(0, 65535)
places_to_cut = st.lists(st.integers(0, 5000), max_size=8)


def spelt(address: Any) -> str:
    return str(getattr(address, "ipv4_mapped", None) or address)


@st.composite
def headers(draw: st.DrawFn) -> tuple[bytes, ProxyHeader]:
    """Draw octets as a proxy writes them, and what they mean."""
    version, ip = draw(st.sampled_from([1, 2])), draw(st.sampled_from([4, 6]))
    addresses = st.ip_addresses(v=4) if ip == 4 else st.ip_addresses(v=6)
    source, destination = draw(addresses), draw(addresses)
    source_port, destination_port = draw(ports), draw(ports)
    meant = ProxyHeader(
        version=version,
        source_address=spelt(source),
        source_port=source_port,
        destination_address=spelt(destination),
        destination_port=destination_port,
    )
    if version == 1:
        line = f"PROXY TCP{ip} {source} {destination} {source_port} {destination_port}"
        return line.encode() + b"\r\n", meant
    fields = tcp(str(source), source_port, str(destination), destination_port)
    authority, checksum = draw(st.text(max_size=40)), draw(st.booleans())
    said = block(
        0x11 if ip == 4 else 0x21,
        fields,
        tlv(0x02, authority.encode()),
        checksum=checksum,
    )
    return said, attrs.evolve(meant, tlvs=ProxyTLVs(authority=authority))


@given(headers(), places_to_cut, st.binary(max_size=30))
def test_headers_come_back_whatever_the_cut_and_nothing_behind_is_touched(
    written: tuple[bytes, ProxyHeader], places: list[int], behind: bytes
) -> None:
    octets, meant = written
    assert read(cut(octets + behind, places)) == (meant, behind)


@given(headers(), st.integers(0), st.integers(1, 255))
def test_a_changed_octet_raises_nothing_else(
    written: tuple[bytes, ProxyHeader], place: int, change: int
) -> None:
    octets = bytearray(written[0])
    octets[place % len(octets)] ^= change
    with contextlib.suppress(ProxyHeaderError):
        read([bytes(octets)])


@given(st.binary(max_size=30), st.integers(0), st.integers(0, 7))
def test_a_checksum_notices_each_changed_bit(
    value: bytes, place: int, bit: int
) -> None:
    octets = bytearray(tcp4(tlv(0xE0, value), checksum=True))
    # Behind the head, whose own change makes another header of it, up to the checksum.
    index = 16 + place % (12 + len(tlv(0xE0, value)))
    octets[index] ^= 1 << bit
    with pytest.raises(ProxyHeaderError):
        read([bytes(octets)])
