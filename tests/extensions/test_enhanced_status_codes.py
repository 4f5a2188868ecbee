"""ENHANCEDSTATUSCODES (RFC 2034): a keyword only; the rest is in the replies."""

from smtpsession.extensions.enhanced_status_codes import EnhancedStatusCodes
from smtpsession.session.session import Session


def test_offer() -> None:
    extension = EnhancedStatusCodes()
    assert extension.offer(Session("1")) == "ENHANCEDSTATUSCODES"
    assert extension.mail_parameters == extension.rcpt_parameters == frozenset()
