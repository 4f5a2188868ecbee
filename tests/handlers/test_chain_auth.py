"""Several handlers in a Chain that know users."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

import pytest

from smtpsession import Authentication, Config, Handler, Session
from smtpsession.handlers import Chain
from tests.server.smtp_client import SMTPClient, open_session


class Users(Handler):
    """Knows some users, and verifies nobody for those it does not know."""

    def __init__(self, **secrets: str) -> None:
        self._secrets = secrets

    async def on_auth(self, session: Session, auth: Authentication) -> str | None:
        secret = self._secrets.get(auth.username)
        is_proven = await auth.verify(secret, iterations=5_000)
        return auth.username if is_proven else None


class Curious(Handler):
    """Reads whom a client wants to act as, and knows nobody."""

    async def on_auth(self, session: Session, auth: Authentication) -> None:
        assert auth.authorization_id == "root"


class Generous(Curious):
    """Lets a client act as anybody."""

    async def on_auth(self, session: Session, auth: Authentication) -> Any:
        await super().on_auth(session, auth)
        return auth.username


CHAIN = Chain(Users(bob="secret"), Chain(Users(eve="word"), Users(joe="third")))


def config(method: str) -> Config:
    return Config(hostname="mx.test", allow_insecure_auth=True, auth_methods=[method])


def b64(text: bytes) -> str:
    return base64.b64encode(text).decode()


async def scram(client: SMTPClient, user: str, password: str) -> str:
    """Give the reply after the client's last message, server's proof left aside."""
    await client.ask("EHLO c")
    bare = f"n={user},r=abc".encode()
    said = await client.ask(f"AUTH SCRAM-SHA-256 {b64(b'n,,' + bare)}")
    assert said[:3] == "334"
    server_first = base64.b64decode(said[4:])
    nonce, salt, rounds = (part[2:] for part in server_first.split(b","))
    assert rounds == b"5000"
    salted = hashlib.pbkdf2_hmac(
        "sha256", password.encode(), base64.b64decode(salt), int(rounds)
    )
    key = hmac.digest(salted, b"Client Key", "sha256")
    without_proof = b"c=biws,r=" + nonce
    signature = hmac.digest(
        hashlib.sha256(key).digest(),
        b",".join((bare, server_first, without_proof)),
        "sha256",
    )
    proof = bytes(a ^ b for a, b in zip(key, signature, strict=True))
    said = await client.ask(b64(without_proof + b",p=" + b64(proof).encode()))
    return await client.ask("") if said[:3] == "334" else said


@pytest.mark.parametrize(
    ("user", "password", "code"),
    [
        ("bob", "secret", "235"),
        ("eve", "word", "235"),
        ("joe", "third", "235"),
        ("bob", "word", "535"),
        ("eve", "secret", "535"),
        ("nobody", "secret", "535"),
    ],
)
async def test_each_handler_can_have_a_proof_of_its_own_users(
    user: str, password: str, code: str
) -> None:
    async with open_session(CHAIN, config("SCRAM-SHA-256")) as client:
        assert (await scram(client, user, password))[:3] == code
    async with open_session(CHAIN, config("PLAIN")) as client:
        await client.ask("EHLO c")
        message = f"\0{user}\0{password}".encode()
        said = await client.ask(f"AUTH PLAIN {b64(message)}")
        assert said[:3] == code


@pytest.mark.parametrize(
    ("chain", "code"),
    [
        (Chain(Curious(), Users(bob="secret")), "535"),
        (Chain(Curious(), Generous()), "235"),
        (Chain(Curious()), "535"),
    ],
)
async def test_who_lets_the_client_in_decides_whom_it_acts_as(
    chain: Chain[Any], code: str
) -> None:
    async with open_session(chain, config("PLAIN")) as client:
        await client.ask("EHLO c")
        message = b"root\0bob\0secret"
        said = await client.ask(f"AUTH PLAIN {b64(message)}")
        assert said[:3] == code
