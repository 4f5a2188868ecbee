"""What a handler finds on its session after STARTTLS and with implicit TLS."""

from __future__ import annotations

import logging
import ssl
from pathlib import Path
from typing import Any

import pytest
import trio
import trustme

from smtpsession import Config, Handler, Reject, Session, tls_context
from tests.server.handshakes import VERSIONS, client_context, write_pair
from tests.server.recorder import Recorder
from tests.server.smtp_client import SMTPClient, open_session

AUTHORITY, CLIENTS = trustme.CA(), trustme.CA()
NAME = "mx.test"


@pytest.fixture
def context(tmp_path: Path) -> ssl.SSLContext:
    """Make a context that asks clients for certificates."""
    CLIENTS.cert_pem.write_to_path(tmp_path / "clients.pem")
    files = write_pair(AUTHORITY, tmp_path, NAME)
    return tls_context(*files, client_ca=tmp_path / "clients.pem")


def config(context: ssl.SSLContext, *, implicit: bool) -> Config:
    return Config(hostname=NAME, tls=context, implicit_tls=implicit)


def client_of(
    authority: trustme.CA | None, version: ssl.TLSVersion | None = None
) -> ssl.SSLContext:
    context = client_context(AUTHORITY, version=version)
    if authority is not None:
        authority.issue_cert("client@c.example").configure_cert(context)
    return context


async def shake_hands(
    client: SMTPClient, context: ssl.SSLContext, *, implicit: bool
) -> None:
    if not implicit:
        assert (await client.reply())[:3] == "220"
        assert await client.codes("STARTTLS") == ["220"]
    await client.start_tls(context)


async def begin_tls(
    client: SMTPClient, context: ssl.SSLContext, *, implicit: bool
) -> None:
    """Begin TLS and see that it works in both directions."""
    await shake_hands(client, context, implicit=implicit)
    if implicit:
        assert (await client.reply())[:3] == "220"
    assert await client.codes("EHLO c") == ["250"]


both = pytest.mark.parametrize("implicit", [False, True])


@both
@pytest.mark.parametrize("version", VERSIONS)
async def test_a_verified_certificate_is_on_the_session(
    context: ssl.SSLContext, version: ssl.TLSVersion, *, implicit: bool
) -> None:
    handler = Recorder()
    served = config(context, implicit=implicit)
    async with open_session(handler, served, greeting=False) as client:
        await begin_tls(client, client_of(CLIENTS, version), implicit=implicit)
        certificate = handler.sessions[0].peer_certificate
        assert certificate is not None
        assert certificate["subjectAltName"] == (("email", "client@c.example"),)
        assert handler.sessions[0].servername == NAME


@both
async def test_without_a_certificate_there_is_none_on_the_session(
    context: ssl.SSLContext, *, implicit: bool
) -> None:
    handler = Recorder()
    served = config(context, implicit=implicit)
    async with open_session(handler, served, greeting=False) as client:
        await begin_tls(client, client_of(None), implicit=implicit)
        assert handler.sessions[0].peer_certificate is None
        assert handler.sessions[0].secure


@both
@pytest.mark.parametrize("version", VERSIONS)
async def test_a_certificate_of_others_is_refused_by_the_handshake(
    context: ssl.SSLContext,
    version: ssl.TLSVersion,
    caplog: pytest.LogCaptureFixture,
    *,
    implicit: bool,
) -> None:
    caplog.set_level(logging.INFO, "smtpsession")
    handler = Recorder()
    served = config(context, implicit=implicit)
    async with open_session(handler, served, greeting=False) as client:

        async def begin() -> None:
            # With TLS 1.3 a client hears of it only when it next listens.
            stranger = client_of(trustme.CA(), version)
            await shake_hands(client, stranger, implicit=implicit)
            await client.stream.receive_some()

        with pytest.raises(trio.BrokenResourceError) as raised:
            await begin()
    assert isinstance(raised.value.__cause__, ssl.SSLError)
    assert raised.value.__cause__.reason == "TLSV1_ALERT_UNKNOWN_CA"
    assert "hello" not in [event[0] for event in handler.events]
    said = "TLS handshake failed: SSLCertVerificationError CERTIFICATE_VERIFY_FAILED"
    assert [said in record.getMessage() for record in caplog.records].count(True) == 1


@both
@pytest.mark.parametrize("protocol", ["ours", "http/1.1"])
async def test_a_handler_may_insist_on_an_application_protocol(
    context: ssl.SSLContext, protocol: str, *, implicit: bool
) -> None:
    class Strict(Handler):
        async def on_secure(self, session: Session, stream: Any) -> None:
            assert session.tls_options is not None
            if session.tls_options.alpn != "ours":
                raise Reject(554, "another protocol")

    context.set_alpn_protocols(["ours"])
    ours = client_of(None)
    ours.set_alpn_protocols([protocol])
    served = config(context, implicit=implicit)
    async with open_session(Strict(), served, greeting=False) as client:
        await shake_hands(client, ours, implicit=implicit)
        said = await (client.reply() if implicit else client.ask("EHLO c"))
        assert said.startswith("554") == (protocol != "ours")
