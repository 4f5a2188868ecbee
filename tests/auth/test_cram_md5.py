"""CRAM-MD5 (RFC 2195)."""

import hashlib
import hmac
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.auth.cram_md5 import CramMD5, cram_md5_digest
from smtpsession.auth.mechanism import Challenge, Claim, ExchangeFacts
from smtpsession.auth.scram_keys import SCRAMKeys
from smtpsession.errors import AuthenticationFailedError
from smtpsession.wire.strict_base64 import decode_base64

DIGEST = b"b913a602c7eda7a495b4e6e7334d3890"


def challenge_of(mechanism: CramMD5) -> bytes:
    challenge = mechanism.step(None)
    assert isinstance(challenge, Challenge)
    return challenge.data


def respond(username: str, password: str, challenge: bytes) -> bytes:
    digest = hmac.new(password.encode(), challenge, hashlib.md5).hexdigest()
    return f"{username} {digest}".encode()


# RFC 2195 2.
def test_digest_of_the_rfc() -> None:
    challenge = b"<1896.697170952@postoffice.reston.mci.net>"
    digest = cram_md5_digest("tanstaaftanstaaf", challenge)
    assert digest.encode() == DIGEST
    sent = b"dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw"
    assert decode_base64(sent) == b"tim " + DIGEST


def test_challenge_is_new_each_time(facts: ExchangeFacts) -> None:
    challenges = {challenge_of(CramMD5(facts)) for _ in range(10)}
    assert len(challenges) == 10
    for challenge in challenges:
        assert re.fullmatch(rb"<[0-9a-f]{32}@s\.example>", challenge)


@given(
    st.text("ab @=\u00e9", min_size=1).filter(str.strip),
    st.text(st.characters(codec="utf-8"), min_size=1),
)
def test_right_password(facts: ExchangeFacts, username: str, password: str) -> None:
    mechanism = CramMD5(facts)
    response = respond(username, password, challenge_of(mechanism))
    assert mechanism.step(response) == Claim(username=username)
    assert mechanism.verify(password, iterations=4096)


@pytest.mark.parametrize("secret", ["Pencil", "pencil ", "", None, "\ud800"])
def test_wrong_password(facts: ExchangeFacts, secret: str | None) -> None:
    mechanism = CramMD5(facts)
    mechanism.step(respond("tim", "pencil", challenge_of(mechanism)))
    assert not mechanism.verify(secret, iterations=4096)


@pytest.mark.parametrize("secret", ["", None])
def test_digest_of_no_password_proves_nothing(
    facts: ExchangeFacts, secret: str | None
) -> None:
    mechanism = CramMD5(facts)
    mechanism.step(respond("tim", "", challenge_of(mechanism)))
    assert not mechanism.verify(secret, iterations=4096)


def test_answer_to_another_challenge_proves_nothing(facts: ExchangeFacts) -> None:
    response = respond("tim", "pencil", challenge_of(CramMD5(facts)))
    mechanism = CramMD5(facts)
    challenge_of(mechanism)
    mechanism.step(response)
    assert not mechanism.verify("pencil", iterations=4096)


@pytest.mark.parametrize(
    "response",
    [
        b"",
        b"tim",
        b"tim ",
        DIGEST,
        b" " + DIGEST,
        b"tim  " + DIGEST[:-1],
        b"tim " + DIGEST.upper(),
        b"tim " + DIGEST + b"0",
        b"tim " + DIGEST + b"\n",
        b"tim " + DIGEST[:-1] + b"g",
        b"tim\0" + DIGEST,
        b"\xff " + DIGEST,
        b"ti\nm " + DIGEST,
    ],
)
def test_malformed_response_fails(facts: ExchangeFacts, response: bytes) -> None:
    mechanism = CramMD5(facts)
    challenge_of(mechanism)
    with pytest.raises(AuthenticationFailedError):
        mechanism.step(response)


def test_there_is_no_initial_response(facts: ExchangeFacts) -> None:
    assert CramMD5.server_first
    with pytest.raises(AuthenticationFailedError):
        CramMD5(facts).step(b"tim " + DIGEST)


def test_nothing_is_verified_before_the_claim(facts: ExchangeFacts) -> None:
    assert CramMD5.needs_verify
    assert not CramMD5(facts).verify("pencil", iterations=4096)


def test_stored_keys_are_of_no_use(facts: ExchangeFacts) -> None:
    mechanism = CramMD5(facts)
    mechanism.step(respond("tim", "pencil", challenge_of(mechanism)))
    keys = SCRAMKeys.derive("pencil", salt=b"salt")
    with pytest.raises(TypeError, match="CRAM-MD5 must be a str or None, got SCRAMK"):
        mechanism.verify(keys, iterations=4096)
