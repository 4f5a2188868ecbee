"""Tests of a program that sends mail and knows nothing of Trio."""

import smtplib
from email.message import EmailMessage

import pytest

from smtpsession.testing import Catcher


def remind(host: str, port: int, address: str) -> None:
    """Send a reminder: the program under test."""
    message = EmailMessage()
    message["From"] = "shop@example.org"
    message["To"] = address
    message["Subject"] = "Your basket"
    message.set_content("It is still full.\n")
    with smtplib.SMTP(host, port) as client:
        client.send_message(message)


def test_a_reminder_is_sent(smtp_catcher: Catcher) -> None:
    remind(smtp_catcher.host, smtp_catcher.port, "me@example.net")
    [message] = smtp_catcher.wait_for(1)
    assert message.recipients == ("me@example.net",)
    assert message.parse()["Subject"] == "Your basket"


def test_a_refusal_is_an_error(smtp_catcher: Catcher) -> None:
    smtp_catcher.refuse("RCPT", 550, "no such user", when="me@example.net")
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        remind(smtp_catcher.host, smtp_catcher.port, "me@example.net")
    assert smtp_catcher.messages == []
