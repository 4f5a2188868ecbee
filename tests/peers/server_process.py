"""The server as a process of its own, started from its command line."""

from __future__ import annotations

import queue
import re
import subprocess
import sys
import threading
from enum import Enum
from typing import IO, TYPE_CHECKING

from attrs import define, frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import TypeAlias

    # None: the output has ended.
    OutputLines: TypeAlias = queue.SimpleQueue[str | None]

START_SECONDS = 30
STOP_SECONDS = 30
LISTENING = re.compile(r"listening on (?P<host>\S+):(?P<port>\d+)$")


class Mode(Enum):
    """How a session becomes secure, if it does."""

    PLAIN = "plain"
    STARTTLS = "starttls"
    IMPLICIT_TLS = "implicit_tls"

    @property
    def is_secure(self) -> bool:
        """Say whether mail travels inside TLS."""
        return self is not Mode.PLAIN


@frozen(kw_only=True)
class Certificates:
    """PEM files: the server's chain and key, and the authority clients trust."""

    chain: Path
    key: Path
    authority: Path


@define(kw_only=True)
class ServerProcess:
    """A running server and the Maildir that it delivers to."""

    mode: Mode
    maildir: Path
    authority: Path
    process: subprocess.Popen[str]
    host: str
    port: int
    output: OutputLines

    def take_messages(self) -> list[bytes]:
        """Return the octets of every file in new, and remove the files."""
        paths = self.stored_paths()
        messages = [path.read_bytes() for path in paths]
        for path in paths:
            path.unlink()
        return messages

    def stored_paths(self) -> list[Path]:
        """Return the path of every delivered message."""
        return list((self.maildir / "new").iterdir())

    def clear(self) -> None:
        """Remove what an earlier test has left in the Maildir."""
        self.take_messages()

    def stop(self) -> None:
        """Ask the process to drain; fail with its output unless it exits with 0."""
        self.drain()

    def drain(self) -> list[str]:
        """Do the same, and return the lines of output that nobody has read."""
        status = stop_process(self.process)
        lines = list(iter_lines(self.output))
        assert status == 0, f"exit status {status} from the server: {''.join(lines)}"
        return lines


def start_server(
    mode: Mode,
    certificates: Certificates,
    maildir: Path,
    options: Sequence[str] = (),
) -> ServerProcess:
    """Start the command and return once it listens.

    Args:
        mode: How sessions become secure.
        certificates: Used where they do.
        maildir: Where messages go.
        options: Further words of the command line.

    Raises:
        RuntimeError: The process ended, or stayed silent, before it listened.
    """
    command = [sys.executable, "-m", "smtpsession", "serve", "--listen", "127.0.0.1:0"]
    command += ["--maildir", str(maildir), *tls_options(mode, certificates), *options]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    output = read_output(process)
    try:
        host, port = wait_until_listening(output)
    except RuntimeError:
        stop_process(process)
        raise
    return ServerProcess(
        mode=mode,
        maildir=maildir,
        authority=certificates.authority,
        process=process,
        host=host,
        port=port,
        output=output,
    )


def tls_options(mode: Mode, certificates: Certificates) -> list[str]:
    """Return the command's options for one mode."""
    if mode is Mode.PLAIN:
        return []
    options = ["--tls-cert", str(certificates.chain), "--tls-key"]
    options.append(str(certificates.key))
    return [*options, "--implicit-tls"] if mode is Mode.IMPLICIT_TLS else options


def stop_process(process: subprocess.Popen[str]) -> int:
    """Send SIGTERM, wait for the end and return the exit status.

    Raises:
        subprocess.TimeoutExpired: The process had to be killed.
    """
    process.terminate()
    try:
        return process.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise


def read_output(process: subprocess.Popen[str]) -> OutputLines:
    """Start a thread that empties the process's pipe into a queue."""
    assert process.stdout is not None
    lines: OutputLines = queue.SimpleQueue()
    threading.Thread(
        target=pump_lines, args=(process.stdout, lines), daemon=True
    ).start()
    return lines


def pump_lines(pipe: IO[str], lines: OutputLines) -> None:
    """Pass every line on, and None when the output has ended."""
    with pipe:
        for line in pipe:
            lines.put(line)
    lines.put(None)


def wait_until_listening(lines: OutputLines) -> tuple[str, int]:
    """Read the process's output up to its `listening on` line.

    Raises:
        RuntimeError: The output ended, or no such line came in time.
    """
    seen: list[str] = []
    for line in iter_lines(lines):
        seen.append(line)
        if found := LISTENING.match(line.strip()):
            return found["host"], int(found["port"])
    raise RuntimeError(f"no `listening on` line from the server: {''.join(seen)}")


def iter_lines(lines: OutputLines) -> Iterator[str]:
    """Give the lines of output until it ends or the next one is overdue."""
    try:
        while (line := lines.get(timeout=START_SECONDS)) is not None:
            yield line
    except queue.Empty:
        return
