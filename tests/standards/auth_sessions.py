"""Sessions inside TLS for the tests of AUTH, and what a client says in them."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trio
import trio.testing
import trustme

from smtpsession import (
    Config,
    Handler,
    Session,
)
from tests.server.sasl_client import (
    USER_PASS,
    USER_WRONG,
    Users,
    insecure,
)
from tests.server.smtp_client import SMTPClient, open_session

AUTHORITY = trustme.CA()
SERVER = AUTHORITY.issue_cert("mx.test")
ALICE = AUTHORITY.issue_cert("alice@c.example", common_name="alice")
MAIL = "MAIL FROM:<a@c.example>"
RIGHT = f"AUTH PLAIN {USER_PASS}"
WRONG = f"AUTH PLAIN {USER_WRONG}"
EXPORTER = "tls-exporter"


def server_context(*, asks: bool = False) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    SERVER.configure_cert(context)
    if asks:
        AUTHORITY.configure_trust(context)
        context.verify_mode = ssl.CERT_OPTIONAL
    return context


def client_context(certificate: trustme.LeafCert | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    AUTHORITY.configure_trust(context)
    if certificate is not None:
        certificate.configure_cert(context)
    return context


def with_tls(*, asks: bool = False, **options: Any) -> Config:
    tls = server_context(asks=asks)
    return insecure(**({"allow_insecure_auth": False, "tls": tls} | options))


@asynccontextmanager
async def secured(
    handler: Handler[Any] | None = None,
    config: Config | None = None,
    *,
    certificate: trustme.LeafCert | None = None,
) -> AsyncIterator[SMTPClient]:
    """Open a session inside TLS, after EHLO: T1 of the rows."""
    async with open_session(handler or Users(), config or with_tls()) as client:
        await client.ask("EHLO c.example")
        assert (await client.ask("STARTTLS"))[:3] == "220"
        await client.start_tls(client_context(certificate))
        assert (await client.ask("EHLO c.example"))[:3] == "250"
        yield client


async def mechanisms(client: SMTPClient) -> list[str] | None:
    """Give what EHLO says behind AUTH; None if it does not say AUTH."""
    lines = (await client.ask("EHLO c.example")).splitlines()
    said = [line[4:].split() for line in lines if line[4:8] == "AUTH"]
    assert len(said) <= 1
    return said[0][1:] if said else None


async def send_whole(client: SMTPClient, octets: bytes) -> None:
    await client.send(octets)


async def send_bytewise(client: SMTPClient, octets: bytes) -> None:
    for octet in octets:
        await client.send(bytes([octet]))
        await trio.testing.wait_all_tasks_blocked()


Send = Callable[[SMTPClient, bytes], Awaitable[None]]
ways = pytest.mark.parametrize(
    "send", [send_whole, send_bytewise], ids=["whole", "bytewise"]
)


# T-AUTH-11 and T-AUTH-12; S63, S64


class Bound(Users):
    """Has something to bind to, which its TLS library would give."""

    async def on_secure(self, session: Session, stream: Any) -> None:
        session.channel_bindings = {EXPORTER: b"e" * 32}


WITH_PLUS = ("SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN")
