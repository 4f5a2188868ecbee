"""What a session may authenticate with follows from its facts."""

from typing import Any

import attrs

from smtpsession.auth.mechanism import ExchangeFacts
from smtpsession.auth.mechanisms import MECHANISMS
from smtpsession.auth.plain import Plain
from smtpsession.dialogue.auth_policy import AuthPolicy
from smtpsession.session.session import Session

KEY = b"k" * 32
NAMES = ("EXTERNAL", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "PLAIN")
ALICE = {"subject": ((("commonName", "alice"),),)}


def policy(**options: Any) -> AuthPolicy:
    return AuthPolicy(
        mechanisms={name: MECHANISMS[name] for name in NAMES},
        hostname="mx.example",
        random=bytes,
        server_key=KEY,
        **options,
    )


def offered(session: Session, **options: Any) -> list[str]:
    return list(policy(**options).available(session))


def test_nothing_in_plain_text_unless_it_is_wanted() -> None:
    assert offered(Session("1")) == []
    assert offered(Session("1"), allow_insecure=True) == ["SCRAM-SHA-256", "PLAIN"]
    assert offered(Session("1", secure=True)) == ["SCRAM-SHA-256", "PLAIN"]


def test_external_needs_a_certificate_that_was_verified() -> None:
    session = Session("1", secure=True, peer_certificate=ALICE)
    assert offered(session) == ["EXTERNAL", "SCRAM-SHA-256", "PLAIN"]
    assert "EXTERNAL" not in offered(attrs.evolve(session, peer_certificate={}))


def test_plus_needs_something_to_bind_to() -> None:
    session = Session("1", secure=True, channel_bindings={"tls-exporter": b"x"})
    assert offered(session) == ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "PLAIN"]


def test_a_mechanism_is_told_all_that_it_may_need_to_know() -> None:
    session = Session(
        "1",
        secure=True,
        peer_certificate=ALICE,
        channel_bindings={"tls-exporter": b"x"},
    )
    mechanism = policy().begin(MECHANISMS["PLAIN"], session)
    assert mechanism.facts == ExchangeFacts(
        hostname="mx.example",
        random=bytes,
        server_key=KEY,
        channel_bindings={"tls-exporter": b"x"},
        offered=frozenset(NAMES),
        peer_certificate=ALICE,
    )
    assert mechanism is not policy().begin(MECHANISMS["PLAIN"], session)


def test_what_the_proxy_has_by_tls_is_nothing_of_its_client() -> None:
    session = Session(
        "1",
        secure=True,
        peer_certificate=ALICE,
        channel_bindings={"tls-exporter": b"x"},
        xclient={"ADDR": "192.0.2.7"},
    )
    assert offered(session) == ["SCRAM-SHA-256", "PLAIN"]


def test_to_be_available_a_mechanism_learns_of_no_other() -> None:
    class Curious(Plain):
        @classmethod
        def is_available(cls, facts: ExchangeFacts) -> bool:
            return facts.offered == frozenset()

    curious = attrs.evolve(policy(allow_insecure=True), mechanisms={"X": Curious})
    assert list(curious.available(Session("1"))) == ["X"]


def test_its_repr_keeps_the_key_and_the_randomness() -> None:
    assert "kkk" not in repr(policy())
    assert "random" not in repr(policy())
