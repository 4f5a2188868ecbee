"""Faults in replies: their form, their number, their order, and what they give away."""

from __future__ import annotations

from tests.testing.fuzz.planted.envelope import Refusal
from tests.testing.fuzz.planted.fault import faults_of
from tests.testing.fuzz.planted.session import PlantedSession
from tests.testing.fuzz.planted.stream import ClientGone


class HelloHasTwoCodes(PlantedSession):
    """The lines of the reply to EHLO differ in their codes."""

    def reply_octets(self, code: int, enhanced: str, *texts: str) -> bytes:
        octets = super().reply_octets(code, enhanced, *texts)
        return octets.replace(b"250-SIZE", b"251-SIZE")


class SilentToNoopWithArgument(PlantedSession):
    """NOOP with an argument is not answered."""

    def noop(self, argument: bytes) -> None:
        if not argument:
            super().noop(argument)


class SilentToEmptyLine(PlantedSession):
    """An empty line is not answered."""

    def on_line(self, line: bytes | None) -> None:
        if line != b"":
            super().on_line(line)


class AnswersRsetTwice(PlantedSession):
    """RSET in a transaction is answered twice."""

    def reset(self) -> None:
        self.had_recipients = bool(self.envelope.recipients)
        super().reset()

    def rset(self, argument: bytes) -> None:
        super().rset(argument)
        if self.had_recipients:
            self.reply(250, "2.0.0", "transaction ended")


class EnhancedClassDiffers(PlantedSession):
    """The enhanced status code of a refused recipient is of the class of success."""

    def reply_octets(self, code: int, enhanced: str, *texts: str) -> bytes:
        octets = super().reply_octets(code, enhanced, *texts)
        return octets.replace(b"550 5.1.1", b"550 2.1.1")


class EndsReplyWithLf(PlantedSession):
    """The reply to VRFY has no CR at its end."""

    def vrfy(self, argument: bytes) -> None:
        self.stream.send(b"252 2.0.0 send some mail\n")


class EchoesControlOctets(PlantedSession):
    """VRFY's argument comes back as it is."""

    def vrfy(self, argument: bytes) -> None:
        self.reply(252, "2.0.0", argument.decode("latin-1"))


class EchoesLongArgument(PlantedSession):
    """EXPN's argument comes back, printable but in any length."""

    def expn(self, argument: bytes) -> None:
        shown = "".join(chr(c) if 32 <= c < 127 else "?" for c in argument)
        raise Refusal(502, "5.5.1", f"no such list: {shown}")


class SplitsReplyAtEcho(PlantedSession):
    """A command with a bare LF comes back, and makes two replies of one."""

    def on_bare_newline(self, line: bytes) -> None:
        self.reply(500, "5.5.2", line.decode("latin-1"))


class AcceptsUnknownVerbs(PlantedSession):
    """An unknown command is accepted."""

    def unknown(self, argument: bytes) -> None:
        self.reply(250, "2.0.0", "why not")


class ClosesAtUnknownVerb(PlantedSession):
    """An unknown command ends the session without a word."""

    def unknown(self, argument: bytes) -> None:
        raise ClientGone


class ClosesAtThirdRefusedRcpt(PlantedSession):
    """The third refused recipient of a transaction ends the session without a word."""

    refused = 0

    def begin(self, sender: str, body: str) -> None:
        super().begin(sender, body)
        self.refused = 0

    def is_known(self, recipient: str) -> bool:
        is_known = super().is_known(recipient)
        self.refused += not is_known
        if self.refused == 3:
            raise ClientGone
        return is_known


class BreaksOffAt8Bit(PlantedSession):
    """A line with an octet above 127 ends the session without a word."""

    def on_line(self, line: bytes | None) -> None:
        if line is not None and not line.isascii():
            raise ClientGone
        super().on_line(line)


class KnowsUpperCaseOnly(PlantedSession):
    """A verb in lower case is unknown."""

    def split(self, line: bytes) -> tuple[bytes, bytes]:
        verb, argument = super().split(line)
        return (verb if line.startswith(verb) else b""), argument


class DefersRefusals(PlantedSession):
    """Refusals in a group of commands come behind all other replies."""

    deferred = b""

    def reply(self, code: int, enhanced: str, *texts: str) -> None:
        if code < 500:
            super().reply(code, enhanced, *texts)
        else:
            self.deferred += self.reply_octets(code, enhanced, *texts)

    def fill(self) -> None:
        self.stream.send(self.deferred)
        self.deferred = b""
        super().fill()


class StaysAfterQuit(PlantedSession):
    """QUIT is answered, and the session goes on."""

    def quit(self, argument: bytes) -> None:
        super().quit(argument)
        self.is_over = bool(argument)


class TakesNoopBehindMessageForQuit(PlantedSession):
    """NOOP behind a message that was accepted ends the session with 221."""

    has_accepted = False

    def end_of_message(self, content: bytes | None) -> None:
        self.has_accepted = self.verdict(content)[0] == 250
        super().end_of_message(content)

    def noop(self, argument: bytes) -> None:
        if self.has_accepted:
            self.quit(b"")
        else:
            super().noop(argument)


REPLY_FAULTS = faults_of(
    "replies",
    HelloHasTwoCodes,
    SilentToNoopWithArgument,
    SilentToEmptyLine,
    AnswersRsetTwice,
    EnhancedClassDiffers,
    EndsReplyWithLf,
    EchoesControlOctets,
    EchoesLongArgument,
    SplitsReplyAtEcho,
    AcceptsUnknownVerbs,
    ClosesAtUnknownVerb,
    ClosesAtThirdRefusedRcpt,
    BreaksOffAt8Bit,
    KnowsUpperCaseOnly,
    DefersRefusals,
    StaysAfterQuit,
    TakesNoopBehindMessageForQuit,
)
