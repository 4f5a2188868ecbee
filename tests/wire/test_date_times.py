"""Dates and times of RFC 3339."""

import contextlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.wire.date_times import parse_date_time


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2030-01-01T00:00:00Z", datetime(2030, 1, 1, tzinfo=UTC)),
        ("2030-01-01t00:00:00z", datetime(2030, 1, 1, tzinfo=UTC)),
        ("2024-02-29T23:59:59+00:00", datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC)),
        # The examples of RFC 3339 5.8.
        (
            "1985-04-12T23:20:50.52Z",
            datetime(1985, 4, 12, 23, 20, 50, 520_000, tzinfo=UTC),
        ),
        ("1996-12-19T16:39:57-08:00", datetime(1996, 12, 20, 0, 39, 57, tzinfo=UTC)),
        ("1990-12-31T23:59:60Z", datetime(1991, 1, 1, tzinfo=UTC)),
        ("1990-12-31T15:59:60-08:00", datetime(1991, 1, 1, tzinfo=UTC)),
        (
            "1937-01-01T12:00:27.87+00:20",
            datetime(1937, 1, 1, 11, 40, 27, 870_000, tzinfo=UTC),
        ),
        (
            "2030-01-01T00:00:00.12345678Z",
            datetime(2030, 1, 1, 0, 0, 0, 123_456, tzinfo=UTC),
        ),
    ],
)
def test_a_moment(text: str, moment: datetime) -> None:
    assert parse_date_time(text) == moment
    assert parse_date_time(text).utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "text",
    [
        *("", "2030", "2030-01-01", "2030-01-01T00:00:00", "2030-01-01 00:00:00Z"),
        *("2030-01-01T00:00Z", "30-01-01T00:00:00Z", "+2030-01-01T00:00:00Z"),
        *("2030-13-01T00:00:00Z", "2030-02-30T00:00:00Z", "0000-01-01T00:00:00Z"),
        *("2030-01-01T24:00:00Z", "2030-01-01T00:60:00Z", "2030-01-01T00:00:61Z"),
        *("2030-01-01T00:00:60Z", "2030-01-01T23:59:60+01:00"),
        *("2030-01-01T00:00:00.Z", "2030-01-01T00:00:00,5Z"),
        *("2030-01-01T00:00:00+24:00", "2030-01-01T00:00:00+01:60"),
        *("2030-01-01T00:00:00+0100", "2030-01-01T00:00:00UTC"),
        *("2030-01-01T00:00:00Z\n", " 2030-01-01T00:00:00Z"),
        "٢030-01-01T00:00:00Z",
        # Outside the years that there are in UTC.
        *("0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01"),
        "9999-12-31T23:59:60Z",
    ],
)
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(ValueError):
        parse_date_time(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("today", "date and time must look like RFC 3339's, got 'today'"),
        (
            "0001-01-01T00:00:00+00:01",
            "date and time must lie in UTC's years, got '0001-01-01T00:00:00+00:01'",
        ),
        (
            "2016-12-31T12:00:60Z",
            "a leap second must end a day in UTC, got 2016-12-31 12:00:59+00:00",
        ),
    ],
)
def test_the_error_says_what_is_wrong_and_what_was_given(text: str, said: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_date_time(text)
    assert str(caught.value) == said


@given(
    st.datetimes(
        min_value=datetime(2, 1, 1),
        max_value=datetime(9998, 1, 1),
        timezones=st.integers(-1439, 1439).map(
            lambda minutes: timezone(timedelta(minutes=minutes))
        ),
    )
)
def test_every_moment_reads_back(moment: datetime) -> None:
    assert parse_date_time(moment.isoformat()) == moment


@given(st.text())
def test_nothing_but_value_error(text: str) -> None:
    with contextlib.suppress(ValueError):
        parse_date_time(text)
