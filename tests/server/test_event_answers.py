"""Hooks decide what is answered, in the order of the dialogue."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Any

import pytest
import trio
import trio.testing

from smtpsession import (
    Handler,
    Reject,
    Reply,
)
from smtpsession.errors import LocalProtocolError
from tests.server.recorder import Recorder, fail, refuse
from tests.server.smtp_client import open_session


class RefusesAfterReading(Handler):
    async def on_data(self, session: Any, message: Any) -> None:
        await message.read(3)
        raise Reject(550, "I do not like the beginning", enhanced="5.7.1")


class NeverReads(Handler):
    async def on_data(self, session: Any, message: Any) -> str:
        return "seen"


async def test_every_hook_is_called_in_the_order_of_the_dialogue() -> None:
    handler = Recorder()
    async with open_session(handler) as client:
        assert await client.deliver(b"hi\r\n") == "250 2.0.0 message accepted"
        await client.codes("VRFY b", "EXPN list", "HELP me", "XYZZY 1", "RSET", "QUIT")
    assert handler.events == [
        "enter",
        "connect",
        ("hello", "c"),
        ("mail", "a@c"),
        ("rcpt", "b@d"),
        "data",
        ("verify", "b"),
        ("expand", "list"),
        ("help", "me"),
        ("unknown", "XYZZY 1"),
        "close",
        "leave",
    ]
    assert handler.contents == [b"hi\r\n"]


async def test_a_handler_that_overrides_nothing_accepts_everything() -> None:
    async with open_session(Handler()) as client:
        assert await client.deliver(b"hi\r\n") == "250 2.0.0 message accepted"
        assert (await client.deliver(b"again\r\n"))[:3] == "250"
        assert await client.ask("QUIT") == "221 2.0.0 mx.test bye"
        assert await client.reply() == ""


async def test_hooks_choose_texts_and_replies() -> None:
    handler = Recorder(
        connect=lambda: "at your service",
        hello=lambda: "pleased to meet you",
        mail=lambda: Reply(250, ["one", "two"], enhanced="2.1.0"),
        data=lambda: "queued as 42",
        verify=lambda: Reply(250, "b is here", enhanced="2.1.5"),
        expand=lambda: "a, b",
        help=lambda: Reply(214, ["read", "the RFC"]),
        unknown=lambda: Reply(250, "I know it"),
    )
    async with open_session(handler, greeting=False) as client:
        assert await client.reply() == "220 mx.test ESMTP at your service"
        hello = await client.ask("EHLO c")
        assert hello.startswith("250-mx.test pleased to meet you\n250-PIPELINING\n")
        assert await client.ask("MAIL FROM:<>") == "250-2.1.0 one\n250 2.1.0 two"
        assert await client.ask("RCPT TO:<b@d>") == "250 2.1.5 recipient OK"
        assert (await client.ask("DATA"))[:3] == "354"
        assert await client.ask(".") == "250 2.0.0 queued as 42"
        assert await client.ask("VRFY b") == "250 2.1.5 b is here"
        assert await client.ask("EXPN list") == "250 2.0.0 a, b"
        assert await client.ask("HELP") == "214-2.0.0 read\n214 2.0.0 the RFC"
        assert await client.ask("XYZZY") == "250 2.0.0 I know it"


async def test_refusals_leave_no_trace() -> None:
    handler = Recorder(mail=refuse(550, "not you"))
    async with open_session(handler) as client:
        await client.ask("EHLO c")
        assert await client.ask("MAIL FROM:<a@c> SIZE=5") == "550 5.0.0 not you"
        assert handler.sessions[0].envelope.size is None
        assert await client.codes("RCPT TO:<b@d>") == ["503"]
        handler.when = {"rcpt": refuse(452)}
        assert await client.codes("MAIL FROM:<a@c>", "RCPT TO:<b@d>") == ["250", "452"]
        assert await client.ask("DATA") == "554 5.5.1 no valid recipients"


async def test_refusing_before_the_first_read_refuses_data_itself() -> None:
    handler = Recorder(data=refuse(451, "not now"))
    async with open_session(handler) as client:
        await client.open_transaction()
        assert await client.ask("DATA") == "451 4.0.0 not now"
        handler.when = {}
        assert await client.codes("RCPT TO:<c@d>", "DATA", ".") == ["250", "354", "250"]
    assert handler.contents == [b""]


async def test_refusing_in_the_middle_drains_and_answers_at_the_end() -> None:
    async with open_session(RefusesAfterReading()) as client:
        reply = await client.deliver(b"spam\r\nQUIT\r\nmore\r\n")
        assert reply == "550 5.7.1 I do not like the beginning"
        assert await client.codes("NOOP", "RCPT TO:<b@d>") == ["250", "503"]


async def test_content_that_is_left_unread_is_drained() -> None:
    async with open_session(NeverReads()) as client:
        assert await client.deliver(b"QUIT\r\n") == "250 2.0.0 seen"


@pytest.mark.parametrize("hook", ["hello", "mail", "rcpt", "data", "verify", "unknown"])
async def test_a_failing_hook_costs_its_command_only(
    hook: str, caplog: pytest.LogCaptureFixture
) -> None:
    handler = Recorder(**{hook: fail})
    commands = ["EHLO c", "MAIL FROM:<a@c>", "RCPT TO:<b@d>", "DATA", "VRFY x", "XYZ"]
    names = ["hello", "mail", "rcpt", "data", "verify", "unknown"]
    async with open_session(handler) as client:
        for name, command in zip(names, commands, strict=True):
            reply = await client.ask(command)
            if name == hook:
                assert reply.removeprefix("451 4.3.0 ") == (
                    "local error, try again later"
                    if name != "hello"
                    else "451 local error, try again later"
                )
                break
            if name == "data":
                await client.ask(".")
        assert await client.codes("NOOP") == ["250"]
        session = handler.sessions[0]
    failures = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert len(failures) == 1
    assert session.id in failures[0].getMessage()


async def test_421_from_a_hook_always_closes() -> None:
    handler = Recorder(rcpt=refuse(421, "enough"))
    async with open_session(handler) as client:
        await client.codes("EHLO c", "MAIL FROM:<a@c>")
        assert await client.ask("RCPT TO:<b@d>") == "421 4.0.0 mx.test enough"
        assert await client.reply() == ""
    assert handler.events[-3:] == [("reset", "a@c", 1), "close", "leave"]


async def test_on_reset_comes_once_for_each_transaction_that_is_not_accepted() -> None:
    handler = Recorder()
    async with open_session(handler) as client:
        await client.deliver(b"")
        for command in ("RSET", "EHLO again", "HELO again"):
            await client.open_transaction()
            assert (await client.ask(command))[:3] == "250"
        await client.codes("RSET", "EHLO c", "MAIL FROM:<last@c>")
    resets = [event for event in handler.events if event[0] == "reset"]
    assert resets == [
        ("reset", "a@c", 2),
        ("reset", "a@c", 3),
        ("reset", "a@c", 4),
        ("reset", "last@c", 5),
    ]


async def test_refused_content_resets_the_transaction_before_its_reply() -> None:
    handler = Recorder()
    async with open_session(handler) as client:
        reply = await client.deliver(b"bare\nLF\r\n")
        assert reply == "550 5.5.2 content has a bare CR or LF"
        assert await client.reply() == ""
    assert handler.events[-4:] == ["data", ("reset", "a@c", 1), "close", "leave"]
    assert handler.contents == []


async def test_rset_keeps_hello_and_user_and_counts_the_transaction() -> None:
    handler = Recorder()
    async with open_session(handler) as client:
        await client.open_transaction()
        session = handler.sessions[0]
        session.user = "me"
        assert session.transaction == 1
        await client.ask("RSET")
        assert session.envelope.mail_from is None
        assert session.envelope.rcpt_to == []
        assert (session.user, session.host_name_appears_as) == ("me", "c")
        assert session.transaction == 2


async def test_a_message_that_is_read_after_on_data_is_an_error() -> None:
    kept: list[Any] = []

    class Keeper(Handler):
        async def on_data(self, session: Any, message: Any) -> None:
            kept.append(message)

    async with open_session(Keeper()) as client:
        assert (await client.deliver(b"a\r\n"))[:3] == "250"
        with pytest.raises(LocalProtocolError, match="on_data had returned"):
            await kept[0].read()


async def test_a_handler_with_on_reset_alone_hears_of_each_reset() -> None:
    senders: list[str] = []

    class Forgetful(Handler):
        async def on_reset(self, session: Any) -> None:
            senders.append(session.envelope.mail_from.address)

    async with open_session(Forgetful()) as client:
        await client.open_transaction()
        assert await client.codes("EHLO c", "MAIL FROM:<x@c>", "RSET") == ["250"] * 3
    assert senders == ["a@c", "x@c"]


@pytest.mark.parametrize("kind", [SystemExit, asyncio.CancelledError])
@pytest.mark.parametrize("nursery", [False, True])
async def test_an_exit_in_a_hook_costs_its_command_only(
    kind: type[BaseException], nursery: bool
) -> None:
    class Exits(Handler):
        async def on_rcpt_to(self, session: Any, address: Any) -> None:
            if nursery:
                async with trio.open_nursery():
                    raise kind()
            raise kind()

    async with open_session(Exits()) as client:
        assert await client.codes("EHLO c", "MAIL FROM:<a@c>") == ["250", "250"]
        assert (await client.ask("RCPT TO:<b@d>"))[:9] == "451 4.3.0"
        assert await client.codes("NOOP") == ["250"]


async def test_a_message_kept_from_a_refused_data_answers_nothing_else() -> None:
    class Keeper(Handler):
        kept: Any = None

        async def on_rcpt_to(self, session: Any, address: Any) -> None:
            if self.kept is not None:
                with suppress(LocalProtocolError):
                    await self.kept.read()
                raise Reject(550, "no")

        async def on_data(self, session: Any, message: Any) -> None:
            self.kept = message
            raise Reject(450, "not now")

    async with open_session(Keeper()) as client:
        await client.open_transaction()
        assert await client.codes("DATA", "RCPT TO:<c@d>") == ["450", "550"]
