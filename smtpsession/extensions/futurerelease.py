"""FUTURERELEASE: hold the message for a time (RFC 4865)."""

from __future__ import annotations

import re

from smtpsession.errors import ParameterSyntaxError
from smtpsession.extensions.extension import Extension, need_value
from smtpsession.session.envelope import Envelope
from smtpsession.session.session import Session
from smtpsession.wire.addresses import Address
from smtpsession.wire.date_times import parse_date_time

# RFC 4865 3, where the date-time is RFC 3339's (erratum 2040):
#
#   future-release-integer = %x31-39 *8DIGIT
_INTERVAL = re.compile(r"[1-9][0-9]{0,8}")


class FutureRelease(Extension):
    """FUTURERELEASE, with HOLDFOR or HOLDUNTIL of MAIL.

    What it announces is the most that the parameters can say. A shorter limit, or a
    moment that is past, is for ``on_mail_from`` to refuse, because it takes a clock.
    """

    keyword = "FUTURERELEASE"
    mail_parameters = frozenset({"HOLDFOR", "HOLDUNTIL"})

    def offer(self, session: Session) -> str | None:
        """Give the keyword with the longest interval and the last moment."""
        return f"{self.keyword} 999999999 9999-12-31T23:59:59Z"

    def mail_parameter(
        self, name: str, value: str | bool, envelope: Envelope, session: Session
    ) -> None:
        """Take how long, or until when, the message is to be held.

        Raises:
            ParameterSyntaxError: not from 1 to 999999999 seconds, or no date-time.
        """
        text = need_value(value)
        if name == "HOLDUNTIL":
            try:
                envelope.hold_until = parse_date_time(text)
            except ValueError as error:
                raise ParameterSyntaxError from error
        elif _INTERVAL.fullmatch(text) is None:
            raise ParameterSyntaxError
        else:
            envelope.hold_for = int(text)

    def check_mail(self, sender: Address, envelope: Envelope, session: Session) -> None:
        """Check that one parameter came, and that somebody can be told of failure.

        Raises:
            ParameterSyntaxError: both parameters, or the null sender.
        """
        both = envelope.hold_for is not None and envelope.hold_until is not None
        if both or sender.is_null:
            raise ParameterSyntaxError
