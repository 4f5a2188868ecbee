"""What a handler and a client notice of one session."""

from __future__ import annotations

import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
import trio
import trio.testing

from smtpsession import (
    ClientGone,
    Config,
    Handler,
    Limits,
    MessageTooLarge,
    Reject,
    Reply,
    Timeouts,
    serve_stream,
)
from tests.server.recorder import Recorder, fail, refuse
from tests.server.smtp_client import SMTPClient, open_session


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (refuse(554, "go away"), "554 go away"),
        (refuse(421, "later"), "421 mx.test later"),
        (lambda: Reply(550, "no"), "550 no"),
        (fail, "421 mx.test local error, try again later"),
        (lambda: 7, "421 mx.test local error, try again later"),
    ],
)
async def test_on_connect_refuses_and_closes(said: Any, expected: str) -> None:
    handler = Recorder(connect=said)
    async with open_session(handler, greeting=False) as client:
        assert await client.reply() == expected
        assert await client.reply() == ""
    assert handler.events == ["enter", "connect", "close", "leave"]


async def test_tls_on_a_plain_port_is_answered_at_once(
    autojump_clock: trio.testing.MockClock,
) -> None:
    outgoing = ssl.MemoryBIO()
    tls = ssl.create_default_context().wrap_bio(
        ssl.MemoryBIO(), outgoing, server_hostname="mx.test"
    )
    with pytest.raises(ssl.SSLWantReadError):
        tls.do_handshake()
    async with open_session(Handler()) as client:
        start = trio.current_time()
        await client.send(outgoing.read())
        assert await client.reply() == "421 4.7.0 mx.test this is a mail server"
        assert await client.reply() == ""
        assert trio.current_time() == start


async def test_nul_is_refused_and_the_session_goes_on() -> None:
    handler = Recorder()
    async with open_session(handler) as client:
        assert await client.deliver(b"a\0b\r\n") == "554 5.6.0 content has a NUL octet"
        assert await client.deliver(b"ab\r\n") == "250 2.0.0 message accepted"
    assert handler.contents == [b"ab\r\n"]


class Collector(Handler):
    def __init__(self) -> None:
        self.error: Exception | None = None
        self.received = 0
        self.said: Any = None

    async def on_data(self, session: Any, message: Any) -> Any:
        try:
            async for chunk in message:
                self.received += len(chunk)
        except (MessageTooLarge, ClientGone) as error:
            self.error = error
            self.exceeded = message.size_exceeded
            if self.said is None:
                raise
        return self.said


SMALL = Config(hostname="mx.test", limits=Limits(message_octets=1000))


async def test_content_over_the_limit_is_refused_and_the_session_goes_on() -> None:
    handler = Collector()
    async with open_session(handler, SMALL) as client:
        reply = await client.deliver(b"x" * 998 + b"\r\n" + b"more\r\n")
        assert reply == "552 5.3.4 message exceeds the size limit"
        assert isinstance(handler.error, MessageTooLarge)
        assert handler.exceeded
        assert handler.received == 1000
        assert await client.deliver(b"x" * 998 + b"\r\n") == (
            "250 2.0.0 message accepted"
        )


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("I keep the beginning", "552 5.3.4 message exceeds the size limit"),
        (Reply(452, "try a smaller one"), "452 4.0.0 try a smaller one"),
    ],
)
async def test_a_cut_message_is_never_accepted(said: Any, expected: str) -> None:
    handler = Collector()
    handler.said = said
    async with open_session(handler, SMALL) as client:
        assert await client.deliver(b"x" * 2000 + b"\r\n") == expected


async def test_a_flood_of_content_ends_the_session() -> None:
    handler = Collector()
    async with open_session(handler, SMALL) as client:
        await client.open_content()
        for _ in range(20):
            try:
                await client.send(b"x" * 60_000)
            except trio.BrokenResourceError:
                break
        assert await client.reply() == "552 5.3.4 message exceeds the size limit"
        assert await client.reply() == ""


async def test_a_client_that_vanishes_raises_client_gone_in_the_hook() -> None:
    handler = Collector()
    async with open_session(handler) as client:
        await client.open_content()
        await client.send(b"half a mess")
        await client.stream.send_eof()
        assert await client.reply() == ""
    assert isinstance(handler.error, ClientGone)
    assert not handler.exceeded


class Crowd(Handler):
    """Reads inside of a nursery, as people do who work while they receive."""

    async def on_data(self, session: Any, message: Any) -> str:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.sleep_forever)
            async for _ in message:
                pass
            nursery.cancel_scope.cancel()
        return "done"


async def test_client_gone_inside_a_nursery_is_no_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with open_session(Crowd()) as client:
        assert await client.deliver(b"a\r\n") == "250 2.0.0 done"
        await client.open_content()
        await client.stream.send_eof()
        assert await client.reply() == ""
    assert [r for r in caplog.records if r.levelno >= logging.ERROR] == []


class Broken(Handler):
    def __init__(self, where: str) -> None:
        self.where = where
        self.closed = False

    @asynccontextmanager
    async def around_session(self, session: Any) -> AsyncIterator[None]:
        if self.where == "enter":
            raise RuntimeError("deliberate")
        yield
        raise RuntimeError("deliberate")

    async def on_close(self, session: Any) -> None:
        self.closed = True


@pytest.mark.parametrize("where", ["enter", "leave"])
async def test_around_session_that_fails_ends_its_session_only(
    where: str, caplog: pytest.LogCaptureFixture
) -> None:
    handler = Broken(where)
    async with open_session(handler, greeting=False) as client:
        if where == "leave":
            await client.reply()
            await client.ask("QUIT")
        else:
            reply = "421 4.3.0 mx.test local error, try again later"
            assert await client.reply() == reply
        assert await client.reply() == ""
    assert handler.closed == (where == "leave")
    assert any("failed" in record.getMessage() for record in caplog.records)


async def test_a_nursery_around_the_session_that_crashes_ends_the_session(
    caplog: pytest.LogCaptureFixture,
) -> None:
    crash = trio.Event()

    class Supervised(Recorder):
        @asynccontextmanager
        async def around_session(self, session: Any) -> AsyncIterator[None]:
            async def crasher() -> None:
                await crash.wait()
                raise RuntimeError("deliberate")

            async with trio.open_nursery() as nursery:
                nursery.start_soon(crasher)
                yield

    handler = Supervised()
    async with open_session(handler) as client:
        await client.open_transaction()
        crash.set()
        assert await client.reply() == "421 4.3.0 mx.test local error, try again later"
        assert await client.reply() == ""
    assert handler.events[-2:] == [("reset", "a@c", 1), "close"]


async def test_pipelined_replies_come_in_order_in_one_piece() -> None:
    async with open_session(Handler()) as client:
        await client.send(
            b"EHLO c\r\nMAIL FROM:<a@c>\r\nRCPT TO:<b@d>\r\nRCPT TO:<>\r\nDATA\r\n"
        )
        data = await client.stream.receive_some()
        codes = [line[:4] for line in data.split(b"\r\n") if line]
        assert codes[-5:] == [b"250 ", b"250 ", b"250 ", b"501 ", b"354 "]


async def test_a_client_that_never_reads_stops_being_read(
    autojump_clock: trio.testing.MockClock,
) -> None:
    """Replies to commands that were sent without end do not pile up in memory."""
    ours, theirs = trio.testing.lockstep_stream_pair()
    config = Config(hostname="mx.test", limits=Limits(junk_commands=None))
    sent = 0
    async with trio.open_nursery() as nursery:

        async def serve() -> None:
            await serve_stream(Handler(), theirs, config=config)

        async def flood() -> None:
            nonlocal sent
            with suppress(trio.BrokenResourceError):
                while True:
                    await ours.send_all(b"RSET\r\n" * 1000)
                    sent += 6000

        nursery.start_soon(serve)
        assert (await ours.receive_some()).startswith(b"220 ")
        nursery.start_soon(flood)
        start = trio.current_time()
    assert sent <= 2 * 65_536
    assert trio.current_time() - start >= 300


@pytest.mark.parametrize(
    ("preparation", "sent"),
    [
        ([], b""),
        (["EHLO c"], b"MAIL FR"),
        (["EHLO c", "MAIL FROM:<a@c>", "RCPT TO:<b@d>"], b""),
        (["EHLO c", "MAIL FROM:<a@c>", "RCPT TO:<b@d>", "DATA"], b"Subject: "),
    ],
)
async def test_a_silent_client_gets_421_after_five_minutes(
    autojump_clock: trio.testing.MockClock, preparation: list[str], sent: bytes
) -> None:
    handler = Recorder()
    async with open_session(handler) as client:
        await client.codes(*preparation)
        await client.send(sent)
        start = trio.current_time()
        assert await client.reply() == "421 4.4.2 mx.test timeout, closing connection"
        assert await client.reply() == ""
        assert trio.current_time() - start == pytest.approx(300)
    assert handler.events.count("close") == 1


async def trickle(client: Any, octet: bytes, seconds: float) -> None:
    with suppress(trio.BrokenResourceError):
        while True:
            await trio.sleep(seconds)
            await client.send(octet)


async def test_a_command_that_trickles_has_one_deadline(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with open_session(Handler()) as client, trio.open_nursery() as nursery:
        nursery.start_soon(trickle, client, b"x", 10)
        assert (await client.reply())[:9] == "421 4.4.2"
        assert trio.current_time() == pytest.approx(300)


async def test_a_message_that_trickles_has_one_deadline(
    autojump_clock: trio.testing.MockClock,
) -> None:
    handler = Recorder()
    async with open_session(handler) as client, trio.open_nursery() as nursery:
        await client.open_content()
        nursery.start_soon(trickle, client, b"x", 290)
        assert (await client.reply())[:9] == "421 4.4.2"
        assert trio.current_time() == pytest.approx(3600)
    assert handler.events[-3:] == [("reset", "a@c", 1), "close", "leave"]


async def test_the_whole_session_can_have_a_deadline(
    autojump_clock: trio.testing.MockClock,
) -> None:
    config = Config(hostname="mx.test", timeouts=Timeouts(session=60))
    async with open_session(Handler(), config) as client:
        for _ in range(5):
            await trio.sleep(10)
            assert await client.codes("NOOP") == ["250"]
        assert (await client.reply())[:9] == "421 4.4.2"
        assert trio.current_time() == pytest.approx(60)


class Slow(Handler):
    """Needs 200 seconds before and after it reads."""

    async def on_rcpt_to(self, session: Any, address: Any) -> None:
        await trio.sleep(float(address.local_part))

    async def on_data(self, session: Any, message: Any) -> str:
        await trio.sleep(140)
        await message.read()
        await trio.sleep(140)
        return "slow but sure"


async def test_a_slow_hook_is_no_slow_client_and_has_its_own_deadline(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with open_session(Slow()) as client:
        await client.codes("EHLO c", "MAIL FROM:<a@c>")
        assert await client.codes("RCPT TO:<299@d>", "RCPT TO:<301@d>") == [
            *("250", "451"),
        ]
        assert await client.codes("DATA") == ["354"]
        await trio.sleep(250)
        assert await client.ask(".") == "250 2.0.0 slow but sure"


async def test_errors_are_answered_slowly_and_then_end_the_session(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with open_session(Handler()) as client:
        waited = []
        for _ in range(19):
            start = trio.current_time()
            assert await client.codes("XYZZY") == ["500"]
            waited.append(round(trio.current_time() - start))
        assert waited == [0] * 9 + [1] * 10
        assert await client.ask("XYZZY") == "421 4.7.0 mx.test too many errors"
        assert await client.reply() == ""


async def test_nothing_of_a_session_escapes_cancellation() -> None:
    """Cancelled at any time, a session tells its end and closes its stream."""
    handler = Recorder()
    ours, theirs = trio.testing.memory_stream_pair()
    client = SMTPClient(ours)
    async with trio.open_nursery() as nursery:

        async def run() -> None:
            await serve_stream(handler, theirs, config=Config(hostname="mx.test"))

        nursery.start_soon(run)
        await client.reply()
        await client.open_content()
        await client.send(b"half")
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    assert handler.events[-3:] == [("reset", "a@c", 1), "close", "leave"]
    with trio.fail_after(1):
        assert await client.reply() == ""


async def test_replies_to_a_huge_group_are_all_sent() -> None:
    config = Config(hostname="mx.test", limits=Limits(junk_commands=None))
    async with open_session(Handler(), config) as client:
        await client.send(b"RSET\r\n" * 10_000)
        codes = {(await client.reply())[:3] for _ in range(10_000)}
        assert codes == {"250"}
        assert await client.codes("QUIT") == ["221"]


async def test_a_connection_that_breaks_under_a_reply_ends_quietly(
    caplog: pytest.LogCaptureFixture,
) -> None:
    go_on = trio.Event()

    class Waits(Recorder):
        async def on_rcpt_to(self, session: Any, address: Any) -> None:
            await go_on.wait()

    handler = Waits()
    async with open_session(handler) as client:
        await client.codes("EHLO c", "MAIL FROM:<a@c>")
        await client.send(b"RCPT TO:<b@d>\r\n")
        await trio.testing.wait_all_tasks_blocked()
        await trio.aclose_forcefully(client.stream)
        go_on.set()
    assert handler.events[-3:] == [("reset", "a@c", 1), "close", "leave"]
    assert [r for r in caplog.records if r.levelno >= logging.ERROR] == []


async def test_a_log_filter_that_fails_never_ends_a_session(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def deliberate(record: logging.LogRecord) -> bool:
        raise RuntimeError("deliberate")

    caplog.set_level(logging.INFO, "smtpsession")
    logger = logging.getLogger("smtpsession")
    logger.addFilter(deliberate)
    try:
        async with open_session(Handler()) as client:
            assert await client.codes("QUIT") == ["221"]
            assert await client.reply() == ""
    finally:
        logger.removeFilter(deliberate)


async def test_around_session_may_refuse(caplog: pytest.LogCaptureFixture) -> None:
    class NoDatabase(Handler):
        @asynccontextmanager
        async def around_session(self, session: Any) -> AsyncIterator[None]:
            raise Reject(421, "no database now", enhanced="4.3.2")
            yield

    async with open_session(NoDatabase(), greeting=False) as client:
        assert await client.reply() == "421 4.3.2 mx.test no database now"
        assert await client.reply() == ""
    assert [r for r in caplog.records if r.levelno >= logging.ERROR] == []


async def test_a_hook_that_damages_its_session_still_gets_on_close() -> None:
    class Vandal(Recorder):
        async def on_mail_from(self, session: Any, address: Any) -> None:
            del session.envelope
            del session.id

    handler = Vandal()
    async with open_session(handler) as client:
        await client.ask("EHLO c")
        reply = await client.ask("MAIL FROM:<a@c>")
        assert reply == "421 4.3.0 mx.test local error, try again later"
        assert await client.reply() == ""
    assert handler.events[-2:] == ["close", "leave"]


async def test_a_vanished_client_is_no_error_of_a_nursery_around_the_session(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class WithNursery(Handler):
        @asynccontextmanager
        async def around_session(self, session: Any) -> AsyncIterator[None]:
            async with trio.open_nursery():
                yield

    async with open_session(WithNursery()) as client:
        await client.ask("EHLO c")
    assert [r for r in caplog.records if r.levelno >= logging.ERROR] == []


@pytest.mark.parametrize("where", ["enter", "leave"])
async def test_around_session_has_the_deadline_of_a_hook(
    autojump_clock: trio.testing.MockClock, where: str
) -> None:
    class Hangs(Handler):
        @asynccontextmanager
        async def around_session(self, session: Any) -> AsyncIterator[None]:
            if where == "enter":
                await trio.sleep_forever()
            yield
            await trio.sleep_forever()

    async with open_session(Hangs(), greeting=False) as client:
        if where == "leave":
            await client.reply()
            assert await client.codes("QUIT") == ["221"]
        else:
            assert (await client.reply())[:9] == "421 4.4.2"
        assert await client.reply() == ""
    assert trio.current_time() == pytest.approx(300)


async def test_the_transaction_has_ended_when_on_close_is_called() -> None:
    seen: list[Any] = []

    class Looks(Handler):
        async def on_reset(self, session: Any) -> None:
            seen.append((session.transaction, len(session.envelope.rcpt_to)))

        async def on_close(self, session: Any) -> None:
            seen.append((session.transaction, len(session.envelope.rcpt_to)))

    async with open_session(Looks()) as client:
        await client.open_transaction()
        assert await client.codes("QUIT") == ["221"]
    assert seen == [(1, 1), (2, 0)]


async def test_a_read_that_a_handler_cancels_is_no_end_of_the_session(
    autojump_clock: trio.testing.MockClock,
) -> None:
    class Impatient(Handler):
        async def on_data(self, session: Any, message: Any) -> str:
            with trio.move_on_after(0):
                await message.read(1)
            with trio.move_on_after(1):
                await message.read(1)
            await trio.sleep(290)
            return f"{len(await message.read())} octets"

    config = Config(hostname="mx.test", timeouts=Timeouts(content=10))
    async with open_session(Impatient(), config) as client:
        await client.open_transaction()
        assert await client.codes("DATA") == ["354"]
        await trio.sleep(3)
        assert await client.ask("a\r\n.") == "250 2.0.0 3 octets"


async def test_a_reply_that_was_cut_off_ends_the_session(
    autojump_clock: trio.testing.MockClock,
) -> None:
    """What follows half a reply would be read as its rest."""
    ours, theirs = trio.testing.lockstep_stream_pair()

    class Impatient(Handler):
        async def on_data(self, session: Any, message: Any) -> None:
            with trio.move_on_after(2):
                await message.read()
            raise Reject(451, "too slow")

    async with trio.open_nursery() as nursery:

        async def run() -> None:
            config = Config(hostname="mx.test")
            await serve_stream(Impatient(), theirs, config=config)

        nursery.start_soon(run)
        client = SMTPClient(ours)
        await client.reply()
        await client.open_transaction()
        await client.send(b"DATA\r\n")
        await trio.sleep(3)
        data = b""
        while chunk := await ours.receive_some():
            data += chunk
    assert b"451" not in data


async def test_on_error_cannot_make_451_a_greeting() -> None:
    class Sorry(Recorder):
        async def on_error(self, session: Any, exception: Exception) -> str:
            return "sorry"

    async with open_session(Sorry(connect=fail), greeting=False) as client:
        assert await client.reply() == "421 mx.test sorry"
        assert await client.reply() == ""


async def test_a_greeting_can_say_221() -> None:
    handler = Recorder(connect=lambda: Reply(221, "nobody home"))
    async with open_session(handler, greeting=False) as client:
        assert await client.reply() == "221 mx.test nobody home"
        assert await client.reply() == ""
