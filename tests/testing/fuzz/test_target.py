"""Connections to a server, and where it is."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme

from smtpsession.testing.fuzz.target import Connection, Target
from tests.testing.certificates import contexts

#: Longer than anything here takes, in seconds.
LONG = 20.0
#: To close with RST instead of FIN.
ABORT = struct.pack("ii", 1, 0)

Serve = Callable[[socket.socket], None]


@contextlib.contextmanager
def serving(listener: socket.socket, serve: Serve) -> Iterator[None]:
    """Take one connection in a thread of its own."""

    def run() -> None:
        with contextlib.suppress(OSError), listener.accept()[0] as sock:
            sock.settimeout(LONG)
            serve(sock)

    with listener:
        listener.settimeout(LONG)
        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield
        finally:
            thread.join()


@contextlib.contextmanager
def connected(serve: Serve, *, implicit_tls: bool = False) -> Iterator[Connection]:
    """Connect to a server on the loopback interface."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    target = Target("127.0.0.1", port, implicit_tls=implicit_tls)
    with serving(listener, serve):
        connection = target.open()
        try:
            yield connection
        finally:
            connection.close()


def receive_all(connection: Connection) -> bytes:
    octets = b""
    while not connection.is_closed:
        octets += connection.receive(LONG)
    return octets


def echo_all(sock: socket.socket) -> None:
    while octets := sock.recv(1000):
        sock.sendall(octets)


def echo(sock: socket.socket) -> None:
    sock.sendall(b"220 s.example\r\n")
    echo_all(sock)


def echo_in_tls(sock: socket.socket) -> None:
    with contexts()[0].wrap_socket(sock, server_side=True) as inside:
        echo(inside)


# Names.


@pytest.mark.parametrize(
    ("target", "name"),
    [
        (Target("localhost", 25), "localhost:25"),
        (Target("127.0.0.1", 2525), "127.0.0.1:2525"),
        (Target("::1", 24, lmtp=True), "[::1]:24"),
        (Target("fe80::1%eth0", 25), "[fe80::1%eth0]:25"),
        (Target("/run/lmtp", None), "unix:/run/lmtp"),
    ],
)
def test_a_target_is_called_as_on_the_command_line(target: Target, name: str) -> None:
    assert str(target) == name


# Where it is.


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1.2.3", "::1", "localhost", "0.0.0.0", "::", "::ffff:127.0.0.1"],
)
def test_this_machine(host: str) -> None:
    assert Target(host, 25).is_on_this_machine()


def test_a_path_is_on_this_machine() -> None:
    assert Target("/nowhere", None).is_on_this_machine()


def test_an_address_of_this_machine_that_others_reach() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        with contextlib.suppress(OSError):
            # Sends nothing; an address for documentation (RFC 5737).
            sock.connect(("192.0.2.1", 25))
        own = sock.getsockname()[0]
    # Without a network there is none, and this is the unspecified address.
    assert Target(own, 25).is_on_this_machine()


@pytest.mark.parametrize(
    "host",
    [
        *("192.0.2.1", "198.51.100.7", "2001:db8::1", "::ffff:192.0.2.1"),
        *("255.255.255.255", "fe80::1"),
    ],
)
def test_another_machine(host: str) -> None:
    assert not Target(host, 25).is_on_this_machine()


def test_a_name_of_which_one_address_is_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 25))
    elsewhere = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 25))
    # What a name stands for is a matter of the machine.
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [here, elsewhere])
    assert not Target("mx.example", 25).is_on_this_machine()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [here, here])
    assert Target("mx.example", 25).is_on_this_machine()


@pytest.mark.parametrize("host", ["no.invalid", "a..b", "a" * 64 + ".example", ".a"])
def test_a_name_that_nobody_has(host: str) -> None:
    target = Target(host, 25)
    with pytest.raises(OSError):
        target.is_on_this_machine()
    with pytest.raises(OSError):
        target.open()


# Connecting.


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_over_tcp(host: str) -> None:
    family = socket.AF_INET6 if host == "::1" else socket.AF_INET
    try:
        listener = socket.create_server(
            ("127.0.0.1" if host == "localhost" else host, 0), family=family
        )
    except OSError:
        # This machine has no IPv6.
        assert family == socket.AF_INET6
        return
    with serving(listener, echo):
        connection = Target(host, listener.getsockname()[1]).open()
        assert connection.receive(LONG) == b"220 s.example\r\n"
        assert not connection.is_tls
        connection.close()


def test_over_a_unix_socket(tmp_path: Path) -> None:
    path = str(tmp_path / "socket")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()
    with serving(listener, echo):
        connection = Target(path, None).open()
        assert connection.receive(LONG) == b"220 s.example\r\n"
        connection.close()


def test_in_tls_from_the_first_octet_on() -> None:
    with connected(echo_in_tls, implicit_tls=True) as connection:
        assert connection.is_tls
        assert connection.receive(LONG) == b"220 s.example\r\n"
        connection.send(b"NOOP\r\n")
        assert connection.receive(LONG) == b"NOOP\r\n"


def test_nobody_listens(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ConnectionRefusedError):
        Target("127.0.0.1", port).open()
    with pytest.raises(FileNotFoundError):
        Target(str(tmp_path / "socket"), None).open()
    with pytest.raises(OSError, match="too long"):
        Target("/" + "a" * 200, None).open()


def test_a_server_that_speaks_no_tls() -> None:
    seen: list[bytes] = []

    def serve(sock: socket.socket) -> None:
        sock.sendall(b"220 s.example\r\n")
        while octets := sock.recv(10_000):
            seen.append(octets)

    with pytest.raises(OSError, match="TLS: "):
        connected(serve, implicit_tls=True).__enter__()
    # It has seen the end.
    assert seen


# Speaking.


def test_octets_go_to_and_fro() -> None:
    with connected(echo) as connection:
        octets = connection.receive(LONG)
        while len(octets) < 100_015:
            if octets == b"220 s.example\r\n":
                connection.send(b"a" * 100_000)
            octets += connection.receive(LONG)
        assert octets == b"220 s.example\r\n" + b"a" * 100_000
        assert not connection.is_closed


@pytest.mark.parametrize("seconds", [-1.0, 0.0, 0.001])
def test_silence_is_not_the_end(seconds: float) -> None:
    with connected(echo_all) as connection:
        assert connection.receive(seconds) == b""
        assert not connection.is_closed


def test_the_server_closes() -> None:
    with connected(lambda sock: sock.sendall(b"421 bye\r\n")) as connection:
        assert receive_all(connection) == b"421 bye\r\n"
        assert connection.is_closed
        assert connection.receive(LONG) == b""


def test_a_reset_is_an_end_as_any_other() -> None:
    def serve(sock: socket.socket) -> None:
        sock.recv(10)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)

    with connected(serve) as connection:
        connection.send(b"NOOP\r\n")
        assert connection.receive(LONG) == b""
        assert connection.is_closed


def test_what_was_said_before_a_reset_is_read() -> None:
    is_sent = threading.Event()

    def serve(sock: socket.socket) -> None:
        sock.recv(10)
        sock.sendall(b"421 bye\r\n")
        is_sent.wait(LONG)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)

    with connected(serve) as connection:
        connection.send(b"NOOP\r\n")
        is_sent.set()
        # Sending fails as soon as the reset has come.
        while connection.send(b"NOOP\r\n"):
            pass
        assert not connection.is_closed
        octets = receive_all(connection)
        # Not every system keeps what came before.
        assert octets == b"421 bye\r\n" or sys.platform != "linux"


def test_nothing_is_sent_over_a_closed_connection() -> None:
    with connected(echo) as connection:
        connection.close()
        assert not connection.send(b"NOOP\r\n")
        assert connection.is_closed
        assert connection.receive(LONG) == b""
        connection.close()


# TLS behind STARTTLS.


def go(sock: socket.socket) -> None:
    """Answer to STARTTLS."""
    sock.recv(100)
    sock.sendall(b"220 go\r\n")


def ask(connection: Connection) -> None:
    connection.send(b"STARTTLS\r\n")
    assert connection.receive(LONG) == b"220 go\r\n"
    assert not connection.is_tls


def test_tls_begins_later() -> None:
    def serve(sock: socket.socket) -> None:
        go(sock)
        echo_in_tls(sock)

    with connected(serve) as connection:
        ask(connection)
        connection.start_tls()
        assert connection.is_tls
        assert connection.receive(LONG) == b"220 s.example\r\n"
        assert connection.receive(0.001) == b""
        assert not connection.is_closed
        connection.send(b"NOOP\r\n")
        assert connection.receive(LONG) == b"NOOP\r\n"


def test_tls_says_the_name_of_the_server() -> None:
    names: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("mx.test").configure_cert(context)
    context.sni_callback = lambda inside, name, context: names.append(name)

    def serve(sock: socket.socket) -> None:
        context.wrap_socket(sock, server_side=True).close()

    listener = socket.create_server(("127.0.0.1", 0))
    with serving(listener, serve):
        port = listener.getsockname()[1]
        Target("localhost", port, implicit_tls=True).open().close()
    assert names == ["localhost"]


def test_tls_that_ends_without_a_word_is_the_end() -> None:
    def serve(sock: socket.socket) -> None:
        with contexts()[0].wrap_socket(sock, server_side=True) as inside:
            inside.sendall(b"421 bye\r\n")

    with connected(serve, implicit_tls=True) as connection:
        assert receive_all(connection) == b"421 bye\r\n"


def test_plain_text_inside_tls_is_the_end() -> None:
    def serve(sock: socket.socket) -> None:
        outside = sock.dup()
        with contexts()[0].wrap_socket(sock, server_side=True), outside:
            outside.sendall(b"421 bye\r\n")

    with connected(serve, implicit_tls=True) as connection:
        assert connection.receive(LONG) == b""
        assert connection.is_closed


def test_plain_text_before_the_handshake() -> None:
    is_heard = threading.Event()

    def serve(sock: socket.socket) -> None:
        go(sock)
        is_heard.wait(LONG)
        sock.sendall(b"250 and more\r\n")
        while sock.recv(1000):
            pass

    with connected(serve) as connection:
        ask(connection)
        is_heard.set()
        with pytest.raises(OSError, match="TLS: "):
            connection.start_tls()
        assert connection.is_closed


@pytest.mark.parametrize("how", ["closed", "reset", "reset with octets unread"])
def test_the_server_is_gone_before_the_handshake(how: str) -> None:
    def serve(sock: socket.socket) -> None:
        go(sock)
        if how == "reset with octets unread":
            sock.sendall(b"250 and more\r\n")
        if how != "closed":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)

    with connected(serve) as connection:
        connection.send(b"STARTTLS\r\n")
        # Until the end has come.
        while connection.send(b"NOOP\r\n"):
            pass
        with pytest.raises(OSError, match="TLS: "):
            connection.start_tls()
        assert connection.is_closed
        assert connection.receive(LONG) == b""
