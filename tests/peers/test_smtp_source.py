"""Delivery by Postfix's smtp-source, over plain TCP only: it knows no TLS.

Smtp-source says HELO, so that no service extension is in use.
Of a file it sends every line that LF ends, with CRLF instead, and then one empty
line, so that the file gets LF line ends and the content one more CRLF.
It cannot send an empty content: for an empty file it sends a text of its own.
Eight-bit octets go out undeclared.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.peers.client_process import (
    CLIENT_NAME,
    assert_accepted,
    run_client,
)
from tests.peers.mails import CONTENTS, Mail
from tests.peers.stored_message import assert_delivered, parse_stored_message

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from tests.peers.server_process import ServerProcess

MESSAGE_ID = re.compile(rb"(?m)^Message-Id: (\S+)")
CARRIED = [name for name in CONTENTS if name != "empty"]


@pytest.fixture
def smtp_source(require_peer: Callable[[str], str]) -> str:
    """Return the path of smtp-source."""
    return require_peer("smtp-source")


def send_with_smtp_source(
    smtp_source: str, server: ServerProcess, mail: Mail, options: list[str]
) -> subprocess.CompletedProcess[bytes]:
    """Run smtp-source once; the content comes from its options."""
    command = [smtp_source, "-M", CLIENT_NAME, "-f", mail.sender]
    command += ["-t", mail.recipient, *options]
    return run_client([*command, f"{server.host}:{server.port}"])


@pytest.mark.parametrize("content", CARRIED, indirect=True)
def test_smtp_source_delivers_octet_for_octet(
    smtp_source: str, server: ServerProcess, content: bytes, tmp_path: Path
) -> None:
    """What smtp-source sends lies in the Maildir, whatever the content."""
    lines = tmp_path / "lines"
    lines.write_bytes(content.replace(b"\r\n", b"\n"))
    mail = Mail(content=content + b"\r\n")
    options = ["-F", str(lines)]
    assert_accepted(send_with_smtp_source(smtp_source, server, mail, options))
    assert_delivered(server, mail, protocol="SMTP")


@pytest.mark.parametrize("reuse", [[], ["-d"]], ids=["reconnecting", "reusing"])
def test_smtp_source_delivers_parallel_sessions(
    smtp_source: str, server: ServerProcess, reuse: list[str]
) -> None:
    """Every message of parallel sessions is stored whole, none twice."""
    mail = Mail(content=b"")
    options = ["-s", "4", "-m", "40", "-l", "8000", *reuse]
    assert_accepted(send_with_smtp_source(smtp_source, server, mail, options))
    stored = [parse_stored_message(octets) for octets in server.take_messages()]
    heads, bodies = zip(*(split_sections(each.content) for each in stored), strict=True)
    assert [each.return_path for each in stored] == [mail.sender] * 40
    assert len({MESSAGE_ID.findall(head)[0] for head in heads}) == 40
    # One more CRLF, in front of the final dot.
    assert [len(body) for body in set(bodies)] == [8000 + 2]


def split_sections(content: bytes) -> tuple[bytes, bytes]:
    """Return header section and body."""
    head, _, body = content.partition(b"\r\n\r\n")
    return head, body
