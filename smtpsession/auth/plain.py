"""PLAIN: name and password in one message (RFC 4616)."""

from __future__ import annotations

from smtpsession.auth.client_text import (
    parse_authorization_id,
    parse_name,
    parse_password,
)
from smtpsession.auth.mechanism import (
    Challenge,
    Claim,
    ExchangeFacts,
    Mechanism,
    Secret,
)
from smtpsession.auth.plain_text_password import password_matches
from smtpsession.errors import AuthenticationFailedError


class Plain(Mechanism):
    """One attempt with PLAIN."""

    name = "PLAIN"
    one_round_trip = True

    def __init__(self, facts: ExchangeFacts) -> None:
        super().__init__(facts)
        self._password = ""

    def step(self, response: bytes | None) -> Challenge | Claim:
        """Take ``[authzid] NUL authcid NUL passwd`` (RFC 4616 2).

        Raises:
            AuthenticationFailedError: not two NULs, no name, no password, or no UTF-8.
        """
        if response is None:
            return Challenge()
        # One cut more than allowed is enough to tell.
        parts = response.split(b"\0", 3)
        if len(parts) != 3:
            raise AuthenticationFailedError
        authorization_id = parse_authorization_id(parts[0])
        username = parse_name(parts[1])
        self._password = parse_password(parts[2])
        return Claim(
            username=username,
            authorization_id=authorization_id,
            password=self._password,
        )

    def verify(self, secret: Secret, *, iterations: int) -> bool:
        """Compare the password, after the same work for every user."""
        return password_matches(self._password, secret, iterations=iterations)
