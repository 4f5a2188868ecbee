"""LOGIN (draft-murchison-sasl-login)."""

import pytest

from smtpsession.auth.login import Login
from smtpsession.auth.mechanism import Challenge, Claim, ExchangeFacts
from smtpsession.auth.scram_keys import SCRAMKeys
from smtpsession.errors import AuthenticationFailedError
from smtpsession.wire.strict_base64 import encode_base64

CLAIM = Claim(username="user", password="pass")


def test_name_then_password(facts: ExchangeFacts) -> None:
    login = Login(facts)
    assert login.step(None) == Challenge(b"Username:")
    assert login.step(b"user") == Challenge(b"Password:")
    assert login.step(b"pass") == CLAIM


def test_initial_response_is_the_name(facts: ExchangeFacts) -> None:
    login = Login(facts)
    assert login.step(b"user") == Challenge(b"Password:")
    assert login.step(b"pass") == CLAIM


def test_challenges_are_what_clients_wait_for() -> None:
    assert encode_base64(b"Username:") == b"VXNlcm5hbWU6"
    assert encode_base64(b"Password:") == b"UGFzc3dvcmQ6"


@pytest.mark.parametrize("response", [b"", b"\xff", b"a\0b", b"a\r\nb"])
def test_bad_name_fails(facts: ExchangeFacts, response: bytes) -> None:
    asked, unasked = Login(facts), Login(facts)
    asked.step(None)
    for login in (asked, unasked):
        with pytest.raises(AuthenticationFailedError):
            login.step(response)


@pytest.mark.parametrize("response", [b"", b"\xff", b"a\0b"])
def test_bad_password_fails(facts: ExchangeFacts, response: bytes) -> None:
    login = Login(facts)
    login.step(b"user")
    with pytest.raises(AuthenticationFailedError):
        login.step(response)


def test_command_in_place_of_a_response_is_a_name(facts: ExchangeFacts) -> None:
    login = Login(facts)
    login.step(b"RSET")
    claim = login.step(b"QUIT")
    assert claim == Claim(username="RSET", password="QUIT")


def test_password_is_verified(facts: ExchangeFacts) -> None:
    login = Login(facts)
    login.step(b"user")
    login.step(b"pass")
    for secret in ("pass", SCRAMKeys.derive("pass", salt=b"salt")):
        assert login.verify(secret, iterations=4096)
    for other in ("other", "", None):
        assert not login.verify(other, iterations=4096)


def test_nothing_is_verified_before_the_claim(facts: ExchangeFacts) -> None:
    assert not Login(facts).verify("", iterations=1)
