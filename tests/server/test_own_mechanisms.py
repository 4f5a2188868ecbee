"""A mechanism of one's own, which may do anything."""

from typing import Any

import pytest
from trio.testing import MockClock

from smtpsession import (
    Challenge,
)
from smtpsession.auth.mechanism import ExchangeFacts
from smtpsession.errors import AuthenticationFailedError
from tests.server.auth_plays import (
    Deciding,
    Own,
    errors,
    returning,
)
from tests.server.sasl_client import (
    Users,
    b64,
    insecure,
    unb64,
)
from tests.server.smtp_client import open_session


def failing(*arguments: object, **named: object) -> Any:
    raise ValueError("deliberate")


def constant(value: object) -> Any:
    def give(*arguments: object, **named: object) -> object:
        return value

    return give


async def test_a_mechanism_of_ones_own_is_offered_and_works(
    autojump_clock: MockClock,
) -> None:
    config = insecure(auth_methods=["PLAIN", Own])
    async with open_session(Users(), config) as client:
        assert "AUTH PLAIN X-OWN" in await client.ask("EHLO c")
        assert await client.ask("auth x-own") == "334 "
        assert unb64(await client.ask("AAAA")) == b"proof?"
        assert (await client.ask(b64(b"wrong")))[:3] == "535"
        assert unb64(await client.ask("AUTH X-OWN AAAA")) == b"proof?"
        assert (await client.ask(b64(b"pass")))[:3] == "235"


@pytest.mark.parametrize(
    "broken",
    [
        {"__init__": failing},
        {"step": failing},
        {"step": constant(None)},
        {"step": constant(Challenge("no octets"))},  # type: ignore[arg-type]
        {"finish": failing},
    ],
    ids=lambda broken: "".join(broken),
)
async def test_one_that_fails_costs_no_more_than_its_command(
    broken: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    config = insecure(auth_methods=[type("Broken", (Own,), broken)])
    async with open_session(Deciding(returning("user")), config) as client:
        await client.ask("EHLO c")
        assert (await client.ask("AUTH X-OWN AAAA"))[:9] == "454 4.7.0"
        assert (await client.ask("NOOP"))[:3] == "250"
    assert errors(caplog) == ["X-OWN failed"]


@pytest.mark.parametrize("method", ["verify", "prove"])
async def test_one_that_fails_inside_the_hook_is_the_hooks_failure(
    method: str, caplog: pytest.LogCaptureFixture
) -> None:
    config = insecure(auth_methods=[type("Broken", (Own,), {method: failing})])
    async with open_session(Users(), config) as client:
        await client.ask("EHLO c")
        said = await client.ask("AUTH X-OWN AAAA")
        if method == "prove":
            said = await client.ask("AAAA")
        assert said[:9] == "454 4.7.0"
        assert (await client.ask("NOOP"))[:3] == "250"
    # A verify that fails is asked once more, as for an unknown user.
    again = ["X-OWN failed"] if method == "verify" else []
    assert errors(caplog) == ["on_auth failed", *again]


@pytest.mark.parametrize("method", ["step", "verify", "prove"])
async def test_one_that_says_that_it_has_failed_is_believed(
    method: str, autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*arguments: object, **named: object) -> None:
        raise AuthenticationFailedError

    config = insecure(auth_methods=[type("Refusing", (Own,), {method: refuse})])
    async with open_session(Users(), config) as client:
        await client.ask("EHLO c")
        said = await client.ask("AUTH X-OWN AAAA")
        if method == "prove":
            said = await client.ask("AAAA")
        assert said[:9] == "535 5.7.8"
    assert errors(caplog) == []


async def test_one_that_asks_after_all_what_it_had_promised_not_to(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What was sent behind its initial response is neither response nor command."""
    config = insecure(auth_methods=[Own])
    async with open_session(Users(), config) as client:
        await client.ask("EHLO c")
        await client.send(b"AUTH X-OWN AAAA\r\nQUIT\r\n")
        assert (await client.reply())[:9] == "554 5.5.0"
        assert await client.reply() == ""
    assert errors(caplog) == []


async def test_each_attempt_has_an_object_of_its_own(
    autojump_clock: MockClock,
) -> None:
    made: list[ExchangeFacts] = []

    class Counted(Own):
        def __init__(self, facts: ExchangeFacts) -> None:
            super().__init__(facts)
            made.append(facts)

    async with open_session(Users(), insecure(auth_methods=[Counted])) as client:
        await client.ask("EHLO c")
        for _ in range(2):
            await client.ask("AUTH X-OWN AAAA")
            await client.ask("AAAA")
    assert len(made) == 2
    assert made[0].offered == {"X-OWN"}
