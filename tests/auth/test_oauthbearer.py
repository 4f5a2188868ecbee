"""OAUTHBEARER (RFC 7628)."""

import json

import pytest

from smtpsession.auth.mechanism import Challenge, Claim, ExchangeFacts
from smtpsession.auth.oauthbearer import OAuthBearer
from smtpsession.errors import AuthenticationFailedError
from smtpsession.wire.strict_base64 import decode_base64

RFC_TOKEN = "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=="
VECTOR = (
    b"bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9bXguZXhhbXBsZS5jb20BcG9ydD01ODcB"
    b"YXV0aD1CZWFyZXIgdG9rAQE="
)


@pytest.mark.parametrize(
    ("response", "username", "token"),
    [
        pytest.param(
            b"n,a=user@example.com,\x01host=server.example.com\x01port=143\x01"
            b"auth=Bearer " + RFC_TOKEN.encode() + b"\x01\x01",
            "user@example.com",
            RFC_TOKEN,
            id="RFC 7628 4.1",
        ),
        pytest.param(
            b"n,a=user@example.com,\x01host=server.example.com\x01port=587\x01"
            b"auth=Bearer " + RFC_TOKEN.encode() + b"\x01\x01",
            "user@example.com",
            RFC_TOKEN,
            id="RFC 7628 4.3",
        ),
        (decode_base64(VECTOR), "user@example.com", "tok"),
        (b"n,,\x01auth=Bearer t\x01\x01", "", "t"),
        (b"y,,\x01auth=Bearer t\x01\x01", "", "t"),
        (b"n,a=a=2Cb=3Dc,\x01auth=Bearer t\x01\x01", "a,b=c", "t"),
        (b"n,,\x01auth=Bearer t\x01mthd=POST\x01post=a=b\r\n\x01\x01", "", "t"),
        (b"n,,\x01x=\x01auth=Bearer t\x01\x01", "", "t"),
    ],
)
def test_claim(
    facts: ExchangeFacts, response: bytes, username: str, token: str
) -> None:
    claim = Claim(username=username, access_token=token)
    assert OAuthBearer(facts).step(response) == claim


@pytest.mark.parametrize(
    "response",
    [
        b"",
        b"\x01",
        b"n,,",
        b"n,,\x01",
        b"n,,\x01\x01",
        b"n,,\x01host=a\x01\x01",
        b"n,,\x01auth=\x01\x01",
        b"n,,\x01auth=Basic t\x01\x01",
        b"n,,\x01auth=Bearer t\x01",
        b"n,,auth=Bearer t\x01\x01",
        b"n,,\x01auth=Bearer t\x01\x01\x01",
        b"n,,\x01auth=Bearer t\x01auth=Bearer t\x01\x01",
        b"n,,\x01auth=Bearer t\x01x=\xc3\xa9\x01\x01",
        b"n,,\x01auth=Bearer t\x01x=\0\x01\x01",
        b"n,,\x01auth=Bearer t\x011=2\x01\x01",
        b"n,,\x01auth=Bearer t\x01=2\x01\x01",
        b"n,,\x01Auth=Bearer t\x01\x01",
        b"n,a=\xff,\x01auth=Bearer t\x01\x01",
        b"n,a=u\n,\x01auth=Bearer t\x01\x01",
        b"n,a=us=er,\x01auth=Bearer t\x01\x01",
        b"p=tls-unique,,\x01auth=Bearer t\x01\x01",
        b"user=u\x01auth=Bearer t\x01\x01",
    ],
)
def test_malformed_response_fails(facts: ExchangeFacts, response: bytes) -> None:
    with pytest.raises(AuthenticationFailedError):
        OAuthBearer(facts).step(response)


def test_refusal_is_told_as_json(facts: ExchangeFacts) -> None:
    refusal = OAuthBearer(facts).finish(accepted=False)
    assert isinstance(refusal, Challenge)
    assert json.loads(refusal.data) == {"status": "invalid_token"}
    assert OAuthBearer(facts).finish(accepted=True) is None
