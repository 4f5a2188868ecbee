"""LOGIN: name and password one after the other (draft-murchison-sasl-login)."""

from __future__ import annotations

from smtpsession.auth.client_text import parse_name, parse_password
from smtpsession.auth.mechanism import (
    Challenge,
    Claim,
    ExchangeFacts,
    Mechanism,
    Secret,
)
from smtpsession.auth.plain_text_password import password_matches


class Login(Mechanism):
    """One attempt with LOGIN; an initial response is the name."""

    name = "LOGIN"

    def __init__(self, facts: ExchangeFacts) -> None:
        super().__init__(facts)
        self._username = ""
        self._password = ""

    def step(self, response: bytes | None) -> Challenge | Claim:
        """Take the name, then the password.

        Raises:
            AuthenticationFailedError: one of them is empty, no UTF-8 or holds a NUL.
        """
        # Clients wait for these very words, whatever the draft says of their meaning.
        if response is None:
            return Challenge(b"Username:")
        if not self._username:
            self._username = parse_name(response)
            return Challenge(b"Password:")
        self._password = parse_password(response)
        return Claim(username=self._username, password=self._password)

    def verify(self, secret: Secret, *, iterations: int) -> bool:
        """Compare the password, after the same work for every user."""
        return password_matches(self._password, secret, iterations=iterations)
