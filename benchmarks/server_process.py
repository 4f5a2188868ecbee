"""One running server: started, awaited, its CPU time read, ended by its pid."""

import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from attrs import frozen

from benchmarks.programs import search_environment
from benchmarks.servers import Server

START_SECONDS = 20.0
STOP_SECONDS = 5.0
CLOCK_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class StartError(Exception):
    """A server ended, or never greeted, before it was measured."""


@frozen(kw_only=True)
class ServerProcess:
    """A server that greets on a loopback port."""

    server: Server
    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """Return user and system time of all threads so far (proc(5), stat)."""
        stat = Path(f"/proc/{self.pid}/stat").read_text()
        # The second field, the name, may hold spaces; the rest follows its ")".
        fields = stat.rpartition(")")[2].split()
        utime, stime = int(fields[11]), int(fields[12])
        return (utime + stime) / CLOCK_TICKS_PER_SECOND


@contextmanager
def running(server: Server) -> Iterator[ServerProcess]:
    """Run a server for as long as the context lasts.

    Raises:
        StartError: The server did not greet within `START_SECONDS`.
    """
    port = free_port()
    with tempfile.TemporaryFile() as output:
        try:
            process = subprocess.Popen(
                server.command(port),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=server.directory,
                env=search_environment(),
            )
        except OSError as error:
            raise StartError(str(error)) from None
        try:
            await_greeting(process, port, output)
            yield ServerProcess(server=server, port=port, pid=process.pid)
        finally:
            stop(process)


def free_port() -> int:
    """Return a loopback port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def await_greeting(
    process: subprocess.Popen[bytes], port: int, output: IO[bytes]
) -> None:
    """Wait until a process greets on a port."""
    deadline = time.monotonic() + START_SECONDS
    while not greets(port):
        if process.poll() is not None:
            raise StartError(f"ended with {process.returncode}: {last_line(output)}")
        if time.monotonic() > deadline:
            raise StartError(f"no greeting within {START_SECONDS:.0f} seconds")
        time.sleep(0.05)


def greets(port: int) -> bool:
    """Tell whether a 220 greeting comes from a loopback port."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as client:
            greeting = client.recv(512)
            client.sendall(b"QUIT\r\n")
            client.recv(512)
    except OSError:
        return False
    return greeting.startswith(b"220")


def last_line(output: IO[bytes]) -> str:
    """Return the last line that a server has written."""
    output.seek(0)
    lines = output.read().decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "no output"


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process, by force if it does not go in time."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
