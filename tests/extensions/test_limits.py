"""LIMITS (RFC 9422): says the limits that there are."""

import pytest

from smtpsession.extensions.limits import LimitsExtension
from smtpsession.session.session import Session


@pytest.mark.parametrize(
    ("rcpt_max", "mail_max", "line"),
    [
        (100, 5, "LIMITS RCPTMAX=100 MAILMAX=5"),
        (1000, None, "LIMITS RCPTMAX=1000"),
        (None, 1, "LIMITS MAILMAX=1"),
        (999_999, None, "LIMITS RCPTMAX=999999"),
        # A value has six digits at most.
        (1_000_000, None, None),
        (1_000_000, 1, "LIMITS MAILMAX=1"),
        (None, None, None),
    ],
)
def test_offer(rcpt_max: int | None, mail_max: int | None, line: str | None) -> None:
    extension = LimitsExtension(rcpt_max=rcpt_max, mail_max=mail_max)
    assert extension.offer(Session("1")) == line
    assert extension.mail_parameters == extension.rcpt_parameters == frozenset()
