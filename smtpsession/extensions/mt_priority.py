"""MT-PRIORITY: how urgent the message is (RFC 6710)."""

from __future__ import annotations

import re

from smtpsession.errors import ParameterSyntaxError
from smtpsession.extensions.extension import Extension, need_value
from smtpsession.session.envelope import Envelope
from smtpsession.session.session import Session

# RFC 6710 4: a priority from -9 to 9, of which 0 is the usual one.
_PRIORITY_VALUE = re.compile(r"[+-]?[0-9]")


class MTPriority(Extension):
    """MT-PRIORITY, a parameter of MAIL; no profile is announced."""

    keyword = "MT-PRIORITY"
    mail_parameters = frozenset({"MT-PRIORITY"})

    def mail_parameter(
        self, name: str, value: str | bool, envelope: Envelope, session: Session
    ) -> None:
        """Take the priority.

        Raises:
            ParameterSyntaxError: not from -9 to 9.
        """
        text = need_value(value)
        if _PRIORITY_VALUE.fullmatch(text) is None:
            raise ParameterSyntaxError
        envelope.mt_priority = int(text)
