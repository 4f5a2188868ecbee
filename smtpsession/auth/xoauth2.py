"""XOAUTH2: a bearer token, as Google's mail servers first took it."""

from __future__ import annotations

import re
from typing import Final

from smtpsession.auth.bearer_token import BearerTokenMechanism
from smtpsession.auth.client_text import parse_name
from smtpsession.errors import AuthenticationFailedError

# "user=" name ^A "auth=" credentials ^A ^A
#
# Groups: name, credentials.
_RESPONSE: Final = re.compile(rb"user=([^\x01]+)\x01auth=([^\x01]+)\x01\x01")


class XOAuth2(BearerTokenMechanism):
    """One attempt with XOAUTH2."""

    name = "XOAUTH2"
    refusal = b'{"status":"401","schemes":"bearer"}'

    def parse(self, response: bytes) -> tuple[str, bytes]:
        """Return the name of the user, and the credentials.

        Raises:
            AuthenticationFailedError: the message is malformed.
        """
        match = _RESPONSE.fullmatch(response)
        if match is None:
            raise AuthenticationFailedError
        return parse_name(match[1]), match[2]
