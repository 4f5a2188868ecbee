"""FUTURERELEASE (RFC 4865): values of HOLDFOR and HOLDUNTIL, one of them."""

import contextlib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.errors import ParameterSyntaxError
from smtpsession.extensions.futurerelease import FutureRelease
from smtpsession.session.envelope import Envelope
from smtpsession.session.session import Session
from smtpsession.wire.addresses import parse_reverse_path

SESSION = Session("1")


def hold(*, sender: bytes = b"<a@c.example>", **parameters: Any) -> Envelope:
    envelope = Envelope()
    for name, value in parameters.items():
        FutureRelease().mail_parameter(name, value, envelope, SESSION)
    FutureRelease().check_mail(parse_reverse_path(sender), envelope, SESSION)
    return envelope


def test_offer_says_the_most_that_can_be_said() -> None:
    offer = FutureRelease().offer(SESSION)
    assert offer == "FUTURERELEASE 999999999 9999-12-31T23:59:59Z"
    _, interval, moment = offer.split()
    assert hold(HOLDFOR=interval).hold_for == 999_999_999
    until = hold(HOLDUNTIL=moment).hold_until
    assert until == datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert FutureRelease.mail_parameters == {"HOLDFOR", "HOLDUNTIL"}


def test_one_of_both_is_in_the_envelope() -> None:
    held = hold(HOLDFOR="60")
    assert (held.hold_for, held.hold_until) == (60, None)
    held = hold(HOLDUNTIL="2030-01-01T01:00:00+01:00")
    assert held.hold_for is None
    assert held.hold_until == datetime(2030, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "value", [True, "", "0", "01", "-1", "+1", "1000000000", "1.5", "1\n", "\u0661"]
)
def test_what_is_no_interval(value: str | bool) -> None:
    with pytest.raises(ParameterSyntaxError):
        hold(HOLDFOR=value)


@pytest.mark.parametrize(
    "value", [True, "", "60", "2030-01-01", "2030-02-30T00:00:00Z", "tomorrow"]
)
def test_what_is_no_moment(value: str | bool) -> None:
    with pytest.raises(ParameterSyntaxError):
        hold(HOLDUNTIL=value)


def test_both_are_refused_in_any_order() -> None:
    with pytest.raises(ParameterSyntaxError):
        hold(HOLDFOR="60", HOLDUNTIL="2030-01-01T00:00:00Z")
    with pytest.raises(ParameterSyntaxError):
        hold(HOLDUNTIL="2030-01-01T00:00:00Z", HOLDFOR="60")


def test_a_notification_is_not_held() -> None:
    with pytest.raises(ParameterSyntaxError):
        hold(sender=b"<>", HOLDFOR="60")


@given(st.sampled_from(["HOLDFOR", "HOLDUNTIL"]), st.text())
def test_any_value_is_taken_or_refused(name: str, value: str) -> None:
    parameters: dict[str, Any] = {name: value}
    with contextlib.suppress(ParameterSyntaxError):
        hold(**parameters)
