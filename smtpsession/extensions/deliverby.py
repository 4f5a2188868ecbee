"""DELIVERBY: a deadline for the delivery (RFC 2852)."""

from __future__ import annotations

import re
from typing import Literal

from smtpsession.errors import ParameterSyntaxError
from smtpsession.extensions.extension import Extension, need_value
from smtpsession.session.envelope import DeliverBy, Envelope
from smtpsession.session.session import Session

# RFC 2852 4:
#
#   by-value = by-time ";" by-mode [by-trace]
#   by-time  = ["-" / "+"] 1*9DIGIT
#   by-mode  = "N" / "R"
#   by-trace = "T"
_BY_VALUE = re.compile(r"([+-]?[0-9]{1,9});(?:([Nn])|[Rr])([Tt])?")


class DeliverByExtension(Extension):
    """DELIVERBY, with the BY parameter of MAIL; no shortest time is announced."""

    keyword = "DELIVERBY"
    mail_parameters = frozenset({"BY"})

    def mail_parameter(
        self, name: str, value: str | bool, envelope: Envelope, session: Session
    ) -> None:
        """Take the deadline.

        Raises:
            ParameterSyntaxError: no by-value; or a message that is to be returned
                after a time that is over already (RFC 2852 4).
        """
        match = _BY_VALUE.fullmatch(need_value(value))
        if match is None:
            raise ParameterSyntaxError
        seconds = int(match[1])
        mode: Literal["N", "R"] = "N" if match[2] else "R"
        if mode == "R" and seconds <= 0:
            raise ParameterSyntaxError
        envelope.deliver_by = DeliverBy(
            seconds=seconds, mode=mode, trace=match[3] is not None
        )
