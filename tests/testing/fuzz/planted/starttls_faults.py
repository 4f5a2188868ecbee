"""Faults in STARTTLS (RFC 3207)."""

from __future__ import annotations

from tests.testing.fuzz.planted.envelope import Refusal
from tests.testing.fuzz.planted.fault import faults_of
from tests.testing.fuzz.planted.session import PlantedSession


class RunsPlainTextInsideTls(PlantedSession):
    """What came behind STARTTLS in plain text is answered inside TLS."""

    def begin_tls(self) -> None:
        injected = bytes(self.buffer)
        super().begin_tls()
        self.buffer += injected


class KeepsHelloInsideTls(PlantedSession):
    """The hello from before TLS still counts."""

    def forget(self) -> None:
        hello = self.hello_verb, self.is_extended
        super().forget()
        self.hello_verb, self.is_extended = hello


class KeepsUserInsideTls(PlantedSession):
    """The user from before TLS is still in."""

    def forget(self) -> None:
        user = self.user
        super().forget()
        self.user = user


class KeepsTransactionInsideTls(PlantedSession):
    """STARTTLS is accepted in a transaction, which goes on inside TLS."""

    is_in_starttls = False

    def may_leave_transaction(self) -> None:
        if not self.is_in_starttls:
            super().may_leave_transaction()

    def starttls(self, argument: bytes) -> None:
        self.is_in_starttls = True
        try:
            super().starttls(argument)
        finally:
            self.is_in_starttls = False

    def forget(self) -> None:
        envelope = self.envelope
        super().forget()
        self.envelope = envelope


class OffersTlsInsideTls(PlantedSession):
    """STARTTLS is offered inside TLS."""

    def offers_tls(self) -> bool:
        return self.server.tls is not None


class AcceptsStarttlsInsideTls(PlantedSession):
    """STARTTLS inside TLS is accepted, and nothing happens."""

    def may_starttls(self) -> None:
        if not self.is_secure:
            super().may_starttls()

    def begin_tls(self) -> None:
        if self.is_secure:
            self.forget()
        else:
            super().begin_tls()


class AcceptsStarttlsWithArgument(PlantedSession):
    """STARTTLS is accepted with an argument."""

    def starttls(self, argument: bytes) -> None:
        super().starttls(b"")


class SendsRepliesInsideTls(PlantedSession):
    """Replies that are due before STARTTLS come inside TLS."""

    def begin_tls(self) -> None:
        sent = bytes(self.stream.unsent)
        start = sent.rindex(b"220 ")
        del self.stream.unsent[:start]
        super().begin_tls()
        self.stream.send(sent[:start])


class RefusedStarttlsForgetsHello(PlantedSession):
    """STARTTLS that is refused forgets the hello."""

    def starttls(self, argument: bytes) -> None:
        try:
            super().starttls(argument)
        except Refusal:
            self.forget()
            raise


class GreetsInsideTls(PlantedSession):
    """Inside TLS the server greets again."""

    def begin_tls(self) -> None:
        super().begin_tls()
        self.reply(220, "", "mx.planted.example ready")


STARTTLS_FAULTS = (
    *faults_of(
        "STARTTLS",
        RunsPlainTextInsideTls,
        KeepsHelloInsideTls,
        KeepsTransactionInsideTls,
        OffersTlsInsideTls,
        AcceptsStarttlsInsideTls,
        AcceptsStarttlsWithArgument,
        SendsRepliesInsideTls,
        RefusedStarttlsForgetsHello,
        GreetsInsideTls,
        tls=True,
    ),
    *faults_of("STARTTLS", KeepsUserInsideTls, tls=True, credentials=True),
)
