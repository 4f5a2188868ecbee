"""A server that takes no connection for a while, once somebody says EXPN."""

from __future__ import annotations

import socket
import threading
from types import TracebackType

from tests.testing.fuzz.planted.fault import Fault
from tests.testing.fuzz.planted.server import PlantedServer
from tests.testing.fuzz.planted.session import PlantedSession
from tests.testing.fuzz.planted.stream import ClientGone


class _Session(PlantedSession):
    def expn(self, argument: bytes) -> None:
        assert isinstance(self.server, FragileServer)
        self.server.fall_over()
        if self.server.drops:
            raise ClientGone
        super().expn(argument)


class FragileServer(PlantedServer):
    """A right server besides.

    Args:
        seconds: how long it is away; None for ever.
        times: how often it falls over; None for each time.
        spared: how many times nothing happens before.
        drops: it closes the connection without a word besides, each time.
    """

    def __init__(
        self,
        seconds: float | None,
        times: int | None = None,
        *,
        spared: int = 0,
        drops: bool = False,
    ) -> None:
        super().__init__(Fault(_Session, "sessions"))
        self.drops = drops
        self._spared = spared
        self._seconds = seconds
        self._times = times
        self._lock = threading.Lock()
        self._is_away = False
        self._timers: list[threading.Timer] = []

    def fall_over(self) -> None:
        """Take no connection."""
        with self._lock:
            self._spared -= 1
            if self._is_away or self._times == 0 or self._spared >= 0:
                return
            self._is_away = True
            if self._times is not None:
                self._times -= 1
            self.stop_listening()
            self._accepting.join()
            self._listener.close()
            if self._seconds is not None:
                timer = threading.Timer(self._seconds, self._come_back)
                self._timers.append(timer)
                timer.start()

    def _come_back(self) -> None:
        with self._lock:
            self._listener = socket.create_server(("127.0.0.1", self.port))
            self._accepting = threading.Thread(target=self._accept)
            self._accepting.start()
            self._is_away = False

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for timer in self._timers:
            timer.join()
        super().__exit__(kind, error, traceback)
