"""What a client says in SCRAM, and how it must say it (RFC 5802 7)."""

import contextlib
from base64 import b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.auth.scram_messages import parse_client_final, parse_client_first
from smtpsession.errors import AuthenticationFailedError

FINAL = b"c=biws,r=abc123,p=dGVzdA=="


@pytest.mark.parametrize(
    ("octets", "username", "nonce"),
    [
        (
            b64decode("biwsbj11c2VyLHI9ck9wck5HZndFYmVSV2diTkVrcU8="),
            "user",
            b"rOprNGfwEbeRWgbNEkqO",
        ),
        (b"n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL", "user", b"fyko+d2lbbFgONRv9qkxdawL"),
        (b"n,,n=a=2Cb=3Dc,r=!~", "a,b=c", b"!~"),
        (b"n,,n= =3D2C ,r=a=b", " =2C ", b"a=b"),
        ("n,,n=I\u00adX,r=a".encode(), "IX", b"a"),
        (b"n,,n=user,r=abc,x=1,X=a=b", "user", b"abc"),
    ],
)
def test_client_first(octets: bytes, username: str, nonce: bytes) -> None:
    client_first = parse_client_first(octets)
    assert client_first.username == username
    assert client_first.nonce == nonce
    assert client_first.header.octets + client_first.bare == octets


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"n,,",
        b"n=user,r=abc",
        b"n,,n=user",
        b"n,,n=,r=abc",
        b"n,,n=user,r=",
        b"n,,r=abc,n=user",
        b"n,,n=user,r=abc,",
        b"n,,n=user,r=abc,x",
        b"n,,n=user,r=abc,x=",
        b"n,,n=user,r=abc,1=2",
        b"n,,n=user,r=abc,xx=2",
        b"n,,n=user,r=a b",
        b"n,,n=user,r=a\x7f",
        "n,,n=user,r=\u00e9".encode(),
        b"n,,n=user,r=abc\n",
        b"n,,n=us\ner,r=abc",
        b"n,,n=us\0er,r=abc",
        b"n,,n=\xff,r=abc",
        b"n,,n=user,r=abc,x=\xff",
        b"n,,n=user,r=abc,x=\0",
        b"n,,n=us=er,r=abc",
        b"n,,n=us=2cer,r=abc",
        b"n,,n=us=2,r=abc",
        b"n,,m=ext,n=user,r=abc",
        b"n,,n=user,m=ext,r=abc",
        *(b"n,,n=user,r=abc,%c=1" % letter for letter in b"anmrcsipve"),
        b"n,,n=user,r=abc,x=1,m=ext",
    ],
)
def test_malformed_client_first_fails(octets: bytes) -> None:
    with pytest.raises(AuthenticationFailedError):
        parse_client_first(octets)


@pytest.mark.parametrize(
    ("octets", "without_proof"),
    [
        (FINAL, b"c=biws,r=abc123"),
        (b"c=biws,r=abc123,x=1,Y=2,p=dGVzdA==", b"c=biws,r=abc123,x=1,Y=2"),
    ],
)
def test_client_final(octets: bytes, without_proof: bytes) -> None:
    client_final = parse_client_final(octets)
    assert client_final.without_proof == without_proof
    assert client_final.channel_binding == b"biws"
    assert client_final.nonce == b"abc123"
    assert client_final.proof == b"test"


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"c=biws,r=abc123",
        b"r=abc123,c=biws,p=dGVzdA==",
        b"c=biws,p=dGVzdA==,r=abc123",
        b"c=,r=abc123,p=dGVzdA==",
        b"c=biws,r=,p=dGVzdA==",
        b"c=biws,r=abc123,p=",
        b"c=bi s,r=abc123,p=dGVzdA==",
        b"c=biws,r=abc123,p=dGVzdA",
        b"c=biws,r=abc123,p=dGVzdB==",
        b"c=biws,r=abc123,p=dGVz dA==",
        b"c=biws,r=abc123,p=dGVzdA==\n",
        b"c=biws,r=abc123,p=dGVzdA==,x=1",
        b"c=biws,r=abc123,p=dGVzdA==,p=dGVzdA==",
        b"c=biws,r=abc123,m=ext,p=dGVzdA==",
        b"c=biws,r=abc123,r=abc123,p=dGVzdA==",
        b"c=biws,r=abc123,x=\xff,p=dGVzdA==",
        b"C=biws,r=abc123,p=dGVzdA==",
        b"n=user," + FINAL,
    ],
)
def test_malformed_client_final_fails(octets: bytes) -> None:
    with pytest.raises(AuthenticationFailedError):
        parse_client_final(octets)


def test_repr_holds_no_proof() -> None:
    text = repr(parse_client_final(FINAL))
    assert "dGVzdA" not in text
    assert "b'test'" not in text


@given(st.binary() | st.text("acnmprxy=,2CD").map(str.encode))
def test_any_octets_parse_or_fail(octets: bytes) -> None:
    for prefix in (b"", b"n,,n=", b"n,,n=user,r="):
        with contextlib.suppress(AuthenticationFailedError):
            parse_client_first(prefix + octets)
    for prefix in (b"", b"c=biws,r=", b"c=biws,r=abc"):
        with contextlib.suppress(AuthenticationFailedError):
            parse_client_final(prefix + octets)
