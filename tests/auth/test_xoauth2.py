"""XOAUTH2."""

import json

import pytest

from smtpsession.auth.mechanism import Challenge, Claim, ExchangeFacts
from smtpsession.auth.xoauth2 import XOAuth2
from smtpsession.errors import AuthenticationFailedError
from smtpsession.wire.strict_base64 import decode_base64

VECTOR = b"dXNlcj11c2VyQGV4YW1wbGUuY29tAWF1dGg9QmVhcmVyIHRvawEB"


@pytest.mark.parametrize(
    ("response", "username", "token"),
    [
        (decode_base64(VECTOR), "user@example.com", "tok"),
        (
            b"user=someuser@example.com\x01"
            b"auth=Bearer ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg\x01\x01",
            "someuser@example.com",
            "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg",
        ),
        ("user=ü\x01auth=bearer t\x01\x01".encode(), "ü", "t"),
    ],
)
def test_claim(
    facts: ExchangeFacts, response: bytes, username: str, token: str
) -> None:
    claim = Claim(username=username, access_token=token)
    assert XOAuth2(facts).step(response) == claim


@pytest.mark.parametrize(
    "response",
    [
        b"",
        b"\x01",
        b"user=u\x01auth=Bearer t\x01",
        b"user=u\x01auth=Bearer t\x01\x01\x01",
        b"user=u\x01auth=Bearer t\x01\x01\n",
        b"user=\x01auth=Bearer t\x01\x01",
        b"user=u\x01auth=\x01\x01",
        b"user=u\x01auth=Basic t\x01\x01",
        b"auth=Bearer t\x01user=u\x01\x01",
        b"user=u\x01x=y\x01auth=Bearer t\x01\x01",
        b"user=\xff\x01auth=Bearer t\x01\x01",
        b"user=u\r\nX\x01auth=Bearer t\x01\x01",
        b"user=u\0\x01auth=Bearer t\x01\x01",
        b"n,a=u,\x01auth=Bearer t\x01\x01",
    ],
)
def test_malformed_response_fails(facts: ExchangeFacts, response: bytes) -> None:
    with pytest.raises(AuthenticationFailedError):
        XOAuth2(facts).step(response)


def test_refusal_is_told_as_json(facts: ExchangeFacts) -> None:
    refusal = XOAuth2(facts).finish(accepted=False)
    assert isinstance(refusal, Challenge)
    assert json.loads(refusal.data) == {"status": "401", "schemes": "bearer"}
    assert XOAuth2(facts).finish(accepted=True) is None
