"""The socket of one session, its octets, and whether its server waits for more."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading

#: How long the rest of a client's octets is awaited behind the last reply, in seconds.
LINGER = 2


class ClientGone(Exception):
    """The client has closed the connection, or the session breaks off."""


class Stream:
    """Blocking octets; what is sent between two reads leaves as one segment.

    Args:
        connection: the accepted socket.
        changed: notified at each change of what a test may wait for.
    """

    def __init__(self, connection: socket.socket, changed: threading.Condition) -> None:
        self._socket = connection
        self._changed = changed
        #: Replies that have not left yet.
        self.unsent = bytearray()
        #: Octets of the client's so far, as the session has seen them.
        self.octets_read = 0
        #: Octets of the server's so far, TLS not counted.
        self.octets_sent = 0
        #: All of them were answered, as far as they are going to be.
        self.is_idle = False
        #: What comes now is TLS's, and not counted.
        self.is_shaking_hands = False
        #: Nothing will be sent any more.
        self.is_closed = False
        self._is_aborted = False
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, octets: bytes) -> None:
        """Have octets sent before the next read."""
        self.unsent += octets

    def flush(self) -> None:
        """Send what is to be sent, in one go."""
        octets = bytes(self.unsent)
        self.unsent.clear()
        if octets:
            try:
                self._socket.sendall(octets)
            except OSError as error:
                raise ClientGone from error
            self.octets_sent += len(octets)

    def receive(self) -> bytes:
        """Give what has come; what is to be sent leaves before.

        Raises:
            ClientGone: nothing will come any more.
        """
        self.flush()
        self._note(is_idle=True)
        try:
            octets = self._socket.recv(65_536)
        except OSError as error:
            raise ClientGone from error
        self._note(is_idle=False, octets=len(octets))
        if not octets:
            raise ClientGone
        return octets

    def start_tls(self, context: ssl.SSLContext) -> None:
        """Shake hands.

        Raises:
            ClientGone: the client did something else.
        """
        self.flush()
        self._note(is_idle=True, is_shaking_hands=True)
        try:
            self._socket = context.wrap_socket(
                self._socket, server_side=True, do_handshake_on_connect=False
            )
            # Its socket was not there to be shut down while it was being replaced.
            if self._is_aborted:
                raise ClientGone
            self._socket.do_handshake()
        except OSError as error:
            raise ClientGone from error
        self._note()

    def close(self) -> None:
        """Send the rest, say that it was all, and wait for the client to hear it."""
        with contextlib.suppress(OSError, ValueError, ClientGone):
            self.flush()
            self._end_tls()
            self._socket.settimeout(LINGER)
            socket.socket.shutdown(self._socket, socket.SHUT_WR)
        self._note(is_closed=True)
        # To close with octets unread would take the last replies from the client.
        with contextlib.suppress(OSError):
            while socket.socket.recv(self._socket, 65_536):
                pass
        self._socket.close()

    def abort(self) -> None:
        """End it from another thread."""
        self._is_aborted = True
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def _end_tls(self) -> None:
        if isinstance(self._socket, ssl.SSLSocket):
            self._socket.setblocking(False)
            # It says so, and does not wait for the same from the other side.
            with contextlib.suppress(OSError, ValueError):
                self._socket.unwrap()

    def _note(
        self,
        *,
        is_idle: bool = False,
        is_shaking_hands: bool = False,
        is_closed: bool = False,
        octets: int = 0,
    ) -> None:
        with self._changed:
            self.is_idle = is_idle
            self.is_shaking_hands = is_shaking_hands
            self.is_closed = is_closed
            self.octets_read += octets
            self._changed.notify_all()
