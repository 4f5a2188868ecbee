"""Clients that speak before the greeting, and those that may."""

from __future__ import annotations

import logging
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trio
import trio.testing
import trustme
from hypothesis import given
from hypothesis import strategies as st

from smtpsession import (
    Config,
    Handler,
    Reject,
    Server,
    Session,
    Timeouts,
    serve,
    serve_stream,
)
from smtpsession.dialogue.dialogue import Dialogue
from smtpsession.dialogue.settings import Settings
from smtpsession.server.early_talker import has_input, speaks_early
from smtpsession.server.peer_io import PeerIO
from tests.server.recorder import Recorder
from tests.server.smtp_client import SMTPClient, open_session

EARLY = b"EHLO c\r\nMAIL FROM:<a@c>\r\n"
REFUSAL = "554 5.5.0 protocol synchronization"
REFUSED = ["enter", "connect", "close", "leave"]
Pair = tuple[socket.socket, socket.socket]


def tcp_pair() -> Pair:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname())
        return client, listener.accept()[0]


every_socket = pytest.mark.parametrize(
    "pair",
    [
        tcp_pair,
        pytest.param(
            socket.socketpair,
            marks=pytest.mark.skipif(
                not hasattr(socket, "AF_UNIX"), reason="no Unix sockets here"
            ),
        ),
    ],
)


def over(connected: socket.socket) -> trio.SocketStream:
    connected.setblocking(False)
    return trio.SocketStream(trio.socket.from_stdlib_socket(connected))


def config(**options: Any) -> Config:
    return Config(hostname="mx.test", reverse_lookup=False, **options)


@asynccontextmanager
async def open_sockets(
    pair: Callable[[], Pair],
    handler: Handler[Any],
    prepare: Callable[[socket.socket], object],
    **options: Any,
) -> AsyncIterator[SMTPClient]:
    """Serve *handler* on a socket that *prepare* has used before at its other end."""
    ours, theirs = pair()
    prepare(ours)
    async with trio.open_nursery() as nursery:

        async def run() -> None:
            await serve_stream(handler, over(theirs), config=config(**options))

        nursery.start_soon(run)
        async with over(ours) as stream:
            yield SMTPClient(stream)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def server_context(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("mx.test").configure_cert(context)
    return context


@pytest.fixture(scope="module")
def client_context(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


# Without a delay.


@every_socket
async def test_octets_that_wait_at_a_socket_are_refused(
    pair: Callable[[], Pair], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "smtpsession")
    handler = Recorder()
    async with open_sockets(pair, handler, lambda s: s.sendall(EARLY)) as client:
        assert await client.reply() == REFUSAL
        assert await client.reply() == ""
    assert handler.events == REFUSED
    (record,) = caplog.records
    assert record.getMessage().endswith("end=refused")


async def test_one_octet_is_enough() -> None:
    handler = Recorder()
    async with open_sockets(tcp_pair, handler, lambda s: s.sendall(b"\r")) as client:
        assert await client.reply() == REFUSAL
    assert handler.events == REFUSED


@every_socket
async def test_a_patient_client_is_greeted(pair: Callable[[], Pair]) -> None:
    async with open_sockets(pair, Handler(), lambda s: None) as client:
        assert await client.reply() == "220 mx.test ESMTP"
        assert await client.codes("EHLO c", "QUIT") == ["250", "221"]


@every_socket
async def test_a_client_that_will_send_nothing_can_read_the_greeting(
    pair: Callable[[], Pair],
) -> None:
    def end(connected: socket.socket) -> None:
        connected.shutdown(socket.SHUT_WR)

    handler = Recorder()
    async with open_sockets(pair, handler, end) as client:
        assert await client.reply() == "220 mx.test ESMTP"
        assert await client.reply() == ""
    assert handler.events == REFUSED


async def test_a_client_that_has_reset_the_connection_is_gone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "smtpsession")
    handler = Recorder()
    ours, theirs = tcp_pair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    ours.close()
    await serve_stream(handler, over(theirs), config=config())
    assert handler.events == REFUSED
    (record,) = caplog.records
    assert record.getMessage().endswith("end=client\\x20gone")


async def test_a_stream_in_memory_is_not_looked_at() -> None:
    ours, theirs = trio.testing.memory_stream_pair()
    await ours.send_all(b"EHLO c\r\n")
    assert not has_input(theirs)
    async with trio.open_nursery() as nursery:

        async def run() -> None:
            await serve_stream(Handler(), theirs, config=config())

        nursery.start_soon(run)
        client = SMTPClient(ours)
        assert await client.reply() == "220 mx.test ESMTP"
        assert (await client.reply())[:3] == "250"
        await ours.aclose()


async def test_what_stands_behind_another_header_counts_too() -> None:
    """Octets may have been received with those that are not the dialogue's."""
    _, theirs = trio.testing.memory_stream_pair()
    dialogue = Dialogue(Session(id="1"), Settings(hostname="mx.test"))
    io = PeerIO(theirs, dialogue, Timeouts())
    assert not await speaks_early(io, dialogue, None)
    dialogue.receive_data(b"E")
    assert await speaks_early(io, dialogue, None)


async def test_a_refusal_by_on_connect_goes_first() -> None:
    def refuse() -> None:
        raise Reject(554, "not you")

    handler = Recorder(connect=refuse)
    async with open_sockets(
        tcp_pair, handler, lambda s: s.sendall(EARLY), greeting_delay=60
    ) as client:
        assert await client.reply() == "554 not you"
    assert handler.events == REFUSED


# With a delay.

DELAY = config(greeting_delay=5)


async def test_the_greeting_waits_for_the_delay(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with open_session(Handler(), DELAY, greeting=False) as client:
        assert await client.reply() == "220 mx.test ESMTP"
        assert trio.current_time() == pytest.approx(5)
        assert await client.codes("EHLO c", "QUIT") == ["250", "221"]


async def test_octets_end_the_delay_and_are_never_executed(
    autojump_clock: trio.testing.MockClock,
) -> None:
    handler = Recorder()
    async with open_session(handler, DELAY, greeting=False) as client:
        await trio.sleep(2)
        await client.send(EARLY)
        assert await client.reply() == REFUSAL
        assert await client.reply() == ""
        assert trio.current_time() == pytest.approx(2)
    assert handler.events == REFUSED


async def test_a_client_that_closes_during_the_delay_is_gone(
    autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "smtpsession")
    handler = Recorder()
    async with open_session(handler, DELAY, greeting=False) as client:
        await client.stream.send_eof()
        assert await client.reply() == ""
        assert trio.current_time() == 0
    assert handler.events == REFUSED
    assert "client\\x20gone" in caplog.records[0].getMessage()


async def test_the_delay_may_be_longer_than_a_hook(
    autojump_clock: trio.testing.MockClock,
) -> None:
    longer = config(greeting_delay=5, timeouts=Timeouts(hook=1))
    async with open_session(Handler(), longer, greeting=False) as client:
        assert await client.reply() == "220 mx.test ESMTP"


async def test_a_hook_that_takes_long_does_not_use_up_the_delay(
    autojump_clock: trio.testing.MockClock,
) -> None:
    class Slow(Handler):
        async def on_connect(self, session: Session) -> None:
            await trio.sleep(20)

    longer = config(greeting_delay=5, timeouts=Timeouts(command=10))
    async with open_session(Slow(), longer, greeting=False) as client:
        assert await client.reply() == "220 mx.test ESMTP"
        assert trio.current_time() == pytest.approx(25)


async def test_the_deadline_of_the_session_ends_the_delay(
    autojump_clock: trio.testing.MockClock,
) -> None:
    shorter = config(greeting_delay=5, timeouts=Timeouts(session=2))
    async with open_session(Handler(), shorter, greeting=False) as client:
        assert (await client.reply())[:9] == "421 4.4.2"
        assert trio.current_time() == pytest.approx(2)


async def test_draining_ends_the_delay(nursery: trio.Nursery) -> None:
    handler = Recorder()

    async def run(task_status: trio.TaskStatus[Server]) -> None:
        delay = config(greeting_delay=60)
        await serve(handler, 0, config=delay, task_status=task_status)

    server: Server = await nursery.start(run)
    async with await trio.open_tcp_stream(*server.addresses[0]) as stream:
        client = SMTPClient(stream)
        while not handler.events:
            await trio.testing.wait_all_tasks_blocked()
        nursery.start_soon(server.drain)
        assert await client.reply() == "421 4.3.2 mx.test service shutting down"
        assert await client.reply() == ""
    assert handler.events == REFUSED


@given(octets=st.binary(min_size=1, max_size=100))
async def test_any_octets_before_the_greeting_are_refused(octets: bytes) -> None:
    handler = Recorder()
    async with open_session(handler, DELAY, greeting=False) as client:
        await client.send(octets)
        assert await client.reply() == REFUSAL
        assert await client.reply() == ""
    assert handler.events == REFUSED


# Inside TLS.


async def test_tls_from_the_start_is_neither_delayed_nor_looked_at(
    autojump_clock: trio.testing.MockClock,
    server_context: ssl.SSLContext,
    client_context: ssl.SSLContext,
) -> None:
    inside = config(tls=server_context, implicit_tls=True, greeting_delay=5)
    async with open_session(Handler(), inside, greeting=False) as client:
        await client.start_tls(client_context)
        await client.send(b"EHLO c\r\n")
        assert await client.reply() == "220 mx.test ESMTP"
        assert (await client.reply())[:3] == "250"
        assert trio.current_time() == 0
