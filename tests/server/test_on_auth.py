"""What ``on_auth`` may say, and who is in then."""

from typing import Any

import pytest
import trio
import trio.testing
from trio.testing import MockClock

from smtpsession import (
    Authentication,
    Handler,
    Reject,
    Reply,
    Session,
    Timeouts,
)
from tests.server.auth_plays import (
    Deciding,
    Play,
    errors,
    every_mechanism,
    play_cram,
    play_login,
    play_plain,
    play_scram,
    play_scram_sha1,
    raising,
    returning,
)
from tests.server.sasl_client import (
    USER_PASS,
    USER_WRONG,
    ScramClient,
    insecure,
    plain,
)
from tests.server.smtp_client import open_session

# What the hook may say.


@pytest.mark.parametrize("user", [0, "", (), True, {"name": "bob"}, object(), b"x"])
async def test_any_object_may_be_the_user(user: object) -> None:
    handler = Deciding(returning(user))
    async with open_session(handler, insecure()) as client:
        await client.ask("EHLO c")
        assert (await client.ask(f"AUTH PLAIN {USER_PASS}"))[:3] == "235"
        assert handler.sessions[0].user is user
        assert (await client.ask(f"AUTH PLAIN {USER_PASS}"))[:3] == "503"
        assert "AUTH" not in await client.ask("EHLO c")


async def test_false_refuses_as_none_does(autojump_clock: MockClock) -> None:
    async def decide(session: Session, auth: Authentication) -> bool:
        return await auth.verify("pass")

    handler = Deciding(decide)
    async with open_session(handler, insecure()) as client:
        await client.ask("EHLO c")
        assert (await client.ask(f"AUTH PLAIN {USER_WRONG}"))[:9] == "535 5.7.8"
        assert handler.sessions[0].user is None
        assert (await client.ask(f"AUTH PLAIN {USER_PASS}"))[:3] == "235"


class Pending:
    """Something that was to be awaited, and was not."""

    def __await__(self) -> Any:
        raise AssertionError("never awaited")


@pytest.mark.parametrize(
    "value",
    [
        Reply(535, "no"),
        Reply(235, "yes"),
        Reject(535, "no"),
        ValueError("pass"),
        Pending(),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_what_means_something_else_is_no_user(
    value: object, caplog: pytest.LogCaptureFixture
) -> None:
    handler = Deciding(returning(value))
    async with open_session(handler, insecure()) as client:
        await client.ask("EHLO c")
        assert (await client.ask(f"AUTH PLAIN {USER_PASS}"))[:9] == "454 4.7.0"
        assert handler.sessions[0].user is None
        assert (await client.ask("NOOP"))[:3] == "250"
    assert errors(caplog) == ["on_auth failed"]
    assert "on_auth must return the user, or None to refuse, and may" in caplog.text
    assert f"got a {type(value).__name__}" in caplog.text


async def test_a_verify_that_is_not_awaited_lets_nobody_in(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def decide(session: Session, auth: Authentication) -> str | None:
        answer: Any = auth.verify("pass")
        return "user" if answer else None

    async with open_session(Deciding(decide), insecure()) as client:
        await client.ask("EHLO c")
        for line in (f"AUTH PLAIN {USER_PASS}", f"AUTH PLAIN {USER_WRONG}"):
            assert (await client.ask(line))[:9] == "454 4.7.0"
    assert errors(caplog) == ["on_auth failed"] * 2
    assert "auth.verify() must be awaited" in caplog.text


@pytest.mark.parametrize(
    ("rejection", "reply"),
    [
        (Reject(535, "locked", enhanced="5.7.8"), "535 5.7.8 locked"),
        (Reject(534, "too weak", enhanced="5.7.9"), "534 5.7.9 too weak"),
        (Reject(432, "change it", enhanced="4.7.12"), "432 4.7.12 change it"),
        (Reject(454, "later", enhanced="4.7.0"), "454 4.7.0 later"),
        (Reject(421, "go away"), "421 4.0.0 mx.test go away"),
    ],
)
async def test_a_hook_may_refuse_in_its_own_words(
    rejection: Reject,
    reply: str,
    autojump_clock: MockClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with open_session(Deciding(raising(rejection)), insecure()) as client:
        await client.ask("EHLO c")
        assert await client.ask(f"AUTH PLAIN {USER_PASS}") == reply
        if rejection.code == 421:
            assert await client.reply() == ""
        else:
            assert (await client.ask("NOOP"))[:3] == "250"
    assert errors(caplog) == []


@every_mechanism
async def test_a_hook_that_fails_is_454_and_logged(
    play: Play, caplog: pytest.LogCaptureFixture
) -> None:
    handler = Deciding(raising(RuntimeError("deliberate")))
    async with open_session(handler, insecure()) as client:
        await client.ask("EHLO c")
        assert (await play(client, "pass"))[:9] == "454 4.7.0"
        assert (await client.ask("NOOP"))[:3] == "250"
    assert errors(caplog) == ["on_auth failed"]


async def test_a_hook_that_hangs_is_454_and_logged(
    autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    async def decide(session: Session, auth: Authentication) -> None:
        await trio.sleep_forever()

    config = insecure(timeouts=Timeouts(command=100, hook=300))
    async with open_session(Deciding(decide), config) as client:
        await client.ask("EHLO c")
        assert (await client.ask(f"AUTH PLAIN {USER_PASS}"))[:9] == "454 4.7.0"
        assert trio.current_time() == pytest.approx(300)
        # Neither does it, when the client was waited for before.
        assert (await client.ask("AUTH PLAIN")) == "334 "
        assert (await client.ask(USER_PASS))[:9] == "454 4.7.0"
        assert trio.current_time() == pytest.approx(600)
    assert errors(caplog) == ["on_auth timed out"] * 2


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        (None, "454 4.7.0 temporary authentication failure"),
        (Reply(250, "never mind"), "454 4.7.0 temporary authentication failure"),
        ("sorry", "451 4.3.0 sorry"),
        (Reply(454, "sorry", "4.7.0"), "454 4.7.0 sorry"),
    ],
)
async def test_on_error_words_it_but_lets_nobody_in(said: Any, reply: str) -> None:
    class Excusing(Handler):
        async def on_auth(self, session: Session, auth: Authentication) -> None:
            raise RuntimeError("deliberate")

        async def on_error(self, session: Session, exception: Exception) -> Any:
            return said

    async with open_session(Excusing(), insecure()) as client:
        await client.ask("EHLO c")
        assert await client.ask(f"AUTH PLAIN {USER_PASS}") == reply
        assert "AUTH" in await client.ask("EHLO c")


@pytest.mark.parametrize("play", [play_scram, play_scram_sha1, play_cram])
async def test_nobody_is_let_in_whose_proof_nobody_has_looked_at(
    play: Play, caplog: pytest.LogCaptureFixture
) -> None:
    handler = Deciding(returning("user"))
    async with open_session(handler, insecure()) as client:
        await client.ask("EHLO c")
        assert (await play(client, "pass"))[:9] == "454 4.7.0"
        assert handler.sessions[0].user is None
    [line] = errors(caplog)
    assert line.startswith("on_auth let ")
    assert line.endswith(" in without auth.verify()")


@pytest.mark.parametrize("play", [play_scram, play_cram])
async def test_nor_whose_proof_was_wrong(
    play: Play, autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    async def decide(session: Session, auth: Authentication) -> str:
        await auth.verify("pass")
        return "user"

    async with open_session(Deciding(decide), insecure()) as client:
        await client.ask("EHLO c")
        assert (await play(client, "wrong"))[:9] == "535 5.7.8"
        assert (await play(client, "pass"))[:3] == "235"
    assert errors(caplog) == []


async def test_a_password_in_plain_text_may_be_checked_in_ones_own_way(
    autojump_clock: MockClock,
) -> None:
    async def decide(session: Session, auth: Authentication) -> str | None:
        return "user" if auth.password == "own" else None

    async with open_session(Deciding(decide), insecure()) as client:
        await client.ask("EHLO c")
        assert (await play_plain(client, "pass"))[:3] == "535"
        assert (await play_login(client, "own"))[:3] == "235"


async def test_who_proves_the_password_can_still_be_refused(
    autojump_clock: MockClock,
) -> None:
    async def decide(session: Session, auth: Authentication) -> None:
        assert await auth.verify("pass")

    async with open_session(Deciding(decide), insecure()) as client:
        await client.ask("EHLO c")
        assert (await play_scram(client, "pass"))[:9] == "535 5.7.8"


# Whom the client wants to act as.


@pytest.mark.parametrize("reads", [True, False])
async def test_whoever_acts_for_another_is_let_in_only_by_who_has_looked(
    *, reads: bool, autojump_clock: MockClock
) -> None:
    async def decide(session: Session, auth: Authentication) -> str | None:
        if await auth.verify("pass"):
            return auth.authorization_id if reads else auth.username
        return None

    handler = Deciding(decide)
    scram = ScramClient(header="n,a=boss,")
    async with open_session(handler, insecure()) as client:
        await client.ask("EHLO c")
        said = await client.ask(f"AUTH PLAIN {plain('user', 'pass', 'boss')}")
        assert said[:3] == ("235" if reads else "535")
    async with open_session(handler, insecure()) as client:
        await client.ask("EHLO c")
        said = await scram.authenticate(client)
        assert said[:3] == ("235" if reads else "535")
        if not reads:
            same = plain("user", "pass", "user")
            assert (await client.ask(f"AUTH PLAIN {same}"))[:3] == "235"
    users = [session.user for session in handler.sessions]
    assert users == (["boss", "boss"] if reads else [None, "user"])
