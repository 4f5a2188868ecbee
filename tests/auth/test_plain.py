"""PLAIN (RFC 4616)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.auth.mechanism import Challenge, Claim, ExchangeFacts
from smtpsession.auth.plain import Plain
from smtpsession.auth.scram_keys import SCRAMKeys
from smtpsession.errors import AuthenticationFailedError
from smtpsession.wire.strict_base64 import decode_base64

LONGEST = b"x" * 255


# RFC 4616 4 among others.
@pytest.mark.parametrize(
    ("response", "claim"),
    [
        (
            b"\0tim\0tanstaaftanstaaf",
            Claim(username="tim", password="tanstaaftanstaaf"),
        ),
        (
            b"Ursel\0Kurt\0xipj3plmq",
            Claim(username="Kurt", authorization_id="Ursel", password="xipj3plmq"),
        ),
        (decode_base64(b"AHVzZXIAcGFzcw=="), Claim(username="user", password="pass")),
        (
            decode_base64(b"YWRtaW4AdXNlcgBwYXNz"),
            Claim(username="user", authorization_id="admin", password="pass"),
        ),
        (
            "\0I\u00adX\0I\u00adX".encode(),
            Claim(username="IX", password="I\u00adX"),
        ),
        (
            b"\0".join([LONGEST] * 3),
            Claim(username="x" * 255, authorization_id="x" * 255, password="x" * 255),
        ),
    ],
)
def test_claim(facts: ExchangeFacts, response: bytes, claim: Claim) -> None:
    assert Plain(facts).step(response) == claim


@pytest.mark.parametrize(
    "response",
    [
        b"",
        b"user",
        decode_base64(b"AAA="),
        decode_base64(b"dXNlcgBwYXNz"),
        decode_base64(b"AHVzZXIAcGEAc3M="),
        decode_base64(b"AP8AcGFzcw=="),
        b"\0user\0",
        b"\0\0pass",
        b"\0user\0\xff",
        b"\xff\0user\0pass",
        b"u\r\nX\0user\0pass",
        b"\0us\ner\0pass",
        b"\0user\0pass\0",
        bytes(9_000),
    ],
)
def test_malformed_response_fails(facts: ExchangeFacts, response: bytes) -> None:
    with pytest.raises(AuthenticationFailedError):
        Plain(facts).step(response)


def test_without_initial_response_it_is_asked_for(facts: ExchangeFacts) -> None:
    plain = Plain(facts)
    assert plain.step(None) == Challenge(b"")
    assert isinstance(plain.step(b"\0user\0pass"), Claim)


def test_password_is_verified(facts: ExchangeFacts) -> None:
    plain = Plain(facts)
    plain.step(b"\0user\0pass")
    keys = SCRAMKeys.derive("pass", salt=b"salt")
    for secret in ("pass", keys):
        assert plain.verify(secret, iterations=4096)
    for wrong in ("other", "", None, SCRAMKeys.derive("other", salt=b"salt")):
        assert not plain.verify(wrong, iterations=4096)
    assert plain.finish(accepted=True) is None
    assert plain.finish(accepted=False) is None


def test_nothing_is_verified_before_the_claim(facts: ExchangeFacts) -> None:
    assert not Plain(facts).verify("", iterations=1)


@given(st.lists(st.text("abc=, \u00e9", min_size=1), min_size=3, max_size=3))
def test_three_parts_are_told_apart(facts: ExchangeFacts, parts: list[str]) -> None:
    authorization_id, username, password = parts
    claim = Plain(facts).step("\0".join(parts).encode())
    assert claim == Claim(
        username=username, authorization_id=authorization_id, password=password
    )
