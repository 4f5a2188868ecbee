"""The server that is fuzzed, and a connection to it."""

from __future__ import annotations

import contextlib
import functools
import ipaddress
import socket
import ssl
from collections.abc import Generator
from typing import Any, Final

import attrs

_RECEIVE_OCTETS: Final = 65_536
#: How long a connection may take to open, in seconds.
_CONNECT_SECONDS: Final = 10.0
#: A time-out of 0 would mean something else to a socket, in seconds.
_LEAST_SECONDS: Final = 0.000_1


@attrs.frozen
class Target:
    """Where a server listens, and how it is spoken to.

    ``socket.create_connection`` takes *host*; it is a path where *port* is None.
    """

    host: str
    port: int | None
    lmtp: bool = False
    #: TLS from the first octet on.
    implicit_tls: bool = False

    def __str__(self) -> str:
        if self.port is None:
            return f"unix:{self.host}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    def is_on_this_machine(self) -> bool:
        """Say whether all of its addresses are of this machine, as far as is sure.

        Raises:
            OSError: the name is unknown.
        """
        if self.port is None:
            return True
        with _names_of_hosts():
            found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        return all(_is_own(family, address) for family, _, _, _, address in found)

    def open(self) -> Connection:
        """Connect.

        Raises:
            OSError: nobody listens, or TLS fails.
        """
        name = None if self.port is None else self.host
        connection = Connection(self._connected(), name)
        if self.implicit_tls:
            connection.start_tls()
        return connection

    def _connected(self) -> socket.socket:
        if self.port is not None:
            with _names_of_hosts():
                where = (self.host, self.port)
                sock = socket.create_connection(where, _CONNECT_SECONDS)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return sock
        sock = socket.socket(socket.AF_UNIX)
        try:
            sock.settimeout(_CONNECT_SECONDS)
            sock.connect(self.host)
        except BaseException:
            sock.close()
            raise
        return sock


@contextlib.contextmanager
def _names_of_hosts() -> Generator[None, None, None]:
    try:
        yield
    except UnicodeError as error:
        # So says the codec of a name that is too long, or has an empty label.
        raise OSError(f"no name of a host: {error}") from error


def _is_own(family: int, address: Any) -> bool:
    ip = ipaddress.ip_address(address[0].partition("%")[0])
    if ip.is_loopback or ip.is_unspecified:
        return True
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        try:
            # Sends nothing. Only to itself a machine speaks from the same address;
            # that one can be bound proves nothing where all can be.
            sock.connect(address)
        except OSError:
            return False
        return bool(sock.getsockname()[0] == address[0])


@functools.cache
def _tls_context() -> ssl.SSLContext:
    # The certificate is not what is tested, and no authority takes long to load.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class Connection:
    """One connection, over which octets go when they are told to.

    Args:
        sock: is connected.
        name: the server's, for TLS (RFC 6066 3); None where it has none.
    """

    def __init__(self, sock: socket.socket, name: str | None = None) -> None:
        self._socket = sock
        self._name = name
        #: The server has closed it, or it is broken.
        self.is_closed = False

    @property
    def is_tls(self) -> bool:
        """TLS has begun."""
        return isinstance(self._socket, ssl.SSLSocket)

    def send(self, octets: bytes) -> bool:
        """Send octets in one segment.

        Returns:
            The server is still there; what it has said before can be read if not.
        """
        try:
            self._socket.settimeout(_CONNECT_SECONDS)
            self._socket.sendall(octets)
        except OSError:
            return False
        return True

    def receive(self, seconds: float) -> bytes:
        """Wait for octets; b"" where none came in time, or where it is closed."""
        if self.is_closed:
            return b""
        try:
            self._socket.settimeout(max(seconds, _LEAST_SECONDS))
            octets = self._socket.recv(_RECEIVE_OCTETS)
        except TimeoutError:
            return b""
        except OSError:
            # A reset, or the end of TLS without an alert, is an end as any other.
            octets = b""
        self.is_closed = not octets
        return octets

    def start_tls(self) -> None:
        """Begin TLS.

        Raises:
            OSError: the handshake failed; the connection is closed.
        """
        try:
            self._socket.settimeout(_CONNECT_SECONDS)
            wrapped = _tls_context().wrap_socket(
                self._socket, server_hostname=self._name, do_handshake_on_connect=False
            )
            self._socket = wrapped
            # By itself it begins no handshake where the server is gone by now.
            wrapped.do_handshake()
        except OSError as error:
            self.close()
            raise OSError(f"TLS: {error}") from error

    def close(self) -> None:
        """Close the connection."""
        self.is_closed = True
        self._socket.close()
