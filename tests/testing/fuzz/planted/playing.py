"""Plays scripts to the planted servers: what is sent, cut as it is written."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
from enum import Enum

from tests.testing.certificates import contexts
from tests.testing.fuzz.planted.fault import Fault
from tests.testing.fuzz.planted.server import PATIENCE, PlantedServer


class Do(Enum):
    """What a client does besides sending."""

    #: Begin TLS; STARTTLS was sent in the step before.
    START_TLS = "start TLS"
    #: Close without QUIT.
    HANG_UP = "hang up"


#: Octets are sent as a segment of their own, on the first connection; a step of
#: another connection comes with its number.
Step = bytes | Do | tuple[int, bytes | Do]

#: The reply to STARTTLS, as the last one.
_TLS_REPLY = re.compile(rb"^220 2[^\n]*\n\Z", re.MULTILINE)


class Client:
    """A connection that knows when the server has said all that it is going to say.

    Args:
        server: the server, which must run in this process.
    """

    def __init__(self, server: PlantedServer) -> None:
        self._server = server
        self._socket = socket.create_connection(("127.0.0.1", server.port), PATIENCE)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._port: int = self._socket.getsockname()[1]
        self._octets = 0
        #: All that was received.
        self.received = b""
        self.is_open = True
        self._settle()

    def send(self, octets: bytes) -> None:
        """Send a segment, and take what the server says to it."""
        # The server may close at any moment.
        with contextlib.suppress(OSError):
            self._socket.sendall(octets)
        self._octets += len(octets)
        self._settle()

    def start_tls(self) -> bool:
        """Shake hands, if the server has said that it is ready; say whether it did."""
        if _TLS_REPLY.search(self.received) is None:
            return False
        # The socket has a new owner even where it fails.
        self._socket = contexts()[1].wrap_socket(
            self._socket, server_hostname="mx.test", do_handshake_on_connect=False
        )
        try:
            self._socket.do_handshake()
        except OSError:
            # What was sent behind STARTTLS was taken for TLS.
            self.finish()
            return False
        self._server.wait_until_secure(self._port)
        self._settle()
        return True

    def finish(self) -> bytes:
        """Send no more; give all that was received until the server has closed."""
        if self._socket.fileno() >= 0:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_WR)
            while self._receive():
                pass
            # Before the port is free for another client.
            self._server.forget(self._port)
            self._socket.close()
        self.is_open = False
        return self.received

    def _receive(self) -> bool:
        try:
            data = self._socket.recv(65_536)
        except (ConnectionError, ssl.SSLError):
            # To shut down under TLS is rude, and may be answered with an alert.
            return False
        self.received += data
        return bool(data)

    def _settle(self) -> None:
        if self.is_open:
            stream = self._server.wait_until_idle(self._port, self._octets)
            self.is_open = not stream.is_closed
            while len(self.received) < stream.octets_sent and self._receive():
                pass


def play(
    steps: list[Step], fault: Fault | None, *, lmtp: bool = False, tls: bool = False
) -> list[bytes]:
    """Play a script; give what each connection has received, or ``b"refused"``."""
    clients: dict[int, Client] = {}
    received: dict[int, bytes] = {}
    with PlantedServer(fault, lmtp, tls) as server, contextlib.ExitStack() as stack:
        for step in steps:
            number, what = step if isinstance(step, tuple) else (0, step)
            if number not in clients and number not in received:
                try:
                    clients[number] = Client(server)
                except ConnectionRefusedError:
                    received[number] = b"refused"
                else:
                    stack.callback(clients[number].finish)
            client = clients.get(number)
            if client is None:
                continue
            if isinstance(what, bytes):
                client.send(what)
            elif what is Do.START_TLS:
                client.start_tls()
            else:
                client.finish()
        received |= {number: client.finish() for number, client in clients.items()}
    return [received[number] for number in sorted(received)]


def codes(received: bytes) -> str:
    """Give the codes of the replies behind the greeting, ``?`` for what is none."""
    lines = [line for line in received.split(b"\n") if line and line[3:4] != b"-"]
    return " ".join(
        line[:3].decode() if line[:3].isdigit() else "?" for line in lines[1:]
    )
