"""MT-PRIORITY (RFC 6710): from -9 to 9."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.errors import ParameterSyntaxError
from smtpsession.extensions.mt_priority import MTPriority
from smtpsession.session.envelope import Envelope
from smtpsession.session.session import Session

SESSION = Session("1")


def priority(value: str | bool) -> int | None:
    envelope = Envelope()
    MTPriority().mail_parameter("MT-PRIORITY", value, envelope, SESSION)
    return envelope.mt_priority


def test_offer() -> None:
    assert MTPriority().offer(SESSION) == "MT-PRIORITY"
    assert MTPriority.mail_parameters == {"MT-PRIORITY"}


@pytest.mark.parametrize("value", range(-9, 10))
def test_every_priority(value: int) -> None:
    assert priority(str(value)) == value


def test_a_plus_sign() -> None:
    assert priority("+4") == 4


@pytest.mark.parametrize(
    "value", [True, "", "10", "-10", "+", "-", "1.0", " 1", "1\n", "\u0661", "x", "--1"]
)
def test_what_is_no_priority(value: str | bool) -> None:
    with pytest.raises(ParameterSyntaxError):
        priority(value)


@given(st.one_of(st.text(), st.integers().map(str)))
def test_any_value_is_taken_or_refused(value: str) -> None:
    try:
        taken = priority(value)
    except ParameterSyntaxError:
        return
    assert taken is not None
    assert -9 <= taken <= 9
