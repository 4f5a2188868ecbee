"""LMTP (RFC 2033), as a handler and a client notice it."""

from __future__ import annotations

import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import attrs
import pytest
import trio
import trio.testing

from smtpsession import (
    Config,
    Handler,
    Limits,
    Message,
    Reject,
    Reply,
    Server,
    Session,
    open_unix_listener,
    serve_listeners,
)
from tests.server.recorder import Recorder
from tests.server.smtp_client import SMTPClient, open_session

LMTP = Config.for_lmtp(hostname="mx.test")
OK = "250 2.0.0 message accepted"
FAILED = "451 4.3.0 local error, try again later"


@asynccontextmanager
async def open_lmtp(
    handler: Handler[Any], config: Config = LMTP
) -> AsyncIterator[SMTPClient]:
    async with open_session(handler, config, greeting=False) as client:
        assert await client.reply() == "220 mx.test LMTP"
        yield client


async def deliver(
    client: SMTPClient, content: bytes = b"hi\r\n", *, to: str = "abc", bdat: bool
) -> list[str]:
    """Send a message to recipients of these names and give the replies to it."""
    codes = await client.codes(
        "LHLO c", "MAIL FROM:<s@c>", *(f"RCPT TO:<{name}@d>" for name in to)
    )
    accepted = codes[2:].count("250")
    if bdat:
        await client.send(b"BDAT %d LAST\r\n%s" % (len(content), content))
    else:
        assert await client.codes("DATA") == ["354"]
        await client.send(content + b".\r\n")
    return [await client.reply() for _ in range(accepted)]


both_commands = pytest.mark.parametrize("bdat", [False, True], ids=["DATA", "BDAT"])


class Answers(Recorder):
    """Reads each message, or not, and answers it as it is told."""

    def __init__(self, said: Any, *, reads: bool = True) -> None:
        super().__init__()
        self.said = said
        self.reads = reads

    async def on_data(self, session: Session, message: Message) -> Any:
        if self.reads:
            self.contents.append(await message.read())
        if isinstance(self.said, Exception):
            raise self.said
        return self.said


NO = Reject(550, "no such user", enhanced="5.1.1")
NO_TEXT = "550 5.1.1 no such user"


@both_commands
@pytest.mark.parametrize("reads", [False, True])
@pytest.mark.parametrize(
    ("said", "replies"),
    [
        (None, [OK, OK, OK]),
        ("kept", ["250 2.0.0 kept"] * 3),
        (Reply(250, "fine", "2.1.5"), ["250 2.1.5 fine"] * 3),
        ([None, "kept", Reply(250, "fine", "2.1.5")], None),
        ([None, NO, Reply(451, "later", "4.2.2")], None),
        ((NO, NO, None), None),
        ([NO, NO, NO], [NO_TEXT] * 3),
    ],
)
async def test_what_on_data_answers(
    said: Any, replies: list[str] | None, reads: bool, bdat: bool
) -> None:
    if replies is None:
        texts = {None: OK, "kept": "250 2.0.0 kept", NO: NO_TEXT}
        replies = [
            f"{one.code} {one.enhanced} {one.text}"
            if isinstance(one, Reply)
            else texts[one]
            for one in said
        ]
    handler = Answers(said, reads=reads)
    async with open_lmtp(handler) as client:
        assert await deliver(client, bdat=bdat) == replies
        assert await client.codes("NOOP", "MAIL FROM:<s@c>") == ["250", "250"]
    resets = handler.events.count(("reset", "s@c", 1))
    # A message that anybody got was not lost.
    assert resets == all(reply[0] != "2" for reply in replies)


@both_commands
async def test_replies_come_in_the_order_of_the_accepted_recipients(
    bdat: bool,
) -> None:
    class OneByOne(Recorder):
        async def on_rcpt_to(self, session: Session, address: Any) -> None:
            if address.local_part == "x":
                raise NO

        async def on_data(self, session: Session, message: Message) -> Any:
            return [address.local_part for address in session.envelope.rcpt_to]

    async with open_lmtp(OneByOne()) as client:
        replies = await deliver(client, to="axbax", bdat=bdat)
        assert replies == ["250 2.0.0 a", "250 2.0.0 b", "250 2.0.0 a"]


@both_commands
@pytest.mark.parametrize(
    ("said", "replies", "logged"),
    [
        ([None], [OK, FAILED, FAILED], "on_data answered for 1 of 3 recipients"),
        ([], [FAILED] * 3, "on_data answered for 0 of 3 recipients"),
        ([None] * 4, [OK] * 3, "on_data answered for 4 of 3 recipients"),
        ([None, 7, NO], [OK, FAILED, NO_TEXT], "on_data failed"),
        ([None, "550 no", "x"], [OK, FAILED, "250 2.0.0 x"], "on_data failed"),
        ([None, RuntimeError("x"), None], [OK, FAILED, OK], "on_data failed"),
        ([None, Reply(354, "go on"), None], [OK, FAILED, OK], "on_data failed"),
        ([None, ["nested"], None], [OK, FAILED, OK], "on_data failed"),
        (7, [FAILED] * 3, "on_data failed"),
        ({"a": None}, [FAILED] * 3, "on_data failed"),
        (b"kept", [FAILED] * 3, "on_data failed"),
        (RuntimeError("deliberate"), [FAILED] * 3, "on_data failed"),
    ],
)
async def test_a_wrong_answer_is_451_for_whom_it_concerns(
    said: Any,
    replies: list[str],
    logged: str,
    bdat: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with open_lmtp(Answers(said)) as client:
        assert await deliver(client, bdat=bdat) == replies
        assert await client.codes("NOOP") == ["250"]
    (record,) = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert logged in record.getMessage()


@both_commands
@pytest.mark.parametrize("code", [200, 250, 354, 999])
async def test_a_rejection_that_was_changed_accepts_nobody(
    code: int, bdat: bool, caplog: pytest.LogCaptureFixture
) -> None:
    changed = Reject(550, "no")
    changed.code = code
    async with open_lmtp(Answers([None, changed, None])) as client:
        assert await deliver(client, bdat=bdat) == [OK, FAILED, OK]
    assert [r for r in caplog.records if r.levelno == logging.ERROR] != []


@both_commands
async def test_a_rejection_that_is_raised_is_for_all(bdat: bool) -> None:
    handler = Answers(NO)
    async with open_lmtp(handler) as client:
        assert await deliver(client, bdat=bdat) == [NO_TEXT] * 3
        assert await client.codes("NOOP") == ["250"]
    assert handler.events.count(("reset", "s@c", 1)) == 1


@both_commands
async def test_421_for_one_recipient_closes_behind_all_replies(bdat: bool) -> None:
    handler = Answers([None, Reply(421, "full", "4.3.1"), None])
    async with open_lmtp(handler) as client:
        replies = await deliver(client, bdat=bdat)
        assert replies == [OK, "421 4.3.1 mx.test full", OK]
        assert await client.reply() == ""
    assert ("reset", "s@c", 1) not in handler.events


@both_commands
async def test_a_handler_that_overrides_nothing(bdat: bool) -> None:
    async with open_lmtp(Handler()) as client:
        assert await deliver(client, bdat=bdat) == [OK] * 3
        assert await client.codes("QUIT") == ["221"]


async def test_ehlo_and_helo_are_unknown_and_lhlo_is_a_hello() -> None:
    handler = Recorder()
    async with open_lmtp(handler) as client:
        assert await client.codes("EHLO c", "HELO c", "MAIL FROM:<s@c>") == [
            *("500", "500", "503")
        ]
        hello = await client.ask("LHLO c")
        assert {"250-PIPELINING", "250-ENHANCEDSTATUSCODES", "250-CHUNKING"} <= set(
            hello.splitlines()
        )
        (session,) = handler.sessions
        assert session.lmtp
        assert session.opening_command == "LHLO"
        assert session.transmission_type == "LMTP"
    assert ("hello", "c") in handler.events
    assert ("unknown", "EHLO c") in handler.events


async def test_data_that_is_refused_before_354_has_one_reply() -> None:
    handler = Answers(Reject(451, "not now"), reads=False)
    async with open_lmtp(handler) as client:
        await client.codes("LHLO c", "MAIL FROM:<s@c>", "RCPT TO:<a@d>")
        await client.codes("RCPT TO:<b@d>")
        assert await client.ask("DATA") == "451 4.0.0 not now"
        handler.said = None
        assert await client.codes("NOOP", "DATA") == ["250", "354"]
        await client.send(b".\r\n")
        assert [await client.reply() for _ in range(2)] == [OK, OK]
    assert ("reset", "s@c", 1) not in handler.events


async def test_a_last_chunk_that_is_refused_unread_has_a_reply_per_recipient() -> None:
    handler = Answers(Reject(451, "not now"), reads=False)
    async with open_lmtp(handler) as client:
        replies = await deliver(client, b"QUIT\r\n", bdat=True)
        assert replies == ["451 4.0.0 not now"] * 3
        assert await client.codes("MAIL FROM:<s@c>") == ["250"]
    assert handler.events.count(("reset", "s@c", 1)) == 1


@pytest.mark.parametrize("reads", [False, True])
async def test_a_list_of_answers_waits_for_the_last_chunk(reads: bool) -> None:
    handler = Answers([None, NO], reads=reads)
    async with open_lmtp(handler) as client:
        await client.codes("LHLO c", "MAIL FROM:<s@c>", "RCPT TO:<a@d>")
        await client.codes("RCPT TO:<b@d>")
        await client.send(b"BDAT 2\r\nhiBDAT 2\r\nhoBDAT 0 LAST\r\n")
        replies = [await client.reply() for _ in range(4)]
        assert replies == ["250 2.0.0 OK", "250 2.0.0 OK", OK, NO_TEXT]
        assert await client.codes("NOOP") == ["250"]


async def test_a_list_for_a_chunk_with_a_fault_is_one_reply() -> None:
    async with open_lmtp(Answers([None, NO], reads=False)) as client:
        await client.codes("LHLO c", "MAIL FROM:<s@c>", "RCPT TO:<a@d>")
        await client.codes("RCPT TO:<b@d>")
        await client.send(b"BDAT 1\r\n\0BDAT 1 LAST\r\nx")
        codes = [(await client.reply())[:3] for _ in range(3)]
        assert codes == ["554", "503", "503"]
        assert await client.codes("NOOP") == ["250"]


async def test_a_last_chunk_without_recipients_has_no_reply() -> None:
    handler = Recorder()
    async with open_lmtp(handler) as client:
        await client.codes("LHLO c", "MAIL FROM:<s@c>")
        await client.send(b"BDAT 3 LAST\r\nabcNOOP\r\n")
        assert await client.reply() == "250 2.0.0 OK"
        assert await client.codes("MAIL FROM:<s@c>") == ["250"]
    assert "data" not in handler.events
    assert handler.events.count(("reset", "s@c", 1)) == 1


SMALL = attrs.evolve(LMTP, limits=Limits(message_octets=10))


@both_commands
@pytest.mark.parametrize("handler", [Handler(), Answers([None, None, NO])])
@pytest.mark.parametrize(
    ("content", "reply", "closes"),
    [
        (b"12345678901\r\n", "552 5.3.4 message exceeds the size limit", False),
        (b"a\0\r\n", "554 5.6.0 content has a NUL octet", False),
        (b"a\nb\r\n", "550 5.5.2 content has a bare CR or LF", True),
    ],
)
async def test_what_is_wrong_with_the_content_is_said_once_per_recipient(
    content: bytes, reply: str, closes: bool, handler: Handler, bdat: bool
) -> None:
    async with open_lmtp(handler, SMALL) as client:
        assert await deliver(client, content, bdat=bdat) == [reply] * 3
        if closes:
            assert await client.reply() == ""
        else:
            assert await client.codes("NOOP") == ["250"]


@both_commands
async def test_a_nul_is_worse_than_a_handlers_refusal_of_one(bdat: bool) -> None:
    """But whom the handler refuses gets the handler's reply."""
    handler = Answers([None, NO, None], reads=False)
    async with open_lmtp(handler) as client:
        nul = "554 5.6.0 content has a NUL octet"
        assert await deliver(client, b"\0\r\n", bdat=bdat) == [nul, NO_TEXT, nul]
    assert handler.events.count(("reset", "s@c", 1)) == 1


async def test_the_log_counts_messages_and_not_recipients(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "smtpsession")
    handler = Answers([None, NO, None])
    async with open_lmtp(handler) as client:
        await deliver(client, bdat=False)
        handler.said = [NO, NO, NO]
        await deliver(client, bdat=True)
        await client.codes("QUIT")
        assert await client.reply() == ""
    (story,) = [r.getMessage() for r in caplog.records if "accepted=" in r.getMessage()]
    assert "type=LMTP" in story
    assert "accepted=1 refused=1 octets=4" in story


async def test_smtp_takes_no_list(caplog: pytest.LogCaptureFixture) -> None:
    handler = Answers([None])
    async with open_session(handler) as client:
        assert await client.deliver(b"x\r\n") == FAILED
    assert "must return None, a str or a final Reply" in caplog.text


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no Unix sockets here")
async def test_lmtp_over_a_unix_socket(tmp_path: Path, nursery: trio.Nursery) -> None:
    path = str(tmp_path / "lmtp.sock")
    handler = Answers([None, NO, "kept"])

    async def run(task_status: trio.TaskStatus[Server]) -> None:
        listener = await open_unix_listener(path)
        await serve_listeners(handler, [listener], config=LMTP, task_status=task_status)

    server: Server = await nursery.start(run)
    assert server.addresses == [(path, 0)]
    client = SMTPClient(await trio.open_unix_socket(path))
    assert await client.reply() == "220 mx.test LMTP"
    replies = await deliver(client, bdat=False)
    assert replies == [OK, NO_TEXT, "250 2.0.0 kept"]
    assert await client.codes("QUIT") == ["221"]
    await client.stream.aclose()
    await server.drain()
    assert handler.sessions[0].transport_peer[0] == ""
