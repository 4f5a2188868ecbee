"""ANONYMOUS and its trace information (RFC 4505)."""

import pytest

from smtpsession.auth.anonymous import Anonymous
from smtpsession.auth.mechanism import Challenge, Claim, ExchangeFacts, Secret
from smtpsession.auth.scram_keys import SCRAMKeys
from smtpsession.errors import AuthenticationFailedError
from smtpsession.wire.strict_base64 import decode_base64


@pytest.mark.parametrize(
    ("response", "trace"),
    [
        pytest.param(decode_base64(b"c2lyaGM="), "sirhc", id="RFC 4505 4"),
        (b"", ""),
        (b"guest@c.example", "guest@c.example"),
        ("I\u00adX \u2168\u00a0".encode(), "I\u00adX \u2168\u00a0"),
        (("\U0001f600" * 255).encode(), "\U0001f600" * 255),
    ],
)
def test_trace_is_left_as_it_is(
    facts: ExchangeFacts, response: bytes, trace: str
) -> None:
    assert Anonymous(facts).step(response) == Claim(username=trace)


@pytest.mark.parametrize(
    "response",
    [
        b"x" * 256,
        b"a@" + b"x" * 254,
        b"@",
        b"a@",
        b"@a",
        b"a@b@c",
        b"a\r\nb",
        b"a\0",
        b"\x1b[2J",
        b"\xff",
        "a\u2028b".encode(),
        "a\u202eb".encode(),
        "\ue000".encode(),
        "\u06271".encode(),
        b"x" * 9_000,
    ],
)
def test_what_is_no_trace_fails(facts: ExchangeFacts, response: bytes) -> None:
    with pytest.raises(AuthenticationFailedError):
        Anonymous(facts).step(response)


def test_without_initial_response_it_is_asked_for(facts: ExchangeFacts) -> None:
    mechanism = Anonymous(facts)
    assert mechanism.step(None) == Challenge(b"")
    assert mechanism.step(b"sirhc") == Claim(username="sirhc")


@pytest.mark.parametrize(
    "secret", ["sirhc", "", None, SCRAMKeys.derive("x", salt=b"x")]
)
def test_nobody_is_ever_verified(facts: ExchangeFacts, secret: Secret) -> None:
    mechanism = Anonymous(facts)
    mechanism.step(b"sirhc")
    assert not mechanism.verify(secret, iterations=1)
