"""PIPELINING (RFC 2920): a keyword only; the rest is the dialogue's."""

from smtpsession.extensions.pipelining import Pipelining
from smtpsession.session.session import Session


def test_offer() -> None:
    pipelining = Pipelining()
    assert pipelining.offer(Session("1")) == "PIPELINING"
    assert pipelining.mail_parameters == pipelining.rcpt_parameters == frozenset()
