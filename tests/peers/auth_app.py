"""Handler and options of servers that real clients authenticate to.

What it prints is what the tests look for.
The environment names the folder with the certificates.
"""

from __future__ import annotations

import os
from pathlib import Path

import attrs

from smtpsession import Authentication, Config, Handler, Message, Session, tls_context

CERTIFICATES = Path(os.environ["SMTPSESSION_PEER_CERTIFICATES"])
PASSWORDS = {"bob": "fix it? ja, köönnen wir", "ann": "only in ASCII"}
TOKEN = "ya29.token-of-bob"
#: Whom the name in a client certificate stands for.
CERTIFIED = {"bob@c.example": "bob"}


class Users(Handler):
    """Lets in two users, and says who it was and what they send."""

    async def on_auth(self, session: Session, auth: Authentication) -> str | None:
        """Let a user in by its password, token or certificate."""
        if auth.method == "EXTERNAL":
            user = CERTIFIED.get(auth.username)
        else:
            user = auth.username
            is_token = auth.access_token is not None
            secret = TOKEN if is_token and user == "bob" else PASSWORDS.get(user)
            if not await auth.verify(secret):
                return None
        if auth.authorization_id not in ("", user):
            return None
        print("in", user, auth.method, flush=True)
        return user

    async def on_data(self, session: Session, message: Message) -> None:
        """Say who has sent how many octets."""
        octets = len(await message.read())
        print("mail", session.user, session.transmission_type, octets, flush=True)


config = Config(
    hostname="mx.example",
    auth_required=True,
    auth_methods=[
        *("EXTERNAL", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS"),
        *("SCRAM-SHA-1", "OAUTHBEARER", "XOAUTH2", "CRAM-MD5", "PLAIN", "LOGIN"),
    ],
    tls=tls_context(
        CERTIFICATES / "chain.pem",
        CERTIFICATES / "key.pem",
        client_ca=CERTIFICATES / "authority.pem",
    ),
)
#: For clients that prefer OAUTHBEARER wherever they see it.
xoauth2_alone = attrs.evolve(config, auth_methods=["XOAUTH2"])
