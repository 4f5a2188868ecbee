"""The file work of a Maildir: folders, unique names, and one message's way to new.

Everything here blocks and belongs into a thread.

Theory of operation: a message is written to ``tmp/NAME``, synced to the disk, renamed
to ``new/NAME``, and the folder ``new`` is synced. Whoever reads ``new`` therefore sees
whole messages only, and once ``commit`` has returned a power failure loses nothing.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
import threading
import time
from pathlib import Path

#: A file in tmp that nobody has touched for so many seconds belongs to a delivery that
#: has died; 36 hours by the convention that all programs on a Maildir share.
ORPHAN_SECONDS = 36 * 3600

_FOLDERS = ("tmp", "new", "cur")
_UNSAFE_IN_NAME = re.compile(r"[^A-Za-z0-9._-]")
# A file name has at most 255 octets; what stands before the host needs about 60.
_HOST_CHARACTERS = 128


def prepare_maildir(path: Path) -> None:
    """Make the folders of a Maildir where they are missing, and remove orphans.

    Raises:
        OSError: a folder cannot be made, read or written.
    """
    _make_folder(path)
    for name in _FOLDERS:
        folder = path / name
        _make_folder(folder)
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK, effective_ids=True):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))
    _remove_orphans(path / "tmp")


def unique_name(hostname: str) -> str:
    r"""Give a file name that no other delivery to the same Maildir will ever have.

    Args:
        hostname: the name of this host; what a file name or a Maildir reader cannot
            take is written in octal, "/" as ``\057`` and ":" as ``\072``.
    """
    host = _UNSAFE_IN_NAME.sub(lambda m: f"\\{ord(m[0]):03o}", hostname)
    seconds, nanoseconds = divmod(time.time_ns(), 1_000_000_000)
    return (
        f"{seconds}.M{nanoseconds // 1000:06}P{os.getpid()}R{secrets.token_hex(8)}"
        f".{host[:_HOST_CHARACTERS]}"
    )


class Delivery:
    """One message on its way into a Maildir.

    Its methods may run in different threads; each waits for the one before.

    Args:
        maildir: the Maildir.
        name: a unique name.
    """

    def __init__(self, maildir: Path, name: str) -> None:
        self._tmp = maildir / "tmp" / name
        self._new = maildir / "new" / name
        self._turn = threading.Lock()
        self._file: int | None = None
        self._abandoned = threading.Event()

    def write(self, octets: bytes | bytearray) -> None:
        """Write octets behind those written before.

        Raises:
            OSError: they cannot be written.
        """
        with self._turn:
            if not self._abandoned.is_set():
                self._write(octets)

    def commit(self, octets: bytes | bytearray) -> None:
        """Write the last octets and make the message durable in new.

        Raises:
            OSError: that cannot be done, and nothing is left in new.
        """
        with self._turn:
            if self._abandoned.is_set():
                return
            os.fsync(self._write(octets))
            self._close()
            if not self._abandoned.is_set():
                self._publish()

    def abandon(self) -> None:
        """Have ``commit`` put nothing into new from now on; never blocks."""
        self._abandoned.set()

    def discard(self) -> None:
        """Abandon the message and remove its file from tmp."""
        self.abandon()
        with self._turn, contextlib.suppress(OSError):
            self._close()
            self._tmp.unlink()

    def _write(self, octets: bytes | bytearray) -> int:
        if self._file is None:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            self._file = os.open(self._tmp, flags, 0o600)
        with memoryview(octets) as view:
            written = 0
            while written < len(view):
                written += os.write(self._file, view[written:])
        return self._file

    def _close(self) -> None:
        if self._file is not None:
            file, self._file = self._file, None
            os.close(file)

    def _publish(self) -> None:
        os.rename(self._tmp, self._new)
        try:
            _sync_folder(self._new.parent)
        except OSError:
            self._new.unlink(missing_ok=True)
            raise


def _make_folder(path: Path) -> None:
    if not path.parent.is_dir():
        _make_folder(path.parent)
    try:
        path.mkdir(0o700)
    except FileExistsError:
        if path.is_dir():
            return
        raise NotADirectoryError(
            errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path)
        ) from None
    # The folder's own name has to outlive a power failure too.
    _sync_folder(path.parent)


def _sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _remove_orphans(folder: Path) -> None:
    oldest = time.time() - ORPHAN_SECONDS
    with os.scandir(folder) as entries:
        for entry in entries:
            # Another delivery agent may remove the same file at the same time.
            with contextlib.suppress(FileNotFoundError):
                facts = entry.stat(follow_symlinks=False)
                touched = max(facts.st_atime, facts.st_mtime)
                if stat.S_ISREG(facts.st_mode) and touched < oldest:
                    os.unlink(entry.path)
