"""HAProxy as a process of its own, and what it thinks of the server behind it."""

from __future__ import annotations

import csv
import socket
import subprocess
import time
from typing import TYPE_CHECKING

from attrs import frozen

from tests.peers.server_process import Mode, ServerProcess, stop_process

if TYPE_CHECKING:
    from pathlib import Path

CHECK_SECONDS = 30
POLL_SECONDS = 0.05

CONFIGURATION = """\
global
    maxconn 100
    stats socket {stats}

defaults
    mode tcp
    timeout connect 5s
    timeout client 60s
    timeout server 60s
    timeout check 5s

listen smtp
    bind fd@{descriptor} {bind_options}
    option smtpchk EHLO proxy.example
    server behind {host}:{port} {server_options}
"""


@frozen(kw_only=True)
class HAProxy:
    """A running proxy in front of one server."""

    process: subprocess.Popen[str]
    stats: Path
    host: str
    port: int

    def wait_until_up(self) -> None:
        """Return once a whole SMTP health check has succeeded.

        Raises:
            TimeoutError: None has.
        """
        deadline = time.monotonic() + CHECK_SECONDS
        facts: dict[str, str] = {}
        # HAProxy tells of its checks only who asks.
        while time.monotonic() < deadline:
            assert self.process.poll() is None, "HAProxy has ended"
            facts = self.facts_of_server()
            if facts.get("check_status") == "L7OK":
                assert facts["status"] == "UP"
                return
            time.sleep(POLL_SECONDS)
        raise TimeoutError(f"no health check has succeeded: {facts}")

    def facts_of_server(self) -> dict[str, str]:
        """Return what HAProxy's statistics say of the server; nothing at first."""
        words = b""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(CHECK_SECONDS)
            try:
                client.connect(str(self.stats))
            except (FileNotFoundError, ConnectionRefusedError):
                return {}
            client.sendall(b"show stat\n")
            while some := client.recv(65536):
                words += some
        rows = csv.DictReader(words.decode("ascii").removeprefix("# ").splitlines())
        return next(row for row in rows if row["svname"] == "behind")

    def stop(self) -> None:
        """End the process, and every connection through it."""
        stop_process(self.process)


def start_haproxy(
    program: str,
    server: ServerProcess,
    folder: Path,
    send: str,
    bind_options: str = "",
) -> HAProxy:
    """Start the proxy on a free port; it checks the server ten times a second.

    Args:
        program: Path of haproxy.
        server: What is behind it.
        folder: For its files.
        send: The option, and more, by which it sends PROXY headers.
        bind_options: Of its own port, for example for TLS.
    """
    server_options = f"{send} check check-send-proxy inter 100ms"
    if server.mode is Mode.IMPLICIT_TLS:
        server_options += f" check-ssl verify required ca-file {server.authority}"
    stats, file = folder / "stats", folder / "haproxy.cfg"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        file.write_text(
            CONFIGURATION.format(
                stats=stats,
                descriptor=listener.fileno(),
                bind_options=bind_options,
                host=server.host,
                port=server.port,
                server_options=server_options,
            ),
            encoding="ascii",
        )
        process = subprocess.Popen(
            [program, "-db", "-f", str(file)], pass_fds=[listener.fileno()], text=True
        )
        host, port = listener.getsockname()
    return HAProxy(process=process, stats=stats, host=host, port=port)
