"""Faults by which one session is seen in another, or ends it."""

from __future__ import annotations

from tests.testing.fuzz.planted.fault import faults_of
from tests.testing.fuzz.planted.session import PlantedSession
from tests.testing.fuzz.planted.stream import ClientGone


class SharesEnvelope(PlantedSession):
    """All sessions have one envelope."""

    def on_command(self, verb: bytes, argument: bytes) -> None:
        self.envelope = self.server.kept_envelope
        super().on_command(verb, argument)
        self.server.kept_envelope = self.envelope


class KeepsHelloForNextSession(PlantedSession):
    """A session begins with the hello of the one before it."""

    def run(self) -> None:
        self.hello_verb = self.server.kept_hello
        self.is_extended = self.hello_verb in (b"EHLO", b"LHLO")
        try:
            super().run()
        finally:
            self.server.kept_hello = self.hello_verb


class KeepsTransactionForNextSession(PlantedSession):
    """A session that broke off in a transaction leaves it to the next one."""

    def run(self) -> None:
        self.envelope = self.server.kept_envelope
        try:
            super().run()
        finally:
            self.server.kept_envelope = self.envelope


class KeepsUserForNextSession(PlantedSession):
    """A session begins with the user of the one before it."""

    def run(self) -> None:
        self.user = self.server.kept_user
        try:
            super().run()
        finally:
            self.server.kept_user = self.user


class NulEndsServer(PlantedSession):
    """A NUL in a command ends the session and the server: nobody can connect."""

    def on_line(self, line: bytes | None) -> None:
        if line is not None and b"\0" in line:
            self.server.stop_listening()
            raise ClientGone
        super().on_line(line)


class QuitEndsAllSessions(PlantedSession):
    """QUIT ends all sessions."""

    def quit(self, argument: bytes) -> None:
        super().quit(argument)
        self.stream.flush()
        self.server.close_sessions()


SESSION_FAULTS = (
    *faults_of(
        "sessions",
        SharesEnvelope,
        KeepsHelloForNextSession,
        KeepsTransactionForNextSession,
        NulEndsServer,
        QuitEndsAllSessions,
    ),
    *faults_of("sessions", KeepsUserForNextSession, credentials=True),
)
