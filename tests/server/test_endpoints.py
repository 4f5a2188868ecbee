"""The addresses of a session, from real sockets."""

import contextlib
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trio
import trio.testing

from smtpsession.server.endpoints import endpoints


@asynccontextmanager
async def connected(
    listen_at: str, connect_to: str, *, both_families: bool = False
) -> AsyncIterator[tuple[trio.SocketStream, trio.SocketStream]]:
    """Connect over TCP; give the server's and the client's end."""
    family = socket.AF_INET6 if ":" in listen_at else socket.AF_INET
    with contextlib.ExitStack() as stack:
        listening = stack.enter_context(trio.socket.socket(family))
        if both_families:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        try:
            await listening.bind((listen_at, 0))
        except OSError as error:
            pytest.skip(f"cannot bind {listen_at}: {error}")
        listening.listen()
        port = listening.getsockname()[1]
        client = await trio.open_tcp_stream(connect_to, port)
        accepted, _ = await listening.accept()
        async with client, trio.SocketStream(accepted) as server:
            yield server, client


async def test_both_ends_of_ipv4() -> None:
    async with connected("127.0.0.1", "127.0.0.1") as (server, client):
        port = client.socket.getsockname()[1]
        assert endpoints(server) == {
            "remote_address": "127.0.0.1",
            "remote_port": port,
            "local_address": "127.0.0.1",
            "local_port": client.socket.getpeername()[1],
            "transport_peer": ("127.0.0.1", port),
        }


async def test_both_ends_of_ipv6() -> None:
    async with connected("::1", "::1") as (server, client):
        facts = endpoints(server)
        port = client.socket.getsockname()[1]
        assert (facts["remote_address"], facts["remote_port"]) == ("::1", port)
        assert (facts["local_address"], facts["transport_peer"]) == (
            "::1",
            ("::1", port),
        )


async def test_ipv4_on_an_ipv6_socket_is_ipv4() -> None:
    async with connected("::", "127.0.0.1", both_families=True) as (server, _):
        assert server.socket.getpeername()[0] == "::ffff:127.0.0.1"
        facts = endpoints(server)
        assert facts["remote_address"] == facts["local_address"] == "127.0.0.1"
        assert facts["transport_peer"] == ("127.0.0.1", facts["remote_port"])


class KnownSocket(trio.socket.SocketType):
    """A socket whose ends are told, for addresses that a test machine lacks."""

    def __init__(self, address: str) -> None:
        self._address = address

    @property
    def type(self) -> socket.SocketKind:
        return socket.SOCK_STREAM

    @property
    def family(self) -> socket.AddressFamily:
        return socket.AF_INET6

    def setsockopt(self, *arguments: Any, **named: Any) -> None:
        pass

    def getsockname(self) -> tuple[str, int, int, int]:
        return (self._address, 25, 0, 2)

    def getpeername(self) -> tuple[str, int, int, int]:
        return (self._address, 4025, 0, 2)


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("fe80::1%eth0", "fe80::1"),
        ("fe80::1", "fe80::1"),
        ("2001:0DB8:0:0::0001", "2001:db8::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::ffff:c000:201", "192.0.2.1"),
        ("::192.0.2.1", "::c000:201"),
    ],
)
async def test_addresses_are_spelt_in_one_way(said: str, address: str) -> None:
    """RFC 5952, without the zone, which means nothing on another machine."""
    facts = endpoints(trio.SocketStream(KnownSocket(said)))
    assert (facts["remote_address"], facts["local_address"]) == (address, address)
    assert facts["transport_peer"] == (address, 4025)


async def test_tls_has_the_ends_of_what_it_runs_over() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    async with connected("127.0.0.1", "127.0.0.1") as (server, _):
        once = trio.SSLStream(server, context, server_side=True)
        twice = trio.SSLStream(once, context, server_side=True)
        assert endpoints(once) == endpoints(twice) == endpoints(server)
        assert endpoints(twice)["remote_address"] == "127.0.0.1"


async def test_unix_sockets_have_no_addresses() -> None:
    left, right = trio.socket.socketpair(socket.AF_UNIX)
    async with trio.SocketStream(left) as server, trio.SocketStream(right):
        assert endpoints(server) == {}


async def test_streams_without_a_socket_have_no_addresses() -> None:
    server, _ = trio.testing.memory_stream_pair()
    assert endpoints(server) == {}
    over = trio.SSLStream(
        server, ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), server_side=True
    )
    assert endpoints(over) == {}


async def test_a_socket_that_is_closed_already_has_no_addresses() -> None:
    async with connected("127.0.0.1", "127.0.0.1") as (server, _):
        await server.aclose()
        assert endpoints(server) == {"transport_peer": ("unknown", 0)}


async def test_a_socket_that_is_not_connected_has_no_addresses() -> None:
    with trio.socket.socket() as sock:
        facts = endpoints(trio.SocketStream(sock))
    assert facts == {"transport_peer": ("unknown", 0)}
