"""CRAM-MD5: a digest of a challenge, keyed with the password (RFC 2195)."""

from __future__ import annotations

import hmac
import re
from typing import Final

from smtpsession.auth.client_text import parse_name
from smtpsession.auth.mechanism import (
    Challenge,
    Claim,
    ExchangeFacts,
    Mechanism,
    Secret,
    need_text,
)
from smtpsession.errors import AuthenticationFailedError

# RFC 2195 2: the user name, a space, and the digest in lower-case hexadecimal.
# Groups: name, which may hold spaces; digest.
_RESPONSE: Final = re.compile(rb"(.+) ([0-9a-f]{32})", re.DOTALL)


class CramMD5(Mechanism):
    """One attempt with CRAM-MD5.

    It needs the password as text, and proves nothing about the server.
    """

    name = "CRAM-MD5"
    server_first = True
    needs_verify = True

    def __init__(self, facts: ExchangeFacts) -> None:
        super().__init__(facts)
        self._challenge = b""
        self._digest = ""

    def step(self, response: bytes | None) -> Challenge | Claim:
        """Give the challenge, and take what the client makes of it (RFC 2195 2).

        Raises:
            AuthenticationFailedError: no name, no digest, no UTF-8, or no challenge
                was given yet.
        """
        if response is None:
            unique = self.facts.random(16).hex()
            self._challenge = f"<{unique}@{self.facts.hostname}>".encode()
            return Challenge(self._challenge)
        match = _RESPONSE.fullmatch(response)
        if match is None or not self._challenge:
            raise AuthenticationFailedError
        username = parse_name(match[1])
        self._digest = match[2].decode()
        return Claim(username=username)

    def verify(self, secret: Secret, *, iterations: int) -> bool:
        """Compare the digest with the one that the password gives.

        Raises:
            TypeError: the secret is stored keys.
        """
        password = need_text(secret, self.name)
        digest = cram_md5_digest(password, self._challenge)
        is_equal = hmac.compare_digest(digest, self._digest)
        # Everybody can make the digest of no password.
        return is_equal and bool(password)


def cram_md5_digest(password: str, challenge: bytes) -> str:
    """Return the digest in lower-case hexadecimal (RFC 2195 2)."""
    # The octets as they are: RFC 2195 knows no preparation, and so do its clients.
    key = password.encode("utf-8", "surrogatepass")
    return hmac.digest(key, challenge, "md5").hex()
