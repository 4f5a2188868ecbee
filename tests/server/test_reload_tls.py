"""``Server.reload_tls``: new handshakes get other certificates, all else goes on."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trio
import trustme

from smtpsession import Config, Handler, Server, Timeouts, serve, tls_context
from tests.server.handshakes import (
    VERSIONS,
    client_context,
    dns_names,
    server_context,
    write_pair,
)
from tests.server.smtp_client import SMTPClient

AUTHORITY = trustme.CA()
HOST = "127.0.0.1"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Enter a folder with the files of two contexts."""
    renew(tmp_path / "usual", "old.usual")
    renew(tmp_path / "one", "old.one")
    return tmp_path


def renew(folder: Path, *names: str) -> None:
    folder.mkdir(exist_ok=True)
    write_pair(AUTHORITY, folder, HOST, "1.test", *names)


def from_files(folder: Path) -> ssl.SSLContext:
    return tls_context(folder / "cert.pem", folder / "key.pem")


def in_memory(name: str) -> ssl.SSLContext:
    return server_context(AUTHORITY, HOST, "1.test", name)


def options(folder: Path) -> dict[str, Any]:
    one = from_files(folder / "one")
    return {"tls": from_files(folder / "usual"), "sni": {"1.test": one}}


@asynccontextmanager
async def served(**options: Any) -> AsyncIterator[Server]:
    """Serve on a port of its own."""
    config = Config(hostname="mx.test", reverse_lookup=False, **options)
    async with trio.open_nursery() as nursery:

        async def run(task_status: trio.TaskStatus[Server]) -> None:
            await serve(Handler(), 0, config=config, task_status=task_status)

        server: Server = await nursery.start(run)
        yield server
        await server.drain(0)


async def connect(server: Server) -> SMTPClient:
    client = SMTPClient(await trio.open_tcp_stream(*server.addresses[0]))
    assert (await client.reply())[:3] == "220"
    return client


async def start_tls(
    client: SMTPClient, name: str = HOST, version: ssl.TLSVersion | None = None
) -> str:
    """Begin TLS; give the last name in the certificate that the server shows."""
    assert await client.codes("EHLO c", "STARTTLS") == ["250", "220"]
    await client.start_tls(client_context(AUTHORITY, version=version), name)
    assert await client.codes("EHLO c") == ["250"]
    return dns_names(client.stream)[-1]


async def certificate(server: Server, name: str = HOST) -> str:
    """Connect and begin TLS; give the last name in the certificate."""
    client = await connect(server)
    shown = await start_tls(client, name)
    await client.ask("QUIT")
    await client.stream.aclose()
    return shown


# Reading the files again.


@pytest.mark.parametrize("version", VERSIONS)
async def test_new_handshakes_show_the_new_files_and_sessions_go_on(
    folder: Path, version: ssl.TLSVersion
) -> None:
    async with served(**options(folder)) as server:
        inside, plain = await connect(server), await connect(server)
        assert await start_tls(inside, version=version) == "old.usual"
        await plain.open_transaction()
        renew(folder / "usual", "new.usual")
        renew(folder / "one", "new.one")
        assert await certificate(server) == "old.usual"
        server.reload_tls()
        assert await certificate(server) == "new.usual"
        assert await certificate(server, "1.test") == "new.one"
        assert (await inside.deliver(b"secret\r\n"))[:3] == "250"
        assert (await plain.ask("RCPT TO:<b@d>"))[:3] == "250"
        assert await plain.codes("RSET") == ["250"]
        assert await start_tls(plain, version=version) == "new.usual"
        for client in (inside, plain):
            await client.stream.aclose()


async def test_implicit_tls_shows_the_new_files(folder: Path) -> None:
    async def shown() -> str:
        async with await trio.open_ssl_over_tcp_stream(
            *server.addresses[0], ssl_context=client_context(AUTHORITY)
        ) as stream:
            assert (await stream.receive_some())[:4] == b"220 "
            return dns_names(stream)[-1]

    async with served(implicit_tls=True, **options(folder)) as server:
        assert await shown() == "old.usual"
        renew(folder / "usual", "new.usual")
        server.reload_tls()
        assert await shown() == "new.usual"


async def test_one_broken_file_leaves_all_old_ones_in_force(folder: Path) -> None:
    async with served(**options(folder)) as server:
        renew(folder / "usual", "new.usual")
        renew(folder / "one", "new.one")
        whole = (folder / "one" / "key.pem").read_bytes()
        (folder / "one" / "key.pem").write_bytes(whole[:-100])
        with pytest.raises(ValueError, match=r"cannot use the certificate in .*/one/"):
            server.reload_tls()
        assert await certificate(server) == "old.usual"
        assert await certificate(server, "1.test") == "old.one"
        (folder / "one" / "key.pem").unlink()
        with pytest.raises(FileNotFoundError):
            server.reload_tls()
        assert await certificate(server) == "old.usual"
        (folder / "one" / "key.pem").write_bytes(whole)
        server.reload_tls()
        assert await certificate(server) == "new.usual"
        assert await certificate(server, "1.test") == "new.one"


async def test_a_context_of_another_kind_cannot_be_read_again() -> None:
    async with served(tls=in_memory("old")) as server:
        with pytest.raises(ValueError, match="or give reload_tls a new one"):
            server.reload_tls()
        assert await certificate(server) == "old"


# Other contexts.


async def test_other_contexts_replace_what_they_are_given_for(folder: Path) -> None:
    async with served(**options(folder)) as server:
        server.reload_tls(in_memory("new.usual"))
        assert await certificate(server) == "new.usual"
        assert await certificate(server, "1.test") == "old.one"
        server.reload_tls(sni={"1.TEST": in_memory("new.one")})
        assert await certificate(server) == "new.usual"
        assert await certificate(server, "1.test") == "new.one"
        server.reload_tls(from_files(folder / "usual"), sni={})
        assert await certificate(server, "1.test") == "old.usual"
        renew(folder / "usual", "newest.usual")
        server.reload_tls()
        assert await certificate(server) == "newest.usual"


async def test_other_contexts_are_checked_as_config_does() -> None:
    old, one = in_memory("old"), in_memory("one")
    async with served(tls=old, sni={"1.test": one}, strict_sni=True) as server:
        other = in_memory("other")
        other.verify_mode = ssl.CERT_OPTIONAL
        wrong: list[tuple[type[Exception], str, dict[str, Any]]] = [
            (TypeError, "tls must be a SSLContext", {"tls": "cert.pem"}),
            (TypeError, "sni must map names to contexts", {"sni": [one]}),
            (ValueError, "must be a context for servers", {"tls": client_context()}),
            (ValueError, "must have the verify_mode of tls", {"tls": other}),
            (ValueError, "strict_sni needs sni", {"sni": {}}),
        ]
        for kind, says, arguments in wrong:
            with pytest.raises(kind, match=says):
                server.reload_tls(**arguments)
        assert await certificate(server, "1.test") == "one"


async def test_a_server_without_tls_has_nothing_to_reload() -> None:
    async with served() as server:
        for context in (None, in_memory("new")):
            with pytest.raises(ValueError, match=r"it needs Config\.tls"):
                server.reload_tls(context)


async def test_a_strict_server_closes_on_other_names_and_serves_the_next() -> None:
    usual = in_memory("usual")
    sni, timeouts = {"1.test": usual}, Timeouts(tls=None)
    async with served(tls=usual, sni=sni, strict_sni=True, timeouts=timeouts) as server:
        client = await connect(server)
        await client.codes("EHLO c", "STARTTLS")
        raw = client.stream
        with pytest.raises(trio.BrokenResourceError) as raised:
            await client.start_tls(client_context(AUTHORITY), "old.test")
        assert isinstance(raised.value.__cause__, ssl.SSLError)
        assert raised.value.__cause__.reason == "TLSV1_UNRECOGNIZED_NAME"
        assert await raw.receive_some() == b""
        await raw.aclose()
        assert await certificate(server, "1.test") == "usual"
