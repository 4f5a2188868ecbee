"""What holds for every mechanism."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.auth.mechanism import Challenge, Claim, ExchangeFacts, Mechanism
from smtpsession.auth.mechanisms import MECHANISMS
from smtpsession.errors import AuthenticationFailedError

SECRET = "rosebud"

every_mechanism = pytest.mark.parametrize(
    "kind", MECHANISMS.values(), ids=MECHANISMS.keys()
)
# One message with which each of them knows who wants in.
FIRST = {
    "PLAIN": b"\0user\0rosebud",
    "LOGIN": b"rosebud",
    "CRAM-MD5": b"user 0123456789abcdef0123456789abcdef",
    "SCRAM-SHA-1": b"n,,n=user,r=abc",
    "SCRAM-SHA-256": b"n,a=admin,n=user,r=abc",
    "SCRAM-SHA-1-PLUS": b"p=tls-unique,,n=user,r=abc",
    "SCRAM-SHA-256-PLUS": b"p=tls-exporter,,n=user,r=abc",
    "XOAUTH2": b"user=user\x01auth=Bearer rosebud\x01\x01",
    "OAUTHBEARER": b"n,a=user,\x01auth=Bearer rosebud\x01\x01",
    "EXTERNAL": b"",
    "ANONYMOUS": b"sirhc",
}
octets = st.binary() | st.text("nypa=,rcuser 0\0\x01@").map(str.encode)


def claim(mechanism: Mechanism) -> None:
    for response in (None, b"user", FIRST[mechanism.name]):
        if mechanism.name == "LOGIN" or response != b"user":
            mechanism.step(response)


@st.composite
def mangled(draw: st.DrawFn, message: bytes) -> bytes:
    """Give a message with some octets in place of others."""
    start, stop = sorted(draw(st.tuples(*[st.integers(0, len(message))] * 2)))
    return message[:start] + draw(octets) + message[stop:]


def test_names() -> None:
    assert set(MECHANISMS) == set(FIRST)
    for name, kind in MECHANISMS.items():
        # RFC 4422 3.1.
        assert re.fullmatch("[A-Z0-9_-]{1,20}", name)
        assert kind.name == name


def test_what_can_be_done_without_a_password() -> None:
    def names(flag: str) -> set[str]:
        return {name for name, kind in MECHANISMS.items() if getattr(kind, flag)}

    assert names("server_first") == {"CRAM-MD5"}
    assert names("one_round_trip") == {"PLAIN", "EXTERNAL", "ANONYMOUS"}
    scram = {name for name in MECHANISMS if name.startswith("SCRAM-")}
    assert names("needs_verify") == {"CRAM-MD5", *scram}


def test_what_is_available_without_tls() -> None:
    facts = ExchangeFacts(hostname="s.example", random=bytes, server_key=b"key")
    available = {name for name, kind in MECHANISMS.items() if kind.is_available(facts)}
    missing = {"EXTERNAL", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS"}
    assert available == set(MECHANISMS) - missing


@every_mechanism
def test_everything_is_available_with_tls(
    kind: type[Mechanism], facts: ExchangeFacts
) -> None:
    assert kind.is_available(facts)


@every_mechanism
@given(data=st.data())
def test_any_response_is_taken_or_fails(
    kind: type[Mechanism], facts: ExchangeFacts, data: st.DataObject
) -> None:
    mechanism = kind(facts)
    responses = octets | mangled(FIRST[kind.name])
    step: Challenge | Claim = Challenge()
    if data.draw(st.booleans()):
        step = mechanism.step(None)
    try:
        while isinstance(step, Challenge):
            step = mechanism.step(data.draw(responses))
    except AuthenticationFailedError:
        return
    result = mechanism.verify(SECRET, iterations=4096)
    if isinstance(result, Challenge):
        nonce = result.data.split(b",")[0]
        final = b"c=biws," + nonce + b",p=AAAA"
        result = mechanism.prove(data.draw(octets | mangled(final)))
        assert result is False
    assert isinstance(result, bool)


@every_mechanism
def test_repr_holds_no_secret(kind: type[Mechanism], facts: ExchangeFacts) -> None:
    mechanism = kind(facts)
    claim(mechanism)
    mechanism.verify(SECRET, iterations=4096)
    assert SECRET not in repr(mechanism)
    for value in vars(mechanism).values():
        # Bare strings are not shown by the repr of the object that has them.
        if not isinstance(value, str | bytes):
            assert SECRET not in repr(value)


@every_mechanism
def test_unknown_user_is_never_verified(
    kind: type[Mechanism], facts: ExchangeFacts
) -> None:
    mechanism = kind(facts)
    claim(mechanism)
    result = mechanism.verify(None, iterations=4096)
    assert isinstance(result, Challenge) or result is False
    assert isinstance(result, Challenge) == kind.name.startswith("SCRAM-")
