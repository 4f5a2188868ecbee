"""SIZE (RFC 1870): what is offered, and values of the parameter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.errors import DeclaredSizeError, ParameterSyntaxError
from smtpsession.extensions.size import Size
from smtpsession.session.envelope import Envelope
from smtpsession.session.session import Session

SESSION = Session("1")


def declare(limit: int | None, value: str | bool) -> int | None:
    envelope = Envelope()
    Size(limit).mail_parameter("SIZE", value, envelope, SESSION)
    return envelope.size


@pytest.mark.parametrize(("limit", "line"), [(None, "SIZE 0"), (1000, "SIZE 1000")])
def test_offer(limit: int | None, line: str) -> None:
    assert Size(limit).offer(SESSION) == line


@given(st.integers(min_value=0, max_value=10**20 - 1))
def test_without_a_limit_every_size_is_taken(octets: int) -> None:
    assert declare(None, str(octets)) == octets


@given(st.integers(min_value=1), st.integers(min_value=0, max_value=10**20 - 1))
def test_a_size_above_the_limit_is_refused(limit: int, octets: int) -> None:
    if octets > limit:
        with pytest.raises(DeclaredSizeError):
            declare(limit, str(octets))
    else:
        assert declare(limit, str(octets)) == octets


@pytest.mark.parametrize(
    "value",
    [True, "", "-1", "+1", "1_0", "0x10", "1" * 21, " 1", "1\n", "\u0661", "\u00b2"],
)
def test_what_is_no_size(value: str | bool) -> None:
    with pytest.raises(ParameterSyntaxError):
        declare(None, value)


def test_twenty_digits() -> None:
    assert declare(None, "0" * 19 + "1") == 1
