"""Postfix with us as its filter, behind its queue and before it, with XFORWARD.

A client says by XCLIENT, which Postfix takes from it as a server, whom it speaks for:
what Postfix then tells us by XFORWARD is about nobody on this machine.
Behind the queue it says nothing of what it does not know; before the queue, where a
message has no identifier yet, it says `[UNAVAILABLE]`.

Postfix cannot show us XCLIENT: none of its programs sends it, see test_nginx.py.
It never sends us BDAT either, see test_exim.py.
"""

from __future__ import annotations

import contextlib
import re
import smtplib
from typing import TYPE_CHECKING

import pytest

from smtpsession import Config, Reject
from tests.peers.mails import dots, eight_bit
from tests.peers.postfix import documented, running_postfix
from tests.peers.recording_server import (
    Delivery,
    Doorkeeper,
    Recorder,
    accept,
    recording_server,
)
from tests.peers.stored_message import assert_same_octets, below_received

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.peers.postfix import Postfix

SENDER = "alice@example.com"
RECIPIENT = "bob@example.org"
UNKNOWN = "dave@example.org"
CONTENT = b"Subject: eight bits and dots\r\n\r\n" + dots() + eight_bit()
REFUSED = b"Subject: buy now\r\n\r\nThe only line.\r\n"
FULL_XCLIENT = "NAME=client.example ADDR=192.0.2.9 PORT=4321"
SCANT_XCLIENT = "NAME=[UNAVAILABLE] ADDR=192.0.2.10 PORT=[UNAVAILABLE]"
QUEUE_ID = re.compile(r"[0-9A-F]{6,}")


def send_back(postfix: Postfix, delivery: Delivery) -> None:
    """Do what a filter does with mail that it lets pass."""
    with smtplib.SMTP("127.0.0.1", postfix.second_port) as client:
        client.sendmail(
            delivery.sender,
            delivery.recipients,
            delivery.content,
            mail_options=[f"BODY={delivery.body_type}"],
        )


def speak_for(client: smtplib.SMTP, attributes: str, name: str) -> None:
    """Have Postfix take the client for another one; its hello comes anew."""
    client.ehlo_or_helo_if_needed()
    code, words = client.docmd("XCLIENT", attributes)
    assert code == 220, words
    client.ehlo(name)


def send(
    client: smtplib.SMTP,
    content: bytes = CONTENT,
    recipients: Sequence[str] = (RECIPIENT,),
) -> dict[str, tuple[int, bytes]]:
    """Send one message, declared as what it is; return who was refused at RCPT."""
    return client.sendmail(SENDER, recipients, content, mail_options=["BODY=8BITMIME"])


@contextlib.contextmanager
def filtered(postfix: Postfix, heading: str, filtering: Recorder) -> Iterator[Recorder]:
    """Run Postfix with a filter of ours, and give where all mail ends up.

    Args:
        postfix: not started yet.
        heading: in the document, above how Postfix is set up for its filter.
        filtering: the filter.
    """
    sink = Recorder(accept)
    trusting = Config(xforward=["127.0.0.1"], reverse_lookup=False)
    with (
        recording_server(sink, Config.for_lmtp()) as sink_port,
        recording_server(filtering, trusting) as filter_port,
        running_postfix(
            postfix,
            main={
                "default_transport": f"lmtp:inet:[127.0.0.1]:{sink_port}",
                # One connection for many messages, if few come at a time, too.
                "smtp_connection_cache_destinations": "127.0.0.1",
            },
            servers=documented(heading, our_port=filter_port),
        ),
    ):
        yield sink


def test_content_filter_learns_each_messages_original_client(
    postfix: Postfix,
) -> None:
    """Two messages in one session of Postfix's: each has its own attributes."""
    filtering = Recorder(lambda delivery: send_back(postfix, delivery))
    sinking = filtered(postfix, "Content filter", filtering)
    with sinking as sink, smtplib.SMTP("127.0.0.1", postfix.port) as client:
        speak_for(client, FULL_XCLIENT, "origin.example")
        send(client)
        sink.wait_for(1)
        postfix.wait_until_queued([])
        speak_for(client, SCANT_XCLIENT, "other.example")
        send(client)
        sink.wait_for(2)
        postfix.wait_until_queued([])
        first, second = filtering.deliveries
    assert (second.session_id, second.transaction) == (first.session_id, 2)
    assert first.remote_address == second.remote_address == "127.0.0.1"
    identifiers = [first.xforward.pop("IDENT"), second.xforward.pop("IDENT")]
    assert first.xforward == {
        "NAME": "client.example",
        "ADDR": "192.0.2.9",
        "PORT": 4321,
        "PROTO": "ESMTP",
        "HELO": "origin.example",
        "SOURCE": "REMOTE",
    }
    # All that it knows of the other client.
    assert second.xforward == {
        "NAME": None,
        "PORT": None,
        "ADDR": "192.0.2.10",
        "PROTO": "ESMTP",
        "HELO": "other.example",
        "SOURCE": "REMOTE",
    }
    assert all(QUEUE_ID.fullmatch(str(each)) for each in identifiers)
    assert len(set(identifiers)) == 2
    for before in filtering.deliveries:
        assert before.body_type == "8BITMIME"
        assert_same_octets(below_received(before.content, 1), CONTENT)
    for after in sink.deliveries:
        assert (after.sender, after.recipients) == (SENDER, [RECIPIENT])
        assert_same_octets(below_received(after.content, 2), CONTENT)
        assert after.xforward == {}


def test_before_queue_proxy_knows_the_client_and_refuses_to_its_face(
    postfix: Postfix,
) -> None:
    """The client itself gets our refusal, and nothing of that mail is in the queue."""

    def decide(delivery: Delivery) -> None:
        if b"\r\nSubject: buy now\r\n" in delivery.content:
            raise Reject(550, "no advertisements here", enhanced="5.7.1")
        send_back(postfix, delivery)

    filtering = Doorkeeper(decide, UNKNOWN)
    sinking = filtered(postfix, "Before-queue proxy", filtering)
    with sinking as sink, smtplib.SMTP("127.0.0.1", postfix.port) as client:
        speak_for(client, FULL_XCLIENT, "origin.example")
        with pytest.raises(smtplib.SMTPDataError) as refusal:
            send(client, REFUSED)
        refused_recipients = send(client, CONTENT, [RECIPIENT, UNKNOWN])
        sink.wait_for(1)
        postfix.wait_until_queued([])
    assert refusal.value.smtp_code == 550
    assert refusal.value.smtp_error == b"5.7.1 no advertisements here"
    assert refused_recipients == {UNKNOWN: (550, b"5.1.1 nobody of that name")}
    refused, passed = filtering.deliveries
    assert passed.xforward == refused.xforward
    assert passed.xforward == {
        "IDENT": None,
        "NAME": "client.example",
        "ADDR": "192.0.2.9",
        "PORT": 4321,
        "PROTO": "ESMTP",
        "HELO": "origin.example",
        "SOURCE": "REMOTE",
    }
    assert_same_octets(below_received(refused.content, 1), REFUSED)
    assert_same_octets(below_received(passed.content, 1), CONTENT)
    [stored] = sink.deliveries
    assert stored.recipients == [RECIPIENT]
    assert_same_octets(below_received(stored.content, 2), CONTENT)
