"""A client whose model judges all that is said."""

from __future__ import annotations

import contextlib

from smtpsession.testing.model import Model
from smtpsession.testing.model_violation import Violation
from tests.testing.fuzz.planted.fault import Fault
from tests.testing.fuzz.planted.playing import Client, Do, Step
from tests.testing.fuzz.planted.server import PlantedServer


class JudgingClient:
    """A connection to a planted server, and the model of its session."""

    def __init__(self, server: PlantedServer) -> None:
        self.model = Model(lmtp=server.lmtp)
        self._client = Client(server)
        self._heard = 0
        self._is_secure = False
        self._found: list[Violation] | None = None
        self._listen()

    def __enter__(self) -> JudgingClient:
        return self

    def __exit__(self, *error: object) -> None:
        self.hang_up()

    def hang_up(self) -> None:
        """Close; what was wrong before still counts."""
        if self._found is None:
            self._found = self._judge()
        self._client.finish()

    def send(self, *segments: bytes) -> None:
        """Send segments, unless the session is over."""
        if self.model.is_over or not self._client.is_open:
            return
        self.model.sent(b"".join(segments))
        for segment in segments:
            self._client.send(segment)
        self._listen()

    def start_tls(self) -> None:
        """Begin TLS where the server has said so."""
        if self._must_start_tls and self._client.is_open:
            self._is_secure = self._client.start_tls()
            self._listen()

    def violations(self) -> list[Violation]:
        """Give what was wrong."""
        return self._judge() if self._found is None else self._found

    @property
    def _must_start_tls(self) -> bool:
        return self.model.state.secure and not self._is_secure

    def _judge(self) -> list[Violation]:
        if self._must_start_tls and not self._client.is_open:
            # What was sent behind STARTTLS was taken for TLS, which is nobody's fault.
            return []
        return self.model.check(closed=not self._client.is_open)

    def _listen(self) -> None:
        received = self._client.received
        self.model.received(received[self._heard :])
        self._heard = len(received)


def judge(
    steps: list[Step], fault: Fault | None, *, lmtp: bool = False, tls: bool = False
) -> list[Violation]:
    """Play a script; give what is said first of each connection."""
    clients: dict[int, JudgingClient] = {}
    with PlantedServer(fault, lmtp, tls) as server, contextlib.ExitStack() as stack:
        for step in steps:
            number, what = step if isinstance(step, tuple) else (0, step)
            if number not in clients:
                try:
                    clients[number] = JudgingClient(server)
                except ConnectionRefusedError:
                    break
                stack.enter_context(clients[number])
            if isinstance(what, bytes):
                clients[number].send(what)
            elif what is Do.START_TLS:
                clients[number].start_tls()
            else:
                clients[number].hang_up()
        return [one for client in clients.values() for one in client.violations()[:1]]
