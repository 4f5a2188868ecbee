"""Deadlines are checked when they are given."""

import math

import attrs
import pytest

from smtpsession import Timeouts

NAMES = [field.name for field in attrs.fields(Timeouts)]


def test_defaults_are_the_documented_seconds() -> None:
    assert attrs.asdict(Timeouts()) == {
        "proxy": 5,
        "tls": 30,
        "lookup": 1.5,
        "command": 300,
        "content": 300,
        "message": 3600,
        "session": None,
        "hook": 300,
        "close": 5,
    }


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [None, 1, 0.001, math.inf])
def test_a_deadline_may_be_seconds_or_none(name: str, value: float | None) -> None:
    assert getattr(Timeouts(**{name: value}), name) == value


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", ["5", True, b"5", [5], 5j])
def test_a_deadline_that_is_no_number_is_refused(name: str, value: object) -> None:
    with pytest.raises(TypeError, match=f"{name} must be seconds as a number or None"):
        Timeouts(**{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [0, -1, -0.5, math.nan, -math.inf])
def test_a_deadline_that_is_not_positive_is_refused(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"{name} must be more than 0 seconds, got"):
        Timeouts(**{name: value})


def test_an_unknown_deadline_is_refused() -> None:
    with pytest.raises(TypeError, match="idle"):
        Timeouts(idle=5)  # type: ignore[call-arg]


def test_deadlines_do_not_change() -> None:
    timeouts = Timeouts()
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        timeouts.hook = 5  # type: ignore[misc]
    assert attrs.evolve(timeouts, hook=5).hook == 5
