"""Unix sockets to listen on."""

from __future__ import annotations

import os
import socket
import stat

import trio

#: Connections that may wait to be accepted.
BACKLOG = 1024


async def open_unix_listener(path: str, *, mode: int = 0o600) -> trio.SocketListener:
    """Listen on a Unix socket.

    A socket that a dead server has left behind is replaced; one that answers, or
    anything else at that path, is not touched.

    Args:
        path: where the socket is to be.
        mode: permissions of the socket; by default only its owner may connect.

    Raises:
        OSError: the path cannot be bound, for example because it is in use.
        TypeError: path is no path, or mode is no int.
        ValueError: mode is out of range.
    """
    _require_path(path)
    _require_mode(mode)
    _remove_dead_socket(path)
    sock = trio.socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        await sock.bind(path)
        os.chmod(path, mode)
        sock.listen(BACKLOG)
    except BaseException as error:
        sock.close()
        if isinstance(error, OSError):
            error.add_note(f"smtpsession cannot listen on {os.fspath(path)}")
        raise
    return trio.SocketListener(sock)


def _require_path(path: object) -> None:
    # A number would be taken for an open file.
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"path must be a str, got {path!r}")


def _require_mode(mode: object) -> None:
    if not isinstance(mode, int):
        raise TypeError(f"mode must be an int such as 0o660, got {mode!r}")
    if not 0 <= mode <= 0o777:
        # 660 instead of 0o660 would be a strange set of permissions.
        raise ValueError(f"mode must be within 0o000 to 0o777, got {mode} ({mode:#o})")


def _remove_dead_socket(path: str) -> None:
    try:
        if not stat.S_ISSOCK(os.stat(path).st_mode):
            return
    except FileNotFoundError:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        # A live server with a full backlog would have us wait.
        probe.setblocking(False)
        try:
            probe.connect(path)
        except BlockingIOError:
            return
        except ConnectionRefusedError:
            os.unlink(path)
