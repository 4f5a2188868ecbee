"""The check of a plain-text password, and that it works alike for everybody."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.auth.mechanism import Secret
from smtpsession.auth.plain_text_password import password_matches
from smtpsession.auth.scram_keys import SCRAMKeys

KEYS = SCRAMKeys.derive("pencil", salt=b"salt", iterations=5_000)
SHA_1_KEYS = SCRAMKeys.derive("pencil", salt=b"salt", hash_name="SHA-1")
every_secret = pytest.mark.parametrize("secret", ["pencil", KEYS, SHA_1_KEYS])


class Counted:
    """Derive nothing, and count what was asked for."""

    def __init__(self) -> None:
        self.rounds: list[int] = []

    def __call__(
        self, hash_name: str, password: bytes, salt: bytes, rounds: int
    ) -> bytes:
        self.rounds.append(rounds)
        return bytes(32)


@every_secret
def test_right_password(secret: Secret) -> None:
    assert password_matches("pencil", secret, iterations=4096)


@every_secret
@pytest.mark.parametrize("password", ["", "Pencil", "pencil ", "pen"])
def test_wrong_password(secret: Secret, password: str) -> None:
    assert not password_matches(password, secret, iterations=4096)


@pytest.mark.parametrize("password", ["", "\u00ad", "pencil", "None"])
@pytest.mark.parametrize("secret", ["", "\u00ad", None])
def test_nothing_matches_no_password(secret: Secret, password: str) -> None:
    assert not password_matches(password, secret, iterations=1)


@pytest.mark.parametrize(
    "secret", ["IX", "\u2168", "I\u00adX", SCRAMKeys.derive("\u2168", salt=b"salt")]
)
def test_both_sides_are_prepared(secret: Secret) -> None:
    assert password_matches("I\u00adX", secret, iterations=1)
    assert not password_matches("ix", secret, iterations=1)


@pytest.mark.parametrize("password", ["a\x07\u2168", "\u2168\U0001f600", "\u06271"])
def test_what_cannot_be_prepared_is_compared_as_it_is(password: str) -> None:
    keys = SCRAMKeys.derive(password, salt=b"salt")
    for secret in (password, keys):
        assert password_matches(password, secret, iterations=1)
        other = password.replace("\u2168", "IX") + "x"
        assert not password_matches(other, secret, iterations=1)


@pytest.mark.parametrize("password", ["pencil", "wrong", "", "\u00ad", "p" * 1000])
@pytest.mark.parametrize("secret", ["pencil", "", None, "s" * 1000])
def test_one_key_is_derived_for_anybody(secret: Secret, password: str) -> None:
    counted = Counted()
    password_matches(password, secret, iterations=5_000, pbkdf2=counted)
    assert counted.rounds == [5_000]


@pytest.mark.parametrize("password", ["pencil", "wrong", "", "\u00ad"])
def test_stored_keys_bring_their_own_rounds(password: str) -> None:
    counted = Counted()
    password_matches(password, KEYS, iterations=10_000, pbkdf2=counted)
    assert counted.rounds == [5_000]


def test_secret_of_another_type_is_named_and_not_shown() -> None:
    secret: Any = b"pencil"
    with pytest.raises(TypeError, match="str, SCRAMKeys or None, got bytes"):
        password_matches("pencil", secret, iterations=1)


@pytest.mark.parametrize("secret", ["pencil", None])
def test_rounds_must_be_one_or_more(secret: Secret) -> None:
    with pytest.raises(ValueError, match="iteration"):
        password_matches("pencil", secret, iterations=0)


@given(st.text(min_size=1), st.text(min_size=1))
def test_password_matches_itself_and_no_other(password: str, other: str) -> None:
    # Some characters are mapped to nothing, and nothing matches nothing.
    secret = f"x{password}"
    assert password_matches(secret, secret, iterations=1)
    assert not password_matches(f"y{other}", secret, iterations=1)
