"""TLVs: typed facts of a proxy, each of them somebody else's text."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.errors import ProxyHeaderError
from smtpsession.wire.crc32c import crc32c
from smtpsession.wire.proxy_tlvs import ProxySSL, ProxyTLVs
from tests.wire.proxy_octets import CHECKED, read, tcp4, tlv

SSL_HEAD = bytes.fromhex("0700000000")


def tlvs_of(header: bytes) -> ProxyTLVs:
    parsed, rest = read([header])
    assert parsed is not None
    assert rest == b""
    return parsed.tlvs


def test_a_header_without_any_says_nothing() -> None:
    assert tlvs_of(tcp4()) == ProxyTLVs()
    assert attrs_of(ProxyTLVs()) == [None, None, None, None, None, ()]


def attrs_of(tlvs: ProxyTLVs) -> list[Any]:
    return [
        *(tlvs.alpn, tlvs.authority, tlvs.unique_id, tlvs.ssl, tlvs.netns),
        tlvs.others,
    ]


def test_each_known_one_is_read() -> None:
    ssl = b"".join(
        [
            SSL_HEAD,
            tlv(0x21, b"TLSv1.3"),
            tlv(0x22, "J\u00fcrgen".encode()),
            tlv(0x23, b"TLS_AES_256_GCM_SHA384"),
            tlv(0x24, b"RSA-SHA256"),
            tlv(0x25, b"RSA2048"),
            tlv(0x26, b"secp256r1"),
        ]
    )
    header = tcp4(
        tlv(0x01, b"smtp"),
        tlv(0x02, b"mx.example.org"),
        tlv(0x04, b"padding"),
        tlv(0x05, b"\x00" * 128),
        tlv(0x20, ssl),
        tlv(0x30, b"blue"),
        tlv(0xE0, b"one"),
        tlv(0xE0, b""),
        checksum=True,
    )
    assert tlvs_of(header) == ProxyTLVs(
        alpn=b"smtp",
        authority="mx.example.org",
        unique_id=bytes(128),
        ssl=ProxySSL(
            client=7,
            verify=0,
            version="TLSv1.3",
            cn="J\u00fcrgen",
            cipher="TLS_AES_256_GCM_SHA384",
            sig_alg="RSA-SHA256",
            key_alg="RSA2048",
            others=((0x26, b"secp256r1"),),
        ),
        netns="blue",
        others=((0xE0, b"one"), (0xE0, b"")),
    )


def test_values_are_kept_as_they_are() -> None:
    hostile = "mx\r\n250 OK\x00\x1b[2J"
    assert tlvs_of(tcp4(tlv(0x02, hostile.encode()))).authority == hostile
    assert tlvs_of(tcp4(tlv(0x02, b""))).authority == ""


@pytest.mark.parametrize(
    ("client", "verify", "is_tls", "is_verified"),
    [
        (0, 0, False, False),
        (1, 0, True, False),
        (3, 0, True, True),
        (5, 0, True, True),
        (3, 1, True, False),
        (7, 0xFFFFFFFF, True, False),
        (2, 0, False, True),
    ],
)
def test_a_certificate_is_verified_only_if_there_is_one(
    client: int, verify: int, *, is_tls: bool, is_verified: bool
) -> None:
    ssl = tlvs_of(tcp4(tlv(0x20, bytes([client]) + verify.to_bytes(4)))).ssl
    assert ssl is not None
    assert (ssl.client, ssl.verify) == (client, verify)
    assert (ssl.is_tls, ssl.is_verified) == (is_tls, is_verified)


@pytest.mark.parametrize(
    ("tlvs", "said"),
    [
        ([tlv(0x02, b"\xff")], "a TLV that must be UTF-8 is not"),
        ([tlv(0x02, b"\xed\xa0\x80")], "a TLV that must be UTF-8 is not"),
        ([tlv(0x30, b"\xe9")], "a TLV that must be ASCII is not"),
        ([tlv(0x20, SSL_HEAD + tlv(0x21, b"\x80"))], "a TLV that must be ASCII is not"),
        ([tlv(0x20, SSL_HEAD + tlv(0x22, b"\x80"))], "a TLV that must be UTF-8 is not"),
        (
            [tlv(0x05, bytes(129))],
            "identifier has at most 128 octets, got 129",
        ),
        ([tlv(0x20, bytes(4))], "the SSL TLV has at least 5 octets"),
        (
            [tlv(0x20, SSL_HEAD + b"\x21")],
            "a TLV goes past the end of what holds it",
        ),
        ([tlv(0x20, SSL_HEAD + b"\x21\x00\x02x")], "past the end of what holds it"),
        ([tlv(0x20, SSL_HEAD) + b"x"], "past the end of what holds it"),
        ([tlv(0x20, SSL_HEAD + tlv(0x21, b"a") * 2)], "0x21 comes twice"),
        ([tlv(0x02, b"a"), tlv(0x02, b"a")], "0x02 comes twice"),
        ([tlv(0x03, bytes(3))], "checksum has 4 octets, got 3"),
        ([tlv(0x03, b"")], "checksum has 4 octets, got 0"),
        ([tlv(0x03, bytes(4))], "the checksum is wrong"),
    ],
)
def test_what_is_malformed_is_refused(tlvs: list[bytes], said: str) -> None:
    with pytest.raises(ProxyHeaderError, match=f"{said}$"):
        tlvs_of(tcp4(*tlvs))


def test_what_was_not_said_about_tls_is_none() -> None:
    ssl = ProxySSL(client=1, verify=0)
    facts = (ssl.version, ssl.cn, ssl.cipher, ssl.sig_alg, ssl.key_alg)
    assert facts == (None,) * 5
    assert ssl.others == ()


def test_two_right_checksums_are_one_too_many() -> None:
    """Each covers the other, so that hardly two are right at once; zeros may be."""
    octets = bytearray(
        tcp4(tlv(0x03, bytes(4)), tlv(0x05, bytes(8)), tlv(0x03, bytes(4)))
    )
    first, free, second = 31, 38, 49
    solve(octets, [first, second], free)
    with pytest.raises(ProxyHeaderError, match=r"^the header has two checksums$"):
        tlvs_of(bytes(octets))


def solve(octets: bytearray, places: list[int], free: int) -> None:
    """Choose 8 free octets so that checksums of zeros are right at all places.

    Both places hold zeros, so both checksums are that of the same octets; CRC32c is
    linear, and some value of the free octets makes it zero.
    """
    assert all(octets[place : place + 4] == bytes(4) for place in places)
    base = crc32c(bytes(octets))
    rows: list[tuple[int, int]] = []
    for bit in range(64):
        octets[free + bit // 8] ^= 1 << bit % 8
        rows.append((crc32c(bytes(octets)) ^ base, 1 << bit))
        octets[free + bit // 8] ^= 1 << bit % 8
    wanted, chosen = base, 0
    for place in range(32):
        pivot = next((row for row in rows if row[0] >> place & 1), None)
        if pivot is None:
            continue
        rows.remove(pivot)
        rows = [
            (v ^ pivot[0], m ^ pivot[1]) if v >> place & 1 else (v, m) for v, m in rows
        ]
        if wanted >> place & 1:
            wanted, chosen = wanted ^ pivot[0], chosen ^ pivot[1]
    assert wanted == 0
    for bit in range(64):
        octets[free + bit // 8] ^= (chosen >> bit & 1) << bit % 8


def test_every_other_value_of_a_checksum_is_wrong() -> None:
    assert tlvs_of(CHECKED) == ProxyTLVs()
    for place in range(len(CHECKED) - 4, len(CHECKED)):
        for bit in range(8):
            octets = bytearray(CHECKED)
            octets[place] ^= 1 << bit
            with pytest.raises(ProxyHeaderError, match="checksum is wrong"):
                tlvs_of(bytes(octets))


@given(st.lists(st.tuples(st.integers(0x40, 0xFF), st.binary(max_size=40)), max_size=9))
def test_others_come_back_as_they_were_sent(others: list[tuple[int, bytes]]) -> None:
    header = tcp4(*(tlv(kind, value) for kind, value in others), checksum=True)
    assert tlvs_of(header).others == tuple(others)


@given(octets=st.binary(max_size=200), inside=st.booleans())
def test_arbitrary_octets_raise_nothing_else(*, octets: bytes, inside: bool) -> None:
    with contextlib.suppress(ProxyHeaderError):
        tlvs_of(tcp4(tlv(0x20, SSL_HEAD + octets) if inside else octets))
