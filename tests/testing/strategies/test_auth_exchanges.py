"""Exchanges are understood by their mechanisms, or refused as documented."""

from __future__ import annotations

import base64
import binascii
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpsession.auth.mechanism import Claim, ExchangeFacts
from smtpsession.auth.mechanisms import MECHANISMS
from smtpsession.errors import AuthenticationFailedError
from smtpsession.testing.strategies import (
    AUTH_MECHANISMS,
    AuthExchange,
    auth_exchanges,
)
from tests.testing.strategies.minimal import minimal, some

FACTS = ExchangeFacts(hostname="s.example", random=bytes, server_key=b"key")


def steps(exchange: AuthExchange) -> list[object]:
    """Give what the mechanism makes of each response, up to its claim."""
    mechanism = MECHANISMS[exchange.mechanism](FACTS)
    taken: list[object] = []
    responses = [exchange.initial, *exchange.responses]
    with suppress(binascii.Error, AuthenticationFailedError):
        for response in responses:
            octets = None
            if response is not None:
                octets = base64.b64decode(response.replace("=", "", response == "="))
            taken.append(mechanism.step(octets))
            if isinstance(taken[-1], Claim):
                break
    return taken


@pytest.mark.parametrize("mechanism", AUTH_MECHANISMS)
@given(st.data())
@settings(max_examples=30)
def test_each_response_is_taken_or_refused(mechanism: str, data: st.DataObject) -> None:
    exchange = data.draw(auth_exchanges(mechanisms=[mechanism]))
    assert exchange.mechanism == mechanism
    assert len(steps(exchange)) <= 1 + len(exchange.responses)


# EXTERNAL needs a certificate.
@pytest.mark.parametrize("mechanism", sorted({*AUTH_MECHANISMS} - {"EXTERNAL"}))
def test_some_get_to_the_point_of_a_claim_or_a_proof(mechanism: str) -> None:
    def gets_far(exchange: AuthExchange) -> bool:
        taken = steps(exchange)
        return len(taken) > 1 or any(isinstance(each, Claim) for each in taken)

    some(auth_exchanges(mechanisms=[mechanism]), gets_far)


def test_lines_are_as_they_are_sent() -> None:
    exchange = AuthExchange("LOGIN", "dXNlcg==", ("*",))
    assert exchange.to_lines() == [b"AUTH LOGIN dXNlcg==\r\n", b"*\r\n"]
    assert AuthExchange("PLAIN", None, ()).to_lines() == [b"AUTH PLAIN\r\n"]


def test_an_empty_initial_response_is_an_equals_sign() -> None:
    exchange = some(
        auth_exchanges(mechanisms=["EXTERNAL"]), lambda each: each.initial == "="
    )
    assert exchange.to_lines()[0] == b"AUTH EXTERNAL =\r\n"


def test_what_they_shrink_to() -> None:
    exchange = minimal(auth_exchanges())
    assert exchange.to_lines() == [b"AUTH PLAIN\r\n", b"AHVzZXIAd3Jvbmc=\r\n"]


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({"mechanisms": ["NTLM"]}, ValueError, "mechanisms must hold some of PLAIN"),
        ({"mechanisms": []}, ValueError, "mechanisms must not be empty"),
        ({"mechanisms": "PLAIN"}, TypeError, "must be a collection of str"),
    ],
)
def test_bad_arguments(
    options: dict[str, Any], error: type[Exception], match: str
) -> None:
    with pytest.raises(error, match=match):
        auth_exchanges(**options)
