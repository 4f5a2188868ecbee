"""Postfix delivers to us by LMTP, over TCP and over a Unix socket, with XFORWARD.

Postfix asks for the next reply after each recipient's own: a reply too many or in the
wrong place would be taken for another recipient's, and would show in who is retried
and who bounces.
It sends DATA only, so that no BDAT with LMTP is shown, and it drops duplicate
recipients, unless they come from different addresses by an alias, as here.
"""

from __future__ import annotations

import email
import email.policy
import shutil
import smtplib
from typing import TYPE_CHECKING

import pytest

from smtpsession import Config, Reject
from tests.peers.mails import dots, eight_bit
from tests.peers.postfix import documented_settings, running_postfix
from tests.peers.recording_server import Delivery, Recorder, recording_server
from tests.peers.stored_message import assert_same_octets, below_received

if TYPE_CHECKING:
    from email.message import EmailMessage
    from pathlib import Path

    from tests.peers.postfix import Postfix

SENDER = "alice@example.com"
ACCEPTED = "bob@example.org"
ALIAS = "robert@example.org"
DEFERRED = "carol@example.org"
REFUSED = "dave@example.org"
CONTENT = b"Subject: eight bits and dots\r\n\r\n" + dots() + eight_bit()


class Mailboxes:
    """Answers for each recipient: one is full at first, one is closed."""

    def __init__(self) -> None:
        self.stored: list[str] = []
        self._refusals = {
            DEFERRED: Reject(450, "try again", enhanced="4.2.2"),
            REFUSED: Reject(550, "closed for ever", enhanced="5.2.1"),
        }

    def answer(self, delivery: Delivery) -> list[Reject | None]:
        """Store for everybody that is not refused; each refusal comes once."""
        answers = [self._refusals.pop(each, None) for each in delivery.recipients]
        pairs = zip(delivery.recipients, answers, strict=True)
        self.stored += [recipient for recipient, answer in pairs if answer is None]
        return answers


@pytest.mark.parametrize("transport", ["tcp", "unix"])
def test_each_recipient_gets_its_own_answer(postfix: Postfix, transport: str) -> None:
    """Who is accepted is so once, 450 is retried alone, 550 alone bounces."""
    mailboxes = Mailboxes()
    sink = Recorder(mailboxes.answer)
    config = Config.for_lmtp(xforward=["127.0.0.1", "unix"])
    socket = make_socket_folder(postfix) / "lmtp.sock" if transport == "unix" else None
    with recording_server(sink, config, unix_path=socket) as port:
        main = documented_settings("Delivery by LMTP", our_port=port)
        if transport == "unix":
            main |= documented_settings("Delivery over a Unix socket")
        # Bounces, too, come to us.
        main["default_transport"] = main["virtual_transport"]
        main["virtual_alias_maps"] = f"inline:{{ {ALIAS}={ACCEPTED} }}"
        with running_postfix(postfix, main=main):
            with smtplib.SMTP("127.0.0.1", postfix.port, "origin.example") as client:
                recipients = [ACCEPTED, ALIAS, DEFERRED, REFUSED]
                client.sendmail(SENDER, recipients, CONTENT)
            sink.wait_for(2)
            postfix.wait_until_queued([DEFERRED])
            postfix.run("postqueue", "-f")
            sink.wait_for(3)
            postfix.wait_until_queued([])
    first, bounce, second = sink.deliveries
    assert first.transmission_type == "LMTP"
    assert sorted(first.recipients) == [ACCEPTED, ACCEPTED, DEFERRED, REFUSED]
    assert second.recipients == [DEFERRED]
    assert (bounce.sender, bounce.recipients) == ("", [SENDER])
    assert mailboxes.stored == [ACCEPTED, ACCEPTED, SENDER, DEFERRED]
    assert_bounces(bounce.content, REFUSED, "550 5.2.1 closed for ever")
    for delivery in (first, second):
        assert delivery.sender == SENDER
        assert_same_octets(below_received(delivery.content, 1), CONTENT)
        assert_original_client(delivery)
    assert bounce.xforward["SOURCE"] == "LOCAL"


def make_socket_folder(postfix: Postfix) -> Path:
    """Make the folder that the document says, for the group of Postfix's user."""
    folder = postfix.queue_folder / "smtpsession"
    folder.mkdir(parents=True)
    shutil.chown(folder, group="postfix")
    folder.chmod(0o2750)
    return folder


def assert_original_client(delivery: Delivery) -> None:
    """Fail unless XFORWARD has told of the client that came to Postfix."""
    said = delivery.xforward
    assert said["ADDR"] == "127.0.0.1"
    assert said["HELO"] == "origin.example"
    assert (said["PROTO"], said["SOURCE"]) == ("ESMTP", "REMOTE")
    assert isinstance(said["PORT"], int)


def assert_bounces(content: bytes, recipient: str, diagnosis: str) -> None:
    """Fail unless it is a report that this recipient alone failed, and why."""
    report: EmailMessage = email.message_from_bytes(
        content, policy=email.policy.default
    )
    [status] = [
        part
        for part in report.walk()
        if part.get_content_type() == "message/delivery-status"
    ]
    _, *failed = status.iter_parts()
    assert [each["Final-Recipient"] for each in failed] == [f"rfc822; {recipient}"]
    assert [each["Action"] for each in failed] == ["failed"]
    assert diagnosis in failed[0]["Diagnostic-Code"]
