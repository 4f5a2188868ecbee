"""Bearer tokens, whatever they come in (RFC 6750)."""

from typing import Any

import pytest

from smtpsession.auth.bearer_token import BearerTokenMechanism
from smtpsession.auth.mechanism import Challenge, Claim, ExchangeFacts
from smtpsession.auth.scram_keys import SCRAMKeys
from smtpsession.errors import AuthenticationFailedError


class Bare(BearerTokenMechanism):
    """Credentials without anything around them."""

    name = "X-BARE"
    refusal = b"no"

    def parse(self, response: bytes) -> tuple[str, bytes]:
        return "user", response


@pytest.mark.parametrize(
    ("response", "token"),
    [
        (b"Bearer tok", "tok"),
        (b"bearer tok", "tok"),
        (b"BEARER   tok", "tok"),
        (b"Bearer AZaz09-._~+/==", "AZaz09-._~+/=="),
    ],
)
def test_token(facts: ExchangeFacts, response: bytes, token: str) -> None:
    assert Bare(facts).step(response) == Claim(username="user", access_token=token)


@pytest.mark.parametrize(
    "response",
    [
        b"",
        b"Bearer",
        b"Bearer ",
        b"Bearertok",
        b"Bearer\ttok",
        b"Basic dTpw",
        b" Bearer tok",
        b"Bearer tok ",
        b"Bearer tok\n",
        b"Bearer to k",
        b"Bearer =tok",
        b"Bearer ==",
        b"Bearer t\xc3\xb6k",
        b"Bearer tok\0",
        b"Bearer t,k",
    ],
)
def test_what_is_no_token_fails(facts: ExchangeFacts, response: bytes) -> None:
    with pytest.raises(AuthenticationFailedError):
        Bare(facts).step(response)


def test_without_initial_response_it_is_asked_for(facts: ExchangeFacts) -> None:
    assert Bare(facts).step(None) == Challenge(b"")


def test_known_token_is_verified(facts: ExchangeFacts) -> None:
    mechanism = Bare(facts)
    mechanism.step(b"Bearer tok")
    assert mechanism.verify("tok", iterations=1)
    for secret in ("to", "Tok", "tok ", "", "\ud800", None):
        assert not mechanism.verify(secret, iterations=1)


def test_nothing_is_verified_before_the_claim(facts: ExchangeFacts) -> None:
    assert not Bare(facts).verify("", iterations=1)


def test_stored_keys_are_of_no_use(facts: ExchangeFacts) -> None:
    mechanism = Bare(facts)
    mechanism.step(b"Bearer tok")
    with pytest.raises(TypeError, match="X-BARE must be a str or None, got SCRAMKeys"):
        mechanism.verify(SCRAMKeys.derive("tok", salt=b"salt"), iterations=1)
    octets: Any = b"tok"
    with pytest.raises(TypeError, match="got bytes"):
        mechanism.verify(octets, iterations=1)


def test_only_a_refusal_is_told(facts: ExchangeFacts) -> None:
    assert Bare(facts).finish(accepted=False) == Challenge(b"no")
    assert Bare(facts).finish(accepted=True) is None


def test_where_the_credentials_are_is_the_mechanisms_to_say(
    facts: ExchangeFacts,
) -> None:
    with pytest.raises(NotImplementedError):
        BearerTokenMechanism(facts).step(b"")
