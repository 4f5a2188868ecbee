"""Base64: one spelling for each value, and nothing else (RFC 4648)."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smtpsession.wire.strict_base64 import decode_base64, encode_base64


# RFC 4648 10.
@pytest.mark.parametrize(
    ("octets", "encoded"),
    [
        (b"", b""),
        (b"f", b"Zg=="),
        (b"fo", b"Zm8="),
        (b"foo", b"Zm9v"),
        (b"foob", b"Zm9vYg=="),
        (b"fooba", b"Zm9vYmE="),
        (b"foobar", b"Zm9vYmFy"),
        (b"\xfb\xff\xbf", b"+/+/"),
        (b"\0user\0pass", b"AHVzZXIAcGFzcw=="),
    ],
)
def test_vectors_both_ways(octets: bytes, encoded: bytes) -> None:
    assert encode_base64(octets) == encoded
    assert decode_base64(encoded) == octets


@pytest.mark.parametrize(
    "encoded",
    [
        b"!!!",
        b"=",
        b"==",
        b"====",
        b"=AAA",
        b"AAA=BBB",
        b"AAA=BBBB",
        b"AA==AA==",
        b"A",
        b"AA",
        b"AAA",
        b"AA=",
        b"AAA==",
        b"AAAA=",
        b"AAAA====",
        b"-_-_",
        b"AHVz ZXI=",
        b" AAAA",
        b"AAAA ",
        b"AAAA\n",
        b"AAAA\r\n",
        b"AAAA\0",
        b"AA\xc3\xa9",
        b"AB==",
        b"AAB=",
        b"*",
    ],
)
def test_any_other_spelling_is_refused(encoded: bytes) -> None:
    with pytest.raises(ValueError):
        decode_base64(encoded)


def test_the_error_says_what_is_wrong() -> None:
    with pytest.raises(ValueError) as caught:
        decode_base64(b"AB==")
    told = "base64 must be spelled in the one way that encoding gives"
    assert str(caught.value) == told


def test_error_holds_nothing_of_the_input() -> None:
    with pytest.raises(ValueError) as caught:
        decode_base64(b"c2VjcmV0!")
    assert "c2Vj" not in repr(caught.value)
    assert "secret" not in repr(caught.value)


@given(st.binary())
def test_round_trip(octets: bytes) -> None:
    encoded = encode_base64(octets)
    assert b"\n" not in encoded
    assert decode_base64(encoded) == octets


@given(st.binary() | st.text("AQgw+/= \n").map(str.encode))
@example(b"AB==")
def test_what_decodes_was_spelled_the_only_way(encoded: bytes) -> None:
    try:
        octets = decode_base64(encoded)
    except ValueError:
        return
    assert encode_base64(octets) == encoded
