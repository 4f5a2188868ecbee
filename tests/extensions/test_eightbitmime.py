"""8BITMIME (RFC 6152): the values of BODY."""

import pytest

from smtpsession.errors import ParameterSyntaxError, UnknownParameterError
from smtpsession.extensions.eightbitmime import EightBitMIME
from smtpsession.session.envelope import Envelope
from smtpsession.session.session import Session

SESSION = Session("1")


def declare(
    value: str | bool, *, binary: bool = False, session: Session = SESSION
) -> str:
    envelope = Envelope()
    EightBitMIME(binary=binary).mail_parameter("BODY", value, envelope, session)
    return envelope.body_type


def test_offer() -> None:
    assert EightBitMIME().offer(SESSION) == "8BITMIME"
    assert EightBitMIME.mail_parameters == {"BODY"}


@pytest.mark.parametrize(
    ("value", "body_type"),
    [
        ("7BIT", "7bit"),
        ("7bit", "7bit"),
        ("8BITMIME", "8BITMIME"),
        ("8BitMime", "8BITMIME"),
    ],
)
def test_body_type(value: str, body_type: str) -> None:
    assert declare(value) == body_type


@pytest.mark.parametrize("value", [True, "", "8BIT", "8BITMIME ", "8B\u0131TMIME"])
def test_what_is_no_body_type(value: str | bool) -> None:
    with pytest.raises(ParameterSyntaxError):
        declare(value)


@pytest.mark.parametrize("value", ["BINARYMIME", "binarymime"])
def test_binarymime_is_not_offered_unless_it_is(value: str) -> None:
    with pytest.raises(UnknownParameterError):
        declare(value)
    assert declare(value, binary=True) == "BINARYMIME"
    assert declare("8BITMIME", binary=True) == "8BITMIME"


def test_binarymime_goes_with_bdat() -> None:
    # RFC 3030 3: such content travels by BDAT only.
    session = Session("1", disabled_commands=frozenset({"BDAT"}))
    with pytest.raises(UnknownParameterError):
        declare("BINARYMIME", binary=True, session=session)
    assert declare("8BITMIME", binary=True, session=session) == "8BITMIME"


@pytest.mark.parametrize("value", ["B\u0131NARYMIME", "BINARYMIMES", "BINARY"])
def test_what_only_looks_like_binarymime(value: str) -> None:
    with pytest.raises(ParameterSyntaxError):
        declare(value, binary=True)
