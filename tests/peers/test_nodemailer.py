"""Delivery by Nodemailer.

Nodemailer carries every content in every mode, but has no way to send an empty
one: it ends every content with CRLF, so that the empty one becomes an empty line.
It says SMTPUTF8 by itself when an address needs it, and declares 8BITMIME when the
envelope says so.
It verifies the certificate's chain and name.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.peers.client_process import (
    CLIENT_NAME,
    FOLDER,
    assert_accepted,
    run_client,
)
from tests.peers.mails import UTF8_RECIPIENT, UTF8_SENDER, Mail, eight_bit, plain
from tests.peers.server_process import Mode, ServerProcess
from tests.peers.stored_message import assert_delivered

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def node(require_peer: Callable[[str], str]) -> str:
    """Return the path of Node.js, where Nodemailer is installed."""
    return require_peer("nodemailer")


def send_with_nodemailer(
    node: str,
    server: ServerProcess,
    mail: Mail,
    folder: Path,
    *,
    declare_8bitmime: bool = False,
) -> subprocess.CompletedProcess[bytes]:
    """Run the script nodemailer_send.cjs once."""
    content_file = folder / "content.eml"
    content_file.write_bytes(mail.content)
    order = {
        "contentFile": str(content_file),
        "envelope": {
            "from": mail.sender,
            "to": mail.recipient,
            "use8BitMime": declare_8bitmime,
        },
        "transport": transport_options(server),
    }
    command = [node, str(FOLDER / "nodemailer_send.cjs")]
    return run_client(command, standard_input=json.dumps(order).encode())


def transport_options(server: ServerProcess) -> dict[str, object]:
    """Return the options of Nodemailer's SMTP transport."""
    return {
        "host": server.host,
        "port": server.port,
        "name": CLIENT_NAME,
        "secure": server.mode is Mode.IMPLICIT_TLS,
        "requireTLS": server.mode is Mode.STARTTLS,
        "tls": {"ca": server.authority.read_text(encoding="ascii")},
    }


@pytest.mark.parametrize("server", Mode, indirect=True)
def test_nodemailer_delivers_octet_for_octet(
    node: str, server: ServerProcess, content: bytes, tmp_path: Path
) -> None:
    """What Nodemailer sends lies in the Maildir, whatever the content and the mode."""
    mail = Mail(content=content)
    assert_accepted(send_with_nodemailer(node, server, mail, tmp_path))
    assert_delivered(server, Mail(content=content or b"\r\n"))


@pytest.mark.parametrize("server", Mode, indirect=True)
def test_nodemailer_delivers_declared_eight_bit_octets(
    node: str, server: ServerProcess, tmp_path: Path
) -> None:
    """Content declared as 8BITMIME arrives unchanged (RFC 6152)."""
    mail = Mail(content=eight_bit())
    client = send_with_nodemailer(node, server, mail, tmp_path, declare_8bitmime=True)
    assert_accepted(client)
    assert_delivered(server, mail)


@pytest.mark.parametrize("server", Mode, indirect=True)
def test_nodemailer_delivers_with_utf8_addresses(
    node: str, server: ServerProcess, tmp_path: Path
) -> None:
    """Nodemailer says SMTPUTF8, and the return path keeps its UTF-8 (RFC 6531 3.4)."""
    mail = Mail(sender=UTF8_SENDER, recipient=UTF8_RECIPIENT, content=plain())
    assert_accepted(send_with_nodemailer(node, server, mail, tmp_path))
    assert_delivered(server, mail, protocol="UTF8SMTP")
