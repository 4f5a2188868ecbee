"""EXTERNAL, and whom a certificate names (RFC 4422 A)."""

from typing import Any

import attrs
import pytest

from smtpsession.auth.external import External
from smtpsession.auth.mechanism import Challenge, Claim, ExchangeFacts
from smtpsession.auth.scram_keys import SCRAMKeys
from smtpsession.errors import AuthenticationFailedError
from smtpsession.wire.strict_base64 import decode_base64


def subject(*names: str) -> tuple[tuple[tuple[str, str]], ...]:
    others = [("countryName", "XX"), ("emailAddress", "old@c.example")]
    return tuple((part,) for part in [*others, *(("commonName", n) for n in names)])


@pytest.mark.parametrize(
    ("certificate", "username"),
    [
        ({"subject": subject("alice")}, "alice"),
        ({"subject": subject("alice", "bob")}, ""),
        ({"subject": subject()}, ""),
        ({"serialNumber": "01"}, ""),
        (
            {"subject": subject("alice"), "subjectAltName": (("email", "a@b.c"),)},
            "a@b.c",
        ),
        ({"subjectAltName": (("email", "a@b.c"), ("DNS", "b.c"))}, "a@b.c"),
        ({"subjectAltName": (("email", "a@b.c"), ("email", "d@b.c"))}, ""),
        (
            {
                "subject": subject("alice"),
                "subjectAltName": (("email", "a@b.c"), ("email", "d@b.c")),
            },
            "alice",
        ),
        ({"subject": subject("alice"), "subjectAltName": (("DNS", "b"),)}, "alice"),
        (
            {"subject": ((("commonName", "alice"), ("userId", "1")),)},
            "alice",
        ),
        ({"subject": subject("Élodie Müller")}, "Élodie Müller"),
    ],
)
def test_name_in_the_certificate(
    facts: ExchangeFacts, certificate: dict[str, Any], username: str
) -> None:
    facts = attrs.evolve(facts, peer_certificate=certificate)
    assert External(facts).step(b"") == Claim(username=username)


@pytest.mark.parametrize("name", ["a\r\nX: y", "a\0b", "\x1b[2J", "a\u202eb"])
def test_name_with_a_control_fails(facts: ExchangeFacts, name: str) -> None:
    for certificate in (
        {"subject": subject(name)},
        {"subjectAltName": (("email", name),)},
    ):
        mechanism = External(attrs.evolve(facts, peer_certificate=certificate))
        with pytest.raises(AuthenticationFailedError) as caught:
            mechanism.step(b"")
        assert caught.value.__context__ is None


def test_client_may_ask_to_act_as_another(facts: ExchangeFacts) -> None:
    claim = Claim(username="alice@c.example", authorization_id="admin")
    assert External(facts).step(b"admin") == claim


@pytest.mark.parametrize(
    "response",
    [decode_base64(b"dQ0KWDogeQ=="), b"u\0", b"\xff", b"u\n", b"\x7f"],
)
def test_hostile_response_fails(facts: ExchangeFacts, response: bytes) -> None:
    with pytest.raises(AuthenticationFailedError):
        External(facts).step(response)


def test_without_initial_response_it_is_asked_for(facts: ExchangeFacts) -> None:
    mechanism = External(facts)
    assert mechanism.step(None) == Challenge(b"")
    assert mechanism.step(b"") == Claim(username="alice@c.example")


@pytest.mark.parametrize("certificate", [None, {}])
def test_there_must_be_a_verified_certificate(
    facts: ExchangeFacts, certificate: dict[str, Any] | None
) -> None:
    assert External.is_available(facts)
    facts = attrs.evolve(facts, peer_certificate=certificate)
    assert not External.is_available(facts)
    for response in (None, b"", b"admin"):
        with pytest.raises(AuthenticationFailedError):
            External(facts).step(response)


def test_whoever_exists_is_verified(facts: ExchangeFacts) -> None:
    mechanism = External(facts)
    mechanism.step(b"")
    for secret in ("", "any", SCRAMKeys.derive("any", salt=b"salt")):
        assert mechanism.verify(secret, iterations=1)
    assert not mechanism.verify(None, iterations=1)
    other: Any = True
    with pytest.raises(TypeError, match="got bool"):
        mechanism.verify(other, iterations=1)
