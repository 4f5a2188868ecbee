"""EXTERNAL: the TLS client certificate says who it is (RFC 4422 A)."""

from __future__ import annotations

from typing import Any

from smtpsession.auth.client_text import parse_authorization_id
from smtpsession.auth.mechanism import (
    Challenge,
    Claim,
    ExchangeFacts,
    Mechanism,
    Secret,
    require_secret,
)
from smtpsession.auth.saslprep import require_permitted
from smtpsession.errors import AuthenticationFailedError


class External(Mechanism):
    """One attempt with EXTERNAL; without a client certificate there is none."""

    name = "EXTERNAL"
    one_round_trip = True

    @classmethod
    def is_available(cls, facts: ExchangeFacts) -> bool:
        """Say whether there is a verified client certificate."""
        # One that was not verified is an empty dict.
        return bool(facts.peer_certificate)

    def step(self, response: bytes | None) -> Challenge | Claim:
        """Take whom the client wants to act as, or nothing.

        Raises:
            AuthenticationFailedError: the response is not UTF-8, or it or the name in
                the certificate holds a control, or there is no certificate.
        """
        if not self.facts.peer_certificate:
            raise AuthenticationFailedError
        if response is None:
            return Challenge()
        username = _name_in(self.facts.peer_certificate)
        authorization_id = parse_authorization_id(response)
        return Claim(username=username, authorization_id=authorization_id)

    def verify(self, secret: Secret, *, iterations: int) -> bool:
        """Say whether the user exists: TLS has verified everything else."""
        require_secret(secret)
        return secret is not None


def _name_in(certificate: dict[str, Any]) -> str:
    """Return the only mail address or else the only common name, "" without one.

    Raises:
        AuthenticationFailedError: the name holds a control or the like.
    """
    alternatives = certificate.get("subjectAltName", ())
    subject = certificate.get("subject", ())
    mailboxes = [value for kind, value in alternatives if kind == "email"]
    names = [value for part in subject for kind, value in part if kind == "commonName"]
    for candidates in (mailboxes, names):
        if len(candidates) == 1:
            return _permitted(str(candidates[0]))
    return ""


def _permitted(name: str) -> str:
    try:
        require_permitted(name)
    except ValueError:
        pass
    else:
        return name
    raise AuthenticationFailedError
