"""Delivery by msmtp, whose TLS library is GnuTLS.

Msmtp carries every content in every mode, the empty one too, once told to leave
the header section alone.
It leaves CRLF line ends alone.
It sends no MAIL parameters: eight-bit octets go out undeclared, and a UTF-8
address goes out without SMTPUTF8.
It verifies the certificate's chain and name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.peers.client_process import CLIENT_NAME, assert_accepted, run_client
from tests.peers.mails import UTF8_SENDER, Mail, plain
from tests.peers.server_process import Mode, ServerProcess
from tests.peers.stored_message import assert_delivered

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

SMTPUTF8_REQUIRED = b"5.6.7"  # RFC 6531 3.4


@pytest.fixture
def msmtp(require_peer: Callable[[str], str]) -> str:
    """Return the path of msmtp."""
    return require_peer("msmtp")


def send_with_msmtp(
    msmtp: str, server: ServerProcess, mail: Mail
) -> subprocess.CompletedProcess[bytes]:
    """Run msmtp once, in its sendmail mode."""
    command = [msmtp, f"--host={server.host}", f"--port={server.port}"]
    command += [f"--domain={CLIENT_NAME}", f"--from={mail.sender}"]
    command += ["--set-from-header=off", "--set-date-header=off"]
    command += ["--set-msgid-header=off", "--remove-bcc-headers=off"]
    command += [*tls_options(server), "--", mail.recipient]
    return run_client(command, standard_input=mail.content)


def tls_options(server: ServerProcess) -> list[str]:
    """Return the options that make TLS and its verification compulsory."""
    if server.mode is Mode.PLAIN:
        return ["--tls=off"]
    starttls = "on" if server.mode is Mode.STARTTLS else "off"
    trust = f"--tls-trust-file={server.authority}"
    return ["--tls=on", f"--tls-starttls={starttls}", trust]


@pytest.mark.parametrize("server", Mode, indirect=True)
def test_msmtp_delivers_octet_for_octet(
    msmtp: str, server: ServerProcess, content: bytes
) -> None:
    """What msmtp sends lies in the Maildir, whatever the content and the mode."""
    mail = Mail(content=content)
    assert_accepted(send_with_msmtp(msmtp, server, mail))
    assert_delivered(server, mail)


def test_msmtp_is_refused_with_a_utf8_address(
    msmtp: str, server: ServerProcess
) -> None:
    """Msmtp cannot say SMTPUTF8, so it learns that the address needs it."""
    client = send_with_msmtp(msmtp, server, Mail(sender=UTF8_SENDER, content=plain()))
    assert client.returncode != 0
    assert SMTPUTF8_REQUIRED in client.stdout
    assert server.stored_paths() == []
