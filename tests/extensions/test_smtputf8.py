"""SMTPUTF8 (RFC 6531): a parameter without a value."""

import pytest

from smtpsession.errors import ParameterSyntaxError
from smtpsession.extensions.smtputf8 import SMTPUTF8
from smtpsession.session.envelope import Envelope
from smtpsession.session.session import Session

SESSION = Session("1")


def test_offer() -> None:
    assert SMTPUTF8().offer(SESSION) == "SMTPUTF8"
    assert SMTPUTF8.mail_parameters == {"SMTPUTF8"}


def test_the_flag_is_put_into_the_envelope() -> None:
    envelope = Envelope()
    SMTPUTF8().mail_parameter("SMTPUTF8", True, envelope, SESSION)
    assert envelope.smtp_utf8


def test_a_value_is_refused() -> None:
    envelope = Envelope()
    with pytest.raises(ParameterSyntaxError):
        SMTPUTF8().mail_parameter("SMTPUTF8", "1", envelope, SESSION)
    assert not envelope.smtp_utf8
