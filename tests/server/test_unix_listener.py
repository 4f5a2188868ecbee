"""Unix sockets: who may connect, and what is never replaced."""

import os
import socket
import stat
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import trio

from smtpsession import open_unix_listener

pytestmark = pytest.mark.skipif(
    not hasattr(socket, "AF_UNIX"), reason="no Unix sockets here"
)


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "smtp.sock")


def open_files() -> int:
    return len(os.listdir("/dev/fd"))


def write(path: str, text: str) -> None:
    Path(path).write_text(text)


def read(path: str) -> str:
    return Path(path).read_text()


async def can_connect(path: str, listener: trio.SocketListener) -> bool:
    """Send an octet from one end to the other."""
    async with (
        await trio.open_unix_socket(path) as client,
        await listener.accept() as server,
    ):
        await client.send_all(b"x")
        return await server.receive_some(1) == b"x"


async def test_clients_can_connect(path: str) -> None:
    async with await open_unix_listener(path) as listener:
        assert await can_connect(path, listener)


async def test_only_its_owner_may_connect_by_default(path: str) -> None:
    async with await open_unix_listener(path):
        mode = os.stat(path).st_mode
    assert stat.S_ISSOCK(mode)
    assert stat.S_IMODE(mode) == 0o600


@pytest.mark.parametrize("mode", [0o660, 0o666, 0o000])
@pytest.mark.parametrize("umask", [0o022, 0o777])
async def test_the_mode_is_what_was_asked_for(path: str, mode: int, umask: int) -> None:
    before = os.umask(umask)
    try:
        async with await open_unix_listener(path, mode=mode):
            assert stat.S_IMODE(os.stat(path).st_mode) == mode
    finally:
        os.umask(before)


async def test_a_socket_of_a_dead_server_is_replaced(path: str) -> None:
    async with await open_unix_listener(path):
        pass
    assert stat.S_ISSOCK(os.stat(path).st_mode), "it was left behind"
    async with await open_unix_listener(path) as listener:
        assert await can_connect(path, listener)


async def test_a_socket_that_answers_is_not_touched(path: str) -> None:
    async with await open_unix_listener(path) as first:
        with pytest.raises(OSError, match="in use"):
            await open_unix_listener(path)
        # The probe itself has connected and gone.
        async with await first.accept() as probe:
            assert await probe.receive_some(1) == b""
        assert await can_connect(path, first)


async def test_a_busy_server_with_a_full_backlog_is_not_touched(path: str) -> None:
    with ExitStack() as stack:
        busy = stack.enter_context(socket.socket(socket.AF_UNIX))
        busy.bind(path)
        busy.listen(0)
        waiting = 0
        try:
            while True:
                client = stack.enter_context(socket.socket(socket.AF_UNIX))
                client.setblocking(False)
                client.connect(path)
                waiting += 1
        except (BlockingIOError, ConnectionRefusedError) as error:
            if not isinstance(error, BlockingIOError):
                pytest.skip("a full backlog looks like a dead server here")
        with pytest.raises(OSError, match="in use"):
            await open_unix_listener(path)
        for _ in range(waiting):
            busy.accept()[0].close()


async def test_a_file_is_not_touched(path: str) -> None:
    write(path, "precious")
    with pytest.raises(OSError, match="in use"):
        await open_unix_listener(path)
    assert read(path) == "precious"


async def test_a_folder_is_not_touched(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="in use"):
        await open_unix_listener(str(tmp_path))
    assert stat.S_ISDIR(os.stat(tmp_path).st_mode)


async def test_a_link_to_a_file_is_not_touched(path: str, tmp_path: Path) -> None:
    target = str(tmp_path / "precious")
    write(target, "precious")
    os.symlink(target, path)
    with pytest.raises(OSError, match="in use"):
        await open_unix_listener(path)
    assert (os.readlink(path), read(target)) == (target, "precious")


async def test_a_socket_of_another_kind_is_not_touched(path: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
        other.bind(path)
        with pytest.raises(OSError, match=r"[Pp]rotocol wrong type"):
            await open_unix_listener(path)
    assert stat.S_ISSOCK(os.stat(path).st_mode)


@pytest.mark.parametrize("place", ["missing/smtp.sock", "x" * 200])
async def test_a_path_that_cannot_be_bound_leaves_no_socket_open(
    tmp_path: Path, place: str
) -> None:
    before = open_files()
    with pytest.raises(OSError) as raised:
        await open_unix_listener(str(tmp_path / place))
    said = f"smtpsession cannot listen on {tmp_path / place}"
    assert raised.value.__notes__ == [said]
    assert open_files() == before
    assert os.listdir(tmp_path) == []


async def test_who_is_cancelled_leaves_no_socket_open(path: str) -> None:
    before = open_files()
    with trio.CancelScope() as scope:
        scope.cancel()
        await open_unix_listener(path)
    assert scope.cancelled_caught
    assert open_files() == before


@pytest.mark.parametrize(
    ("mode", "error", "said"),
    [
        ("660", TypeError, "mode must be an int such as 0o660, got '660'"),
        (None, TypeError, "mode must be an int such as 0o660, got None"),
        (660, ValueError, r"within 0o000 to 0o777, got 660 \(0o1224\)"),
        (-1, ValueError, r"within 0o000 to 0o777, got -1 \(-0o1\)"),
    ],
)
async def test_what_are_no_permissions_is_refused_and_leaves_nothing(
    path: str, mode: Any, error: type[Exception], said: str
) -> None:
    before = open_files()
    with pytest.raises(error, match=said):
        await open_unix_listener(path, mode=mode)
    assert open_files() == before
    assert os.listdir(os.path.dirname(path)) == []


@pytest.mark.parametrize("given", [None, 1, b"smtp.sock"])
async def test_what_is_no_path_is_refused(given: Any) -> None:
    with pytest.raises(TypeError, match=f"path must be a str, got {given!r}"):
        await open_unix_listener(given)
