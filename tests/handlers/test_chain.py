"""Several handlers as one: who is asked, in which order, and whose word counts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import attrs
import pytest
import trio
from trio.testing import MockClock

from smtpsession import Authentication, Handler, Message, Reject, Reply, Session
from smtpsession.handlers import Chain, PasswordFileHandler, SinkHandler
from tests.server.recorder import Recorder
from tests.server.sasl_client import ScramClient, Users, insecure, plain
from tests.server.smtp_client import open_session


class Noter(Handler):
    """Notes in a list that it shares, and answers as it is told."""

    def __init__(self, name: str, notes: list[str], said: Any = None) -> None:
        self.name, self.notes, self.said = name, notes, said

    def note(self, hook: str) -> Any:
        self.notes.append(f"{self.name} {hook}")
        if isinstance(self.said, BaseException):
            raise self.said
        return self.said

    @asynccontextmanager
    async def around_session(self, session: Session) -> AsyncIterator[None]:
        self.notes.append(f"{self.name} enter")
        try:
            yield
        finally:
            self.notes.append(f"{self.name} leave")

    async def on_hello(self, session: Session, name: str) -> Any:
        return self.note("hello")

    async def on_verify(self, session: Session, argument: str) -> Any:
        return self.note("verify")

    async def on_expand(self, session: Session, argument: str) -> Any:
        return self.note("expand")

    async def on_help(self, session: Session, topic: str) -> Any:
        return self.note("help")

    async def on_unknown(self, session: Session, line: str) -> Any:
        return self.note("unknown")

    async def on_reset(self, session: Session) -> None:
        self.note("reset")

    async def on_close(self, session: Session) -> None:
        self.note("close")


def pair(first: Any = None, second: Any = None) -> tuple[Chain, list[str]]:
    notes: list[str] = []
    return Chain(Noter("a", notes, first), Noter("b", notes, second)), notes


async def ask(handler: Handler, *commands: str) -> list[str]:
    async with open_session(handler, insecure()) as client:
        return [await client.ask(command) for command in commands]


async def test_all_are_asked_in_order_and_told_of_the_end_in_reverse() -> None:
    chain, notes = pair()
    await ask(chain, "EHLO c", "RSET", "QUIT")
    assert notes == [
        *("a enter", "b enter", "a hello", "b hello"),
        *("b close", "a close", "b leave", "a leave"),
    ]


async def test_the_last_answer_that_accepts_is_given() -> None:
    chain, _ = pair("one", "two")
    assert await ask(chain, "HELO c") == ["250 mx.test two"]
    chain, _ = pair("one")
    assert await ask(chain, "HELO c") == ["250 mx.test one"]
    chain, _ = pair("one", Reply(250, "three"))
    assert await ask(chain, "HELO c") == ["250 mx.test three"]


@pytest.mark.parametrize("refusal", [Reject(550, "no"), Reply(550, "no")])
async def test_a_refusal_is_final(refusal: Any) -> None:
    chain, notes = pair(refusal)
    assert await ask(chain, "HELO c") == ["550 no"]
    assert "b hello" not in notes


@pytest.mark.parametrize("command", ["VRFY x", "EXPN x", "HELP", "XYZZY"])
async def test_the_first_answer_counts(command: str) -> None:
    chain, notes = pair(Reply(252, "one"), Reply(252, "two"))
    assert await ask(chain, command) == ["252 2.0.0 one"]
    assert [note for note in notes if note[0] == "b"][:1] == ["b enter"]
    chain, _ = pair(None, Reply(252, "two"))
    assert await ask(chain, command) == ["252 2.0.0 two"]
    chain, _ = pair()
    assert await ask(chain, command) == await ask(Handler(), command)


async def test_who_fails_in_the_end_does_not_keep_others_from_being_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    chain, notes = pair()
    chain = Chain(*chain._handlers[:1], Noter("b", notes, ValueError("deliberate")))
    await ask(chain)
    assert notes[-4:] == ["b close", "a close", "b leave", "a leave"]
    assert "on_close failed" in caplog.text
    assert "deliberate" in caplog.text


async def test_one_takes_the_message_and_all_hear_of_the_envelope() -> None:
    first, last = Users(), Recorder(data=lambda: "stored")
    chain = Chain(first, last)
    async with open_session(chain, insecure()) as client:
        assert await client.deliver(b"hi\r\n") == "250 2.0.0 stored"
        await client.ask("MAIL FROM:<a@c>")
        await client.ask("RSET")
    hooks = [e[0] if isinstance(e, tuple) else e for e in last.events]
    assert hooks == [
        *("enter", "connect", "hello", "mail", "rcpt", "data", "mail", "reset"),
        *("close", "leave"),
    ]
    assert first.sessions == last.sessions
    assert last.contents == [b"hi\r\n"]


async def test_an_answer_per_recipient_goes_through() -> None:
    class Each(Handler):
        async def on_data(self, session: Session, message: Message) -> list[Any]:
            return ["one", Reject(550, "two")]

    config = insecure(lmtp=True)
    async with open_session(Chain(Each()), config, greeting=False) as client:
        assert (await client.reply())[:3] == "220"
        for line in ("LHLO c", "MAIL FROM:<a@c>", "RCPT TO:<b@d>", "RCPT TO:<e@d>"):
            await client.ask(line)
        await client.ask("DATA")
        assert await client.ask(".") == "250 2.0.0 one"
        assert await client.reply() == "550 5.0.0 two"


async def test_on_error_is_answered_by_the_first_that_has_an_answer() -> None:
    class Failing(Handler):
        async def on_hello(self, session: Session, name: str) -> None:
            raise ValueError("deliberate")

    class Excusing(Handler):
        async def on_error(self, session: Session, exception: Exception) -> str:
            return type(exception).__name__

    assert await ask(Chain(Failing(), Excusing()), "HELO c") == ["451 ValueError"]


async def test_tls_and_the_connection_are_every_ones_business() -> None:
    class Asked(Handler):
        async def on_secure(self, session: Session, stream: Any) -> None:
            notes.append(stream)

        async def on_connect(self, session: Session) -> None:
            notes.append("connect")

    notes: list[Any] = []
    chain = Chain(Asked(), Asked())
    async with open_session(chain, insecure()):
        pass
    assert notes == ["connect", "connect"]
    stream: Any = object()
    await chain.on_secure(Session("1"), stream)
    assert notes[2:] == [stream, stream]


# on_auth


class Local(Handler):
    """Knows somebody by their password alone, or says no."""

    async def on_auth(self, session: Session, auth: Authentication) -> Any:
        return auth.password == "local" and f"local {auth.username}"


def user_file(folder: Path, name: str, text: str) -> PasswordFileHandler:
    path = folder / name
    path.touch(mode=0o600)
    path.write_text(text)
    return PasswordFileHandler(path)


async def test_the_first_that_knows_the_user_lets_it_in(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    users = Users(user="pass")
    chain = Chain(Local(), users, user_file(tmp_path, "users", "eve:secret"))
    for user, password, name in (
        ("x", "local", "local x"),
        ("user", "pass", "user"),
        ("eve", "secret", "eve"),
    ):
        async with open_session(chain, insecure()) as client:
            await client.ask("EHLO c")
            said = await client.ask(f"AUTH PLAIN {plain(user, password)}")
            assert said[:3] == "235"
            assert users.sessions[-1].user == name
    assert await ask(chain, "EHLO c", f"AUTH PLAIN {plain('eve', 'x')}") == [
        *await ask(chain, "EHLO c"),
        "535 5.7.8 authentication credentials invalid",
    ]


async def test_one_that_does_not_know_the_user_does_not_spoil_the_exchange(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, autojump_clock: MockClock
) -> None:
    chain = Chain(
        user_file(tmp_path, "one", "bob:one"),
        user_file(tmp_path, "two", "eve:two"),
    )
    for user, password, code in (
        ("bob", "one", "235"),
        ("eve", "two", "235"),
        ("bob", "two", "535"),
        ("eve", "one", "535"),
        ("nobody", "one", "535"),
    ):
        async with open_session(chain, insecure()) as client:
            await client.ask("EHLO c")
            said = await ScramClient(user, password).authenticate(client)
            assert said[:3] == code, (user, password)
    assert [r for r in caplog.records if r.levelname == "ERROR"] == []


# How a chain is made.


def test_it_has_the_hooks_of_all_and_a_repr() -> None:
    chain = Chain(SinkHandler(), Local())
    assert chain.overridden_hooks == {"on_data", "on_auth"}
    assert Chain(chain, Users()).overridden_hooks == {
        "on_data",
        "on_auth",
        "on_connect",
    }
    assert repr(chain).startswith("Chain(<")


def test_one_alone_takes_the_message() -> None:
    with pytest.raises(ValueError, match=r"one handler can override on_data, got Sink"):
        Chain(SinkHandler(), Recorder())


@pytest.mark.parametrize("wrong", [None, Handler, "Sink", object()])
def test_what_is_no_handler_is_a_type_error(wrong: Any) -> None:
    with pytest.raises(TypeError, match="a Chain is made of Handler objects, got"):
        Chain(Handler(), wrong)


def test_there_must_be_one() -> None:
    with pytest.raises(ValueError, match="a Chain needs at least one handler"):
        Chain()


@attrs.define(slots=False, eq=False)
class Visit(Session):
    score: int = 0


@attrs.define(slots=False, eq=False)
class Longer(Visit):
    length: int = 0


class Other(Session):
    pass


def with_sessions(cls: type[Session]) -> Handler[Any]:
    made: Handler[Any] = type("With", (Handler,), {"session_class": cls})()
    return made


def test_the_sessions_are_what_all_of_them_ask_for() -> None:
    visit, longer = with_sessions(Visit), with_sessions(Longer)
    assert Chain(visit, Handler(), longer).session_class is Longer
    assert Chain(Handler()).session_class is Session
    with pytest.raises(
        ValueError, match="must be a subclass of all others, got Other, V"
    ):
        Chain(visit, with_sessions(Other))


async def test_a_chain_waits_as_its_handlers_do() -> None:
    class Slow(Handler):
        async def on_hello(self, session: Session, name: str) -> str:
            await trio.lowlevel.checkpoint()
            return "slow"

    assert await ask(Chain(Slow(), Handler()), "HELO c") == ["250 mx.test slow"]
