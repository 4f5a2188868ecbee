"""The header of a proxy in front of a session: where it ends, and what it says."""

from __future__ import annotations

import ipaddress
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from smtpsession.errors import ProxyHeaderError
from smtpsession.testing.strategies import (
    chunkings,
    proxy_headers_v1,
    proxy_headers_v2,
)
from smtpsession.wire.proxy_header import ProxyHeader
from tests.framing.hostile_octets import one_of, scenes
from tests.framing.naive_proxy import SIGNATURE, Header, NoHeader, read_header
from tests.framing.naive_reader import NaiveReader, Plan
from tests.framing.parser_player import ParserPlayer
from tests.wire.proxy_octets import NO_HEADERS, read

_PARTS = (
    *(b"PROXY ", b"TCP4", b"TCP6", b"UNKNOWN", b" ", b" ", b" ", b"\r\n", b"\r", b"\n"),
    *(b"192.0.2.1", b"1.2.3.4", b"::1", b"2001:DB8::1", b"::ffff:192.0.2.1", b"1.2.3"),
    *(b"01.2.3.4", b"1:2:3:4:5:6:7::", b"::2:3:4:5:6:7:8", b"1::2:3:4:5:6:7:8", b"::"),
    *(b"25", b"0", b"65535", b"65536", b"025", b"-1", b"+1", b"", b"x" * 90, b"\0"),
)
_ADDRESSES = [part for part in _PARTS if b":" in part or part.count(b".") > 1]
lines = st.lists(st.sampled_from(_PARTS), max_size=12).map(
    lambda parts: b"PROXY " + b"".join(parts)
)
fitting_lines = st.tuples(
    st.sampled_from([b"TCP4", b"TCP6"]),
    *[st.sampled_from(_ADDRESSES)] * 2,
    *[st.sampled_from([b"25", b"0", b"65535", b"65536", b"025", b"-1", b""])] * 2,
).map(lambda words: b"PROXY " + b" ".join(words) + b"\r\n")


@st.composite
def blocks(draw: st.DrawFn) -> bytes:
    """A header of version 2 whose parts need not fit one another."""
    command = draw(st.sampled_from([0x21, 0x21, 0x21, 0x20, 0x22, 0x11]))
    kind = draw(st.sampled_from([0x11, 0x21, 0x31, 0x00, 0x12, 0x32, 0x41, 0x13]))
    usual = {0x11: 12, 0x21: 36, 0x31: 216}.get(kind, 0)
    size = draw(st.sampled_from([usual, usual, usual + 3, usual + 7, 11, 35, 0, 4080]))
    size = draw(st.sampled_from([size, size, size, 4081, 65_535]))
    rest = draw(st.binary(min_size=min(size, 60), max_size=min(size, 60)))
    return (
        SIGNATURE + bytes([command, kind]) + size.to_bytes(2) + rest.ljust(size, b"\0")
    )


BEHIND = (b"", b"EHLO c\r\n", b"\r\n", b"\n", b"\r", b"PROXY UNKNOWN\r\n", SIGNATURE)
headers = one_of(
    *(proxy_headers_v1(), proxy_headers_v2(), proxy_headers_v1(valid=False)),
    *(lines, fitting_lines, blocks(), st.binary(max_size=20).map(SIGNATURE.__add__)),
)


def told(header: ProxyHeader) -> Header:
    """Give what a header says in the naive reader's words."""
    if header.is_local:
        return Header("LOCAL")
    if header.is_unknown:
        return Header("UNKNOWN")
    if not header.source_address:
        return Header("UNIX", header.source_path, header.destination_path)
    source, destination = (
        ipaddress.ip_address(address).packed
        for address in (header.source_address, header.destination_address)
    )
    return Header(
        "TCP",
        (source, header.source_port),
        (destination, header.destination_port),
    )


def outcome(pieces: list[bytes]) -> tuple[Header | None, bytes] | str:
    try:
        header, behind = read(pieces)
    except ProxyHeaderError as error:
        # What a TLV holds is not the naive reader's business.
        text = str(error)
        return "TLV" if re.search("TLV (?!goes)|checksum|unique", text) else "no header"
    return (told(header) if header else None), behind


def naive_outcome(octets: bytes) -> tuple[Header | None, bytes] | str:
    try:
        header = read_header(octets)
    except NoHeader:
        return "no header"
    if header is None:
        return None, b""
    return header, octets[header.octets :]


@settings(max_examples=max(400, settings().max_examples))
@given(octets=headers, behind=st.sampled_from(BEHIND), data=st.data())
@example(SIGNATURE + b"\x20\x00\x0f\xf0" + bytes(4080), b"EHLO c\r\n", None)
@example(SIGNATURE + b"\x20\x00\x0f\xf1" + bytes(4081), b"EHLO c\r\n", None)
@example(b"PROXY TCP6 ::ffff:1.2.3.4 ::1 1 2\r\n", b"", None)
def test_any_header_is_what_the_naive_reader_says(
    octets: bytes, behind: bytes, data: st.DataObject | None
) -> None:
    octets += behind
    expected = naive_outcome(octets)
    pieces = [octets[i : i + 1] for i in range(len(octets))]
    some = [octets] if data is None else data.draw(chunkings(octets))
    for way in ([octets], pieces, some):
        got = outcome(way)
        assert got in (expected, "TLV")
        if got == "TLV":
            assert outcome([octets]) == "TLV"
            assert not isinstance(expected, str)


@pytest.mark.parametrize("name", NO_HEADERS)
def test_what_is_no_header_is_none_for_both(name: str) -> None:
    octets = NO_HEADERS[name]
    if name == "wrong checksum":
        assert outcome([octets]) == "TLV"
    else:
        assert outcome([octets]) == naive_outcome(octets) == "no header"


@given(
    octets=one_of(proxy_headers_v1(), proxy_headers_v2()),
    behind=scenes,
    data=st.data(),
)
def test_a_session_begins_behind_the_header_however_both_are_cut(
    octets: bytes, behind: bytes, data: st.DataObject
) -> None:
    """What a proxy puts in front changes nothing of what its client has said."""
    pieces = data.draw(chunkings(octets + behind))
    header, rest = read(pieces)
    assert header is not None
    expected = NaiveReader(behind, Plan()).read()
    assert ParserPlayer(Plan()).read(data.draw(chunkings(rest))) == expected
