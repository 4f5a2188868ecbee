"""Faults in AUTH (RFC 4954)."""

from __future__ import annotations

import re

from tests.testing.fuzz.planted.authenticating import USER
from tests.testing.fuzz.planted.envelope import Refusal
from tests.testing.fuzz.planted.fault import faults_of
from tests.testing.fuzz.planted.octet_reader import LINE_OCTETS
from tests.testing.fuzz.planted.session import PlantedSession


class CancelAuthenticates(PlantedSession):
    """A client that gives up is in."""

    def auth(self, argument: bytes) -> None:
        try:
            super().auth(argument)
        except Refusal as refusal:
            if refusal.enhanced != "5.7.0":
                raise
            self.user = USER
            self.reply(235, "2.7.0", "welcome")


class AcceptsSecondAuth(PlantedSession):
    """AUTH is accepted of a client that is in."""

    def may_auth(self) -> None:
        self.user = b""
        super().may_auth()


class AcceptsAuthInTransaction(PlantedSession):
    """AUTH is accepted in a transaction."""

    def may_auth(self) -> None:
        if self.envelope.sender is None:
            super().may_auth()


class AcceptsAnyPassword(PlantedSession):
    """Any password is right."""

    def is_right(self, user: bytes, password: bytes) -> bool:
        return user == USER


class AsksAgainAtBadBase64(PlantedSession):
    """A response that is no base64 is asked for again."""

    def asked(self, challenge: str) -> bytes:
        line = super().asked(challenge)
        while re.fullmatch(rb"[A-Za-z0-9+/]*=*", line) is None:
            line = super().asked(challenge)
        return line


class RunsBadBase64(PlantedSession):
    """A response that is no base64 ends the exchange, and is answered as a command."""

    def auth(self, argument: bytes) -> None:
        self.response_line = b""
        try:
            super().auth(argument)
        except Refusal as refusal:
            if refusal.enhanced != "5.5.2" or not self.response_line:
                raise
            self.on_line(self.response_line)

    def asked(self, challenge: str) -> bytes:
        self.response_line = super().asked(challenge)
        return self.response_line


class IgnoresJunkInBase64(PlantedSession):
    """What is no base64 inside a response is left out."""

    def decoded(self, response: bytes) -> bytes:
        return super().decoded(re.sub(rb"[^A-Za-z0-9+/=]", b"", response))


class CutsLongResponses(PlantedSession):
    """A response longer than a command is cut, and its rest answered as a command."""

    def read_line(self) -> bytes | None:
        if not self.in_exchange:
            return super().read_line()
        while (end := self.buffer.find(b"\r\n")) < 0 and (
            len(self.buffer) <= LINE_OCTETS
        ):
            self.fill()
        if 0 <= end <= LINE_OCTETS:
            return super().read_line()
        del self.buffer[:LINE_OCTETS]
        return None


class FailedAuthAuthenticates(PlantedSession):
    """A client with a wrong password is refused, but in."""

    def end_exchange(self, user: bytes, password: bytes) -> None:
        try:
            super().end_exchange(user, password)
        except Refusal:
            self.user = user
            raise


class CancelStaysInExchange(PlantedSession):
    """A client that has given up is still asked for its response."""

    def auth(self, argument: bytes) -> None:
        try:
            super().auth(argument)
        except Refusal as refusal:
            if refusal.enhanced != "5.7.0":
                raise
            self.reply(refusal.code, refusal.enhanced, refusal.text)
            self.in_exchange = True
            self.end_exchange(b"", self.decoded(self.read_line() or b""))

    def on_command(self, verb: bytes, argument: bytes) -> None:
        super().on_command(verb, argument)
        self.in_exchange = False


class EchoesPassword(PlantedSession):
    """The refusal of a password tells it."""

    def end_exchange(self, user: bytes, password: bytes) -> None:
        if not self.is_right(user, password):
            shown = repr(password)[2:-1]
            raise Refusal(535, "5.7.8", f"{shown} is not the password")
        super().end_exchange(user, password)


class ForgetsUserAtRset(PlantedSession):
    """RSET forgets the user, so that AUTH is accepted again."""

    def rset(self, argument: bytes) -> None:
        super().rset(argument)
        self.user = b""


class SilentToEmptyResponse(PlantedSession):
    """An empty response is not answered; the server waits for another one."""

    def read_line(self) -> bytes | None:
        line = super().read_line()
        while self.in_exchange and line == b"":
            line = super().read_line()
        return line


AUTH_FAULTS = faults_of(
    "AUTH",
    CancelAuthenticates,
    AcceptsSecondAuth,
    AcceptsAuthInTransaction,
    AcceptsAnyPassword,
    AsksAgainAtBadBase64,
    RunsBadBase64,
    IgnoresJunkInBase64,
    CutsLongResponses,
    FailedAuthAuthenticates,
    CancelStaysInExchange,
    EchoesPassword,
    ForgetsUserAtRset,
    SilentToEmptyResponse,
    credentials=True,
)
