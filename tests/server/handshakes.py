"""Certificates, contexts and handshakes in memory, for tests."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest
import trio
import trio.testing
import trustme
from cryptography.hazmat.primitives import serialization

from smtpsession.server.tls import shake_hands
from smtpsession.server.tls_choice import TLSChoice

SSLStream = trio.SSLStream[trio.abc.Stream]
VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]


def server_context(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(*names).configure_cert(context)
    return context


def client_context(
    *authorities: trustme.CA, version: ssl.TLSVersion | None = None
) -> ssl.SSLContext:
    context = ssl.create_default_context()
    for authority in authorities:
        authority.configure_trust(context)
    if version is not None:
        context.minimum_version = context.maximum_version = version
    return context


def write_pair(
    authority: trustme.CA,
    folder: Path,
    *names: str,
    key_type: trustme.KeyType = trustme.KeyType.ECDSA,
) -> tuple[Path, Path]:
    """Write ``cert.pem`` and ``key.pem``; what stood there is replaced."""
    issued = authority.issue_cert(*names, key_type=key_type)
    chain = b"".join(pem.bytes() for pem in issued.cert_chain_pems)
    certificate, key = folder / "cert.pem", folder / "key.pem"
    certificate.write_bytes(chain)
    issued.private_key_pem.write_to_path(key)
    return certificate, key


def encrypt(key: Path, password: bytes) -> None:
    """Encrypt the key in a file."""
    loaded = serialization.load_pem_private_key(key.read_bytes(), None)
    key.write_bytes(
        loaded.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(password),
        )
    )


async def secured(
    choice: TLSChoice,
    client: ssl.SSLContext,
    name: str | None,
    *,
    resumed: SSLStream | None = None,
) -> tuple[SSLStream, SSLStream]:
    """Shake hands in memory; give the server's and the client's stream.

    The client asks to resume the session that the stream *resumed* has had.
    """
    server_end, client_end = trio.testing.memory_stream_pair()
    over = _client_stream(client_end, client, name, resumed)
    streams: list[SSLStream] = []

    async def accept() -> None:
        streams.append(await shake_hands(server_end, choice))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(accept)
        nursery.start_soon(over.do_handshake)
    # Tickets of TLS 1.3 come with the first octets.
    async with trio.open_nursery() as nursery:
        nursery.start_soon(streams[0].send_all, b"220 hi\r\n")
        assert await over.receive_some() == b"220 hi\r\n"
    return streams[0], over


async def refused(
    choice: TLSChoice,
    client: ssl.SSLContext,
    name: str | None,
    *,
    resumed: SSLStream | None = None,
) -> str | None:
    """Shake hands in memory, which has to fail; give OpenSSL's reason at the client."""
    server_end, client_end = trio.testing.memory_stream_pair()
    over = _client_stream(client_end, client, name, resumed)

    async def accept() -> None:
        with pytest.raises(trio.BrokenResourceError):
            await shake_hands(server_end, choice)
        await trio.aclose_forcefully(server_end)

    async def connect() -> None:
        # A client may believe that TLS 1.3 is ready before it is refused.
        await over.do_handshake()
        await over.receive_some()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(accept)
        with pytest.raises(trio.BrokenResourceError) as raised:
            await connect()
    cause = raised.value.__cause__
    assert isinstance(cause, ssl.SSLError)
    return cause.reason


def _client_stream(
    transport: trio.abc.Stream,
    client: ssl.SSLContext,
    name: str | None,
    resumed: SSLStream | None,
) -> SSLStream:
    stream = SSLStream(transport, client, server_hostname=name)
    if resumed is not None:
        stream.session = resumed.session
    return stream


def dns_names(stream: trio.SSLStream[Any]) -> list[str]:
    """Give the names in the certificate that the other end has shown."""
    certificate = stream.getpeercert()
    return [name for _, name in certificate["subjectAltName"]]
