"""Servers for a fuzzer to be tried on: a right one, and ones with a planted fault."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from types import TracebackType

from tests.testing.certificates import contexts
from tests.testing.fuzz.planted.envelope import Envelope
from tests.testing.fuzz.planted.fault import Fault
from tests.testing.fuzz.planted.session import PlantedSession
from tests.testing.fuzz.planted.stream import ClientGone, Stream

#: How long a test waits for something that must happen, in seconds.
PATIENCE = 20


class PlantedServer:
    """A server on 127.0.0.1 with one thread a session, while its context is open.

    It knows the user ``user`` whose password is ``secret``, and takes mail for the
    postmaster and for every mailbox in planted.example.

    Args:
        fault: what is wrong with it; None for a right one.
        lmtp: it speaks LMTP (RFC 2033); a fault that needs it has it anyway.
        tls: it offers STARTTLS, with a certificate for mx.test; the same.
    """

    def __init__(
        self, fault: Fault | None = None, lmtp: bool = False, tls: bool = False
    ) -> None:
        needs = fault or Fault(PlantedSession, "framing")
        self._session_class = needs.session
        self.lmtp = lmtp or needs.lmtp
        self.tls: ssl.SSLContext | None = contexts()[0] if tls or needs.tls else None
        #: What a fault keeps from one session to another.
        self.kept_envelope, self.kept_hello, self.kept_user = Envelope(), b"", b""
        self._changed = threading.Condition()
        self._streams: dict[int, Stream] = {}
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> PlantedServer:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept)
        self._accepting.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop_listening()
        self._accepting.join()
        self._listener.close()
        self.close_sessions()
        for thread in self._threads:
            thread.join()

    def stop_listening(self) -> None:
        """Accept no connections any more."""
        # To close it would not wake the thread that waits in accept.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)

    def close_sessions(self) -> None:
        """End all sessions."""
        for stream in list(self._streams.values()):
            stream.abort()

    def wait_until_idle(self, client_port: int, octets: int) -> Stream:
        """Wait until the server waits for its client, or has closed.

        Args:
            client_port: which client.
            octets: what it has sent so far and the server must have read.

        Returns:
            The server's end; what it has sent so far is all that it is going to say.

        Raises:
            AssertionError: the server did not get there.
        """
        return self._wait(
            client_port,
            lambda stream: (
                stream.is_idle
                and (stream.octets_read >= octets or stream.is_shaking_hands)
            ),
        )

    def wait_until_secure(self, client_port: int) -> Stream:
        """Wait until the server has begun TLS, or has closed; the rest is the same."""
        return self._wait(client_port, lambda stream: not stream.is_shaking_hands)

    def forget(self, client_port: int) -> None:
        """Drop what is known of a client that has gone; its port will be another's."""
        self._streams.pop(client_port, None)

    def _wait(self, client_port: int, is_there: Callable[[Stream], bool]) -> Stream:
        def is_settled() -> bool:
            stream = self._streams.get(client_port)
            return stream is not None and (stream.is_closed or is_there(stream))

        with self._changed:
            assert self._changed.wait_for(is_settled, PATIENCE), "the server hangs"
            return self._streams[client_port]

    def _accept(self) -> None:
        while True:
            try:
                connection, address = self._listener.accept()
            except OSError:
                return
            stream = Stream(connection, self._changed)
            thread = threading.Thread(target=self._serve, args=(stream,))
            self._threads = [one for one in self._threads if one.is_alive()]
            self._threads.append(thread)
            self._streams[address[1]] = stream
            thread.start()

    def _serve(self, stream: Stream) -> None:
        with contextlib.suppress(ClientGone):
            self._session_class(stream, self).run()
        stream.close()
