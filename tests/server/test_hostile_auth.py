"""Attempts to authenticate that go wrong: nobody gets in, and nothing is told."""

from __future__ import annotations

import base64
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import trio
import trio.testing

from smtpsession import Authentication, Config, Handler, Reject, Reply, Session
from smtpsession.authentication import scram_keys
from tests.server.smtp_client import SMTPClient, open_session

Decide = Callable[[Authentication], Awaitable[Any]]


class Deciding(Handler):
    """Has a function decide who is in."""

    def __init__(self, decide: Decide) -> None:
        self._decide = decide

    async def on_auth(self, session: Session, auth: Authentication) -> Any:
        return await self._decide(auth)


def methods(*names: str, **options: Any) -> Config:
    return Config(
        hostname="mx.test", allow_insecure_auth=True, auth_methods=names, **options
    )


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def is_known(auth: Authentication) -> bool:
    return auth.username == "bob"


async def returned_a_refusal(auth: Authentication) -> Any:
    return Reply(535, "no")


async def returned_an_error(auth: Authentication) -> Any:
    return Reject(535, "no")


async def did_not_wait(auth: Authentication) -> Any:
    return auth.verify("secret")


async def returned_a_future(auth: Authentication) -> Any:
    class Future:
        def __await__(self) -> Any:
            raise AssertionError("nobody waits for it")

    return Future()


@pytest.mark.parametrize(
    "decide",
    [returned_a_refusal, returned_an_error, did_not_wait, returned_a_future],
)
async def test_what_was_meant_as_a_no_lets_nobody_in(
    decide: Decide, caplog: pytest.LogCaptureFixture
) -> None:
    config = methods("PLAIN", auth_required=True)
    async with open_session(Deciding(decide), config) as client:
        await client.ask("EHLO c")
        said = await client.ask(f"AUTH PLAIN {b64(chr(0) + 'bob' + chr(0) + 'bad')}")
        assert said == "454 4.7.0 temporary authentication failure"
        assert (await client.ask("MAIL FROM:<a@c>"))[:3] == "530"
    assert "on_auth must return the user, or None" in caplog.text


FIRST = {
    "PLAIN": "\0{}\0bad",
    "SCRAM-SHA-1": "n,,n={},r=abc",
    "SCRAM-SHA-256": "n,,n={},r=abc",
    "XOAUTH2": "user={}\1auth=Bearer bad\1\1",
    "OAUTHBEARER": "n,a={},\1auth=Bearer bad\1\1",
}


async def course(client: SMTPClient, method: str, user: str) -> list[str]:
    """Give the codes of all replies to an attempt that proves nothing."""
    await client.ask("EHLO c")
    if method == "CRAM-MD5":
        assert (await client.ask("AUTH CRAM-MD5"))[:3] == "334"
        return [(await client.ask(b64(f"{user} {'0' * 32}")))[:3]]
    codes: list[str] = []
    said = await client.ask(f"AUTH {method} {b64(FIRST[method].format(user))}")
    while said.startswith("334"):
        codes.append(said[:3])
        said = await client.ask(b64("c=biws,r=abc,p=AAAA"))
    return [*codes, said]


@pytest.mark.parametrize("method", [*FIRST, "CRAM-MD5"])
@pytest.mark.parametrize("hash_name", ["SHA-1", "SHA-256"])
async def test_stored_keys_that_do_not_fit_do_not_tell_who_exists(
    method: str, hash_name: str, caplog: pytest.LogCaptureFixture
) -> None:
    keys = scram_keys("secret", hash_name=hash_name)

    async def decide(auth: Authentication) -> str | None:
        secret = keys if is_known(auth) else None
        return auth.username if await auth.verify(secret) else None

    courses: list[list[str]] = []
    for user in ("bob", "eve"):
        async with open_session(Deciding(decide), methods(method)) as client:
            courses.append(await course(client, method, user))
    assert courses[0] == courses[1]
    assert courses[0][-1][:3] == "535"
    fits = method in ("PLAIN", f"SCRAM-{hash_name}")
    assert ("on_auth failed" in caplog.text) is not fits


@pytest.mark.parametrize("method", [*FIRST, "CRAM-MD5"])
async def test_a_handler_that_refuses_unknown_users_itself_does_not_tell_who_exists(
    method: str,
) -> None:
    async def decide(auth: Authentication) -> str:
        if not is_known(auth) or not await auth.verify("secret"):
            raise Reject(535, "no", enhanced="5.7.8")
        return auth.username

    courses: list[list[str]] = []
    for user in ("bob", "eve"):
        async with open_session(Deciding(decide), methods(method)) as client:
            courses.append(await course(client, method, user))
    assert courses[0] == courses[1]


async def test_unfit_keys_tell_the_rounds_of_all_others() -> None:
    keys = scram_keys("secret", hash_name="SHA-1", iterations=5_000)

    async def decide(auth: Authentication) -> str | None:
        secret = keys if is_known(auth) else None
        return auth.username if await auth.verify(secret, iterations=5_000) else None

    for user in ("bob", "eve"):
        async with open_session(Deciding(decide), methods("SCRAM-SHA-256")) as client:
            await client.ask("EHLO c")
            first = FIRST["SCRAM-SHA-256"].format(user)
            said = await client.ask(f"AUTH SCRAM-SHA-256 {b64(first)}")
            assert base64.b64decode(said[4:]).endswith(b",i=5000")


async def swallows(auth: Authentication) -> str | None:
    try:
        return auth.username if await auth.verify("secret") else None
    except Exception:
        return None


async def gives_up(auth: Authentication) -> str:
    with trio.move_on_after(5):
        await auth.verify("secret")
    return auth.username


async def fails_late(auth: Authentication) -> str:
    with trio.fail_after(5):
        await auth.verify("secret")
    return auth.username


async def begin_scram(client: SMTPClient) -> None:
    await client.ask("EHLO c")
    first = FIRST["SCRAM-SHA-256"].format("bob")
    assert (await client.ask(f"AUTH SCRAM-SHA-256 {b64(first)}"))[:3] == "334"


async def test_a_client_that_vanishes_from_a_careless_hook_is_no_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    async with open_session(Deciding(swallows), methods("SCRAM-SHA-256")) as client:
        await begin_scram(client)
    [record] = caplog.records
    assert record.getMessage().endswith("end=client\\x20gone")


@pytest.mark.parametrize("decide", [gives_up, fails_late])
async def test_a_response_that_nobody_waits_for_is_no_command(
    decide: Decide,
    autojump_clock: trio.testing.MockClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    autojump_clock.autojump_threshold = 0.05
    async with open_session(Deciding(decide), methods("SCRAM-SHA-256")) as client:
        await begin_scram(client)
        said = await client.reply()
        assert said == "421 4.4.2 mx.test timeout, closing connection"
        assert await client.reply() == ""
    assert "LocalProtocolError" not in caplog.text


async def no(auth: Authentication) -> None:
    return None


async def not_now(auth: Authentication) -> None:
    raise Reject(454, "later")


async def give_up(client: SMTPClient, answer: str) -> str:
    first = FIRST["XOAUTH2"].format("bob")
    assert (await client.ask(f"AUTH XOAUTH2 {b64(first)}"))[:3] == "334"
    return await client.ask(answer)


@pytest.mark.parametrize("answer", ["*", "no base64"])
async def test_to_give_up_a_refused_attempt_is_a_failure_all_the_same(
    answer: str, autojump_clock: trio.testing.MockClock
) -> None:
    autojump_clock.autojump_threshold = 0.05
    async with open_session(Deciding(no), methods("XOAUTH2")) as client:
        await client.ask("EHLO c")
        said = [(await give_up(client, answer))[:3] for _ in range(3)]
        assert said == ["501"] * 3
        assert await client.reply() == (
            "421 4.7.0 mx.test too many authentication failures"
        )


async def test_to_give_up_what_was_not_refused_for_good_is_none() -> None:
    async with open_session(Deciding(not_now), methods("XOAUTH2")) as client:
        await client.ask("EHLO c")
        said = [(await give_up(client, "*"))[:3] for _ in range(5)]
        assert said == ["501"] * 5


async def test_an_endless_line_behind_a_refusal_ends_the_session() -> None:
    async with open_session(Deciding(no), methods("XOAUTH2")) as client:
        await client.ask("EHLO c")
        assert (await give_up(client, "A" * 30_000))[:3] == "500"
        assert await client.reply() == ""


async def test_octets_behind_a_line_that_gives_up_are_no_command() -> None:
    async with open_session(Deciding(no), methods("XOAUTH2")) as client:
        await client.ask("EHLO c")
        said = await give_up(client, "*\r\nNOOP")
        assert said == "554 5.5.0 protocol synchronization"
        assert await client.reply() == ""
