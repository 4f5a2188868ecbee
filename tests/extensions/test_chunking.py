"""CHUNKING (RFC 3030 2): offered with BDAT, and without parameters."""

from smtpsession.dialogue.hello_reply import offered
from smtpsession.extensions.chunking import Chunking
from smtpsession.session.session import Session


def test_offer() -> None:
    assert Chunking().offer(Session("1")) == "CHUNKING"
    assert Chunking().verb == "BDAT"


def test_it_has_no_parameters() -> None:
    assert Chunking.mail_parameters == Chunking.rcpt_parameters == frozenset()


def test_it_goes_with_its_command() -> None:
    session = Session("1", disabled_commands=frozenset({"BDAT"}))
    assert offered(Chunking(), session) is None
    assert offered(Chunking(), Session("1")) == "CHUNKING"
