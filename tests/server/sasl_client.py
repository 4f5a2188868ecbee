"""The client's side of AUTH, for tests: what a client says, and who lets it in."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from typing import Any

from smtpsession import Authentication, Config, Handler, Session, Timeouts
from smtpsession.auth.mechanism import Secret
from tests.server.smtp_client import SMTPClient

#: Every mechanism, in the clear, so that a test has nothing but AUTH to do.
METHODS = (
    *("SCRAM-SHA-256", "SCRAM-SHA-1", "OAUTHBEARER", "XOAUTH2", "CRAM-MD5"),
    *("PLAIN", "LOGIN", "ANONYMOUS"),
)
USER_PASS = "AHVzZXIAcGFzcw=="  # NUL user NUL pass
USER_WRONG = "AHVzZXIAd3Jvbmc="  # NUL user NUL wrong
NOBODY_PASS = "AG5vYm9keQBwYXNz"  # NUL nobody NUL pass


def insecure(**options: Any) -> Config:
    """Give options with which everything is offered without TLS.

    There are no deadlines, so that a clock that jumps to the next one does not do so
    while a thread works.
    """
    given: dict[str, Any] = {
        "auth_methods": METHODS,
        "allow_insecure_auth": True,
        "timeouts": Timeouts(command=None, hook=None),
    }
    return Config(hostname="mx.test", reverse_lookup=False, **(given | options))


def b64(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def unb64(reply: str) -> bytes:
    """Give the octets of a challenge."""
    assert reply[:4] == "334 ", reply
    return base64.b64decode(reply[4:], validate=True)


def plain(user: str, password: str, authorization_id: str = "") -> str:
    return b64(f"{authorization_id}\0{user}\0{password}".encode())


def cram_md5(challenge: bytes, user: str, password: str) -> bytes:
    digest = hmac.digest(password.encode(), challenge, "md5").hex()
    return f"{user} {digest}".encode()


class ScramClient:
    """SCRAM's other side (RFC 5802 5); ``change`` makes it say something else."""

    def __init__(
        self,
        user: str = "user",
        password: str = "pass",
        *,
        header: str = "n,,",
        hash_name: str = "sha256",
        binding: bytes = b"",
        change: Callable[[str], str] = str,
    ) -> None:
        self._password = password.encode()
        self._hash_name = hash_name
        self._binding = header.encode() + binding
        self._change = change
        self._bare = f"n={user},r=rOprNGfwEbeRWgbNEkqO"
        self.first = (header + self._bare).encode()

    def final(self, server_first: bytes) -> bytes:
        text = server_first.decode()
        match = re.fullmatch(r"(r=[!-+\--~]+),s=([A-Za-z0-9+/=]+),i=(\d+)", text)
        assert match is not None, text
        salt, rounds = base64.b64decode(match[2]), int(match[3])
        salted = hashlib.pbkdf2_hmac(self._hash_name, self._password, salt, rounds)
        key = hmac.digest(salted, b"Client Key", self._hash_name)
        without_proof = self._change(f"c={b64(self._binding)},{match[1]}")
        message = f"{self._bare},{text},{without_proof}".encode()
        stored = hashlib.new(self._hash_name, key).digest()
        signature = hmac.digest(stored, message, self._hash_name)
        server_key = hmac.digest(salted, b"Server Key", self._hash_name)
        self.wanted = b"v=" + base64.b64encode(
            hmac.digest(server_key, message, self._hash_name)
        )
        proof = b64(bytes(a ^ b for a, b in zip(key, signature, strict=True)))
        return f"{without_proof},p={proof}".encode()

    async def authenticate(
        self, client: SMTPClient, method: str = "SCRAM-SHA-256"
    ) -> str:
        """Play the exchange; give the last reply, and check the server's signature."""
        said = await client.ask(f"AUTH {method} {b64(self.first)}")
        if said[:3] != "334":
            return said
        said = await client.ask(b64(self.final(unb64(said))))
        if said[:3] != "334":
            return said
        assert unb64(said) == self.wanted
        return await client.ask("")


class Users(Handler):
    """Knows users by their secrets, and notes what it is asked."""

    def __init__(self, **secrets: Secret) -> None:
        self.secrets = secrets or {"user": "pass"}
        self.asked: list[Authentication] = []
        self.sessions: list[Session] = []

    async def on_connect(self, session: Session) -> None:
        self.sessions.append(session)

    async def on_auth(self, session: Session, auth: Authentication) -> str | None:
        self.asked.append(auth)
        secret = self.secrets.get(auth.username)
        return auth.username if await auth.verify(secret) else None
