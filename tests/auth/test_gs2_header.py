"""The GS2 header and its names (RFC 5801)."""

import contextlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smtpsession.auth.gs2_header import GS2Header, decode_saslname, parse_gs2_header
from smtpsession.errors import AuthenticationFailedError


@pytest.mark.parametrize(
    ("octets", "binding_name", "is_server_thought_unable", "authorization_id"),
    [
        (b"n,,", None, False, ""),
        (b"y,,", None, True, ""),
        (b"p=tls-unique,,", "tls-unique", False, ""),
        (b"p=a.B-9,a=admin,", "a.B-9", False, "admin"),
        (b"n,a=Smith=2C John =3D2C,", None, False, "Smith, John =2C"),
        ("y,a=I\u00adX,".encode(), None, True, "IX"),
    ],
)
@pytest.mark.parametrize("rest", [b"", b"n=user,r=abc", b"\x01\x01", b"n,,\xff\n"])
def test_header(
    octets: bytes,
    binding_name: str | None,
    is_server_thought_unable: bool,
    authorization_id: str,
    rest: bytes,
) -> None:
    header = GS2Header(
        octets=octets,
        binding_name=binding_name,
        is_server_thought_unable=is_server_thought_unable,
        authorization_id=authorization_id,
    )
    assert parse_gs2_header(octets + rest) == (header, rest)


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b",,",
        b"n",
        b"n,",
        b"N,,",
        b"Y,,",
        b"F,n,,",
        b" n,,",
        b"p,,",
        b"p=,,",
        b"p=tls_unique,,",
        b"p=tls unique,,",
        b"n=,,",
        b"n,a=,",
        b"n,a=us=er,",
        b"n,a=us=2c,",
        b"n,a=us=3d,",
        b"n,a=us=,",
        b"n,admin,",
        b"n,A=admin,",
        b"n,a=a\0,",
        b"n,a=a\n,",
        b"n,a=\xff,",
        b"n,a=a",
    ],
)
def test_malformed_header_fails(octets: bytes) -> None:
    with pytest.raises(AuthenticationFailedError):
        parse_gs2_header(octets)


@given(st.text("ab,=23CD@ \u00e9", min_size=1))
@example("=2C")
@example(",=,=")
def test_name_survives_its_quoting(name: str) -> None:
    quoted = name.replace("=", "=3D").replace(",", "=2C").encode()
    assert decode_saslname(quoted) == name
    header, _ = parse_gs2_header(b"n,a=" + quoted + b",rest")
    assert header.authorization_id == name


@given(st.binary() | st.text("npya=,2C3D\u00e9").map(str.encode))
def test_any_octets_parse_or_fail(octets: bytes) -> None:
    with contextlib.suppress(AuthenticationFailedError):
        header, rest = parse_gs2_header(octets)
        assert header.octets + rest == octets
