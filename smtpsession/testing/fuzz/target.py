"""The server that is fuzzed, and a connection to it."""

from __future__ import annotations

import functools
import socket
import ssl
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
        return f"[{self.host}]:{self.port}" if ":" in self.host else self._plain

    @property
    def _plain(self) -> str:
        return f"{self.host}:{self.port}"

    def is_on_this_machine(self) -> bool:
        """Say whether all of its addresses are of this machine.

        Raises:
            OSError: the name is unknown.
        """
        if self.port is None:
            return True
        found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        return all(_is_own(family, address) for family, _, _, _, address in found)

    def open(self) -> Connection:
        """Connect.

        Raises:
            OSError: nobody listens, or TLS fails.
        """
        sock: socket.socket
        if self.port is None:
            sock = socket.socket(socket.AF_UNIX)
            try:
                sock.settimeout(_CONNECT_SECONDS)
                sock.connect(self.host)
            except BaseException:
                sock.close()
                raise
        else:
            where = (self.host, self.port)
            sock = socket.create_connection(where, _CONNECT_SECONDS)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = Connection(sock)
        if self.implicit_tls:
            connection.start_tls()
        return connection


def _is_own(family: int, address: Any) -> bool:
    # An address that can be bound is one of this machine's.
    with socket.socket(family, socket.SOCK_STREAM) as sock:
        try:
            sock.bind((address[0], 0, *address[2:]))
        except OSError:
            return False
    return True


@functools.cache
def _tls_context() -> ssl.SSLContext:
    # The certificate is not what is tested, and no authority takes long to load.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class Connection:
    """One connection, over which octets go when they are told to."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        #: The server has closed it, or it is broken.
        self.is_closed = False
        #: It was broken, so that replies may have been lost.
        self.is_broken = False

    @property
    def is_tls(self) -> bool:
        """TLS has begun."""
        return isinstance(self._socket, ssl.SSLSocket)

    def send(self, octets: bytes) -> None:
        """Send octets in one segment; nothing where the server is gone."""
        try:
            self._socket.settimeout(_CONNECT_SECONDS)
            self._socket.sendall(octets)
        except OSError:
            # What it has said before can still be read.
            self.is_broken = True

    def receive(self, seconds: float) -> bytes:
        """Wait for octets; b"" where none came in time, or where it is closed."""
        if self.is_closed:
            return b""
        try:
            self._socket.settimeout(max(seconds, _LEAST_SECONDS))
            octets = self._socket.recv(_RECEIVE_OCTETS)
        except TimeoutError:
            return b""
        except ssl.SSLError:
            # TLS ended without a closing alert, as it does where a server gives up.
            octets = b""
        except OSError:
            octets, self.is_broken = b"", True
        self.is_closed = not octets
        return octets

    def start_tls(self) -> None:
        """Begin TLS.

        Raises:
            OSError: the handshake failed; the connection is closed.
        """
        self._socket.settimeout(_CONNECT_SECONDS)
        try:
            self._socket = _tls_context().wrap_socket(self._socket)
        except (OSError, ValueError) as error:
            # ValueError: octets in plain text stand before the handshake.
            self.close()
            raise OSError(f"TLS: {error}") from error

    def close(self) -> None:
        """Close the connection."""
        self.is_closed = True
        self._socket.close()
