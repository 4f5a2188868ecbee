"""DELIVERBY (RFC 2852): values of BY."""

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.errors import ParameterSyntaxError
from smtpsession.extensions.deliverby import DeliverByExtension
from smtpsession.session.envelope import DeliverBy, Envelope
from smtpsession.session.session import Session

SESSION = Session("1")


def by(value: str | bool) -> DeliverBy | None:
    envelope = Envelope()
    DeliverByExtension().mail_parameter("BY", value, envelope, SESSION)
    return envelope.deliver_by


def test_offer() -> None:
    assert DeliverByExtension().offer(SESSION) == "DELIVERBY"
    assert DeliverByExtension.mail_parameters == {"BY"}


@pytest.mark.parametrize(
    ("value", "seconds", "mode", "trace"),
    [
        ("120;R", 120, "R", False),
        ("+120;rt", 120, "R", True),
        ("1;R", 1, "R", False),
        ("0;N", 0, "N", False),
        ("-5;NT", -5, "N", True),
        ("-999999999;n", -999_999_999, "N", False),
        ("000000001;RT", 1, "R", True),
    ],
)
def test_a_deadline(
    value: str, seconds: int, mode: Literal["N", "R"], trace: bool
) -> None:
    assert by(value) == DeliverBy(seconds=seconds, mode=mode, trace=trace)


@pytest.mark.parametrize(
    "value",
    [
        *(True, "", "1", "1;", ";R", "0;R", "-1;R", "-0;RT", "9999999999;N", "1;X"),
        *("1;T", "1;NR", "1;NTT", "1; N", "1;N\n", "1.5;N", "--1;N", "\u0661;N"),
    ],
)
def test_what_is_no_deadline(value: str | bool) -> None:
    with pytest.raises(ParameterSyntaxError):
        by(value)


nearly = st.from_regex(r"[+-]?[0-9]{0,10};[NRTnrt]{0,3}", fullmatch=True)


@given(st.one_of(st.text(), nearly))
def test_any_value_is_taken_or_refused(value: str) -> None:
    try:
        deadline = by(value)
    except ParameterSyntaxError:
        return
    assert deadline is not None
    assert deadline.mode == "N" or deadline.seconds > 0
