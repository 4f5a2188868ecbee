"""Faults in LMTP (RFC 2033), most of them in the number of replies to a message."""

from __future__ import annotations

from tests.testing.fuzz.planted.fault import faults_of
from tests.testing.fuzz.planted.session import PlantedSession


class AnswersOnceForAll(PlantedSession):
    """A message for several has one reply."""

    def replies_due(self) -> int:
        return 1


class AnswersForRefusedRecipients(PlantedSession):
    """A message has replies for refused recipients too."""

    refused = 0

    def begin(self, sender: str, body: str) -> None:
        super().begin(sender, body)
        self.refused = 0

    def is_known(self, recipient: str) -> bool:
        is_known = super().is_known(recipient)
        self.refused += not is_known
        return is_known

    def replies_due(self) -> int:
        return super().replies_due() + self.refused


class AnswersDuplicatesOnce(PlantedSession):
    """A recipient that was given twice has one reply."""

    def replies_due(self) -> int:
        return len(set(self.envelope.recipients))


class AnswersForEarlierMessages(PlantedSession):
    """A message has replies for the recipients of those before it too."""

    answered = 0

    def replies_due(self) -> int:
        self.answered += super().replies_due()
        return self.answered


class AnswersLastChunkOnce(PlantedSession):
    """A message by BDAT has one reply, one by DATA has them all."""

    def replies_due(self) -> int:
        return 1 if self.envelope.chunks == "open" else super().replies_due()


class AnswersEachChunkForAll(PlantedSession):
    """Each chunk has a reply per recipient."""

    def on_good_chunk(self, chunk: bytes, is_last: bool) -> None:
        super().on_good_chunk(chunk, is_last)
        for _ in self.envelope.recipients[1:]:
            self.reply(250, "2.0.0", "chunk taken")


class AnswersLastChunkForNobody(PlantedSession):
    """The last chunk of a message for nobody has a reply."""

    def on_chunk_for_nobody(self, is_last: bool) -> None:
        if is_last:
            self.reset()
            self.reply(503, "5.5.1", "for whom?")
        else:
            super().on_chunk_for_nobody(is_last)


class AcceptsLmtpMessageForNobody(PlantedSession):
    """DATA without recipients is accepted, and its end has no reply."""

    def need_recipients(self) -> None:
        """Refuse nothing."""


class AcceptsEhloInLmtp(PlantedSession):
    """EHLO and HELO are accepted in LMTP."""

    def hello(self, verb: bytes, argument: bytes) -> None:
        super().hello(b"LHLO", argument)


class AcceptsLhloInSmtp(PlantedSession):
    """LHLO is accepted in SMTP."""

    def hello(self, verb: bytes, argument: bytes) -> None:
        super().hello(b"EHLO" if verb == b"LHLO" else verb, argument)


LMTP_FAULTS = (
    *faults_of(
        "LMTP",
        AnswersOnceForAll,
        AnswersForRefusedRecipients,
        AnswersDuplicatesOnce,
        AnswersForEarlierMessages,
        AnswersLastChunkOnce,
        AnswersEachChunkForAll,
        AnswersLastChunkForNobody,
        AcceptsLmtpMessageForNobody,
        AcceptsEhloInLmtp,
        lmtp=True,
    ),
    *faults_of("LMTP", AcceptsLhloInSmtp),
)
