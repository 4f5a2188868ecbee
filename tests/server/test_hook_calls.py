"""Hooks are called so that whatever they do costs no more than their command."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trio
import trio.testing

from smtpsession import (
    Authentication,
    Claim,
    ClientGone,
    Handler,
    Message,
    MessageTooLarge,
    Reject,
    Reply,
    Session,
    SMTPSessionError,
)
from smtpsession.auth.mechanism import Secret
from smtpsession.handler import HookResult
from smtpsession.server.hook_calls import HookCalls, User
from smtpsession.wire import replies
from smtpsession.wire.addresses import parse_forward_path

Do = Callable[[], Any]


class Scripted(Handler):
    """Does in on_hello, on_reset and on_close what it is told to do."""

    def __init__(self, do: Do) -> None:
        self.do = do

    async def on_hello(self, session: Session, name: str) -> HookResult:
        result: HookResult = await self.do()
        return result

    async def on_reset(self, session: Session) -> None:
        await self.do()

    async def on_close(self, session: Session) -> None:
        await self.do()

    async def on_auth(self, session: Session, auth: Authentication) -> Any:
        return await self.do()


class Excusing(Scripted):
    """Has an on_error, too, that does as it is told."""

    def __init__(self, do: Do, excuse: Callable[[Exception], Any]) -> None:
        super().__init__(do)
        self.excuse = excuse

    async def on_error(self, session: Session, exception: Exception) -> HookResult:
        result: HookResult = await self.excuse(exception)
        return result


def returns(value: object) -> Any:
    async def do(*arguments: object) -> object:
        return value

    return do


def raises(error: BaseException) -> Any:
    async def do(*arguments: object) -> None:
        raise error

    return do


async def hang(*arguments: object) -> None:
    await trio.sleep_forever()


def calls(handler: Handler, seconds: float | None = 300) -> HookCalls:
    return HookCalls(handler, Session(id="0123"), seconds)


async def ask(handler: Handler, seconds: float | None = 300) -> HookResult:
    return await calls(handler, seconds).ask("on_hello", "mx")


def records(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    return [(record.levelname, record.getMessage()) for record in caplog.records]


# What a hook says.


async def test_a_hook_gets_its_session_and_its_arguments() -> None:
    class Named(Handler):
        async def on_hello(self, session: Session, name: str) -> str:
            return f"{session.id} {name}"

    assert await ask(Named()) == "0123 mx"


@pytest.mark.parametrize(
    "said", [None, "", "welcome", Reply(250, "hi"), Reply(550, "no"), Reply(421, "x")]
)
async def test_what_a_hook_returns_is_its_answer(
    said: HookResult, caplog: pytest.LogCaptureFixture
) -> None:
    assert await ask(Scripted(returns(said))) is said
    assert caplog.records == []


REJECTIONS: list[tuple[Reject, Reply]] = [
    (Reject(550, "no"), Reply(550, "no", "5.0.0")),
    (Reject(450, "later", enhanced="4.2.1"), Reply(450, "later", "4.2.1")),
    (MessageTooLarge(), replies.TOO_LARGE),
]


@pytest.mark.parametrize(("rejection", "reply"), REJECTIONS)
async def test_a_rejection_is_its_reply(
    rejection: Reject, reply: Reply, caplog: pytest.LogCaptureFixture
) -> None:
    assert await ask(Scripted(raises(rejection))) == reply
    assert caplog.records == []


@pytest.mark.parametrize(("rejection", "reply"), REJECTIONS)
async def test_a_rejection_out_of_a_nursery_is_its_reply(
    rejection: Reject, reply: Reply, caplog: pytest.LogCaptureFixture
) -> None:
    async def in_nursery() -> None:
        async with trio.open_nursery() as outer, trio.open_nursery() as inner:
            inner.start_soon(hang)
            outer.start_soon(raises(rejection))

    assert await ask(Scripted(in_nursery)) == reply
    nested = ExceptionGroup("outer", [ExceptionGroup("inner", [rejection])])
    assert await ask(Scripted(raises(nested))) == reply
    assert caplog.records == []


# What a hook does wrong: 451, one record with the session's id, and no more.


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("deliberate"),
        KeyError("x"),
        trio.TooSlowError(),
        trio.BrokenResourceError(),
        SMTPSessionError(),
        ExceptionGroup("two", [Reject(550, "no"), Reject(550, "no")]),
        ExceptionGroup("two", [Reject(550, "no"), ValueError("deliberate")]),
        ExceptionGroup("one", [ValueError("deliberate")]),
    ],
    ids=repr,
)
async def test_what_else_a_hook_raises_is_451_and_logged(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    assert await ask(Scripted(raises(error))) is replies.HOOK_FAILED
    assert replies.HOOK_FAILED.to_bytes()[:10] == b"451 4.3.0 "
    assert records(caplog) == [("ERROR", "session 0123: on_hello failed")]
    assert caplog.records[0].name == "smtpsession"
    assert caplog.records[0].exc_info is not None
    assert caplog.records[0].exc_info[1] is error


@pytest.mark.parametrize("result", [250, True, b"OK", ["OK"], Reply(354, "go on")])
async def test_what_a_hook_may_not_return_is_451_and_logged(
    result: object, caplog: pytest.LogCaptureFixture
) -> None:
    assert await ask(Scripted(returns(result))) is replies.HOOK_FAILED
    assert records(caplog) == [("ERROR", "session 0123: on_hello failed")]
    assert "on_hello must return None, a str or a final Reply" in caplog.text


async def test_a_hook_that_hangs_is_451_and_logged(
    autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    started = trio.current_time()
    assert await ask(Scripted(hang), seconds=300) is replies.HOOK_FAILED
    assert trio.current_time() - started == pytest.approx(300)
    assert records(caplog) == [("ERROR", "session 0123: on_hello timed out")]


async def test_each_hook_has_its_own_time(
    autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    async def slowly() -> str:
        await trio.sleep(299)
        return "done"

    hooks = calls(Scripted(slowly), 300)
    assert [await hooks.ask("on_hello", "mx") for _ in range(3)] == ["done"] * 3
    assert caplog.records == []


async def test_without_a_deadline_a_hook_may_take_long(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async def slowly() -> str:
        await trio.sleep(80_000)
        return "done"

    assert await ask(Scripted(slowly), seconds=None) == "done"


@pytest.mark.parametrize(
    "error",
    [
        ClientGone(),
        ExceptionGroup("one", [ClientGone()]),
        ExceptionGroup("two", [ExceptionGroup("in", [ClientGone()]), ValueError()]),
        ExceptionGroup("two", [Reject(550, "no"), ClientGone()]),
    ],
    ids=repr,
)
async def test_a_client_that_is_gone_gets_no_answer(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    handler = Excusing(raises(error), returns("never asked"))
    with pytest.raises(ClientGone) as caught:
        await ask(handler)
    assert caught.value.__cause__ is error
    assert caplog.records == []


async def test_cancellation_from_outside_is_nobodys_failure(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with trio.CancelScope() as scope:
        scope.cancel()
        await ask(Scripted(hang))
    assert scope.cancelled_caught
    assert caplog.records == []


async def test_what_ends_the_program_passes() -> None:
    with pytest.raises(KeyboardInterrupt):
        await ask(Scripted(raises(KeyboardInterrupt())))


# on_error.


async def test_on_error_gets_the_exception_after_it_was_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    seen: list[tuple[Exception, int]] = []
    error = RuntimeError("deliberate")

    async def excuse(exception: Exception) -> None:
        seen.append((exception, len(caplog.records)))

    assert await ask(Excusing(raises(error), excuse)) is replies.HOOK_FAILED
    assert seen == [(error, 1)]
    assert records(caplog) == [("ERROR", "session 0123: on_hello failed")]


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        (None, replies.HOOK_FAILED),
        ("sorry", Reply(451, "sorry", "4.3.0")),
        ("grüß\r\n250 OK", Reply(451, "gr????250 OK", "4.3.0")),
        (Reply(554, "broken"), Reply(554, "broken")),
        (Reply(250, "never mind"), Reply(250, "never mind")),
    ],
)
async def test_on_error_chooses_the_reply_and_a_text_accepts_nothing(
    said: HookResult, reply: Reply
) -> None:
    assert await ask(Excusing(raises(ValueError()), returns(said))) == reply


async def test_on_error_is_asked_about_a_result_that_may_not_be() -> None:
    handler = Excusing(returns(250), lambda error: returns(type(error).__name__)())
    assert await ask(handler) == Reply(451, "TypeError", "4.3.0")


async def test_on_error_may_reject(caplog: pytest.LogCaptureFixture) -> None:
    handler = Excusing(raises(ValueError()), raises(Reject(550, "no")))
    assert await ask(handler) == Reply(550, "no")
    assert records(caplog) == [("ERROR", "session 0123: on_hello failed")]


@pytest.mark.parametrize(
    "excuse",
    [raises(RuntimeError("again")), returns(250), raises(ClientGone())],
    ids=["raises", "returns what it may not", "says that the client is gone"],
)
async def test_an_on_error_that_fails_is_451_and_logged(
    excuse: Any, caplog: pytest.LogCaptureFixture
) -> None:
    handler = Excusing(raises(ValueError()), excuse)
    assert await ask(handler) is replies.HOOK_FAILED
    assert records(caplog) == [
        ("ERROR", "session 0123: on_hello failed"),
        ("ERROR", "session 0123: on_error failed"),
    ]
    assert caplog.records[1].exc_info is not None


async def test_an_on_error_that_hangs_is_451_and_logged(
    autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    started = trio.current_time()
    handler = Excusing(raises(ValueError()), hang)
    assert await ask(handler, seconds=20) is replies.HOOK_FAILED
    assert trio.current_time() - started == pytest.approx(20)
    assert records(caplog) == [
        ("ERROR", "session 0123: on_hello failed"),
        ("ERROR", "session 0123: on_error timed out"),
    ]


async def test_on_error_is_not_asked_about_a_rejection_or_a_time_out(
    autojump_clock: trio.testing.MockClock,
) -> None:
    never = returns(Reply(554, "never asked"))
    assert await ask(Excusing(raises(Reject(450, "x")), never)) == Reply(450, "x")
    assert await ask(Excusing(hang, never)) is replies.HOOK_FAILED


# tell().


@asynccontextmanager
async def cancelled() -> AsyncIterator[None]:
    """Run the block in a scope that is cancelled already."""
    with trio.CancelScope() as scope:
        scope.cancel()
        yield


async def test_telling_ends_even_when_everything_is_cancelled(
    autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[str] = []

    async def commit() -> None:
        await trio.sleep(4)
        done.append("committed")

    async with cancelled():
        await calls(Scripted(commit)).tell("on_close", seconds=5)
    assert done == ["committed"]
    assert caplog.records == []


async def test_telling_has_a_deadline_of_its_own(
    autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    started = trio.current_time()
    async with cancelled():
        await calls(Scripted(hang), 300).tell("on_reset", seconds=5)
    assert trio.current_time() - started == pytest.approx(5)
    assert records(caplog) == [("ERROR", "session 0123: on_reset timed out")]


async def test_telling_without_a_deadline_may_take_long(
    autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    async def slowly() -> None:
        await trio.sleep(80_000)

    await calls(Scripted(slowly), 300).tell("on_close", seconds=None)
    assert caplog.records == []


@pytest.mark.parametrize(
    "error", [ValueError("deliberate"), Reject(550, "no"), ClientGone()], ids=repr
)
async def test_who_is_told_has_no_say(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    handler = Excusing(raises(error), raises(AssertionError("never asked")))
    await calls(handler).tell("on_close", seconds=5)
    assert records(caplog) == [("ERROR", "session 0123: on_close failed")]
    assert caplog.records[0].exc_info is not None
    assert caplog.records[0].exc_info[1] is error


# The answer to a message, which in LMTP may be several.


class TakesMessages(Handler):
    """Gives a message the answer that it is told to give."""

    def __init__(self, said: Any) -> None:
        self.said = said

    async def on_data(self, session: Session, message: Message) -> Any:
        if isinstance(self.said, Exception):
            raise self.said
        return self.said


async def ask_message(said: Any, *, lmtp: bool, recipients: int = 2) -> Any:
    session = Session(id="0123", lmtp=lmtp)
    recipient = parse_forward_path(b"<b@d>")
    session.envelope.rcpt_to.extend([recipient] * recipients)

    async def receive() -> bytes:
        return b""

    hooks = HookCalls(TakesMessages(said), session, 300)
    return await hooks.ask_message(Message(receive))


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (None, None),
        ("kept", "kept"),
        (Reject(550, "no"), Reply(550, "no")),
        ([None, "kept"], [None, "kept"]),
        (
            (Reject(550, "no"), Reply(452, "full")),
            [Reply(550, "no"), Reply(452, "full")],
        ),
    ],
)
async def test_lmtp_may_have_an_answer_per_recipient(said: Any, answer: Any) -> None:
    assert await ask_message(said, lmtp=True) == answer


@pytest.mark.parametrize("said", [[None], [None] * 3, []])
async def test_a_wrong_number_of_answers_is_logged_and_left_to_the_dialogue(
    said: Any, caplog: pytest.LogCaptureFixture
) -> None:
    assert await ask_message(said, lmtp=True) == said
    text = f"session 0123: on_data answered for {len(said)} of 2 recipients"
    assert records(caplog) == [("ERROR", text)]


@pytest.mark.parametrize("entry", [5, "250 OK", Reply(354, "go"), ValueError("x")])
async def test_one_wrong_answer_of_several_is_one_failure(
    entry: Any, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await ask_message([None, entry], lmtp=True)
    assert answer == [None, replies.HOOK_FAILED]
    assert records(caplog) == [("ERROR", "session 0123: on_data failed")]


@pytest.mark.parametrize("said", [[None, None], (None,), 5])
async def test_smtp_has_one_answer(said: Any, caplog: pytest.LogCaptureFixture) -> None:
    assert await ask_message(said, lmtp=False) is replies.HOOK_FAILED
    assert records(caplog) == [("ERROR", "session 0123: on_data failed")]


# on_auth.


async def verify_nothing(secret: Secret, iterations: int) -> bool:
    return False


async def ask_user(handler: Handler, seconds: float | None = 300) -> User | Reply:
    auth = Authentication("PLAIN", Claim(username="bob"), verify_nothing)
    return await calls(handler, seconds).ask_user(auth)


@pytest.mark.parametrize("user", ["bob", "", 0, True, [], {"name": "bob"}])
async def test_what_on_auth_returns_is_the_user(user: object) -> None:
    assert await ask_user(Scripted(returns(user))) == User(user)


def test_a_user_is_nobody_elses_business() -> None:
    assert repr(User("bob's token")) == "User()"


@pytest.mark.parametrize("said", [None, False])
async def test_none_and_false_refuse(
    said: object, caplog: pytest.LogCaptureFixture
) -> None:
    assert await ask_user(Scripted(returns(said))) is replies.AUTH_FAILED
    assert caplog.records == []


@pytest.mark.parametrize("said", [Reply(235, "x"), Reject(535, "x"), KeyError("x")])
async def test_what_is_no_user_is_454_and_logged(
    said: object, caplog: pytest.LogCaptureFixture
) -> None:
    assert await ask_user(Scripted(returns(said))) is replies.AUTH_FAILED_FOR_NOW
    assert records(caplog) == [("ERROR", "session 0123: on_auth failed")]


async def test_a_user_that_was_not_awaited_is_none(
    caplog: pytest.LogCaptureFixture,
) -> None:
    waiting = returns("bob")()
    assert await ask_user(Scripted(returns(waiting))) is replies.AUTH_FAILED_FOR_NOW
    assert "got a coroutine (await it)" in caplog.text
    waiting.close()


@pytest.mark.parametrize("rejection", [Reject(535, "no"), Reject(454, "later")])
async def test_on_auth_may_reject(rejection: Reject) -> None:
    reply = Reply(rejection.code, rejection.text)
    assert await ask_user(Scripted(raises(rejection))) == reply


async def test_an_on_auth_that_fails_or_hangs_is_454(
    autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    failing = Scripted(raises(ValueError("deliberate")))
    assert await ask_user(failing) is replies.AUTH_FAILED_FOR_NOW
    assert await ask_user(Scripted(hang), seconds=20) is replies.AUTH_FAILED_FOR_NOW
    assert records(caplog) == [
        ("ERROR", "session 0123: on_auth failed"),
        ("ERROR", "session 0123: on_auth timed out"),
    ]


async def test_on_error_lets_nobody_in() -> None:
    handler = Excusing(raises(ValueError()), returns(Reply(250, "never mind")))
    assert await ask_user(handler) is replies.AUTH_FAILED_FOR_NOW
    handler = Excusing(raises(ValueError()), returns("sorry"))
    assert await ask_user(handler) == Reply(451, "sorry", "4.3.0")


async def test_a_client_that_is_gone_authenticates_nobody() -> None:
    with pytest.raises(ClientGone):
        await ask_user(Scripted(raises(ClientGone())))


# The clock.


async def test_a_hook_inside_another_has_its_own_clock(
    autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    """As on_verify has that is called while on_data waits for the next chunk."""
    inner: list[Any] = []

    async def outer() -> str:
        await trio.sleep(200)
        hooks.pause()
        await trio.sleep(1_000)
        handler.do = returns("fine")
        inner.append(await hooks.ask("on_hello", "mx"))
        handler.do = hang
        inner.append(await hooks.ask("on_hello", "mx"))
        hooks.resume()
        await trio.sleep(99)
        return "done"

    handler = Scripted(outer)
    hooks = calls(handler, 300)
    assert await hooks.ask("on_hello", "mx") == "done"
    assert inner == ["fine", replies.HOOK_FAILED]
    assert records(caplog) == [("ERROR", "session 0123: on_hello timed out")]


class Waiting:
    """A hook that works, waits for its client, and works again."""

    def __init__(self, before: float, waits: float, after: float) -> None:
        self.times = before, waits, after
        self.hooks = calls(Scripted(self), 300)

    async def __call__(self) -> str:
        before, waits, after = self.times
        for _ in range(2):
            await trio.sleep(before)
            self.hooks.pause()
            await trio.sleep(waits)
            self.hooks.resume()
            await trio.sleep(after)
        return "done"


async def test_the_clock_stands_while_the_client_is_waited_for(
    autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    hook = Waiting(before=50, waits=10_000, after=99)
    assert await hook.hooks.ask("on_hello", "mx") == "done"
    assert caplog.records == []


async def test_the_clock_goes_on_where_it_stood(
    autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    hook = Waiting(before=50, waits=10_000, after=101)
    started = trio.current_time()
    assert await hook.hooks.ask("on_hello", "mx") is replies.HOOK_FAILED
    assert trio.current_time() - started == pytest.approx(20_300)
    assert records(caplog) == [("ERROR", "session 0123: on_hello timed out")]


async def test_no_deadline_stays_none_over_a_pause(
    autojump_clock: trio.testing.MockClock,
) -> None:
    hook = Waiting(before=50, waits=10_000, after=1_000_000)
    hook.hooks = calls(Scripted(hook), None)
    assert await hook.hooks.ask("on_hello", "mx") == "done"
