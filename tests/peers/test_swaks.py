"""Delivery by swaks, the Swiss Army Knife for SMTP.

Swaks carries every content in every mode, but has no supported way to send an
empty one: the nearest is one empty line.
Its own treatment of the data puts an empty line in front of the final dot unless
the data brings that dot along, and it takes the lines up to the first empty one
for a header section.
Contents without a header section therefore go out with --no-data-fixup, which
sends the file as it stands and leaves dot-stuffing to us.
Swaks sends no MAIL parameters: eight-bit octets go out undeclared, and a UTF-8
address goes out without SMTPUTF8.
It verifies the certificate's chain, not the name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.peers.client_process import CLIENT_NAME, assert_accepted, run_client
from tests.peers.mails import UTF8_SENDER, Mail, plain
from tests.peers.server_process import Mode, ServerProcess
from tests.peers.stored_message import assert_delivered

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

SMTPUTF8_REQUIRED = b"5.6.7"  # RFC 6531 3.4


@pytest.fixture
def swaks(require_peer: Callable[[str], str], server: ServerProcess) -> str:
    """Return the path of swaks, which needs Net::SSLeay for TLS."""
    if server.mode.is_secure:
        require_peer("swaks with TLS")
    return require_peer("swaks")


def send_with_swaks(
    swaks: str, server: ServerProcess, mail: Mail, folder: Path
) -> subprocess.CompletedProcess[bytes]:
    """Run swaks once."""
    octets, fixup_options = prepare_data(mail.content)
    data = folder / "data.eml"
    data.write_bytes(octets)
    command = [swaks, "--server", server.host, "--port", str(server.port)]
    command += ["--helo", CLIENT_NAME, "--from", mail.sender, "--to", mail.recipient]
    command += ["--data", f"@{data}", *fixup_options, "--suppress-data"]
    return run_client([*command, *tls_options(server)])


def prepare_data(content: bytes) -> tuple[bytes, list[str]]:
    """Return the file that makes swaks send this content, and the option for it."""
    if b"\r\n\r\n" in content:
        return content + b".", []
    return re.sub(rb"(?m)^\.", b"..", content) + b".", ["--no-data-fixup"]


def tls_options(server: ServerProcess) -> list[str]:
    """Return the options that make TLS and its verification compulsory."""
    if server.mode is Mode.PLAIN:
        return []
    start = "--tls" if server.mode is Mode.STARTTLS else "--tls-on-connect"
    return [start, "--tls-verify", "--tls-ca-path", str(server.authority)]


@pytest.mark.parametrize("server", Mode, indirect=True)
def test_swaks_delivers_octet_for_octet(
    swaks: str, server: ServerProcess, content: bytes, tmp_path: Path
) -> None:
    """What swaks sends lies in the Maildir, whatever the content and the mode."""
    mail = Mail(content=content or b"\r\n")
    assert_accepted(send_with_swaks(swaks, server, mail, tmp_path))
    assert_delivered(server, mail)


def test_swaks_delivers_from_the_null_path(
    swaks: str, server: ServerProcess, tmp_path: Path
) -> None:
    """A bounce message keeps its empty return path (RFC 5321 4.5.5)."""
    order = Mail(sender="<>", content=plain())
    assert_accepted(send_with_swaks(swaks, server, order, tmp_path))
    assert_delivered(server, Mail(sender="", content=plain()))


def test_swaks_is_refused_with_a_utf8_address(
    swaks: str, server: ServerProcess, tmp_path: Path
) -> None:
    """Swaks cannot say SMTPUTF8, so it learns that the address needs it."""
    mail = Mail(sender=UTF8_SENDER, content=plain())
    client = send_with_swaks(swaks, server, mail, tmp_path)
    assert client.returncode != 0
    assert SMTPUTF8_REQUIRED in client.stdout
    assert server.stored_paths() == []
