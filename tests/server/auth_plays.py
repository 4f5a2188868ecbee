"""How clients authenticate by each mechanism, and a hook that does as it is told."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from smtpsession import (
    Authentication,
    Challenge,
    Claim,
    Handler,
    Mechanism,
    Session,
)
from smtpsession.auth.mechanism import Secret
from tests.server.sasl_client import (
    ScramClient,
    b64,
    cram_md5,
    plain,
    unb64,
)
from tests.server.smtp_client import SMTPClient

SCRAM = ScramClient()
BEGIN_SCRAM = f"AUTH SCRAM-SHA-256 {b64(SCRAM.first)}"
TOKEN = b"user=user\x01auth=Bearer pass\x01\x01"
OAUTH = b"n,a=user,\x01auth=Bearer pass\x01\x01"

Hook = Callable[[Session, Authentication], Awaitable[Any]]


class Deciding(Handler):
    """Decides as it is told; notes what an error was about, and whose turn it is."""

    def __init__(self, decide: Hook) -> None:
        self._decide = decide
        self.sessions: list[Session] = []

    async def on_connect(self, session: Session) -> None:
        self.sessions.append(session)

    async def on_auth(self, session: Session, auth: Authentication) -> Any:
        return await self._decide(session, auth)


def returning(value: object) -> Hook:
    async def decide(session: Session, auth: Authentication) -> object:
        return value

    return decide


def raising(error: BaseException) -> Hook:
    async def decide(session: Session, auth: Authentication) -> None:
        raise error

    return decide


async def checking(session: Session, auth: Authentication) -> str | None:
    return auth.username if await auth.verify("pass") else None


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    records = [r for r in caplog.records if r.levelname in ("ERROR", "WARNING")]
    return [record.getMessage().partition(": ")[2] for record in records]


async def play_plain(client: SMTPClient, password: str) -> str:
    return await client.ask(f"AUTH PLAIN {plain('user', password)}")


async def play_login(client: SMTPClient, password: str) -> str:
    assert unb64(await client.ask("AUTH LOGIN")) == b"Username:"
    assert unb64(await client.ask(b64(b"user"))) == b"Password:"
    return await client.ask(b64(password.encode()))


async def play_cram(client: SMTPClient, password: str) -> str:
    challenge = unb64(await client.ask("AUTH CRAM-MD5"))
    return await client.ask(b64(cram_md5(challenge, "user", password)))


async def play_scram(client: SMTPClient, password: str) -> str:
    return await ScramClient(password=password).authenticate(client)


async def play_scram_sha1(client: SMTPClient, password: str) -> str:
    scram = ScramClient(password=password, hash_name="sha1")
    return await scram.authenticate(client, "SCRAM-SHA-1")


async def play_xoauth2(client: SMTPClient, password: str) -> str:
    token = TOKEN.replace(b"pass", password.encode())
    said = await client.ask(f"AUTH XOAUTH2 {b64(token)}")
    if said[:3] == "334":
        assert b'"status":"401"' in unb64(said)
        said = await client.ask("")
    return said


async def play_oauthbearer(client: SMTPClient, password: str) -> str:
    token = OAUTH.replace(b"pass", password.encode())
    said = await client.ask(f"AUTH OAUTHBEARER {b64(token)}")
    if said[:3] == "334":
        assert unb64(said) == b'{"status":"invalid_token"}'
        said = await client.ask("AQ==")
    return said


PLAYS = [
    *(play_plain, play_login, play_cram, play_scram, play_scram_sha1),
    *(play_xoauth2, play_oauthbearer),
]
every_mechanism = pytest.mark.parametrize("play", PLAYS)
Play = Callable[[SMTPClient, str], Awaitable[str]]


# A mechanism of one's own, which may do anything.


class Own(Mechanism):
    """Asks for a proof, which is the secret itself."""

    name = "X-OWN"
    one_round_trip = True

    def step(self, response: bytes | None) -> Challenge | Claim:
        return Challenge() if response is None else Claim(username="user")

    def verify(self, secret: Secret, *, iterations: int) -> Challenge | bool:
        self.secret = secret
        return Challenge(b"proof?")

    def prove(self, response: bytes) -> bool:
        return response.decode() == self.secret
