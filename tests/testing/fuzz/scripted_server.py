"""A server that does to each connection what a function of the test's says."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import BinaryIO

#: How long a script waits for its client, in seconds.
PATIENCE = 20


class Dialogue:
    """One connection of a scripted server."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self._file: BinaryIO = connection.makefile("rb")

    def say(self, text: str) -> None:
        """Send octets as they are, written as characters up to U+00FF."""
        self.socket.sendall(text.encode("latin-1"))

    def hear(self) -> str:
        """Give the next line without its end, and "" at the client's end."""
        return self._file.readline().decode("latin-1").rstrip("\r\n")

    def answer(self, *replies: str) -> None:
        """Answer a line with each of *replies*; a CRLF comes behind each."""
        for reply in replies:
            self.hear()
            self.say(f"{reply}\r\n")

    def close(self) -> None:
        """Close the connection."""
        self._file.close()
        self.socket.close()


class ScriptedServer:
    """A server on 127.0.0.1 with one thread a connection, while its context is open.

    Args:
        *scripts: what is done to the first connection, the second, and so on; the last
            is for all that follow. The connection is closed behind it.
    """

    def __init__(self, *scripts: Callable[[Dialogue], object]) -> None:
        self._scripts = list(scripts)
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> ScriptedServer:
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
        for thread in self._threads:
            thread.join()

    def stop_listening(self) -> None:
        """Accept no connections any more."""
        # To close it would not wake the thread that waits in accept.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.settimeout(PATIENCE)
            script = self._scripts[0]
            del self._scripts[: len(self._scripts) > 1]
            thread = threading.Thread(target=self._serve, args=(script, connection))
            self._threads.append(thread)
            thread.start()

    def _serve(
        self, script: Callable[[Dialogue], object], connection: socket.socket
    ) -> None:
        dialogue = Dialogue(connection)
        with contextlib.suppress(OSError):
            script(dialogue)
        dialogue.close()
