"""BINARYMIME (RFC 3030 3): offered with BDAT; its parameter is that of 8BITMIME."""

from smtpsession.dialogue.hello_reply import offered
from smtpsession.extensions.binarymime import BinaryMIME
from smtpsession.extensions.eightbitmime import EightBitMIME
from smtpsession.session.session import Session


def test_offer() -> None:
    assert BinaryMIME().offer(Session("1")) == "BINARYMIME"


def test_the_parameter_has_one_owner() -> None:
    assert BinaryMIME.mail_parameters == frozenset()
    assert EightBitMIME.mail_parameters == {"BODY"}


def test_it_goes_with_its_command() -> None:
    session = Session("1", disabled_commands=frozenset({"BDAT"}))
    assert offered(BinaryMIME(), session) is None
    assert offered(BinaryMIME(), Session("1")) == "BINARYMIME"
