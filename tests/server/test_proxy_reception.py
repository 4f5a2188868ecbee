"""Sessions behind a proxy: trust, facts, log lines, limits, TLS and draining."""

from __future__ import annotations

import contextlib
import logging
import ssl
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest
import trio
import trio.testing
import trustme

from smtpsession import Config, Limits, Server, Session, Timeouts, serve, serve_stream
from smtpsession.server.proxy_reception import LOGGED_OCTETS
from smtpsession.server.server_state import ServerState
from tests.server.recorder import Recorder
from tests.server.smtp_client import SMTPClient, open_session
from tests.wire.proxy_octets import BLOCK, LINE, LOCAL, block, tcp, tcp4, tlv

AUTHORITY = trustme.CA()
SERVER = AUTHORITY.issue_cert("mx.test")
UNKNOWN = b"PROXY UNKNOWN\r\n"


def options(**more: Any) -> Config:
    known: dict[str, Any] = {
        "hostname": "mx.test",
        "reverse_lookup": False,
        "proxy_protocol": ["unix", "127.0.0.0/8"],
    }
    return Config(**(known | more))


def from_client(number: int) -> bytes:
    return block(0x11, tcp(f"192.0.2.{number}", 4025, "198.51.100.2", 25))


def server_context() -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    SERVER.configure_cert(context)
    return context


def client_context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    AUTHORITY.configure_trust(context)
    return context


async def start(nursery: trio.Nursery, handler: Recorder, config: Config) -> Server:
    server: Server = await nursery.start(partial(serve, handler, 0, config=config))
    return server


@contextlib.asynccontextmanager
async def served(state: ServerState) -> AsyncIterator[SMTPClient]:
    """Serve one more connection in memory; its session has ended at the end."""
    ours, theirs = trio.testing.memory_stream_pair()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(state.handle, theirs)
        yield SMTPClient(ours)
        await trio.aclose_forcefully(ours)


async def quit_after(header: bytes, config: Config) -> Session:
    """Greet and quit behind *header*; give the session."""
    handler = Recorder()
    async with open_session(handler, config, greeting=False) as client:
        await client.send(header)
        assert await client.reply() == "220 mx.test ESMTP"
        assert await client.codes("EHLO c", "QUIT") == ["250", "221"]
    return handler.sessions[0]


def lines(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    """Give level and text of each log line, without the session's id."""
    return [
        (record.levelname, record.getMessage().partition(": ")[2])
        for record in caplog.records
        if record.name == "smtpsession"
    ]


@pytest.fixture(autouse=True)
def _debug(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="smtpsession")


# Facts.


async def test_the_name_is_that_of_the_client_and_not_of_the_proxy() -> None:
    asked: list[str] = []

    async def resolver(address: str) -> str:
        asked.append(address)
        return "client.example"

    config = options(reverse_lookup=True, resolver=resolver)
    session = await quit_after(LINE, config)
    assert (asked, session.client_hostname) == (["192.0.2.1"], "client.example")


async def test_the_socket_keeps_its_say() -> None:
    handler = Recorder()
    async with trio.open_nursery() as nursery:
        server = await start(nursery, handler, options())
        async with await trio.open_tcp_stream(*server.addresses[0]) as stream:
            client = SMTPClient(stream)
            await client.send(LINE)
            assert await client.reply() == "220 mx.test ESMTP"
            (session,) = server.sessions
            assert session.transport_peer == stream.socket.getsockname()
            assert (session.remote_address, session.remote_port) == (
                "192.0.2.1",
                56324,
            )
            assert (session.local_address, session.local_port) == ("198.51.100.2", 25)
        await server.drain()


async def test_the_facts_of_the_header_are_there() -> None:
    header = tcp4(tlv(0x02, b"mx.example"), tlv(0xE0, b"own"), checksum=True)
    session = await quit_after(header, options())
    assert session.proxy is not None
    assert session.proxy.version == 2
    assert session.proxy.tlvs.authority == "mx.example"
    assert session.proxy.tlvs.others == ((0xE0, b"own"),)


async def test_tls_of_the_proxy_is_not_ours() -> None:
    said = bytes.fromhex("0100000000") + tlv(0x21, b"TLSv1.3")
    session = await quit_after(tcp4(tlv(0x20, said)), options())
    assert session.proxy is not None
    assert session.proxy.tlvs.ssl is not None
    assert session.proxy.tlvs.ssl.is_tls
    assert (session.secure, session.tls_options) == (False, None)


async def test_a_client_of_a_unix_socket_has_no_address() -> None:
    paths = b"/run/client".ljust(108, b"\0") + bytes(108)
    session = await quit_after(block(0x31, paths), options())
    assert (session.remote_address, session.remote_port) == ("", 0)
    assert session.proxy is not None
    assert session.proxy.source_path == b"/run/client"


@pytest.mark.parametrize("header", [UNKNOWN, block(0x00, b""), block(0x12, bytes(12))])
async def test_a_client_that_the_proxy_cannot_name(
    header: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    handler = Recorder()
    async with open_session(handler, options(), greeting=False) as client:
        await client.send(header)
        assert await client.reply() == ""
    assert handler.events == []
    ((level, line),) = lines(caplog)
    assert level == "WARNING"
    assert "the proxy does not say who the client is peer=local" in line
    caplog.clear()
    async with trio.open_nursery() as nursery:
        config = options(proxy_unknown="accept")
        server = await start(nursery, handler, config)
        async with await trio.open_tcp_stream(*server.addresses[0]) as stream:
            client = SMTPClient(stream)
            await client.send(header)
            assert await client.reply() == "220 mx.test ESMTP"
            (session,) = server.sessions
            ours = stream.socket.getsockname()
            assert (session.remote_address, session.remote_port) == ours
            assert session.proxy is not None
            assert session.proxy.is_unknown
            await client.ask("QUIT")
        await server.drain()
    assert [level for level, _ in lines(caplog)] == ["INFO"]


# The proxy speaks for itself.


async def test_local_is_a_debug_line(caplog: pytest.LogCaptureFixture) -> None:
    session = await quit_after(LOCAL, options())
    assert session.proxy is not None
    assert session.proxy.is_local
    ((level, line),) = lines(caplog)
    assert (level, line.partition(" ")[0]) == ("DEBUG", "client=local")


@pytest.mark.parametrize(
    ("same_source", "same_destination", "level"),
    [
        (True, True, "DEBUG"),
        (False, True, "INFO"),
        (True, False, "INFO"),
    ],
)
async def test_a_line_that_names_its_own_connection_is_the_proxys_own(
    *,
    same_source: bool,
    same_destination: bool,
    level: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with trio.open_nursery() as nursery:
        config = options(limits=Limits(sessions_per_source=1))
        server = await start(nursery, Recorder(), config)
        for _ in range(2 if level == "DEBUG" else 1):
            stream = await trio.open_tcp_stream(*server.addresses[0])
            address, port = stream.socket.getsockname()
            ours, our_port = server.addresses[0]
            port += not same_source
            our_port += not same_destination
            client = SMTPClient(stream)
            line = f"PROXY TCP4 {address} {ours} {port} {our_port}\r\n"
            await client.send(line.encode())
            assert await client.reply() == "220 mx.test ESMTP"
            nursery.start_soon(stream.aclose)
        await server.drain()
    assert {seen for seen, _ in lines(caplog)} == {level}


async def test_a_check_that_ends_before_tls_is_in_no_line_for_people(
    caplog: pytest.LogCaptureFixture,
) -> None:
    config = options(tls=server_context(), implicit_tls=True)
    async with open_session(Recorder(), config, greeting=False) as client:
        await client.send(LOCAL)
        await client.stream.send_eof()
        # Nothing but an alert of TLS may come.
        async for octets in client.stream:
            assert not octets.startswith(b"220")
    assert [level for level, _ in lines(caplog)] == ["DEBUG", "DEBUG"]


async def test_a_client_of_a_unix_socket_is_not_taken_for_the_proxy(
    caplog: pytest.LogCaptureFixture,
) -> None:
    await quit_after(block(0x31, bytes(216)), options())
    assert [level for level, _ in lines(caplog)] == ["INFO"]


# What is no header is closed, and is one log line.


async def test_the_line_of_a_session_names_client_and_proxy(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with trio.open_nursery() as nursery:
        server = await start(nursery, Recorder(), options())
        async with await trio.open_tcp_stream(*server.addresses[0]) as stream:
            client = SMTPClient(stream)
            await client.send(tcp4(tlv(0x02, b"mx\r\nsession 0: end=forged")))
            await client.reply()
            await client.ask("QUIT")
        await server.drain()
    ((level, line),) = lines(caplog)
    assert level == "INFO"
    assert line.startswith("client=192.0.2.1 port=56324 proxy=127.0.0.1 ")
    assert "forged" not in line


async def test_an_untrusted_peer_is_not_even_listened_to(
    caplog: pytest.LogCaptureFixture,
) -> None:
    handler = Recorder()
    async with trio.open_nursery() as nursery:
        config = options(proxy_protocol=["10.0.0.0/8", "unix"])
        server = await start(nursery, handler, config)
        stream = await trio.open_tcp_stream(*server.addresses[0])
        host, port = stream.socket.getsockname()
        assert await SMTPClient(stream).reply() == ""
        await stream.aclose()
        await server.drain()
    assert handler.events == []
    assert lines(caplog) == [
        (
            "WARNING",
            f"no PROXY header: this is no trusted proxy peer={host} port={port}",
        )
    ]


async def test_a_socket_whose_peer_is_gone_is_no_unix_socket(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with trio.SocketStream(trio.socket.socket()) as stream:
        await serve_stream(Recorder(), stream, config=options(proxy_protocol=["unix"]))
    ((level, line),) = lines(caplog)
    assert level == "WARNING"
    assert line.endswith("this is no trusted proxy peer=unknown port=0")


@pytest.mark.parametrize(
    ("octets", "shown"),
    [
        (b"EHLO c\r\n", r"received=EHLO\x20c\r\n"),
        (b'"\x1b\\\xff' + bytes(8), r"received=\x22\x1b\\\xff" + r"\x00" * 8),
        (b"PROXY UNKNOWN" + b"x" * 80 + b"\r\n", "x" * (LOGGED_OCTETS - 13)),
    ],
)
async def test_what_came_is_shown_escaped_and_cut(
    octets: bytes, shown: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_session(Recorder(), options(), greeting=False) as client:
        await client.send(octets)
        assert await client.reply() == ""
    ((level, line),) = lines(caplog)
    assert level == "WARNING"
    assert line.isprintable()
    assert line.endswith(shown)


@pytest.mark.parametrize("header", [LINE, BLOCK])
@pytest.mark.parametrize("half_closed", [True, False])
async def test_the_end_inside_of_the_header(
    header: bytes, *, half_closed: bool, caplog: pytest.LogCaptureFixture
) -> None:
    for place in range(len(header)):
        caplog.clear()
        handler = Recorder()
        async with open_session(handler, options(), greeting=False) as client:
            if place:
                await client.send(header[:place])
            if half_closed:
                await client.stream.send_eof()
                assert await client.reply() == ""
        assert handler.events == []
        ((level, line),) = lines(caplog)
        assert level == ("WARNING" if place else "INFO")
        assert "the connection ended before the end of the header" in line


@pytest.mark.parametrize("octets", [b"", LINE[:-1]])
async def test_a_connection_that_breaks_is_an_end(
    octets: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    ours, theirs = trio.testing.memory_stream_pair()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(partial(serve_stream, Recorder(), theirs, config=options()))
        if octets:
            await ours.send_all(octets)
        await trio.testing.wait_all_tasks_blocked()
        theirs.receive_stream.close()
    ((level, line),) = lines(caplog)
    assert level == ("WARNING" if octets else "INFO")
    assert "the connection ended before the end of the header" in line


@pytest.mark.parametrize("octets", [b"", LINE[:-1]])
async def test_the_deadline(
    octets: bytes,
    autojump_clock: trio.testing.MockClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    config = options(timeouts=Timeouts(proxy=7))
    async with open_session(Recorder(), config, greeting=False) as client:
        if octets:
            await client.send(octets)
        assert await client.reply() == ""
        assert trio.current_time() == pytest.approx(7)
    ((level, line),) = lines(caplog)
    assert level == ("WARNING" if octets else "INFO")
    assert "no complete header within 7 seconds" in line


async def test_without_a_deadline_the_session_has_its_own(
    autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    config = options(timeouts=Timeouts(proxy=None, session=1000))
    handler = Recorder()
    async with open_session(handler, config, greeting=False) as client:
        await trio.sleep(900)
        await client.send(LINE)
        assert await client.reply() == "220 mx.test ESMTP"
    caplog.clear()
    async with open_session(handler, config, greeting=False) as client:
        before = trio.current_time()
        assert await client.reply() == ""
        assert trio.current_time() - before == pytest.approx(1000)
    assert len(lines(caplog)) == 1


async def test_a_log_that_fails_costs_nothing() -> None:
    class Fails(logging.Filter):
        def filter(self, record: logging.LogRecord) -> bool:
            raise RuntimeError("deliberate")

    failing = Fails()
    logger = logging.getLogger("smtpsession")
    logger.addFilter(failing)
    try:
        async with open_session(Recorder(), options(), greeting=False) as client:
            await client.send(b"EHLO c\r\n")
            assert await client.reply() == ""
    finally:
        logger.removeFilter(failing)


# Limits.


async def test_sessions_are_counted_for_the_client_that_the_header_names() -> None:
    config = options(limits=Limits(sessions_per_source=2))
    state = ServerState(Recorder(), config)
    async with served(state) as one, served(state) as two, served(state) as three:
        for client in (one, two):
            await client.send(from_client(1))
            assert await client.reply() == "220 mx.test ESMTP"
        await three.send(from_client(1))
        assert await three.reply() == "421 4.7.0 mx.test too many connections"
        assert await three.reply() == ""
        async with served(state) as other:
            await other.send(from_client(2))
            assert await other.reply() == "220 mx.test ESMTP"
        await one.ask("QUIT")
        assert await one.reply() == ""
        async with served(state) as next_one:
            await next_one.send(from_client(1))
            assert await next_one.reply() == "220 mx.test ESMTP"


async def test_who_speaks_for_itself_counts_for_no_source() -> None:
    config = options(limits=Limits(sessions_per_source=1))
    state = ServerState(Recorder(), config)
    async with served(state) as one, served(state) as two:
        for client in (one, two):
            await client.send(LOCAL)
            assert await client.reply() == "220 mx.test ESMTP"


async def test_who_cannot_be_named_counts_for_the_proxy() -> None:
    limits = Limits(sessions_per_source=1)
    state = ServerState(Recorder(), options(limits=limits, proxy_unknown="accept"))
    async with served(state) as one, served(state) as two:
        for client, code in ((one, "220"), (two, "421")):
            await client.send(UNKNOWN)
            assert (await client.reply())[:3] == code


async def test_a_session_counts_from_accept_and_a_refusal_then_says_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    state = ServerState(Recorder(), options(limits=Limits(sessions=1)))
    for ending in (b"EHLO c\r\n", LINE, LOCAL, b""):
        async with served(state) as waiting:
            await trio.testing.wait_all_tasks_blocked()
            async with served(state) as second:
                await second.send(LINE)
                assert await second.reply() == ""
            if ending:
                await waiting.send(ending)
                await waiting.reply()
    async with served(state) as last:
        await last.send(LINE)
        assert await last.reply() == "220 mx.test ESMTP"
    ends = [line.rpartition("end=")[2] for _, line in lines(caplog)]
    assert ends.count("refused") == 4


async def test_every_refused_header_frees_its_place() -> None:
    limits = Limits(sessions=1, sessions_per_source=1)
    state = ServerState(Recorder(), options(limits=limits))
    for octets in (b"EHLO c\r\n", LINE[:9], UNKNOWN, LINE + b"QUIT\r\n", LOCAL):
        async with served(state) as client:
            await client.send(octets)
            await client.stream.send_eof()
            await client.reply()
    async with served(state) as last:
        await last.send(LINE)
        assert await last.reply() == "220 mx.test ESMTP"


# TLS.


class Behind(trio.abc.SendStream):
    """Sends a header in one segment with what is sent first."""

    def __init__(self, header: bytes, stream: trio.abc.SendStream) -> None:
        self._header = header
        self._stream = stream

    async def send_all(self, data: Any) -> None:
        header, self._header = self._header, b""
        await self._stream.send_all(header + data)

    async def wait_send_all_might_not_block(self) -> None:
        await self._stream.wait_send_all_might_not_block()

    async def aclose(self) -> None:
        await self._stream.aclose()


def put_behind(header: bytes, client: SMTPClient) -> None:
    stream = client.stream
    sends = Behind(header, stream.send_stream)
    client.stream = trio.StapledStream(sends, stream.receive_stream)


@pytest.mark.parametrize("header", [LINE, BLOCK])
@pytest.mark.parametrize("in_one_segment", [True, False])
async def test_the_header_precedes_implicit_tls(
    header: bytes, *, in_one_segment: bool
) -> None:
    handler = Recorder()
    config = options(tls=server_context(), implicit_tls=True)
    async with open_session(handler, config, greeting=False) as client:
        if in_one_segment:
            put_behind(header, client)
        else:
            await client.send(header)
        await client.start_tls(client_context())
        assert await client.reply() == "220 mx.test ESMTP"
    (session,) = handler.sessions
    assert (session.secure, session.remote_address) == (True, "192.0.2.1")


async def test_over_the_limit_of_a_source_implicit_tls_is_closed_without_a_word() -> (
    None
):
    limits = Limits(sessions_per_source=1)
    config = options(tls=server_context(), implicit_tls=True, limits=limits)
    state = ServerState(Recorder(), config)
    async with served(state) as one, served(state) as two:
        await one.send(from_client(1))
        await trio.testing.wait_all_tasks_blocked()
        await two.send(from_client(1))
        assert await two.reply() == ""


async def test_the_header_precedes_the_handshake_of_a_tls_stream() -> None:
    ours, theirs = trio.testing.memory_stream_pair()
    over = trio.SSLStream(theirs, server_context(), server_side=True)
    handler = Recorder()
    client = SMTPClient(ours)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(partial(serve_stream, handler, over, config=options()))
        put_behind(LINE, client)
        await client.start_tls(client_context())
        assert await client.reply() == "220 mx.test ESMTP"
        await trio.aclose_forcefully(client.stream)
    (session,) = handler.sessions
    assert (session.secure, session.remote_address) == (True, "192.0.2.1")


async def test_inside_of_tls_that_is_there_already_the_header_is_read_from_it() -> None:
    ours, theirs = trio.testing.memory_stream_pair()
    over = trio.SSLStream(theirs, server_context(), server_side=True)
    handler = Recorder()
    client = SMTPClient(ours)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(over.do_handshake)
        await client.start_tls(client_context())
    async with trio.open_nursery() as nursery:
        nursery.start_soon(partial(serve_stream, handler, over, config=options()))
        await client.send(LINE)
        assert await client.reply() == "220 mx.test ESMTP"
        await trio.aclose_forcefully(client.stream)
    (session,) = handler.sessions
    assert (session.secure, session.remote_address) == (True, "192.0.2.1")


async def test_starttls_keeps_what_the_header_said() -> None:
    handler = Recorder()
    config = options(tls=server_context())
    async with open_session(handler, config, greeting=False) as client:
        await client.send(BLOCK)
        await client.reply()
        assert await client.codes("EHLO c", "STARTTLS") == ["250", "220"]
        await client.start_tls(client_context())
        assert await client.codes("EHLO c", "NOOP") == ["250", "250"]
    (session,) = handler.sessions
    assert (session.secure, session.remote_address) == (True, "192.0.2.1")
    assert session.proxy is not None


# The end of the server.


@pytest.mark.parametrize("octets", [b"", LINE[:-1]])
async def test_a_drain_does_not_wait_for_a_header(
    octets: bytes, autojump_clock: trio.testing.MockClock
) -> None:
    handler = Recorder()
    state = ServerState(handler, options())
    async with served(state) as client:
        if octets:
            await client.send(octets)
        await trio.testing.wait_all_tasks_blocked()
        await state.drain(30)
        assert trio.current_time() == 0
        assert await client.reply() == ""
    assert handler.events == []


async def test_behind_its_header_a_session_is_drained_as_any_other() -> None:
    state = ServerState(Recorder(), options())
    async with served(state) as client:
        await client.send(LINE)
        await client.reply()
        await client.ask("EHLO c")
        await state.drain(30)
        assert await client.reply() == "421 4.3.2 mx.test service shutting down"


async def test_who_comes_while_the_server_drains_is_told_nothing() -> None:
    state = ServerState(Recorder(), options())
    await state.drain(5)
    async with served(state) as client:
        await client.send(LINE)
        assert await client.reply() == ""


async def test_cancelling_the_server_closes_who_waits() -> None:
    state = ServerState(Recorder(), options(limits=Limits(sessions=1)))
    ours, theirs = trio.testing.memory_stream_pair()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(state.handle, theirs)
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    assert await SMTPClient(ours).reply() == ""
    assert state.connections == set()
    async with served(state) as client:
        await client.send(LINE)
        assert await client.reply() == "220 mx.test ESMTP"
