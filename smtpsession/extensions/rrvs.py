"""RRVS: since when the recipient must have had the mailbox (RFC 7293)."""

from __future__ import annotations

from typing import Literal

import attrs

from smtpsession.errors import ParameterSyntaxError
from smtpsession.extensions.extension import Extension, need_value
from smtpsession.session.session import Session
from smtpsession.wire.addresses import RRVS, Address
from smtpsession.wire.date_times import parse_date_time

# RFC 7293 5.1:
#
#   rrvs-param = "RRVS=" date-time [ ";" ( "C" / "R" ) ]
_ACTIONS: dict[str, Literal["C", "R"]] = {"C": "C", "c": "C", "R": "R", "r": "R"}


class RRVSExtension(Extension):
    """RRVS, a parameter of RCPT."""

    keyword = "RRVS"
    rcpt_parameters = frozenset({"RRVS"})

    def rcpt_parameter(
        self, name: str, value: str | bool, address: Address, session: Session
    ) -> Address:
        """Take the moment, and what to do where it cannot be checked.

        Raises:
            ParameterSyntaxError: no date-time, or an action other than C and R.
        """
        moment, separator, word = need_value(value).partition(";")
        action = _ACTIONS.get(word)
        if separator and action is None:
            raise ParameterSyntaxError
        try:
            since = parse_date_time(moment)
        except ValueError as error:
            raise ParameterSyntaxError from error
        return attrs.evolve(address, rrvs=RRVS(since=since, action=action))
