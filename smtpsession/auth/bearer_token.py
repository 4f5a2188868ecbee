"""What XOAUTH2 and OAUTHBEARER have in common (RFC 6750, RFC 7628 3)."""

from __future__ import annotations

import hmac
import re
from typing import ClassVar, Final

from smtpsession.auth.mechanism import (
    Challenge,
    Claim,
    ExchangeFacts,
    Mechanism,
    Secret,
    need_text,
)
from smtpsession.errors import AuthenticationFailedError

# RFC 6750 2.1, the scheme in any case (RFC 9110 11.1):
#
#   b64token    = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="
#   credentials = "Bearer" 1*SP b64token
_CREDENTIALS: Final = re.compile(rb"(?i:Bearer) +([A-Za-z0-9\-._~+/]+=*)")


class BearerTokenMechanism(Mechanism):
    """One attempt with a bearer token, by which the handler knows the user."""

    #: What a client is told when the token was refused: JSON (RFC 7628 3.2.2).
    refusal: ClassVar[bytes]

    def __init__(self, facts: ExchangeFacts) -> None:
        super().__init__(facts)
        self._access_token = ""

    def step(self, response: bytes | None) -> Challenge | Claim:
        """Take the name and the token in one message.

        Raises:
            AuthenticationFailedError: the message is malformed.
        """
        if response is None:
            return Challenge()
        username, credentials = self.parse(response)
        match = _CREDENTIALS.fullmatch(credentials)
        if match is None:
            raise AuthenticationFailedError
        self._access_token = match[1].decode()
        return Claim(username=username, access_token=self._access_token)

    def parse(self, response: bytes) -> tuple[str, bytes]:
        """Return the name of the user, and the credentials.

        Raises:
            AuthenticationFailedError: the message is malformed.
        """
        raise NotImplementedError

    def verify(self, secret: Secret, *, iterations: int) -> bool:
        """Compare the token with the one that the user is known to have.

        Raises:
            TypeError: the secret is stored keys.
        """
        token = need_text(secret, self.name).encode("utf-8", "surrogatepass")
        is_equal = hmac.compare_digest(token, self._access_token.encode())
        return is_equal and bool(token)

    def finish(self, *, accepted: bool) -> Challenge | None:
        """Say what is wrong with the token, if anything (RFC 7628 3.2.2)."""
        return None if accepted else Challenge(self.refusal)
