"""RRVS (RFC 7293): a moment, and what to do where it cannot be checked."""

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.errors import ParameterSyntaxError
from smtpsession.extensions.rrvs import RRVSExtension
from smtpsession.session.session import Session
from smtpsession.wire.addresses import RRVS, parse_forward_path

SESSION = Session("1")
MOMENT = datetime(2024, 1, 1, tzinfo=UTC)


def since(value: str | bool) -> RRVS | None:
    address = parse_forward_path(b"<b@s.example>")
    return RRVSExtension().rcpt_parameter("RRVS", value, address, SESSION).rrvs


def test_offer() -> None:
    assert RRVSExtension().offer(SESSION) == "RRVS"
    assert RRVSExtension.rcpt_parameters == {"RRVS"}
    assert RRVSExtension.mail_parameters == frozenset()


@pytest.mark.parametrize(
    ("value", "rrvs"),
    [
        ("2024-01-01T00:00:00Z", RRVS(since=MOMENT)),
        ("2024-01-01T00:00:00Z;C", RRVS(since=MOMENT, action="C")),
        ("2024-01-01T00:00:00Z;r", RRVS(since=MOMENT, action="R")),
        ("2023-12-31T19:00:00-05:00;R", RRVS(since=MOMENT, action="R")),
    ],
)
def test_a_moment(value: str, rrvs: RRVS) -> None:
    assert since(value) == rrvs


@pytest.mark.parametrize(
    "value",
    [
        *(True, "", "C", ";C", "2024-01-01", "2024-01-01T00:00:00Z;"),
        *("2024-01-01T00:00:00Z;X", "2024-01-01T00:00:00Z;CR"),
        *("2024-01-01T00:00:00Z;C;R", "2024-01-01T00:00:00Z;C\n"),
    ],
)
def test_what_is_no_value(value: str | bool) -> None:
    with pytest.raises(ParameterSyntaxError):
        since(value)


@given(st.sampled_from(["", "2024-01-01T00:00:00Z", "2024-01-01T"]), st.text())
def test_any_value_is_taken_or_refused(start: str, text: str) -> None:
    with contextlib.suppress(ParameterSyntaxError):
        since(start + text)
