"""What ``on_auth`` is given, the same for every mechanism."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from smtpsession import Authentication, Claim, SCRAMKeys, scram_keys
from smtpsession.auth.mechanism import Secret

CLAIM = Claim(
    username="bob",
    authorization_id="boss",
    password="s3cret",
    access_token="t0ken",
)


def authentication(
    claim: Claim = CLAIM, verify: Callable[..., Awaitable[bool]] | None = None
) -> Authentication:
    async def never(secret: Secret, iterations: int) -> bool:
        raise AssertionError("not asked")

    return Authentication("PLAIN", claim, verify or never)


def test_it_has_what_the_mechanism_has_found_out() -> None:
    auth = authentication()
    assert (auth.method, auth.username, auth.authorization_id) == (
        "PLAIN",
        "bob",
        "boss",
    )
    assert (auth.password, auth.access_token) == ("s3cret", "t0ken")
    bare = authentication(Claim(username=""))
    assert (bare.username, bare.authorization_id) == ("", "")
    assert bare.password is bare.access_token is None


def test_its_repr_tells_who_and_no_secret() -> None:
    text = repr(authentication())
    assert text == "Authentication(method='PLAIN', username='bob')"


@pytest.mark.parametrize(
    ("authorization_id", "considered"), [("", True), ("bob", True), ("boss", False)]
)
def test_whoever_reads_the_authorization_id_decides_about_it(
    authorization_id: str, considered: bool
) -> None:
    claim = Claim(username="bob", authorization_id=authorization_id)
    auth = authentication(claim)
    repr(auth)
    assert auth.is_considered is considered
    assert auth.authorization_id == authorization_id
    assert auth.is_considered


async def test_verify_asks_about_the_secret_and_its_rounds() -> None:
    asked: list[Any] = []

    async def verify(secret: Secret, iterations: int) -> bool:
        asked.append((secret, iterations))
        return secret == "pass"

    auth = authentication(verify=verify)
    assert await auth.verify("pass") is True
    assert await auth.verify(None, iterations=9_000) is False
    assert asked == [("pass", 4_096), (None, 9_000)]


def test_an_answer_that_nobody_waits_for_is_no_yes() -> None:
    auth = authentication()
    with pytest.raises(TypeError, match=r"^auth\.verify\(\) must be awaited$"):
        bool(auth.verify("pass"))


def test_stored_keys_are_of_the_password_with_a_salt_of_their_own() -> None:
    keys = scram_keys("pencil")
    assert (keys.hash_name, keys.iterations, len(keys.salt)) == ("SHA-256", 4_096, 16)
    assert keys == SCRAMKeys.derive("pencil", salt=keys.salt)
    assert scram_keys("pencil").salt != keys.salt
    other = scram_keys("pencil", hash_name="SHA-1", iterations=5_000)
    assert (other.hash_name, other.iterations) == ("SHA-1", 5_000)


@pytest.mark.parametrize("wrong", [{"iterations": 1}, {"hash_name": "MD5"}])
def test_keys_that_are_too_weak_are_not_made(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        scram_keys("pencil", **wrong)
