"""Faults in what is remembered, and for how long."""

from __future__ import annotations

from tests.testing.fuzz.planted.envelope import Envelope, Parameter, Refusal
from tests.testing.fuzz.planted.fault import faults_of
from tests.testing.fuzz.planted.session import PlantedSession


class AcceptsMailTwice(PlantedSession):
    """MAIL is accepted in a transaction, and begins a new one."""

    def may_mail(self) -> None:
        if not self.hello_verb:
            super().may_mail()


class AcceptsMailBeforeHello(PlantedSession):
    """MAIL is accepted before a hello."""

    def may_mail(self) -> None:
        self.may_leave_transaction()


class AcceptsRcptBeforeMail(PlantedSession):
    """RCPT is accepted before MAIL."""

    def may_rcpt(self) -> None:
        """Refuse nothing."""


class AcceptsDataForNobody(PlantedSession):
    """A message without recipients is accepted."""

    def need_recipients(self) -> None:
        """Refuse nothing."""


class KeepsRecipients(PlantedSession):
    """What a transaction begins with, for those that keep recipients of another."""

    kept: tuple[str, ...] = ()

    def begin(self, sender: str, body: str) -> None:
        super().begin(sender, body)
        self.envelope.recipients += self.kept
        self.kept = ()


class RsetKeepsRecipients(KeepsRecipients):
    """RSET forgets the sender, but the next transaction has the old recipients."""

    def rset(self, argument: bytes) -> None:
        recipients = tuple(self.envelope.recipients)
        super().rset(argument)
        self.kept = recipients


class SecondMessageKeepsRecipients(KeepsRecipients):
    """The recipients of the second message are recipients of the third one too."""

    messages = 0

    def end_of_message(self, content: bytes | None) -> None:
        self.messages += 1
        if self.messages == 2:
            self.kept = tuple(self.envelope.recipients)
        super().end_of_message(content)


class HelloKeepsTransaction(PlantedSession):
    """A hello does not end the transaction."""

    def hello(self, verb: bytes, argument: bytes) -> None:
        envelope = self.envelope
        super().hello(verb, argument)
        self.envelope = envelope


class RefusedMailBeginsTransaction(PlantedSession):
    """MAIL that is refused for its parameters has begun a transaction."""

    def check_parameters(self, parameters: list[Parameter]) -> None:
        self.begin("", "")
        super().check_parameters(parameters)


class RefusedRcptCounts(PlantedSession):
    """A refused recipient is a recipient all the same."""

    def is_known(self, recipient: str) -> bool:
        if not super().is_known(recipient):
            self.envelope.recipients.append(recipient)
            return False
        return True


class RefusedRcptForgetsOthers(PlantedSession):
    """A refused recipient takes those before it along."""

    def is_known(self, recipient: str) -> bool:
        if not super().is_known(recipient):
            self.envelope.recipients.clear()
            return False
        return True


class RefusedDataEndsTransaction(PlantedSession):
    """DATA that is refused ends the transaction."""

    def may_data(self) -> None:
        try:
            super().may_data()
        except Refusal:
            self.reset()
            raise


class RefusedMessageKeepsTransaction(PlantedSession):
    """A refused message does not end its transaction."""

    def end_of_message(self, content: bytes | None) -> None:
        envelope, code = self.envelope, self.verdict(content)[0]
        super().end_of_message(content)
        if code != 250:
            self.envelope = envelope


class AcceptedMessageKeepsTransaction(PlantedSession):
    """An accepted message does not end its transaction."""

    def end_of_message(self, content: bytes | None) -> None:
        envelope, code = self.envelope, self.verdict(content)[0]
        super().end_of_message(content)
        if code == 250:
            self.envelope = envelope


class NoopEndsTransaction(PlantedSession):
    """NOOP ends the transaction."""

    def noop(self, argument: bytes) -> None:
        super().noop(argument)
        self.reset()


class VrfyEndsTransaction(PlantedSession):
    """VRFY ends the transaction."""

    def vrfy(self, argument: bytes) -> None:
        super().vrfy(argument)
        self.reset()


class HeloKeepsExtensions(PlantedSession):
    """Behind EHLO, HELO does not take the extensions away."""

    def hello(self, verb: bytes, argument: bytes) -> None:
        was_extended = self.is_extended
        super().hello(verb, argument)
        self.is_extended = self.is_extended or was_extended


class RsetForgetsHello(PlantedSession):
    """RSET forgets the hello."""

    def rset(self, argument: bytes) -> None:
        super().rset(argument)
        self.hello_verb = b""


class RefusedHelloForgetsHello(PlantedSession):
    """A refused hello takes the one before along."""

    def hello(self, verb: bytes, argument: bytes) -> None:
        try:
            super().hello(verb, argument)
        except Refusal:
            self.hello_verb = b""
            raise


class BodyOutlivesTransaction(PlantedSession):
    """BODY holds for the next transaction too, if that has none of its own."""

    last_body = ""

    def begin(self, sender: str, body: str) -> None:
        self.last_body = body or self.last_body
        super().begin(sender, self.last_body)


class LowerCaseRsetDoesNothing(PlantedSession):
    """RSET is answered, but ends nothing if its verb is in lower case."""

    def split(self, line: bytes) -> tuple[bytes, bytes]:
        verb, argument = super().split(line)
        return (b"NOOP" if line.startswith(b"rset") else verb), argument


class RsetBehindRefusedRcptDoesNothing(PlantedSession):
    """RSET is answered, but ends nothing if the last recipient was refused."""

    was_refused = False

    def is_known(self, recipient: str) -> bool:
        self.was_refused = not super().is_known(recipient)
        return not self.was_refused

    def rset(self, argument: bytes) -> None:
        envelope = self.envelope if self.was_refused else Envelope()
        super().rset(argument)
        self.envelope = envelope


STATE_FAULTS = (
    *faults_of(
        "state",
        AcceptsMailTwice,
        AcceptsMailBeforeHello,
        AcceptsRcptBeforeMail,
        AcceptsDataForNobody,
        RsetKeepsRecipients,
        SecondMessageKeepsRecipients,
        HelloKeepsTransaction,
        RefusedMailBeginsTransaction,
        RefusedRcptCounts,
        RefusedDataEndsTransaction,
        RefusedMessageKeepsTransaction,
        AcceptedMessageKeepsTransaction,
        NoopEndsTransaction,
        VrfyEndsTransaction,
        HeloKeepsExtensions,
        RsetForgetsHello,
        RefusedHelloForgetsHello,
        BodyOutlivesTransaction,
        LowerCaseRsetDoesNothing,
        RsetBehindRefusedRcptDoesNothing,
    ),
    *faults_of("state", RefusedRcptForgetsOthers, lmtp=True),
)
