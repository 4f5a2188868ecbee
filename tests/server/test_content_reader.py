"""How a handler's reads meet the client's octets."""

from __future__ import annotations

from typing import Any

import pytest
import trio
import trio.testing

from smtpsession import Config, ContentRefused, Handler, Limits, MessageTooLarge
from tests.server.recorder import Recorder
from tests.server.smtp_client import open_session


class InSteps(Handler):
    """Hands each chunk to the test, and reads on when told to."""

    def __init__(self) -> None:
        self.chunks: list[bytes] = []
        self.go_on = trio.Event()

    async def on_data(self, session: Any, message: Any) -> None:
        async for chunk in message:
            self.chunks.append(chunk)
            await self.go_on.wait()


async def test_nothing_is_read_ahead_of_the_handler() -> None:
    handler = InSteps()
    async with open_session(handler) as client:
        await client.open_content()
        await client.send(b"first\r\n")
        await trio.testing.wait_all_tasks_blocked()
        await client.send(b"second\r\n.\r\n")
        await trio.testing.wait_all_tasks_blocked()
        assert b"".join(handler.chunks) == b"first"
        handler.go_on.set()
        assert (await client.reply())[:3] == "250"
    assert b"".join(handler.chunks) == b"first\r\nsecond\r\n"


async def test_354_leaves_when_the_handler_first_reads() -> None:
    wait = trio.Event()

    class Thinks(Handler):
        async def on_data(self, session: Any, message: Any) -> None:
            await wait.wait()
            await message.read()

    async with open_session(Thinks()) as client:
        await client.open_transaction()
        await client.send(b"DATA\r\n")
        await trio.testing.wait_all_tasks_blocked()
        wait.set()
        assert (await client.reply())[:3] == "354"
        assert (await client.ask("."))[:3] == "250"


async def test_a_fault_is_raised_where_it_stands_and_again() -> None:
    caught: list[str] = []

    class Stubborn(Handler):
        async def on_data(self, session: Any, message: Any) -> str:
            for _ in range(2):
                try:
                    await message.read()
                except (ContentRefused, MessageTooLarge) as error:
                    caught.append(str(error))
            return "never mind"

    async with open_session(Stubborn()) as client:
        reply = await client.deliver(b"NUL \0 and LF \n\r\n")
        assert reply == "550 5.5.2 content has a bare CR or LF"
        assert await client.reply() == ""
    assert len(caught) == 2
    assert caught[0] == caught[1]


async def test_commands_behind_the_end_of_a_message_are_not_content() -> None:
    handler = Recorder()
    async with open_session(handler) as client:
        await client.open_content()
        await client.send(b"one\r\n.\r\nMAIL FROM:<x@c>\r\nRCPT TO:<y@d>\r\nDATA\r\n")
        replies = [(await client.reply())[:3] for _ in range(4)]
        assert replies == ["250", "250", "250", "354"]
        assert (await client.ask("."))[:3] == "250"
    assert handler.contents == [b"one\r\n", b""]


SMALL = Config(hostname="mx.test", limits=Limits(message_octets=10))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a\0b\r\n", "554 5.6.0 content has a NUL octet"),
        (b"a" * 20 + b"\r\n", "552 5.3.4 message exceeds the size limit"),
        (b"a" * 20 + b"\0\r\n", "554 5.6.0 content has a NUL octet"),
    ],
)
async def test_content_is_judged_even_if_nobody_reads_it(
    content: bytes, expected: str
) -> None:
    async with open_session(Handler(), SMALL) as client:
        assert await client.deliver(content) == expected
        assert await client.codes("NOOP") == ["250"]


async def test_a_client_that_errs_waits_for_354_too(
    autojump_clock: trio.testing.MockClock,
) -> None:
    limits = Limits(errors_soft=1)
    config = Config(hostname="mx.test", limits=limits)
    async with open_session(Handler(), config) as client:
        await client.open_transaction()
        await client.ask("XYZZY")
        start = trio.current_time()
        assert await client.codes("DATA") == ["354"]
        assert trio.current_time() - start == pytest.approx(1)
        assert await client.codes(".", "NOOP") == ["250", "250"]
        assert trio.current_time() - start == pytest.approx(1)


@pytest.mark.parametrize("recipients", range(17, 22))
async def test_354_leaves_behind_a_group_with_many_replies(recipients: int) -> None:
    """Wherever in the group the limit of unread replies is reached."""
    limits = Limits(junk_commands=None, unread_reply_octets=512)
    config = Config(hostname="mx.test", limits=limits)
    async with open_session(Handler(), config) as client:
        await client.ask("EHLO c")
        group = b"RCPT TO:<b@d>\r\n" * recipients
        await client.send(b"MAIL FROM:<a@c>\r\n" + group + b"DATA\r\n")
        codes = [(await client.reply())[:3] for _ in range(recipients + 2)]
        assert codes == ["250"] * (recipients + 1) + ["354"]
        assert await client.codes(".") == ["250"]


@pytest.mark.parametrize("fault", [b"\0", b"\n"])
async def test_a_flood_behind_a_fault_ends_the_session(fault: bytes) -> None:
    async with open_session(Handler(), SMALL) as client:
        await client.open_content()
        await client.send(fault + b"\r\n")
        for _ in range(40):
            await client.send(b"x" * 60_000)
        assert await client.reply() == "552 5.3.4 message exceeds the size limit"
        assert await client.reply() == ""


@pytest.mark.parametrize("pieces", [1, 7])
async def test_a_flood_that_ends_is_answered_like_one_that_does_not(
    pieces: int,
) -> None:
    content = b"\0" + b"x" * 2_000_000 + b"\r\n.\r\n"
    step = len(content) // pieces + 1
    async with open_session(Handler(), SMALL) as client:
        await client.open_content()
        for start in range(0, len(content), step):
            await client.send(content[start : start + step])
        assert (await client.reply())[:3] == "552"
        assert await client.reply() == ""
