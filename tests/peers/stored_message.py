"""The file in the Maildir, taken apart into added fields and content."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from attrs import frozen

if TYPE_CHECKING:
    from tests.peers.mails import Mail
    from tests.peers.server_process import ServerProcess

# What relaying adds (RFC 5321 4.4), folded as RFC 5322 2.2.3 says.
RECEIVED_FIELD = re.compile(
    rb"Received: (?P<received>[^\r\n]+\r\n(?:[ \t]+[^\r\n]+\r\n)*)"
)
# The two fields that delivery adds.
TRACE_FIELDS = re.compile(
    rb"Return-Path: <(?P<return_path>[^\r\n]*)>\r\n" + RECEIVED_FIELD.pattern
)
WITH_CLAUSE = re.compile(rb"\swith\s+(?P<transmission_type>[A-Z0-9]+)\s")
EXCERPT_OCTETS = 40


@frozen(kw_only=True)
class StoredMessage:
    """What lies in the Maildir.

    Args:
        return_path: Mailbox of the Return-Path field, empty for the null path.
        transmission_type: The with clause of the Received field (RFC 3848).
        content: Every octet below the added fields.
    """

    return_path: str
    transmission_type: str
    content: bytes


def assert_delivered(
    server: ServerProcess, mail: Mail, *, protocol: str = "ESMTP"
) -> None:
    """Fail unless the Maildir holds this mail alone, octet for octet.

    Args:
        server: The server that a client has just delivered to.
        mail: What the client sent.
        protocol: The transmission type without the S that TLS adds.
    """
    messages = server.take_messages()
    assert len(messages) == 1
    stored = parse_stored_message(messages[0])
    assert stored.return_path == mail.sender
    assert stored.transmission_type == protocol + "S" * server.mode.is_secure
    assert_same_octets(stored.content, mail.content)


def parse_stored_message(octets: bytes) -> StoredMessage:
    """Take a file apart; anything but the two added fields on top fails the test."""
    fields = TRACE_FIELDS.match(octets)
    assert fields is not None, f"no added fields on top: {octets[:400]!r}"
    clause = WITH_CLAUSE.search(fields["received"])
    assert clause is not None, f"no with clause: {fields['received']!r}"
    return StoredMessage(
        return_path=fields["return_path"].decode("utf-8"),
        transmission_type=clause["transmission_type"].decode("ascii"),
        content=octets[fields.end() :],
    )


def below_received(content: bytes, count: int) -> bytes:
    """Return what is below the Received fields of so many relays, and only those."""
    for number in range(count):
        received = RECEIVED_FIELD.match(content)
        assert received is not None, f"{number} of {count} fields: {content[:400]!r}"
        content = content[received.end() :]
    return content


def assert_same_octets(stored: bytes, sent: bytes) -> None:
    """Fail with the place of the first difference, also for very long contents."""
    if stored == sent:
        return
    pairs = zip(stored, sent, strict=False)
    shorter = min(len(stored), len(sent))
    place = next((i for i, (one, other) in enumerate(pairs) if one != other), shorter)
    excerpt = slice(max(0, place - EXCERPT_OCTETS), place + EXCERPT_OCTETS)
    pytest.fail(
        f"stored {len(stored)} octets, sent {len(sent)}, first difference at {place}:\n"
        f"stored {stored[excerpt]!r}\n"
        f"sent   {sent[excerpt]!r}"
    )
