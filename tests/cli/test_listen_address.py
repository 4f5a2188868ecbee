"""What --listen takes, and listening on it."""

import errno
import os
import socket
from pathlib import Path

import pytest
import trio

from smtpsession.cli.command_error import CommandError
from smtpsession.cli.listen_address import (
    ListenAddress,
    TCPAddress,
    UnixAddress,
    bound_address,
    open_listeners,
)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:2525", TCPAddress("127.0.0.1", 2525)),
        ("localhost:0", TCPAddress("localhost", 0)),
        ("mx-1.example.org:65535", TCPAddress("mx-1.example.org", 65535)),
        ("[::1]:25", TCPAddress("::1", 25)),
        ("[fe80::1%eth0]:25", TCPAddress("fe80::1%eth0", 25)),
        ("unix:/run/smtp.sock", UnixAddress("/run/smtp.sock")),
        ("unix:with:colon", UnixAddress("with:colon")),
    ],
)
def test_an_address_is_shown_as_it_is_given(text: str, address: ListenAddress) -> None:
    assert ListenAddress.parse(text) == address
    assert str(address) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", ":", "2525", ":2525", "localhost", "localhost:", "unix:", "::1:25"),
        *("127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:smtp", "127.0.0.1:२५"),
        *("[::1]", "[]:25", "[127.0.0.1]:25", "a b:25", "h\n:25", "bücher.example:25"),
    ],
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        ListenAddress.parse(text)


@pytest.mark.parametrize(
    ("host", "is_loopback"),
    [
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.0.2.1", False),
        ("fe80::1%eth0", False),
    ],
)
def test_loopback(host: str, *, is_loopback: bool) -> None:
    assert TCPAddress(host, 25).is_loopback == is_loopback


async def test_all_are_listened_on_and_closed(tmp_path: Path) -> None:
    path = str(tmp_path / "socket")
    wanted = [TCPAddress("127.0.0.1", 0), UnixAddress(path)]
    async with open_listeners(wanted) as listeners:
        tcp, unix = (bound_address(listener) for listener in listeners)
        assert isinstance(tcp, TCPAddress)
        assert tcp.port != 0
        async with await trio.open_tcp_stream(tcp.host, tcp.port):
            pass
        assert unix == UnixAddress(path)
        async with await trio.open_unix_socket(path):
            pass
    with pytest.raises(OSError, match="all attempts to connect"):
        await trio.open_tcp_stream(tcp.host, tcp.port)


async def test_a_used_port_closes_the_others_too() -> None:
    used = socket.create_server(("127.0.0.1", 0))
    free = socket.create_server(("127.0.0.1", 0))
    used_port, free_port = used.getsockname()[1], free.getsockname()[1]
    free.close()
    wanted = [TCPAddress("127.0.0.1", free_port), TCPAddress("127.0.0.1", used_port)]
    with used, pytest.raises(CommandError) as raised:
        async with open_listeners(wanted):
            pass
    assert str(raised.value) == (
        f"cannot listen on 127.0.0.1:{used_port}: {os.strerror(errno.EADDRINUSE)}"
        " (another program listens there)"
    )
    socket.create_server(("127.0.0.1", free_port)).close()


async def test_a_privileged_port_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(port: int, *, host: str) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    # Whether a port is privileged is a matter of the machine and of the user.
    monkeypatch.setattr(trio, "open_tcp_listeners", refuse)
    with pytest.raises(CommandError, match="ports below 1024 need a privilege"):
        async with open_listeners([TCPAddress("127.0.0.1", 25)]):
            pass


async def test_an_unknown_host_is_named() -> None:
    with pytest.raises(CommandError, match=r"cannot listen on no\.invalid:0: "):
        async with open_listeners([TCPAddress("no.invalid", 0)]):
            pass


async def test_a_path_that_is_no_socket_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("precious")
    wanted = [UnixAddress(str(tmp_path / "file"))]
    with pytest.raises(CommandError, match=r"cannot listen on unix:.*file: "):
        async with open_listeners(wanted):
            pass
    assert (tmp_path / "file").read_text() == "precious"
