"""Sessions whose messages end in a Maildir, or do not."""

import os
import re
import resource
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import trio
import trio.testing

from smtpsession import Session
from smtpsession.handlers import MaildirHandler
from smtpsession.handlers.maildir import BLOCK_OCTETS, COMMIT_SECONDS, DISCARD_SECONDS
from tests.server.smtp_client import open_session

# More than one block, so that a part of it is written before the end is there.
LARGE = b"0123456789abcd\r\n" * (BLOCK_OCTETS // 16)
ADDED = re.compile(
    rb"Return-Path: <a@c>\r\n"
    rb"Received: from c \(local\)\r\n"
    rb"\tby mx\.test with ESMTP id [0-9a-f]{16}\.(?P<transaction>[0-9]+)\r\n"
    rb"\tfor <b@d>;\r\n"
    rb"\t\w{3}, \d{1,2} \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}\r\n"
)


@pytest.fixture
def handler(tmp_path: Path) -> MaildirHandler:
    return MaildirHandler(tmp_path / "Maildir", hostname="mx.test")


def names_in(handler: MaildirHandler[Any]) -> tuple[list[str], list[str]]:
    """Give the names in tmp and in new."""
    return os.listdir(handler.path / "tmp"), os.listdir(handler.path / "new")


def stored(handler: MaildirHandler[Any]) -> list[bytes]:
    tmp, new = names_in(handler)
    assert tmp == []
    return [(handler.path / "new" / name).read_bytes() for name in new]


@contextmanager
def largest_file(octets: int) -> Iterator[None]:
    """Have the system refuse to let any file of this process grow further."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (octets, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("content", [b"", b"Subject: x\r\n\r\nhello\r\n", LARGE])
async def test_the_content_is_stored_below_the_added_fields(
    handler: MaildirHandler, content: bytes
) -> None:
    async with open_session(handler) as client:
        reply = await client.deliver(content)
        [name] = names_in(handler)[1]
        assert reply == f"250 2.0.0 stored as {name}"
    [octets] = stored(handler)
    added = ADDED.match(octets)
    assert added is not None, octets[:400]
    assert octets[added.end() :] == content


async def test_each_message_of_a_session_is_a_file(handler: MaildirHandler) -> None:
    async with open_session(handler) as client:
        for number in range(3):
            await client.deliver(b"%d\r\n" % number)
    fields = [ADDED.match(octets) for octets in stored(handler)]
    assert sorted(f["transaction"] for f in fields if f) == [b"1", b"2", b"3"]


async def test_a_message_is_durable_before_it_is_accepted(
    handler: MaildirHandler, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []

    def recorded(name: str) -> None:
        function = getattr(os, name)

        def record(target: Any, *arguments: Any) -> Any:
            path = Path(target if name == "rename" else f"/proc/self/fd/{target}")
            steps.append(f"{name} {path.resolve().relative_to(handler.path).parts[0]}")
            return function(target, *arguments)

        monkeypatch.setattr(os, name, record)

    for name in ("write", "fsync", "rename"):
        recorded(name)
    async with open_session(handler) as client:
        assert (await client.deliver(b"hello\r\n")).startswith("250 ")
        steps.append("reply")
    assert steps == ["write tmp", "fsync tmp", "rename tmp", "fsync new", "reply"]


async def test_memory_holds_no_whole_message(
    handler: MaildirHandler, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    write = os.write

    def record(file: int, data: memoryview) -> int:
        sizes.append(len(data))
        return write(file, data)

    monkeypatch.setattr(os, "write", record)
    async with open_session(handler) as client:
        await client.deliver(LARGE * 5)
    assert len(sizes) >= 5
    assert max(sizes) <= BLOCK_OCTETS + 65_536


async def test_a_small_message_needs_one_file_operation_in_a_thread(
    handler: MaildirHandler, monkeypatch: pytest.MonkeyPatch
) -> None:
    hops: list[object] = []
    run_sync = trio.to_thread.run_sync

    async def record(work: Any, *arguments: Any, **options: Any) -> Any:
        hops.append(work)
        return await run_sync(work, *arguments, **options)

    monkeypatch.setattr(trio.to_thread, "run_sync", record)
    async with open_session(handler) as client:
        await client.deliver(b"x" * 998 + b"\r\n")
    assert len(hops) == 1


async def test_parallel_sessions_store_their_own_messages(
    handler: MaildirHandler,
) -> None:
    async def deliver(content: bytes) -> None:
        async with open_session(handler) as client:
            assert (await client.deliver(content)).startswith("250 ")

    async with trio.open_nursery() as nursery:
        for number in range(60):
            nursery.start_soon(deliver, b"%d\r\n" % number)
    numbers = sorted(int(octets.split(b"\r\n")[-2]) for octets in stored(handler))
    assert numbers == list(range(60))


async def test_the_name_in_the_field_is_the_servers(tmp_path: Path) -> None:
    handler: MaildirHandler = MaildirHandler(str(tmp_path / "Maildir"))
    async with open_session(handler) as client:
        await client.deliver(b"\r\n")
    [octets] = stored(handler)
    assert b"by mx.test with" in octets


def test_the_path_outlives_a_change_of_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert MaildirHandler("Maildir").path == tmp_path / "Maildir"


def test_an_unusable_path_fails_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError, match="file"):
        MaildirHandler(tmp_path / "file")


async def test_people_can_build_on_it(tmp_path: Path) -> None:
    class Mine(Session):
        seen = 0

    class Inbox(MaildirHandler[Mine]):
        session_class = Mine

        async def on_hello(self, session: Mine, name: str) -> None:
            session.seen += 1

    handler = Inbox(tmp_path / "Maildir", hostname="mx.test")
    async with open_session(handler) as client:
        assert (await client.deliver(b"\r\n")).startswith("250 ")
    assert len(stored(handler)) == 1


# What is refused leaves nothing behind.


async def test_no_room_is_452(
    handler: MaildirHandler, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_session(handler) as client:
        with largest_file(65_536):
            reply = await client.deliver(LARGE[:100_000])
        assert reply == "452 4.3.1 insufficient system storage"
        assert "message not stored: [Errno 27] File too large" in caplog.text
        assert stored(handler) == []
        assert (await client.deliver(b"\r\n")).startswith("250 ")


async def test_no_room_for_an_early_block_is_452(handler: MaildirHandler) -> None:
    async with open_session(handler) as client:
        with largest_file(65_536):
            reply = await client.deliver(LARGE * 2)
        assert reply == "452 4.3.1 insufficient system storage"
        assert stored(handler) == []
        assert (await client.deliver(b"\r\n")).startswith("250 ")


@pytest.mark.parametrize("lost", ["tmp", "new"])
async def test_a_lost_folder_is_451(
    handler: MaildirHandler, lost: str, caplog: pytest.LogCaptureFixture
) -> None:
    folder = handler.path / lost
    folder.rmdir()
    folder.touch()
    async with open_session(handler) as client:
        reply = await client.deliver(b"hello\r\n")
    assert reply == "451 4.3.0 local error, message not stored"
    assert "message not stored: [Errno 20] Not a directory" in caplog.text
    folder.unlink()
    folder.mkdir()
    assert stored(handler) == []


async def test_a_client_that_vanishes_leaves_no_file(handler: MaildirHandler) -> None:
    async with open_session(handler) as client:
        await client.open_content()
        await client.send(LARGE)
    assert stored(handler) == []


async def test_a_refused_content_leaves_no_file(handler: MaildirHandler) -> None:
    async with open_session(handler) as client:
        reply = await client.deliver(LARGE + b"bare\nnewline\r\n")
    assert reply.startswith("55")
    assert stored(handler) == []


async def test_cancellation_while_content_comes_leaves_no_file(
    handler: MaildirHandler, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = threading.Event()
    write = os.write

    def record(file: int, data: bytes) -> int:
        octets = write(file, data)
        written.set()
        return octets

    monkeypatch.setattr(os, "write", record)
    with trio.CancelScope() as scope:
        async with open_session(handler) as client:
            await client.open_content()
            await client.send(LARGE)
            assert await trio.to_thread.run_sync(written.wait, 10)
            assert len(names_in(handler)[0]) == 1
            scope.cancel()
            await trio.lowlevel.checkpoint()
    assert scope.cancelled_caught
    assert stored(handler) == []


async def test_cancellation_during_the_commit_does_not_undo_it(
    handler: MaildirHandler, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync = os.fsync
    with trio.CancelScope() as scope:

        def cancel_first(file: int) -> None:
            trio.from_thread.run_sync(scope.cancel)
            fsync(file)

        monkeypatch.setattr(os, "fsync", cancel_first)
        async with open_session(handler) as client:
            await client.deliver(b"hello\r\n")
    assert scope.cancelled_caught
    assert len(stored(handler)) == 1


async def test_a_disk_that_does_not_answer_is_451(
    handler: MaildirHandler,
    monkeypatch: pytest.MonkeyPatch,
    mock_clock: trio.testing.MockClock,
) -> None:
    hangs, disk_answers, removed = (threading.Event() for _ in range(3))
    fsync, unlink = os.fsync, os.unlink

    def hang(file: int) -> None:
        hangs.set()
        assert disk_answers.wait(60)
        fsync(file)

    def record(path: Path) -> None:
        unlink(path)
        removed.set()

    monkeypatch.setattr(os, "fsync", hang)
    monkeypatch.setattr(os, "unlink", record)
    try:
        async with open_session(handler) as client:
            await client.open_content()
            await client.send(b"hello\r\n.\r\n")
            assert await trio.to_thread.run_sync(hangs.wait, 60)
            mock_clock.jump(COMMIT_SECONDS)
            await trio.testing.wait_all_tasks_blocked()
            mock_clock.jump(DISCARD_SECONDS)
            reply = await client.reply()
            assert reply == "451 4.3.0 local error, message not stored"
    finally:
        disk_answers.set()
    # What hung comes to its end without putting the message into new.
    assert removed.wait(60)
    assert stored(handler) == []


def test_files_are_for_their_owner_only(handler: MaildirHandler) -> None:
    async def deliver() -> None:
        async with open_session(handler) as client:
            await client.deliver(b"\r\n")

    trio.run(deliver)
    [name] = names_in(handler)[1]
    assert stat.S_IMODE((handler.path / "new" / name).stat().st_mode) == 0o600
