"""The programs of docs/examples, run by the command and spoken to by real clients.

Each is a handler that prints what it sees, so what it prints is what is shown here.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.peers.client_process import CLIENT_NAME, assert_accepted, run_client
from tests.peers.server_process import (
    Certificates,
    Mode,
    iter_lines,
    read_output,
    stop_process,
    tls_options,
    wait_until_listening,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


@contextmanager
def example(*options: str) -> Iterator[tuple[int, list[str]]]:
    """Serve an example; yield its port, and a list that at the end has its lines."""
    command = [sys.executable, "-m", "smtpsession", "serve", "--listen", "127.0.0.1:0"]
    process = subprocess.Popen(
        [*command, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONPATH": str(EXAMPLES)},
    )
    output = read_output(process)
    lines: list[str] = []
    try:
        _, port = wait_until_listening(output)
        yield port, lines
    finally:
        status = stop_process(process)
        lines += [line.rstrip("\n") for line in iter_lines(output)]
    assert status == 0, lines


def swaks_command(swaks: str, port: int) -> list[str]:
    """Return the command that sends one small message."""
    return [
        *(swaks, "--server", "127.0.0.1", "--port", str(port), "--helo", CLIENT_NAME),
        *("--from", "ann@c.example", "--to", "bob@s.example"),
    ]


def test_session_tracking_with_swaks(
    require_peer: Callable[[str], str], certificates: Certificates
) -> None:
    """STARTTLS, AUTH and one message, told from the first event to the last."""
    require_peer("swaks with TLS")
    swaks = require_peer("swaks")
    options = tls_options(Mode.STARTTLS, certificates)
    with example("--handler", "session_tracking:Tracker", *options) as (port, lines):
        assert_accepted(
            run_client(
                [
                    *swaks_command(swaks, port),
                    *("--tls", "--tls-verify", "--tls-ca-path"),
                    str(certificates.authority),
                    *("--auth", "LOGIN", "--auth-user", "bob"),
                    *("--auth-password", "builder"),
                ]
            )
        )
    told = [line for line in lines if line.startswith("[")]
    ids = {line[1:17] for line in told}
    assert len(ids) == 1
    texts = [re.sub(r"[0-9]+ octets|[0-9]+ms", "N", line[19:]) for line in told]
    assert texts == [
        "Connected from 127.0.0.1",
        "Upgraded to TLS, TLSv1.3",
        "Auth attempt: bob",
        "MAIL FROM: ann@c.example",
        "RCPT TO: bob@s.example after 0 others",
        "Receiving message...",
        "Received N",
        "Closed after N",
        "  User: bob",
        "  Transactions: 2",
        "  Secure: True",
    ]


def test_custom_data_with_curl(
    require_peer: Callable[[str], str], certificates: Certificates, tmp_path: Path
) -> None:
    """Fields of the application live as long as the session does."""
    curl = require_peer("curl")
    mail = tmp_path / "mail.eml"
    mail.write_bytes(b"Subject: hello\r\n\r\nhello\r\n")
    options = tls_options(Mode.IMPLICIT_TLS, certificates)
    with example("--handler", "custom_data:Visits", *options) as (port, lines):
        command = [curl, "--silent", "--show-error", "--verbose"]
        command += ["--cacert", str(certificates.authority), "--user", "bob:bob"]
        command += ["--mail-from", "ann@spam.example", "--mail-rcpt", "bob@s.example"]
        command += ["--upload-file", str(mail), f"smtps://127.0.0.1:{port}"]
        client = run_client(command)
        assert_accepted(client)
        assert re.search(
            rb"250 2\.0\.0 accepted after [0-9.]+ s, score 5", client.stdout
        )
    assert (
        "total messages: 1, authenticated: yes, priority: low, tags: suspicious"
    ) in lines


def test_behind_a_proxy_with_swaks(require_peer: Callable[[str], str]) -> None:
    """XCLIENT names the real client, and the proxy's own address is kept."""
    swaks = require_peer("swaks")
    options = ["--handler", "behind_a_proxy:ProxyAware"]
    options += ["--config", "behind_a_proxy:config"]
    with example(*options) as (port, lines):
        xclient = ["--xclient-addr", "192.0.2.100", "--xclient-name", "a.example"]
        assert_accepted(run_client([*swaks_command(swaks, port), *xclient]))
    assert lines[:4] == [
        "connected: 127.0.0.1",
        "real client: 192.0.2.100",
        "proxy: 127.0.0.1",
        "client: 192.0.2.100 a.example, socket: 127.0.0.1",
    ]
