"""What a mechanism is when it says nothing of its own, and what repr shows."""

from typing import Any

import pytest

from smtpsession.auth.mechanism import (
    Challenge,
    Claim,
    ExchangeFacts,
    Mechanism,
    need_text,
    require_secret,
)
from smtpsession.auth.scram_keys import SCRAMKeys

KEYS = SCRAMKeys.derive("pencil", salt=b"salt")


class Mine(Mechanism):
    """The least that a mechanism of one's own can be."""

    name = "X-MINE"

    def step(self, response: bytes | None) -> Challenge | Claim:
        return Claim(username="me")


def test_defaults(facts: ExchangeFacts) -> None:
    assert Mine.is_available(facts)
    flags = Mine.server_first, Mine.needs_verify, Mine.one_round_trip
    assert flags == (False, False, False)
    mine = Mine(facts)
    assert mine.facts is facts
    assert mine.step(b"") == Claim(username="me")
    assert mine.verify("pencil", iterations=4096) is False
    assert mine.finish(accepted=True) is None
    assert mine.finish(accepted=False) is None


def test_steps_are_the_subclasss_own(facts: ExchangeFacts) -> None:
    with pytest.raises(NotImplementedError):
        Mechanism(facts).step(b"")
    with pytest.raises(NotImplementedError):
        Mechanism(facts).prove(b"")


def test_repr_holds_no_secret(facts: ExchangeFacts) -> None:
    claim = Claim(username="user", password="pencil", access_token="token")
    assert repr(claim) == "Claim(username='user', authorization_id='')"
    assert repr(Challenge(b"secret")) == "Challenge()"
    assert "only this server knows" not in repr(facts)


@pytest.mark.parametrize("secret", ["pencil", "", None, KEYS])
def test_kinds_of_secrets(secret: object) -> None:
    require_secret(secret)


@pytest.mark.parametrize("secret", [b"pencil", 42, ["pencil"]])
def test_other_secrets_are_refused_and_not_shown(secret: Any) -> None:
    with pytest.raises(TypeError) as caught:
        require_secret(secret)
    wanted = f"secret must be a str, SCRAMKeys or None, got {type(secret).__name__}"
    assert str(caught.value) == wanted
    with pytest.raises(TypeError, match="for X-MINE must be a str or None, got"):
        need_text(secret, "X-MINE")


def test_text_of_a_secret() -> None:
    assert need_text("pencil", "X-MINE") == "pencil"
    assert need_text(None, "X-MINE") == ""
    with pytest.raises(TypeError, match="got SCRAMKeys"):
        need_text(KEYS, "X-MINE")
