"""ANONYMOUS: nobody in particular, who may leave a trace (RFC 4505)."""

from __future__ import annotations

import re
from typing import Final

from smtpsession.auth.client_text import decode_text
from smtpsession.auth.mechanism import Challenge, Claim, Mechanism, Secret
from smtpsession.auth.saslprep import require_permitted
from smtpsession.errors import AuthenticationFailedError

# RFC 4505 2:
#
#   message = [ email / token ]
#   email   = addr-spec
#   token   = 1*255TCHAR
#   TCHAR   = any character of UTF-8 except "@"
#
# Departure: of an addr-spec no more is asked than one "@" with something around it,
# and it is held to the length of a token too.
_MESSAGE: Final = re.compile(r"(?!.{256})(?:[^@]*|[^@]+@[^@]+)", re.DOTALL)


class Anonymous(Mechanism):
    """One attempt with ANONYMOUS."""

    name = "ANONYMOUS"
    one_round_trip = True

    def step(self, response: bytes | None) -> Challenge | Claim:
        """Take the trace information, which stands in for the name of a user.

        Raises:
            AuthenticationFailedError: it is too long, not UTF-8, neither address nor
                token, or holds what the profile ``trace`` prohibits.
        """
        if response is None:
            return Challenge()
        trace = decode_text(response)
        if not _is_trace(trace):
            raise AuthenticationFailedError
        return Claim(username=trace)

    def verify(self, secret: Secret, *, iterations: int) -> bool:
        """Say that nothing is proven: anybody can leave any trace."""
        return False


def _is_trace(text: str) -> bool:
    if _MESSAGE.fullmatch(text) is None:
        return False
    try:
        require_permitted(text)
    except ValueError:
        return False
    return True
