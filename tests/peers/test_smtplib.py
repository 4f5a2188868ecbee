"""Delivery by Python's smtplib.

Smtplib carries every content in every mode, but has no way to send an empty one:
it ends every content with CRLF, so that the empty one becomes an empty line.
It announces the size and declares what it is told to: 8BITMIME and SMTPUTF8.
It verifies the certificate's chain and name.
"""

from __future__ import annotations

import smtplib
import ssl
from typing import TYPE_CHECKING

import pytest

from tests.peers.client_process import CLIENT_NAME, CLIENT_SECONDS
from tests.peers.mails import UTF8_RECIPIENT, UTF8_SENDER, Mail, eight_bit, plain
from tests.peers.server_process import Mode, ServerProcess
from tests.peers.stored_message import assert_delivered

if TYPE_CHECKING:
    from collections.abc import Sequence


def send_with_smtplib(
    server: ServerProcess, mail: Mail, mail_options: Sequence[str] = ()
) -> None:
    """Deliver in a session of its own; smtplib raises when it is refused."""
    with connect(server) as client:
        client.sendmail(mail.sender, [mail.recipient], mail.content, mail_options)


def connect(server: ServerProcess) -> smtplib.SMTP:
    """Open a session, secured as the server's mode says."""
    context = ssl.create_default_context(cafile=str(server.authority))
    if server.mode is Mode.IMPLICIT_TLS:
        return smtplib.SMTP_SSL(
            server.host,
            server.port,
            CLIENT_NAME,
            timeout=CLIENT_SECONDS,
            context=context,
        )
    client = smtplib.SMTP(server.host, server.port, CLIENT_NAME, timeout=CLIENT_SECONDS)
    if server.mode is Mode.STARTTLS:
        client.starttls(context=context)
    return client


@pytest.mark.parametrize("server", Mode, indirect=True)
def test_smtplib_delivers_octet_for_octet(
    server: ServerProcess, content: bytes
) -> None:
    """What smtplib sends lies in the Maildir, whatever the content and the mode."""
    send_with_smtplib(server, Mail(content=content))
    assert_delivered(server, Mail(content=content or b"\r\n"))


@pytest.mark.parametrize("server", Mode, indirect=True)
def test_smtplib_delivers_declared_eight_bit_octets(server: ServerProcess) -> None:
    """Content declared as 8BITMIME arrives unchanged (RFC 6152)."""
    mail = Mail(content=eight_bit())
    send_with_smtplib(server, mail, ["BODY=8BITMIME"])
    assert_delivered(server, mail)


@pytest.mark.parametrize("server", Mode, indirect=True)
def test_smtplib_delivers_with_utf8_addresses(server: ServerProcess) -> None:
    """With SMTPUTF8 the return path keeps its UTF-8 (RFC 6531 3.4)."""
    mail = Mail(sender=UTF8_SENDER, recipient=UTF8_RECIPIENT, content=plain())
    send_with_smtplib(server, mail, ["BODY=8BITMIME", "SMTPUTF8"])
    assert_delivered(server, mail, protocol="UTF8SMTP")


def test_smtplib_delivers_from_the_null_path(server: ServerProcess) -> None:
    """A bounce message keeps its empty return path (RFC 5321 4.5.5)."""
    mail = Mail(sender="", content=plain())
    send_with_smtplib(server, mail)
    assert_delivered(server, mail)


@pytest.mark.parametrize("server", Mode, indirect=True)
def test_smtplib_delivers_many_messages_in_one_session(server: ServerProcess) -> None:
    """Each transaction of a session stores its own message."""
    mails = [Mail(content=b"Subject: %d\r\n\r\n" % number) for number in range(5)]
    with connect(server) as client:
        for mail in mails:
            client.sendmail(mail.sender, [mail.recipient], mail.content)
            assert_delivered(server, mail)
