"""STARTTLS (RFC 3207): offered in plain text only."""

from smtpsession.extensions.starttls import StartTLSExtension
from smtpsession.session.session import Session


def test_offered_in_plain_text_only() -> None:
    extension = StartTLSExtension()
    assert extension.verb == "STARTTLS"
    assert extension.offer(Session("1")) == "STARTTLS"
    assert extension.offer(Session("1", secure=True)) is None
