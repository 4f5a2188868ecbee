"""Dates and times in parameters (RFC 3339)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

# RFC 3339 5.6:
#
#   date-time    = full-date "T" full-time
#   full-date    = date-fullyear "-" date-month "-" date-mday
#   full-time    = partial-time time-offset
#   partial-time = time-hour ":" time-minute ":" time-second [time-secfrac]
#   time-secfrac = "." 1*DIGIT
#   time-offset  = "Z" / time-numoffset
#   time-numoffset = ("+" / "-") time-hour ":" time-minute
#
# Groups: year, month, day, hour, minute, second, fraction, sign, hours, minutes.
_DATE_TIME: Final = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(?:[Zz]|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))"
)


def parse_date_time(text: str) -> datetime:
    """Return the moment that *text* stands for (RFC 3339 5.6).

    Args:
        text: for example ``2030-01-01T00:00:00Z`` or ``2030-01-01T01:00:00.5+01:00``.

    Returns:
        A datetime in UTC; of a fraction of a second it keeps microseconds.

    Raises:
        ValueError: text is no date-time, or there is no such moment.
    """
    match = _DATE_TIME.fullmatch(text)
    if match is None:
        raise ValueError(f"date and time must look like RFC 3339's, got {text!r}")
    *numbers, fraction, sign, hours, minutes = match.groups()
    year, month, day, hour, minute, second = map(int, numbers)
    is_leap = second == 60
    local = datetime(year, month, day, hour, minute, second - is_leap, tzinfo=UTC)
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    try:
        moment = local + offset if sign == "-" else local - offset
        if is_leap:
            moment = _after_leap_second(moment)
    except OverflowError as error:
        raise ValueError(f"date and time must lie in UTC's years, got {text!r}") from (
            error
        )
    return moment.replace(microsecond=int((fraction or "0")[:6].ljust(6, "0")))


def _after_leap_second(last: datetime) -> datetime:
    # RFC 3339 5.7: a second 60 occurs only at the end of a day in UTC.
    if (last.hour, last.minute) != (23, 59):
        raise ValueError(f"a leap second must end a day in UTC, got {last}")
    return last + timedelta(seconds=1)
