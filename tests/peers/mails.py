"""What the clients send: the envelope's paths and the contents worth sending."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Callable

LARGE_OCTETS = 20 * 1024 * 1024
UTF8_SENDER = "jürgen@example.com"
UTF8_RECIPIENT = "用户@example.org"


@frozen(kw_only=True)
class Mail:
    """One mail transaction as a client is told to perform it.

    Args:
        sender: Mailbox of the reverse-path, empty for the null path.
        recipient: Mailbox of the only forward-path.
        content: Octets between the 354 reply and the final dot, not dot-stuffed.
    """

    sender: str = "alice@example.com"
    recipient: str = "bob@example.org"
    content: bytes


def plain() -> bytes:
    """Return a message of two short lines."""
    return b"Subject: plain\r\n\r\nThe first line.\r\nThe last line.\r\n"


@functools.cache
def large() -> bytes:
    """Return 20 MiB of numbered lines, so that a lost or moved line shows.

    Every tenth line starts with a dot.
    """
    head = b"Subject: large\r\n\r\n"
    line_octets = 64
    lines = b"".join(
        b"%s%08d %s\r\n" % (b"." if number % 10 == 0 else b"-", number, b"x" * 52)
        for number in range((LARGE_OCTETS - len(head)) // line_octets)
    )
    filling = LARGE_OCTETS - len(head) - len(lines) - len(b"\r\n")
    return head + lines + b"=" * filling + b"\r\n"


def dots() -> bytes:
    """Return lines of dots only, without a header section (RFC 5321 4.5.2)."""
    return b".\r\n..\r\n...\r\n"


def empty() -> bytes:
    """Return no octet at all."""
    return b""


def eight_bit() -> bytes:
    """Return Latin-1 text, whose octets are no valid UTF-8 (RFC 6152)."""
    words = "Subject: eight bits\r\n\r\nna\xefve caf\xe9\r\n".encode("latin-1")
    return words + bytes(range(0x80, 0x100)) + b"\r\n"


CONTENTS: dict[str, Callable[[], bytes]] = {
    "plain": plain,
    "large": large,
    "dots": dots,
    "empty": empty,
    "eight_bit": eight_bit,
}
