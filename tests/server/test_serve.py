"""Listening, addresses, sessions and draining, over real sockets."""

from __future__ import annotations

import functools
import socket
import ssl
from pathlib import Path
from typing import Any

import pytest
import trio
import trio.testing
import trustme

from smtpsession import (
    Authentication,
    Config,
    Handler,
    Server,
    Session,
    open_unix_listener,
    serve,
    serve_listeners,
    serve_stream,
)
from tests.server.recorder import Recorder
from tests.server.smtp_client import SMTPClient

CONFIG = Config(hostname="mx.test", reverse_lookup=False)


async def start(nursery: trio.Nursery, handler: Handler[Any], **options: Any) -> Server:
    async def run(task_status: trio.TaskStatus[Server]) -> None:
        await serve(handler, 0, config=CONFIG, task_status=task_status, **options)

    server: Server = await nursery.start(run)
    return server


async def connect(server: Server) -> SMTPClient:
    host, port = server.addresses[0]
    client = SMTPClient(await trio.open_tcp_stream(host, port))
    assert await client.reply() == "220 mx.test ESMTP"
    return client


async def test_a_free_port_is_reported_and_facts_of_the_network_are_known(
    nursery: trio.Nursery,
) -> None:
    handler = Recorder()
    server = await start(nursery, handler)
    assert server.addresses[0][0] == "127.0.0.1"
    client = await connect(server)
    (session,) = server.sessions
    assert session is handler.sessions[0]
    ours = client.stream.socket.getsockname()
    assert (session.remote_address, session.remote_port) == ours
    assert session.transport_peer == ours
    assert (session.local_address, session.local_port) == server.addresses[0]
    assert session.client_hostname == "[127.0.0.1]"
    assert len(session.id) == 16
    assert int(session.id, 16) >= 0
    await client.codes("EHLO c", "QUIT")
    await client.stream.aclose()
    await server.drain()
    assert server.sessions == []


# LMTP: RFC 2033 5.


async def test_lmtp_is_not_served_on_the_port_of_smtp() -> None:
    lmtp = Config.for_lmtp(hostname="mx.test")
    with pytest.raises(ValueError, match="LMTP must not be served on TCP port 25"):
        await serve(Handler(), 25, config=lmtp)


@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_lmtp_is_not_served_on_a_listener_there(host: str, wrapped: bool) -> None:
    try:
        (listener,) = await trio.open_tcp_listeners(25, host=host)
    except OSError as error:
        pytest.skip(f"cannot bind port 25 here: {error}")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    given: Any = trio.SSLListener(listener, context) if wrapped else listener
    async with listener:
        with pytest.raises(ValueError, match="LMTP must not be served on TCP port 25"):
            await serve_listeners(Handler(), [given], config=Config.for_lmtp())


async def test_lmtp_is_served_on_other_ports(nursery: trio.Nursery) -> None:
    config = Config.for_lmtp(hostname="mx.test")

    async def run(task_status: trio.TaskStatus[Server]) -> None:
        await serve(Handler(), 0, config=config, task_status=task_status)

    server: Server = await nursery.start(run)
    client = SMTPClient(await trio.open_tcp_stream(*server.addresses[0]))
    assert await client.reply() == "220 mx.test LMTP"
    await client.stream.aclose()
    await server.drain()


async def test_the_name_of_a_client_is_looked_up() -> None:
    async def resolver(address: str) -> str:
        return f"host-{address.replace('.', '-')}.test."

    handler = Recorder()
    config = Config(hostname="mx.test", resolver=resolver)
    async with trio.open_nursery() as nursery:

        async def run(task_status: trio.TaskStatus[Server]) -> None:
            await serve(handler, 0, config=config, task_status=task_status)

        server: Server = await nursery.start(run)
        client = await connect(server)
        assert handler.sessions[0].client_hostname == "host-127-0-0-1.test"
        await client.stream.aclose()
        await server.drain()


async def test_sessions_have_different_ids(nursery: trio.Nursery) -> None:
    handler = Recorder()
    server = await start(nursery, handler)
    clients = [await connect(server) for _ in range(5)]
    assert len({session.id for session in server.sessions}) == 5
    for client in clients:
        await client.stream.aclose()
    await server.drain()


async def test_drain_ends_idle_sessions_at_once_and_lets_transactions_finish() -> None:
    handler = Recorder()
    async with trio.open_nursery() as nursery:
        server = await start(nursery, handler)
        idle, busy, sender = [await connect(server) for _ in range(3)]
        await idle.ask("EHLO c")
        await busy.open_content()
        await sender.codes("EHLO c", "MAIL FROM:<a@c>")
        nursery.start_soon(server.drain)
        assert await idle.reply() == "421 4.3.2 mx.test service shutting down"
        assert await idle.reply() == ""
        with pytest.raises(OSError, match="connect"):
            await trio.open_tcp_stream(*server.addresses[0])
        await busy.send(b"finished\r\n.\r\n")
        assert await busy.reply() == "250 2.0.0 message accepted"
        assert await busy.reply() == "421 4.3.2 mx.test service shutting down"
        assert await sender.codes("RCPT TO:<b@d>", "DATA") == ["250", "354"]
        assert await sender.ask(".") == "250 2.0.0 message accepted"
        assert await sender.reply() == "421 4.3.2 mx.test service shutting down"
        for client in (idle, busy, sender):
            await client.stream.aclose()
    assert handler.contents == [b"finished\r\n", b""]


async def test_drain_answers_a_transaction_that_is_aborted_with_421() -> None:
    async with trio.open_nursery() as nursery:
        server = await start(nursery, Handler())
        client = await connect(server)
        await client.open_transaction()
        nursery.start_soon(server.drain)
        await trio.testing.wait_all_tasks_blocked()
        assert await client.codes("RSET") == ["250"]
        assert (await client.reply())[:9] == "421 4.3.2"
        await client.stream.aclose()


class Hangs(Recorder):
    async def on_data(self, session: Any, message: Any) -> None:
        await message.read()
        await trio.sleep_forever()


async def test_after_the_grace_period_what_is_open_gets_421(
    autojump_clock: trio.testing.MockClock,
) -> None:
    handler = Hangs()
    async with trio.open_nursery() as nursery:
        listeners = [MemoryListener()]

        async def run(task_status: trio.TaskStatus[Server]) -> None:
            await serve_listeners(
                handler, listeners, config=CONFIG, task_status=task_status
            )

        server: Server = await nursery.start(run)
        assert server.addresses == []
        receiving = await listeners[0].connect()
        hanging = await listeners[0].connect()
        await receiving.open_content()
        await hanging.open_content()
        await hanging.send(b"all\r\n.\r\n")
        start = trio.current_time()
        nursery.start_soon(server.drain, 30)
        for client in (receiving, hanging):
            assert (await client.reply())[:9] == "421 4.3.2"
            assert await client.reply() == ""
            await client.stream.aclose()
        assert trio.current_time() - start == pytest.approx(30)
    assert handler.events.count("close") == 2
    assert handler.events.count(("reset", "a@c", 1)) == 2


class MemoryListener(trio.abc.Listener[Any]):
    """Accepts streams in memory."""

    def __init__(self) -> None:
        self._send, self._receive = trio.open_memory_channel[Any](10)

    async def accept(self) -> Any:
        try:
            return await self._receive.receive()
        except trio.EndOfChannel:
            raise trio.ClosedResourceError from None

    async def aclose(self) -> None:
        await self._receive.aclose()

    async def connect(self) -> SMTPClient:
        ours, theirs = trio.testing.memory_stream_pair()
        await self._send.send(theirs)
        client = SMTPClient(ours)
        assert await client.reply() == "220 mx.test ESMTP"
        return client


async def test_cancelling_serve_ends_every_session() -> None:
    handler = Recorder()
    async with trio.open_nursery() as nursery:
        server = await start(nursery, handler)
        client = await connect(server)
        await client.open_content()
        nursery.cancel_scope.cancel()
    assert handler.events[-3:] == [("reset", "a@c", 1), "close", "leave"]
    await trio.aclose_forcefully(client.stream)


async def test_unix_sockets_have_no_addresses(tmp_path: Path) -> None:
    path = str(tmp_path / "smtp")
    handler = Recorder()
    async with trio.open_nursery() as nursery:
        listener = await open_unix_listener(path)

        async def run(task_status: trio.TaskStatus[Server]) -> None:
            await serve_listeners(
                handler, [listener], config=CONFIG, task_status=task_status
            )

        server: Server = await nursery.start(run)
        assert server.addresses == [(path, 0)]
        client = SMTPClient(await trio.open_unix_socket(path))
        assert await client.reply() == "220 mx.test ESMTP"
        assert (await client.deliver(b"local\r\n"))[:3] == "250"
        session = handler.sessions[0]
        assert (session.remote_address, session.remote_port) == ("", 0)
        assert session.client_hostname == ""
        await client.stream.aclose()
        await server.drain()


async def test_a_used_port_is_an_error() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(OSError, match="in use") as caught,
    ):
        await serve(Handler(), taken.getsockname()[1])
    assert "cannot listen on 127.0.0.1:" in caught.value.__notes__[0]


async def test_a_tls_stream_makes_a_secure_session() -> None:
    authority = trustme.CA()
    theirs_context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("mx.test").configure_cert(theirs_context)
    ours_context = ssl.create_default_context()
    authority.configure_trust(ours_context)
    ours, theirs = trio.testing.memory_stream_pair()
    handler = Recorder()
    async with trio.open_nursery() as nursery:

        async def run() -> None:
            tls = trio.SSLStream(theirs, theirs_context, server_side=True)
            await serve_stream(handler, tls)

        nursery.start_soon(run)
        client = SMTPClient(ours)
        await client.start_tls(ours_context)
        assert (await client.reply())[:4] == "220 "
        assert handler.sessions[0].secure
        await client.ask("QUIT")


@pytest.mark.parametrize("entry", ["serve", "serve_listeners", "serve_stream"])
async def test_what_is_no_handler_is_refused_at_once(entry: str) -> None:
    stream, _ = trio.testing.memory_stream_pair()
    calls: dict[str, Any] = {
        "serve": lambda handler, **o: serve(handler, 0, **o),
        "serve_listeners": lambda handler, **o: serve_listeners(handler, [], **o),
        "serve_stream": lambda handler, **o: serve_stream(handler, stream, **o),
    }
    with pytest.raises(TypeError, match=r"must be a Handler, got .*pass an instance"):
        await calls[entry](Handler)
    with pytest.raises(TypeError, match=r"must be a Handler, got 'inbox'"):
        await calls[entry]("inbox")
    with pytest.raises(TypeError, match=r"config must be a Config, got \{\}"):
        await calls[entry](Handler(), config={})


@pytest.mark.parametrize("port", [-1, 65_536])
async def test_a_port_that_does_not_exist_is_refused(port: int) -> None:
    with pytest.raises(ValueError, match=r"port must be within 0 to 65535, got"):
        await serve(Handler(), port)


async def test_what_is_no_place_to_listen_at_is_refused() -> None:
    given: Any
    for given in ("2525", True, 25.0):
        with pytest.raises(TypeError, match=f"port must be an int, got {given!r}"):
            await serve(Handler(), given)
    for given in (5, b"::1"):
        with pytest.raises(TypeError, match=f"host must be a str or None, got {given}"):
            await serve(Handler(), 0, host=given)


async def test_what_are_no_listeners_is_refused() -> None:
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    given: Any
    for given in (None, 5, listener, [5], "ab"):
        with pytest.raises(TypeError, match="must be a sequence of Trio listeners"):
            await serve_listeners(Handler(), given)
    with pytest.raises(ValueError, match="listeners must not be empty"):
        await serve_listeners(Handler(), [])
    await listener.aclose()


async def test_what_is_no_stream_is_refused() -> None:
    given: Any
    for given in (None, 5, trio.testing.memory_stream_pair()):
        with pytest.raises(TypeError, match="stream must be a Trio stream, got"):
            await serve_stream(Handler(), given)


class KnowsEverybody(Handler):
    async def on_auth(self, session: Session, auth: Authentication) -> str:
        return auth.username


async def test_a_port_where_nobody_could_authenticate_is_refused() -> None:
    with pytest.raises(ValueError, match="auth_required needs tls, because AUTH is of"):
        await serve(KnowsEverybody(), 0, config=Config(auth_required=True))
    for config in (
        Config(auth_required=True, allow_insecure_auth=True),
        Config(auth_required=True, xclient=["127.0.0.1"]),
    ):
        async with trio.open_nursery() as nursery:
            run = functools.partial(serve, config=config)
            server: Server = await nursery.start(run, KnowsEverybody(), 0)
            await server.drain()
