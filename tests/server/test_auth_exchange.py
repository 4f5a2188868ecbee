"""One attempt to authenticate, whatever the client, the hook or the network do."""

import threading
from typing import Any

import pytest
import trio
import trio.testing
from trio.testing import MockClock

from smtpsession import (
    Authentication,
    Challenge,
    ClientGone,
    Handler,
    Reject,
    Session,
    Timeouts,
    scram_keys,
)
from smtpsession.auth.mechanism import Secret
from smtpsession.server.server_state import ServerState
from tests.server.auth_plays import (
    BEGIN_SCRAM,
    PLAYS,
    SCRAM,
    Deciding,
    Own,
    Play,
    checking,
    errors,
    every_mechanism,
    play_cram,
    play_login,
    play_plain,
    play_scram,
    returning,
)
from tests.server.sasl_client import (
    USER_PASS,
    Users,
    b64,
    insecure,
    unb64,
)
from tests.server.smtp_client import SMTPClient, open_session

# One hook serves every mechanism.


@every_mechanism
async def test_the_right_secret_lets_in_and_a_wrong_one_does_not(
    play: Play, autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    handler = Users(user="pass")
    async with open_session(handler, insecure()) as client:
        await client.ask("EHLO c")
        assert (await play(client, "wrong"))[:10] == "535 5.7.8 "
        assert handler.sessions[0].user is None
        assert (await play(client, "pass"))[:10] == "235 2.7.0 "
        assert handler.sessions[0].user == "user"
        assert handler.sessions[0].transmission_type == "ESMTPA"
        assert (await client.deliver(b"hi\r\n"))[:3] == "250"
    assert [auth.username for auth in handler.asked] == ["user", "user"]
    assert errors(caplog) == []


@every_mechanism
async def test_nobody_looks_like_a_wrong_password(
    play: Play, autojump_clock: MockClock
) -> None:
    said: list[str] = []
    hooks = (Users(user="pass"), Users(other="pass"), Deciding(returning(None)))
    for handler in hooks:
        async with open_session(handler, insecure()) as client:
            await client.ask("EHLO c")
            said.append(await play(client, "wrong"))
    assert said == ["535 5.7.8 authentication credentials invalid"] * 3


async def test_stored_keys_do_for_scram_and_for_plain_text(
    autojump_clock: MockClock,
) -> None:
    keys = scram_keys("pass", iterations=5_000)
    for play in (play_scram, play_plain, play_login):
        async with open_session(Users(user=keys), insecure()) as client:
            await client.ask("EHLO c")
            assert (await play(client, "wrong"))[:3] == "535"
            assert (await play(client, "pass"))[:3] == "235"


async def test_an_anonymous_user_is_let_in_by_the_hook_alone(
    autojump_clock: MockClock,
) -> None:
    async def decide(session: Session, auth: Authentication) -> str | None:
        return f"guest {auth.username}" if auth.username == "a@b" else None

    handler = Deciding(decide)
    async with open_session(handler, insecure()) as client:
        await client.ask("EHLO c")
        assert (await client.ask(f"AUTH ANONYMOUS {b64(b'x')}"))[:3] == "535"
        assert (await client.ask(f"AUTH ANONYMOUS {b64(b'a@b')}"))[:3] == "235"
    assert handler.sessions[0].user == "guest a@b"


async def test_the_hook_is_told_what_the_mechanism_knows() -> None:
    seen: list[Any] = []

    async def decide(session: Session, auth: Authentication) -> str:
        seen.append((auth.method, auth.username, auth.password, auth.access_token))
        await auth.verify("pass")
        return auth.username

    for play in PLAYS:
        async with open_session(Deciding(decide), insecure()) as client:
            await client.ask("EHLO c")
            assert (await play(client, "pass"))[:3] == "235"
    assert seen == [
        ("PLAIN", "user", "pass", None),
        ("LOGIN", "user", "pass", None),
        ("CRAM-MD5", "user", None, None),
        ("SCRAM-SHA-256", "user", None, None),
        ("SCRAM-SHA-1", "user", None, None),
        ("XOAUTH2", "user", None, "pass"),
        ("OAUTHBEARER", "user", None, "pass"),
    ]


# verify()


async def test_several_passwords_can_be_tried_where_they_come_in_plain_text(
    autojump_clock: MockClock,
) -> None:
    async def decide(session: Session, auth: Authentication) -> str | None:
        found = [await auth.verify(one) for one in ("old", "pass", "new")]
        return "user" if any(found) else None

    for play in (play_plain, play_login, play_cram):
        async with open_session(Deciding(decide), insecure()) as client:
            await client.ask("EHLO c")
            assert (await play(client, "wrong"))[:3] == "535"
            assert (await play(client, "pass"))[:3] == "235"


async def test_scram_can_be_asked_about_one_secret_only(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def decide(session: Session, auth: Authentication) -> str | None:
        for one in ("old", "pass"):
            if await auth.verify(one):
                return "user"
        return None

    async with open_session(Deciding(decide), insecure()) as client:
        await client.ask("EHLO c")
        assert (await play_scram(client, "pass"))[:9] == "454 4.7.0"
        assert (await play_scram(client, "old"))[:3] == "235"
    assert errors(caplog) == ["on_auth failed"]
    assert "auth.verify() can be asked only once with SCRAM-SHA-256" in caplog.text


async def test_nor_about_two_at_one_time(caplog: pytest.LogCaptureFixture) -> None:
    async def decide(session: Session, auth: Authentication) -> None:
        async def verify(secret: Secret) -> None:
            await auth.verify(secret)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(verify, "pass")
            nursery.start_soon(verify, "old")

    async with open_session(Deciding(decide), insecure()) as client:
        await client.ask("EHLO c")
        assert (await client.ask(BEGIN_SCRAM))[:3] in ("334", "454")
    assert "auth.verify() can be asked only once with SCRAM-SHA-256" in caplog.text


async def test_that_there_is_no_such_user_can_be_said_more_than_once(
    autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    async def decide(session: Session, auth: Authentication) -> bool:
        first = await auth.verify(None, iterations=6_000)
        return first or await auth.verify(None, iterations=7_000)

    async with open_session(Deciding(decide), insecure()) as client:
        await client.ask("EHLO c")
        challenge = unb64(await client.ask(BEGIN_SCRAM))
        assert challenge.endswith(b",i=7000")
        assert (await client.ask(b64(SCRAM.final(challenge))))[:3] == "535"
    assert errors(caplog) == []


@pytest.mark.parametrize(("code", "play"), [(550, play_scram), (454, play_cram)])
async def test_nobody_is_played_to_its_end_whatever_the_refusal(
    code: int, play: Play, autojump_clock: MockClock
) -> None:
    async def decide(session: Session, auth: Authentication) -> None:
        await auth.verify(None)
        raise Reject(code, "not you")

    async with open_session(Deciding(decide), insecure()) as client:
        await client.ask("EHLO c")
        assert (await play(client, "pass")).endswith("not you")


@pytest.mark.parametrize(
    ("secret", "play", "said"),
    [
        (b"pass", play_plain, "secret must be a str, SCRAMKeys or None, got bytes"),
        (scram_keys("pass"), play_cram, "secret for CRAM-MD5 must be a str or None"),
        (scram_keys("pass", hash_name="SHA-1"), play_scram, "got keys of SHA-1"),
    ],
)
async def test_a_secret_that_cannot_be_used_is_logged_and_else_like_a_wrong_one(
    secret: Any, play: Play, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_session(Users(user=secret), insecure()) as client:
        await client.ask("EHLO c")
        assert (await play(client, "pass"))[:9] == "535 5.7.8"
    assert errors(caplog) == ["on_auth failed"]
    assert said in caplog.text


async def test_too_few_rounds_for_nobody_are_454_and_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def decide(session: Session, auth: Authentication) -> None:
        await auth.verify(None, iterations=1)

    async with open_session(Deciding(decide), insecure()) as client:
        await client.ask("EHLO c")
        assert (await client.ask(BEGIN_SCRAM))[:9] == "454 4.7.0"
    assert errors(caplog) == ["SCRAM-SHA-256 failed"]


async def test_after_on_auth_there_is_nothing_to_verify(
    caplog: pytest.LogCaptureFixture,
) -> None:
    kept: list[Authentication] = []

    class Late(Handler):
        async def on_auth(self, session: Session, auth: Authentication) -> str:
            kept.append(auth)
            return "user"

        async def on_mail_from(self, session: Session, address: Any) -> None:
            await kept[0].verify("pass")

    async with open_session(Late(), insecure()) as client:
        await client.ask("EHLO c")
        await client.ask(f"AUTH PLAIN {USER_PASS}")
        assert (await client.ask("MAIL FROM:<a@c>"))[:3] == "451"
    assert "auth.verify() after on_auth has returned" in caplog.text


# The client gives up, or says nonsense, while verify() waits for it.

NONSENSE = [
    ("*", "501 5.7.0"),
    ("!!!", "501 5.5.2"),
    ("AAA", "501 5.5.2"),
    ("A" * 12_290, "500 5.5.6"),
]


@pytest.mark.parametrize(("line", "reply"), NONSENSE)
async def test_who_gives_up_is_told_so_and_can_begin_anew(
    line: str, reply: str, autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    raised: list[str] = []

    async def decide(session: Session, auth: Authentication) -> str | None:
        try:
            return await checking(session, auth)
        except ClientGone:
            raised.append("gone")
            raise

    async with open_session(Deciding(decide), insecure()) as client:
        await client.ask("EHLO c")
        assert (await client.ask(BEGIN_SCRAM))[:3] == "334"
        assert (await client.ask(line))[:9] == reply
        assert raised == ["gone"]
        assert (await play_scram(client, "pass"))[:3] == "235"
    assert errors(caplog) == []


@pytest.mark.parametrize("swallowed", [None, "user", Reject(454, "x"), ValueError()])
async def test_a_hook_that_does_not_notice_decides_nothing(
    swallowed: Any, autojump_clock: MockClock
) -> None:
    async def decide(session: Session, auth: Authentication) -> Any:
        try:
            return await checking(session, auth)
        except ClientGone:
            if isinstance(swallowed, Exception):
                raise swallowed from None
            return swallowed

    handler = Deciding(decide)
    async with open_session(handler, insecure()) as client:
        await client.ask("EHLO c")
        await client.ask(BEGIN_SCRAM)
        assert (await client.ask("*"))[:9] == "501 5.7.0"
        assert (await client.ask("MAIL FROM:<a@c>"))[:3] == "250"
        assert handler.sessions[0].user is None


async def test_a_response_with_more_behind_it_ends_the_session() -> None:
    async with open_session(Users(), insecure()) as client:
        await client.ask("EHLO c")
        await client.ask("AUTH PLAIN")
        await client.send(f"{USER_PASS}\r\nNOOP\r\n".encode())
        assert (await client.reply())[:9] == "554 5.5.0"
        assert await client.reply() == ""
    async with open_session(Users(), insecure()) as client:
        await client.ask("EHLO c")
        await client.ask("AUTH PLAIN")
        await client.send(b"*\r\nNOOP\r\n")
        assert (await client.reply())[:9] == "554 5.5.0"
        assert await client.reply() == ""


async def test_a_line_without_an_end_ends_the_session(
    autojump_clock: MockClock,
) -> None:
    async with open_session(Users(), insecure()) as client:
        await client.ask("EHLO c")
        await client.ask("AUTH PLAIN")
        await client.send(b"A" * 30_000)
        assert (await client.reply())[:9] == "500 5.5.6"
        assert await client.reply() == ""


@pytest.mark.parametrize("swallows", [False, True])
@pytest.mark.parametrize("begin", ["AUTH PLAIN", BEGIN_SCRAM])
async def test_a_connection_that_is_lost_in_the_exchange(
    begin: str, *, swallows: bool, caplog: pytest.LogCaptureFixture
) -> None:
    ended: list[Session] = []

    class Losing(Handler):
        async def on_auth(self, session: Session, auth: Authentication) -> Any:
            try:
                await auth.verify("pass")
            except ClientGone:
                if not swallows:
                    raise
            return "user"

        async def on_close(self, session: Session) -> None:
            ended.append(session)

    async with open_session(Losing(), insecure()) as client:
        await client.ask("EHLO c")
        assert (await client.ask(begin))[:3] == "334"
        await trio.aclose_forcefully(client.stream)
    assert [session.user for session in ended] == [None]
    assert errors(caplog) == []


async def test_who_does_not_believe_the_servers_proof_is_not_in(
    autojump_clock: MockClock,
) -> None:
    handler = Users()
    async with open_session(handler, insecure()) as client:
        await client.ask("EHLO c")
        challenge = unb64(await client.ask(BEGIN_SCRAM))
        assert unb64(await client.ask(b64(SCRAM.final(challenge)))) == SCRAM.wanted
        assert (await client.ask("*"))[:9] == "501 5.7.0"
        assert handler.sessions[0].user is None
        assert (await play_scram(client, "pass"))[:3] == "235"


# The hook does not wait for verify().


@pytest.mark.parametrize(
    ("said", "reply"),
    [(None, "535 5.7.8"), (Reject(454, "slow"), "454 4.0.0"), ("user", "454 4.7.0")],
)
async def test_a_response_that_nobody_waits_for_is_no_command(
    said: Any, reply: str, autojump_clock: MockClock
) -> None:
    async def decide(session: Session, auth: Authentication) -> Any:
        with trio.move_on_after(5):
            await auth.verify("pass")
        if isinstance(said, Exception):
            raise said
        return said

    handler = Deciding(decide)
    async with open_session(handler, insecure()) as client:
        await client.ask("EHLO c")
        challenge = unb64(await client.ask(BEGIN_SCRAM))
        await trio.sleep(10)
        assert (await client.ask(b64(SCRAM.final(challenge))))[:9] == reply
        assert handler.sessions[0].user is None
        assert (await client.ask("NOOP"))[:3] == "250"


async def test_a_hook_whose_time_is_over_during_the_work_asks_nothing_more(
    autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    class Working(Own):
        needs_verify = True

        def verify(self, secret: Secret, *, iterations: int) -> Challenge:
            begun.set()
            assert go_on.wait(60)
            return Challenge(b"proof?")

    async def let_go() -> None:
        await trio.to_thread.run_sync(begun.wait)
        await trio.sleep(20)
        go_on.set()

    config = insecure(auth_methods=[Working], timeouts=Timeouts(command=None, hook=10))
    async with open_session(Deciding(checking), config) as client:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(let_go)
            await client.ask("EHLO c")
            assert unb64(await client.ask("AUTH X-OWN AAAA")) == b"proof?"
        assert (await client.ask("AAAA"))[:9] == "454 4.7.0"
        assert (await client.ask("NOOP"))[:3] == "250"
    assert errors(caplog) == ["on_auth timed out"]


# Time.


async def test_a_client_that_does_not_answer_is_told_and_closed(
    autojump_clock: MockClock,
) -> None:
    config = insecure(timeouts=Timeouts(command=300, hook=None))
    ended: list[Session] = []

    class Noting(Users):
        async def on_close(self, session: Session) -> None:
            ended.append(session)

    async with open_session(Noting(), config) as client:
        await client.ask("EHLO c")
        assert (await client.ask("AUTH PLAIN")) == "334 "
        assert (await client.reply())[:9] == "421 4.4.2"
        assert trio.current_time() == pytest.approx(300)
        assert await client.reply() == ""
    assert [session.user for session in ended] == [None]


async def test_the_hook_has_its_own_time_however_slow_the_client_was(
    autojump_clock: MockClock,
) -> None:
    async def decide(session: Session, auth: Authentication) -> str:
        await trio.sleep(200)
        return "user"

    config = insecure(timeouts=Timeouts(command=300, hook=300))
    async with open_session(Deciding(decide), config) as client:
        await client.ask("EHLO c")
        await client.ask("AUTH PLAIN")
        await trio.sleep(299)
        assert (await client.ask(USER_PASS))[:3] == "235"


async def test_the_client_has_its_own_time_however_slow_the_hook_was(
    mock_clock: MockClock,
) -> None:
    async def decide(session: Session, auth: Authentication) -> str | None:
        found = await checking(session, auth)
        await trio.sleep(299)
        return found

    config = insecure(auth_methods=[Own], timeouts=Timeouts(command=None, hook=300))
    async with open_session(Deciding(decide), config) as client:
        await client.ask("EHLO c")
        assert unb64(await client.ask("AUTH X-OWN AAAA")) == b"proof?"
        mock_clock.jump(10_000)
        await client.send(b"cGFzcw==\r\n")
        await trio.testing.wait_all_tasks_blocked()
        mock_clock.jump(299.5)
        assert (await client.reply())[:3] == "235"


async def test_a_server_that_drains_lets_the_exchange_end(
    autojump_clock: MockClock,
) -> None:
    state = ServerState(Deciding(returning("user")), insecure())
    ours, theirs = trio.testing.memory_stream_pair()
    client = SMTPClient(ours)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(state.handle, theirs)
        await client.reply()
        await client.ask("EHLO c")
        await client.ask("AUTH PLAIN")
        nursery.start_soon(state.drain, 100)
        await trio.testing.wait_all_tasks_blocked()
        assert (await client.ask(USER_PASS))[:3] == "235"
        assert (await client.reply())[:9] == "421 4.3.2"
        assert await client.reply() == ""
        await trio.aclose_forcefully(ours)


async def test_but_not_for_longer_than_its_grace(autojump_clock: MockClock) -> None:
    state = ServerState(Users(), insecure())
    ours, theirs = trio.testing.memory_stream_pair()
    client = SMTPClient(ours)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(state.handle, theirs)
        await client.reply()
        await client.ask("EHLO c")
        await client.ask("AUTH PLAIN")
        nursery.start_soon(state.drain, 100)
        assert (await client.reply())[:9] == "421 4.3.2"
        assert trio.current_time() == pytest.approx(100)
        await trio.aclose_forcefully(ours)
