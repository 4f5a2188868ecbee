"""Delivery by curl.

Curl carries every content in every mode, the empty one too.
It leaves line ends alone, announces the file's size, says SMTPUTF8 by itself when
an address needs it, and declares no body type: eight-bit octets go out undeclared.
It verifies the certificate's chain and name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.peers.client_process import CLIENT_NAME, assert_accepted, run_client
from tests.peers.mails import UTF8_RECIPIENT, UTF8_SENDER, Mail, plain
from tests.peers.server_process import Mode, ServerProcess
from tests.peers.stored_message import assert_delivered

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def curl(require_peer: Callable[[str], str]) -> str:
    """Return the path of curl."""
    return require_peer("curl")


def send_with_curl(
    curl: str, server: ServerProcess, mail: Mail, folder: Path
) -> subprocess.CompletedProcess[bytes]:
    """Run curl once."""
    upload = folder / "upload.eml"
    upload.write_bytes(mail.content)
    scheme = "smtps" if server.mode is Mode.IMPLICIT_TLS else "smtp"
    command = [curl, "--disable", "--silent", "--show-error"]
    command += ["--url", f"{scheme}://{server.host}:{server.port}/{CLIENT_NAME}"]
    command += ["--mail-from", mail.sender, "--mail-rcpt", mail.recipient]
    command += ["--upload-file", str(upload), "--cacert", str(server.authority)]
    return run_client(command + ["--ssl-reqd"] * server.mode.is_secure)


@pytest.mark.parametrize("server", Mode, indirect=True)
def test_curl_delivers_octet_for_octet(
    curl: str, server: ServerProcess, content: bytes, tmp_path: Path
) -> None:
    """What curl sends lies in the Maildir, whatever the content and the mode."""
    mail = Mail(content=content)
    assert_accepted(send_with_curl(curl, server, mail, tmp_path))
    assert_delivered(server, mail)


@pytest.mark.parametrize("server", Mode, indirect=True)
def test_curl_delivers_with_utf8_addresses(
    curl: str, server: ServerProcess, tmp_path: Path
) -> None:
    """Curl says SMTPUTF8, and the return path keeps its UTF-8 (RFC 6531 3.4)."""
    mail = Mail(sender=UTF8_SENDER, recipient=UTF8_RECIPIENT, content=plain())
    assert_accepted(send_with_curl(curl, server, mail, tmp_path))
    assert_delivered(server, mail, protocol="UTF8SMTP")


def test_curl_delivers_from_the_null_path(
    curl: str, server: ServerProcess, tmp_path: Path
) -> None:
    """A bounce message keeps its empty return path (RFC 5321 4.5.5)."""
    mail = Mail(sender="", content=plain())
    assert_accepted(send_with_curl(curl, server, mail, tmp_path))
    assert_delivered(server, mail)
