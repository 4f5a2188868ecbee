"""Base64, read strictly: one text for each octets, and no other."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.wire.strict_base64 import decode_base64, encode_base64

# RFC 4648 10.
VECTORS = [
    (b"", b""),
    (b"f", b"Zg=="),
    (b"fo", b"Zm8="),
    (b"foo", b"Zm9v"),
    (b"foob", b"Zm9vYg=="),
    (b"fooba", b"Zm9vYmE="),
    (b"foobar", b"Zm9vYmFy"),
    (b"\0user\0pass", b"AHVzZXIAcGFzcw=="),
    (b"\xfb\xff", b"+/8="),
]


@pytest.mark.parametrize(("octets", "text"), VECTORS)
def test_vectors(octets: bytes, text: bytes) -> None:
    assert encode_base64(octets) == text
    assert decode_base64(text) == octets


@pytest.mark.parametrize(
    "text",
    [
        b"!!!",
        b"=",
        b"====",
        b"=AAA",
        b"AAA=BBB",
        b"AA==AA==",
        b"AAA",
        b"A",
        b"AA=",
        b"AA",
        b"AA===",
        b"AAAA=",
        b"-_-_",
        b"AHVz ZXI=",
        b" AHVzZXI=",
        b"AHVzZXI= ",
        b"AHVz\r\nZXI=",
        b"AHVzZXI=\n",
        b"AHVz\0ZXI=",
        b"\xc3\xa9AA=",
        # Bits that stand for nothing are set (RFC 4648 3.5).
        b"AB==",
        b"AAB=",
        b"Zm9vYmF=",
    ],
)
def test_what_is_no_base64(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"[Bb]ase64|[Pp]adding|data|characters"):
        decode_base64(text)


@given(st.binary(max_size=200))
def test_what_is_encoded_is_decoded(octets: bytes) -> None:
    text = encode_base64(octets)
    assert decode_base64(text) == octets
    assert b"\n" not in text


def test_a_long_text_is_one_line() -> None:
    assert len(encode_base64(b"x" * 9216)) == 12_288


@given(
    st.binary(max_size=40)
    | st.text("ABab01+/=- \r\n", max_size=12).map(str.encode)
    | st.binary(max_size=12).map(base64.b64encode)
)
def test_each_octets_have_one_text(text: bytes) -> None:
    try:
        octets = decode_base64(text)
    except ValueError:
        return
    assert encode_base64(octets) == text
