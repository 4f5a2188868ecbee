"""What a client may not do in the name of the proxy that brought it here."""

from __future__ import annotations

import ssl

import trustme

from smtpsession import Authentication, Config, Handler, Session
from tests.server.smtp_client import open_session

AUTHORITY = trustme.CA()
SERVER = AUTHORITY.issue_cert("mx.test")
PROXY = AUTHORITY.issue_cert("proxy@example.org")


class Certified(Handler):
    """Knows everybody, by a certificate."""

    async def on_auth(self, session: Session, auth: Authentication) -> str | None:
        return auth.username if await auth.verify("any") else None


def server_context() -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    SERVER.configure_cert(context)
    AUTHORITY.configure_trust(context)
    context.verify_mode = ssl.CERT_OPTIONAL
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


def proxy_context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    AUTHORITY.configure_trust(context)
    PROXY.configure_cert(context)
    return context


async def test_the_proxys_tls_session_authenticates_none_of_its_clients() -> None:
    config = Config(
        hostname="mx.test",
        tls=server_context(),
        auth_methods=["EXTERNAL", "SCRAM-SHA-256-PLUS"],
        xclient=["unix"],
        reverse_lookup=False,
    )
    async with open_session(Certified(), config) as client:
        assert (await client.ask("STARTTLS"))[:3] == "220"
        await client.start_tls(proxy_context())
        assert "250 AUTH EXTERNAL SCRAM-SHA-256-PLUS" in await client.ask("EHLO p")
        assert (await client.ask("XCLIENT ADDR=192.0.2.9"))[:3] == "220"
        assert "AUTH" not in await client.ask("EHLO c")
        assert (await client.ask("AUTH EXTERNAL ="))[:3] == "504"


async def test_a_client_whose_address_is_not_said_is_not_trusted_like_its_proxy() -> (
    None
):
    config = Config(hostname="mx.test", xclient=["unix"], reverse_lookup=False)
    async with open_session(Certified(), config) as client:
        assert (await client.ask("XCLIENT ADDR=[UNAVAILABLE]"))[:3] == "220"
        assert await client.ask("XCLIENT LOGIN=root") == (
            "550 5.7.0 not allowed from here"
        )
        assert "XCLIENT" not in await client.ask("EHLO c")
