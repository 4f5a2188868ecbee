"""Messages in chunks (RFC 3030), as a handler and a client notice them."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import Any

import pytest
import trio
import trio.testing

from smtpsession import (
    ClientGone,
    Config,
    ContentRefused,
    Handler,
    Limits,
    Message,
    MessageAborted,
    MessageTooLarge,
    Reject,
    Reply,
    Server,
    Session,
    Timeouts,
    serve,
    serve_stream,
)
from smtpsession.dialogue.message_size import MIN_DISCARD_OCTETS
from tests.server.recorder import Recorder
from tests.server.smtp_client import SMTPClient, open_session

OK = "250 2.0.0 OK"
ACCEPTED = "250 2.0.0 message accepted"


async def chunk(client: SMTPClient, content: bytes, *, last: bool = False) -> str:
    """Send a chunk and give the reply to it."""
    end = b" LAST" if last else b""
    await client.send(b"BDAT %d%s\r\n%s" % (len(content), end, content))
    return await client.reply()


def refuse(code: int, text: str = "no") -> Any:
    def do() -> None:
        raise Reject(code, text)

    return do


class Reads(Recorder):
    """Writes down each block of content, and what ends the reading."""

    def __init__(self, **when: Any) -> None:
        super().__init__(**when)
        self.blocks: list[bytes] = []
        self.ends: list[BaseException | None] = []

    async def on_data(self, session: Session, message: Message) -> Any:
        self.events.append("data")
        try:
            async for block in message:
                self.blocks.append(block)
        except BaseException as error:
            self.ends.append(error)
            self.events.append(type(error).__name__)
            raise
        self.ends.append(None)
        return self._do("end")


# The way of a message.


async def test_on_data_is_called_at_the_first_chunk_and_reads_them_all() -> None:
    handler = Reads(end=lambda: "queued as 42")
    async with open_session(handler) as client:
        await client.open_transaction()
        assert await chunk(client, b"hello") == OK
        assert handler.events[-1] == "data"
        assert b"".join(handler.blocks) == b"hello"
        assert await chunk(client, b" you\r\n") == OK
        assert await chunk(client, b"", last=True) == "250 2.0.0 queued as 42"
        assert await client.codes("RCPT TO:<b@d>", "MAIL FROM:<a@c>") == ["503", "250"]
    assert b"".join(handler.blocks) == b"hello you\r\n"
    assert handler.events.count("data") == 1
    assert handler.ends == [None]


async def test_a_whole_message_in_one_group() -> None:
    handler = Recorder()
    group = b"MAIL FROM:<a@c>\r\nRCPT TO:<b@d>\r\nBDAT 2\r\nhiBDAT 0 LAST\r\n"
    async with open_session(handler) as client:
        await client.ask("EHLO c")
        await client.send(group * 2 + b"QUIT\r\n")
        codes = [(await client.reply())[:3] for _ in range(9)]
        assert codes == ["250"] * 8 + ["221"]
    assert handler.contents == [b"hi", b"hi"]


async def test_chunks_are_accepted_by_a_handler_that_overrides_nothing() -> None:
    async with open_session(Handler()) as client:
        await client.open_transaction()
        assert await chunk(client, b"hi") == OK
        assert await chunk(client, b"QUIT\r\n", last=True) == ACCEPTED
        assert await client.codes("NOOP") == ["250"]


async def test_nothing_is_read_ahead_of_the_handler() -> None:
    go_on = trio.Event()
    blocks: list[bytes] = []

    class InSteps(Handler):
        async def on_data(self, session: Session, message: Message) -> None:
            async for block in message:
                blocks.append(block)
                await go_on.wait()

    async with open_session(InSteps()) as client:
        await client.open_transaction()
        await client.send(b"BDAT 5\r\nfirst")
        await trio.testing.wait_all_tasks_blocked()
        await client.send(b"BDAT 6 LAST\r\nsecond")
        await trio.testing.wait_all_tasks_blocked()
        # Not even the reply to the first chunk is sent before the handler reads on.
        assert blocks == [b"first"]
        go_on.set()
        assert [await client.reply() for _ in range(2)] == [OK, ACCEPTED]
    assert blocks == [b"first", b"second"]


async def test_a_slow_handler_slows_the_client_down(
    autojump_clock: trio.testing.MockClock,
) -> None:
    ours, theirs = trio.testing.lockstep_stream_pair()

    class Slow(Handler):
        async def on_data(self, session: Session, message: Message) -> None:
            async for _ in message:
                await trio.sleep(10)

    async with trio.open_nursery() as nursery:

        async def run() -> None:
            await serve_stream(Slow(), theirs, config=Config(hostname="mx.test"))

        nursery.start_soon(run)
        client = SMTPClient(ours)
        await client.reply()
        await client.open_transaction()
        await client.send(b"BDAT 655360 LAST\r\n")
        for _ in range(10):
            await client.send(b"x" * 65_536)
        assert await client.reply() == ACCEPTED
        assert trio.current_time() == pytest.approx(100)
        await ours.aclose()


async def test_the_trace_of_a_session_counts_the_messages(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "smtpsession")
    async with open_session(Handler()) as client:
        await client.open_transaction()
        await chunk(client, b"hello")
        await chunk(client, b"you", last=True)
        for command in ("RSET", "QUIT"):
            await client.open_transaction()
            await chunk(client, b"hello")
            await client.ask(command)
        assert await client.reply() == ""
    (story,) = [r.getMessage() for r in caplog.records if "accepted=" in r.getMessage()]
    assert "accepted=1 refused=2 octets=8" in story


# Refusing.


@pytest.mark.parametrize("last", [False, True])
async def test_refusing_before_reading_refuses_the_first_chunk(last: bool) -> None:
    handler = Recorder(data=refuse(452, "not now"))
    async with open_session(handler) as client:
        await client.open_transaction()
        assert await chunk(client, b"QUIT\r\n", last=last) == "452 4.0.0 not now"
        after = ["503", "250"] if not last else ["250", "250"]
        assert await client.codes("MAIL FROM:<a@c>", "RSET") == after
        handler.when = {}
        assert await client.codes("MAIL FROM:<a@c>", "RCPT TO:<b@d>") == ["250", "250"]
        assert await chunk(client, b"x", last=True) == ACCEPTED
    resets = [event for event in handler.events if event[0] == "reset"]
    assert resets[0] == ("reset", "a@c", 1)
    assert handler.contents == [b"x"]


class RefusesInside(Recorder):
    """Refuses once the content holds a word."""

    async def on_data(self, session: Session, message: Message) -> None:
        self.events.append("data")
        async for block in message:
            if b"spam" in block:
                raise Reject(550, "no spam", enhanced="5.7.1")
            if b"crash" in block:
                raise RuntimeError("deliberate")


@pytest.mark.parametrize(
    ("content", "reply"),
    [(b"spam", "550 5.7.1 no spam"), (b"crash", "451 4.3.0 local error")],
)
async def test_refusing_in_the_first_chunk_fails_all_that_follow(
    content: bytes, reply: str, caplog: pytest.LogCaptureFixture
) -> None:
    handler = RefusesInside()
    async with open_session(handler) as client:
        await client.open_transaction()
        group = (
            b"BDAT 10\r\n" + content.ljust(10) + b"BDAT 4\r\nxxxxBDAT 4 LAST\r\nyyyy"
        )
        await client.send(group + b"RCPT TO:<b@d>\r\nDATA\r\nNOOP\r\n")
        assert (await client.reply()).startswith(reply)
        codes = [(await client.reply())[:3] for _ in range(5)]
        assert codes == ["503", "503", "503", "503", "250"]
        await client.open_transaction()
        assert await chunk(client, b"ham", last=True) == ACCEPTED
    assert handler.events.count(("reset", "a@c", 1)) == 1
    failed = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert len(failed) == (content == b"crash")


async def test_refusing_in_the_last_chunk() -> None:
    handler = RefusesInside()
    async with open_session(handler) as client:
        await client.open_transaction()
        assert await chunk(client, b"ham") == OK
        assert await chunk(client, b"spam" * 5_000, last=True) == "550 5.7.1 no spam"
        assert await client.codes("MAIL FROM:<a@c>") == ["250"]
    assert handler.events.count(("reset", "a@c", 1)) == 1


async def test_refusing_after_all_was_read() -> None:
    handler = Reads(end=refuse(554, "I do not like it"))
    async with open_session(handler) as client:
        await client.open_transaction()
        assert await chunk(client, b"some") == OK
        assert await chunk(client, b"thing", last=True) == "554 5.0.0 I do not like it"
    assert handler.events.count(("reset", "a@c", 1)) == 1
    assert b"".join(handler.blocks) == b"something"


class ReadsAndReturns(Handler):
    """Reads so many octets and leaves the rest."""

    def __init__(self, octets: int, said: Any) -> None:
        self.octets = octets
        self.said = said

    async def on_data(self, session: Session, message: Message) -> Any:
        if self.octets:
            await message.read(self.octets)
        if isinstance(self.said, Exception):
            raise self.said
        return self.said


@pytest.mark.parametrize("octets", [0, 1])
async def test_content_that_is_left_unread_is_drained(octets: int) -> None:
    async with open_session(ReadsAndReturns(octets, "seen")) as client:
        await client.open_transaction()
        assert await chunk(client, b"QUIT\r\n") == OK
        assert await client.codes("NOOP", "DATA") == ["250", "503"]
        assert await chunk(client, b"RSET\r\n") == OK
        assert await chunk(client, b"", last=True) == "250 2.0.0 seen"
        assert await client.codes("MAIL FROM:<a@c>") == ["250"]


@pytest.mark.parametrize("said", [Reply(421, "going down"), Reject(421, "going down")])
async def test_421_in_a_chunk_closes(said: Any) -> None:
    async with open_session(ReadsAndReturns(1, said)) as client:
        await client.open_transaction()
        assert await chunk(client, b"hi") == "421 4.0.0 mx.test going down"
        assert await client.reply() == ""


@pytest.mark.parametrize("command", ["RSET", "EHLO again"])
async def test_a_message_that_is_being_drained_can_be_given_up(command: str) -> None:
    class Returns(Recorder):
        async def on_data(self, session: Session, message: Message) -> str:
            return "seen"

    handler = Returns()
    async with open_session(handler) as client:
        await client.open_transaction()
        assert await chunk(client, b"hi") == OK
        assert (await client.ask(command))[:3] == "250"
        assert (await chunk(client, b"ho", last=True))[:3] == "503"
    assert handler.events.count(("reset", "a@c", 1)) == 1


# Size and faults.

SMALL = Config(hostname="mx.test", limits=Limits(message_octets=10))
TOO_LARGE = "552 5.3.4 message exceeds the size limit"


async def test_the_real_size_of_all_chunks_counts() -> None:
    handler = Reads()
    async with open_session(handler, SMALL) as client:
        await client.open_transaction()
        assert await chunk(client, b"123456") == OK
        assert await chunk(client, b"789012") == TOO_LARGE
        assert (await chunk(client, b"", last=True))[:3] == "503"
        await client.open_transaction()
        assert await chunk(client, b"1234567890", last=True) == ACCEPTED
    assert [type(end) for end in handler.ends] == [MessageTooLarge, type(None)]
    assert b"".join(handler.blocks) == b"1234567890" * 2
    assert handler.events.count(("reset", "a@c", 1)) == 1


async def test_a_hopeless_announcement_is_the_end_of_the_session() -> None:
    handler = Reads()
    async with open_session(handler, SMALL) as client:
        await client.open_transaction()
        assert await client.ask(f"BDAT {10 + MIN_DISCARD_OCTETS + 1}") == TOO_LARGE
        assert await client.reply() == ""
    assert "data" not in handler.events
    assert handler.events[-3:] == [("reset", "a@c", 1), "close", "leave"]


async def test_a_hopeless_announcement_while_the_handler_reads() -> None:
    handler = Reads()
    async with open_session(handler, SMALL) as client:
        await client.open_transaction()
        assert await chunk(client, b"hello") == OK
        assert await client.ask(f"BDAT {10 + MIN_DISCARD_OCTETS}") == TOO_LARGE
        assert await client.reply() == ""
    assert [type(end) for end in handler.ends] == [MessageAborted]
    assert handler.events[-3:] == [("reset", "a@c", 1), "close", "leave"]


@pytest.mark.parametrize("after", [b"BDAT x\r\n", b"BDAT 5\tLAST\r\n", b"NO\nOP\r\n"])
async def test_framing_that_is_lost_while_the_handler_reads(after: bytes) -> None:
    handler = Reads()
    async with open_session(handler) as client:
        await client.open_transaction()
        assert await chunk(client, b"hello") == OK
        await client.send(after + b"MAIL FROM:<evil@c>\r\n")
        assert (await client.reply())[0] == "5"
        assert await client.reply() == ""
    assert [type(end) for end in handler.ends] == [MessageAborted]
    assert handler.events[-3:] == [("reset", "a@c", 1), "close", "leave"]


@pytest.mark.parametrize(
    ("first", "second", "reply", "open_still"),
    [
        (b"a\0", None, "554 5.6.0 content has a NUL octet", True),
        (b"a\n", None, "550 5.5.2 content has a bare CR or LF", False),
        (b"a\r", b"b", "550 5.5.2 content has a bare CR or LF", False),
    ],
)
async def test_a_fault_is_raised_where_it_stands(
    first: bytes, second: bytes | None, reply: str, open_still: bool
) -> None:
    handler = Reads()
    async with open_session(handler) as client:
        await client.open_transaction()
        said = await chunk(client, first)
        if second is not None:
            assert said == OK
            said = await chunk(client, second)
        assert said == reply
        if open_still:
            assert await client.codes("NOOP", "RSET") == ["250", "250"]
        else:
            assert await client.reply() == ""
    assert b"".join(handler.blocks) == b"a"
    assert [type(end) for end in handler.ends] == [ContentRefused]
    assert handler.events.count(("reset", "a@c", 1)) == 1


async def test_binary_content_reaches_the_handler_as_it_is() -> None:
    content = bytes(range(256)) * 10
    handler = Recorder()
    config = Config(hostname="mx.test", extensions=["BINARYMIME"])
    async with open_session(handler, config) as client:
        assert "250 BINARYMIME" in await client.ask("EHLO c")
        codes = await client.codes("MAIL FROM:<a@c> BODY=BINARYMIME", "RCPT TO:<b@d>")
        assert codes == ["250", "250"]
        assert await client.ask("DATA") == "503 5.5.1 binary content needs BDAT"
        assert await chunk(client, content[:999]) == OK
        assert await chunk(client, content[999:], last=True) == ACCEPTED
    assert handler.contents == [content]


# Commands between two chunks, while the handler waits.


async def test_commands_between_two_chunks_have_their_hooks() -> None:
    handler = Reads(
        verify=lambda: "maybe",
        help=lambda: "me",
        unknown=refuse(502, "never heard of it"),
        expand=lambda: 5,
    )
    async with open_session(handler) as client:
        await client.open_transaction()
        await chunk(client, b"hello")
        assert await client.ask("VRFY b") == "252 2.0.0 maybe"
        assert await client.ask("HELP") == "214 2.0.0 me"
        assert await client.ask("XYZZY") == "502 5.0.0 never heard of it"
        # A hook that fails costs its own command, not the message.
        assert (await client.ask("EXPN x"))[:9] == "451 4.3.0"
        assert await client.codes("NOOP", "MAIL FROM:<x@c>") == ["250", "503"]
        assert await chunk(client, b" you", last=True) == ACCEPTED
    assert b"".join(handler.blocks) == b"hello you"
    assert handler.ends == [None]


@pytest.mark.parametrize(
    ("command", "reply"), [("RSET", OK), ("EHLO again", "250-mx.test hi")]
)
async def test_a_message_is_given_up_and_the_session_lives_on(
    command: str, reply: str
) -> None:
    handler = Reads(hello=lambda: "hi")
    async with open_session(handler) as client:
        await client.open_transaction()
        await chunk(client, b"hello")
        handler.events.clear()
        assert (await client.ask(command)).startswith(reply)
        events = list(handler.events)
        assert (await chunk(client, b"", last=True))[:3] == "503"
        await client.open_transaction()
        assert await chunk(client, b"new", last=True) == ACCEPTED
    hello = [("hello", "again")] if "EHLO" in command else []
    assert events == [*hello, "MessageAborted", ("reset", "a@c", 1)]
    assert [type(end) for end in handler.ends] == [MessageAborted, type(None)]
    assert handler.blocks == [b"hello", b"new"]


async def test_quit_gives_a_message_up() -> None:
    handler = Reads()
    async with open_session(handler) as client:
        await client.open_transaction()
        await chunk(client, b"hello")
        assert await client.ask("QUIT") == "221 2.0.0 mx.test bye"
        assert await client.reply() == ""
    assert handler.events[-4:] == [
        *("MessageAborted", ("reset", "a@c", 1), "close", "leave")
    ]


@pytest.mark.parametrize("code", [550, 451])
async def test_a_hello_that_is_refused_leaves_the_message_as_it_was(code: int) -> None:
    """RFC 5321 4.1.4; the handler does not even hear of it."""
    handler = Reads()
    async with open_session(handler) as client:
        await client.open_transaction()
        await chunk(client, b"hello")
        handler.when = {"hello": refuse(code, "not you")}
        assert await client.ask("EHLO again") == f"{code} not you"
        assert await chunk(client, b" you", last=True) == ACCEPTED
    assert b"".join(handler.blocks) == b"hello you"
    assert handler.ends == [None]
    assert ("reset", "a@c", 1) not in handler.events


@pytest.mark.parametrize("said", [refuse(421, "away"), lambda: Reply(221, "away")])
async def test_a_hello_that_closes_ends_the_message_too(said: Any) -> None:
    handler = Reads()
    async with open_session(handler) as client:
        await client.open_transaction()
        await chunk(client, b"hello")
        handler.when = {"hello": said}
        assert (await client.ask("EHLO again"))[3:] == " mx.test away"
        assert await client.reply() == ""
    assert [type(end) for end in handler.ends] == [MessageAborted]
    assert handler.events.count(("reset", "a@c", 1)) == 1
    assert handler.events[-2:] == ["close", "leave"]


async def test_221_to_a_hello_outside_of_content_resets_once() -> None:
    handler = Recorder()
    async with open_session(handler) as client:
        await client.open_transaction()
        handler.when = {"hello": lambda: Reply(221, "away")}
        assert await client.ask("EHLO again") == "221 mx.test away"
    assert handler.events.count(("reset", "a@c", 1)) == 1


async def test_a_handler_may_swallow_the_end_of_its_message(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Stubborn(Recorder):
        async def on_data(self, session: Session, message: Message) -> str:
            for _ in range(3):
                with suppress(ClientGone):
                    await message.read()
            raise RuntimeError("deliberate")

    handler = Stubborn()
    async with open_session(handler) as client:
        await client.open_transaction()
        await chunk(client, b"hello")
        # What it says counts for nothing: there is no message any more.
        assert await client.codes("RSET", "NOOP") == ["250", "250"]
    assert handler.events.count(("reset", "a@c", 1)) == 1
    (record,) = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert "on_data failed" in record.getMessage()


@pytest.mark.parametrize(
    ("command", "answer"), [("VRFY b", "252 2.0.0 at last"), ("EHLO b", "250-mx.test")]
)
async def test_a_command_whose_hook_was_cut_off_by_the_handler_is_answered(
    command: str, answer: str
) -> None:
    """A handler's own time-out around a read takes the hooks inside with it."""
    handler = Impatient()
    async with open_session(handler) as client:
        await client.open_transaction()
        assert await chunk(client, b"hello") == OK
        await client.send(command.encode() + b"\r\n")
        await handler.waits.wait()
        handler.scope.cancel()
        assert (await client.reply()).startswith(answer)
        expected = "250 2.0.0 cut off" if "VRFY" in command else "503"
        assert (await chunk(client, b"", last=True)).startswith(expected)
        assert await client.codes("NOOP") == ["250"]


class Impatient(Handler):
    """Cuts its reading off; the hooks that are asked about ``b`` hang once."""

    def __init__(self) -> None:
        self.scope = trio.CancelScope()
        self.waits = trio.Event()

    async def on_data(self, session: Session, message: Message) -> str:
        with self.scope:
            await message.read()
        return "cut off" if self.scope.cancelled_caught else "read"

    async def on_verify(self, session: Session, argument: str) -> str:
        await self._hang_once(argument)
        return "at last"

    async def on_hello(self, session: Session, name: str) -> None:
        await self._hang_once(name)

    async def _hang_once(self, word: str) -> None:
        if word == "b" and not self.waits.is_set():
            self.waits.set()
            await trio.sleep_forever()


async def test_too_many_errors_between_two_chunks_end_the_session(
    autojump_clock: trio.testing.MockClock,
) -> None:
    handler = Reads()
    config = Config(hostname="mx.test", limits=Limits(errors_soft=1, errors_hard=3))
    async with open_session(handler, config) as client:
        await client.open_transaction()
        await chunk(client, b"hello")
        start = trio.current_time()
        assert await client.codes("DATA", "DATA") == ["503", "503"]
        assert trio.current_time() - start == pytest.approx(2)
        assert await client.ask("DATA") == "421 4.7.0 mx.test too many errors"
        assert await client.reply() == ""
    assert [type(end) for end in handler.ends] == [MessageAborted]


async def test_many_replies_between_two_chunks_are_flushed() -> None:
    config = Config(
        hostname="mx.test", limits=Limits(junk_commands=None, unread_reply_octets=512)
    )
    handler = Recorder()
    async with open_session(handler, config) as client:
        await client.open_transaction()
        await client.send(b"BDAT 1\r\nx" + b"NOOP\r\n" * 500 + b"BDAT 0 LAST\r\n")
        codes = [(await client.reply())[:3] for _ in range(502)]
        assert codes == ["250"] * 502
    assert handler.contents == [b"x"]


# The connection is lost, or time runs out.


@pytest.mark.parametrize("sent", [b"", b"BDAT 10\r\nhalf", b"BDAT 10 LAST\r\n", b"RSE"])
async def test_a_connection_that_is_lost(sent: bytes) -> None:
    handler = Reads()
    async with open_session(handler) as client:
        await client.open_transaction()
        await chunk(client, b"hello")
        await client.send(sent)
        await trio.testing.wait_all_tasks_blocked()
    (end,) = handler.ends
    assert type(end) is ClientGone
    assert handler.events[-3:] == [("reset", "a@c", 1), "close", "leave"]


@pytest.mark.parametrize("sent", [b"", b"BDAT 10\r\nhalf", b"BDAT 10 LAST\r\n", b"RSE"])
async def test_a_silent_client_gets_421_after_the_deadline_of_content(
    autojump_clock: trio.testing.MockClock, sent: bytes
) -> None:
    handler = Reads()
    config = Config(hostname="mx.test", timeouts=Timeouts(content=100))
    async with open_session(handler, config) as client:
        await client.open_transaction()
        await chunk(client, b"hello")
        await client.send(sent)
        start = trio.current_time()
        assert await client.reply() == "421 4.4.2 mx.test timeout, closing connection"
        assert await client.reply() == ""
        assert trio.current_time() - start == pytest.approx(100)
    assert handler.events[-4:] == [
        *("Cancelled", ("reset", "a@c", 1), "close", "leave")
    ]


async def test_a_message_in_many_chunks_has_one_deadline(
    autojump_clock: trio.testing.MockClock,
) -> None:
    handler = Reads()
    async with open_session(handler) as client, trio.open_nursery() as nursery:
        await client.open_transaction()
        nursery.start_soon(trickle, client, b"BDAT 1\r\nx")
        replies = [await client.reply() for _ in range(13)]
        assert replies == [OK] * 13
        # The first chunk came after 290 seconds, and with it on_data began to wait.
        assert (await client.reply())[:9] == "421 4.4.2"
        assert trio.current_time() == pytest.approx(290 + 3600)
    assert handler.events[-4] == "Cancelled"


async def trickle(client: SMTPClient, octets: bytes) -> None:
    with suppress(trio.BrokenResourceError):
        while True:
            await trio.sleep(290)
            await client.send(octets)


async def test_the_hook_has_its_own_deadline_between_chunks(
    autojump_clock: trio.testing.MockClock,
) -> None:
    class Slow(Handler):
        async def on_data(self, session: Session, message: Message) -> str:
            async for _ in message:
                await trio.sleep(120)
            return "slow but sure"

        async def on_verify(self, session: Session, argument: str) -> None:
            await trio.sleep(float(argument))

    async with open_session(Slow()) as client:
        await client.open_transaction()
        assert await chunk(client, b"x") == OK
        await trio.sleep(250)
        assert (await client.codes("VRFY 299", "VRFY 301")) == ["252", "451"]
        assert await chunk(client, b"x", last=True) == "250 2.0.0 slow but sure"
        await client.open_transaction()
        assert await chunk(client, b"x") == OK
        assert await chunk(client, b"x") == OK
        assert (await chunk(client, b"x", last=True))[:9] == "451 4.3.0"


async def test_a_refused_chunk_has_the_deadlines_of_content(
    autojump_clock: trio.testing.MockClock,
) -> None:
    """A slow client that is refused gets its answer, not a time-out."""
    async with open_session(Handler()) as client:
        await client.codes("EHLO c", "MAIL FROM:<a@c>")
        await client.send(b"BDAT 6\r\n")
        for octet in b"QUIT\r":
            await trio.sleep(290)
            await client.send(bytes([octet]))
        await trio.sleep(290)
        await client.send(b"\n")
        assert await client.reply() == "554 5.5.1 no valid recipients"
        await client.send(b"BDAT 6\r\nQUIT")
        assert (await client.reply())[:9] == "421 4.4.2"


async def test_a_refused_chunk_that_trickles_has_one_deadline(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with open_session(Handler()) as client, trio.open_nursery() as nursery:
        await client.ask("EHLO c")
        await client.send(b"BDAT 1000\r\n")

        nursery.start_soon(trickle, client, b"x")
        assert (await client.reply())[:9] == "421 4.4.2"
        assert trio.current_time() == pytest.approx(3600)


async def test_cancellation_between_two_chunks_tells_the_end() -> None:
    handler = Reads()
    ours, theirs = trio.testing.memory_stream_pair()
    client = SMTPClient(ours)
    async with trio.open_nursery() as nursery:

        async def run() -> None:
            await serve_stream(handler, theirs, config=Config(hostname="mx.test"))

        nursery.start_soon(run)
        await client.reply()
        await client.open_transaction()
        await chunk(client, b"hello")
        nursery.cancel_scope.cancel()
    assert handler.events[-4:] == [
        *("Cancelled", ("reset", "a@c", 1), "close", "leave")
    ]


# The server ends.


async def start(nursery: trio.Nursery, handler: Handler[Any]) -> Server:
    config = Config(hostname="mx.test", reverse_lookup=False)

    async def run(task_status: trio.TaskStatus[Server]) -> None:
        await serve(handler, 0, config=config, task_status=task_status)

    server: Server = await nursery.start(run)
    return server


async def connect(server: Server) -> SMTPClient:
    client = SMTPClient(await trio.open_tcp_stream(*server.addresses[0]))
    assert (await client.reply())[:3] == "220"
    return client


async def test_a_draining_server_waits_for_the_last_chunk(
    nursery: trio.Nursery,
) -> None:
    handler = Reads()
    server = await start(nursery, handler)
    client = await connect(server)
    await client.open_transaction()
    assert await chunk(client, b"hello") == OK
    nursery.start_soon(server.drain)
    await trio.testing.wait_all_tasks_blocked()
    assert await chunk(client, b" you") == OK
    assert await chunk(client, b"", last=True) == ACCEPTED
    assert (await client.reply())[:9] == "421 4.3.2"
    assert await client.reply() == ""
    await client.stream.aclose()
    assert b"".join(handler.blocks) == b"hello you"


async def test_a_draining_server_does_not_wait_for_ever(nursery: trio.Nursery) -> None:
    handler = Reads()
    server = await start(nursery, handler)
    client = await connect(server)
    await client.open_transaction()
    assert await chunk(client, b"hello") == OK
    nursery.start_soon(server.drain, 0)
    assert (await client.reply())[:9] == "421 4.3.2"
    assert handler.events[-4:] == [
        *("Cancelled", ("reset", "a@c", 1), "close", "leave")
    ]
    await client.stream.aclose()


async def test_a_failed_message_holds_no_draining_server_up(
    nursery: trio.Nursery,
) -> None:
    server = await start(nursery, Recorder(data=refuse(452)))
    client = await connect(server)
    await client.open_transaction()
    assert (await chunk(client, b"hello"))[:3] == "452"
    await trio.testing.wait_all_tasks_blocked()
    nursery.start_soon(server.drain)
    assert (await client.reply())[:9] == "421 4.3.2"
    await client.stream.aclose()


async def test_a_draining_server_hears_a_refused_chunk_out(
    nursery: trio.Nursery,
) -> None:
    """Its reply must not be taken for one to what comes behind."""
    server = await start(nursery, Handler())
    client = await connect(server)
    await client.ask("EHLO c")
    await client.send(b"BDAT 6\r\nQUI")
    await trio.testing.wait_all_tasks_blocked()
    nursery.start_soon(server.drain)
    await trio.testing.wait_all_tasks_blocked()
    await client.send(b"T\r\n")
    assert (await client.reply())[:3] == "503"
    assert (await client.reply())[:9] == "421 4.3.2"
    await client.stream.aclose()


class Swallows(Handler):
    """Reads, and keeps to itself what goes wrong."""

    async def on_data(self, session: Session, message: Message) -> str:
        with suppress(ClientGone):
            await message.read()
        return "all is well"


@pytest.mark.parametrize("kind", [Recorder, Handler, Swallows])
@pytest.mark.parametrize("begin", [b"DATA\r\n", b"BDAT 5\r\nhello", b"BDAT 9 LAST\r\n"])
async def test_the_log_tells_that_the_client_has_gone(
    begin: bytes, kind: type[Handler], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "smtpsession")
    async with open_session(kind()) as client:
        await client.open_transaction()
        await client.send(begin)
        await trio.testing.wait_all_tasks_blocked()
    (story,) = [r.getMessage() for r in caplog.records if "accepted=" in r.getMessage()]
    assert story.endswith("end=client\\x20gone")
    assert "accepted=0 refused=1" in story
