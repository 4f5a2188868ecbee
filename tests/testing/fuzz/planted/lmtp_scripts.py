"""Scripts that show the faults of ``lmtp_faults``."""

from __future__ import annotations

from tests.testing.fuzz.planted.lmtp_faults import (
    AcceptsEhloInLmtp,
    AcceptsLhloInSmtp,
    AcceptsLmtpMessageForNobody,
    AnswersDuplicatesOnce,
    AnswersEachChunkForAll,
    AnswersForEarlierMessages,
    AnswersForRefusedRecipients,
    AnswersLastChunkForNobody,
    AnswersLastChunkOnce,
    AnswersOnceForAll,
)
from tests.testing.fuzz.planted.script import (
    BAD_RCPT,
    DATA,
    EHLO,
    LHLO,
    LMTP_BEGIN,
    MAIL,
    MESSAGE,
    RCPT,
    RCPT_B,
    Script,
    Scripts,
)

LMTP_SCRIPTS: Scripts = {
    AnswersOnceForAll: Script(
        [LMTP_BEGIN, RCPT_B, DATA, b".\r\n"],
        "250 250 250 250 354 250 250",
        "250 250 250 250 354 250",
    ),
    AnswersForRefusedRecipients: Script(
        [LMTP_BEGIN, BAD_RCPT, DATA, b".\r\n"],
        "250 250 250 550 354 250",
        "250 250 250 550 354 250 250",
    ),
    AnswersDuplicatesOnce: Script(
        [LMTP_BEGIN, RCPT, DATA, b".\r\n"],
        "250 250 250 250 354 250 250",
        "250 250 250 250 354 250",
    ),
    AnswersForEarlierMessages: Script(
        [LHLO, MESSAGE, MESSAGE],
        "250 250 250 354 250 250 250 354 250",
        "250 250 250 354 250 250 250 354 250 250",
    ),
    AnswersLastChunkOnce: Script(
        [LMTP_BEGIN, RCPT_B, b"BDAT 1 LAST\r\nx"],
        "250 250 250 250 250 250",
        "250 250 250 250 250",
    ),
    AnswersEachChunkForAll: Script(
        [LMTP_BEGIN, RCPT_B, b"BDAT 1\r\nx"],
        "250 250 250 250 250",
        "250 250 250 250 250 250",
    ),
    AnswersLastChunkForNobody: Script(
        [LHLO, MAIL, b"BDAT 1 LAST\r\nx"],
        "250 250",
        "250 250 503",
    ),
    AcceptsLmtpMessageForNobody: Script(
        [LHLO, MAIL, DATA, b".\r\n"],
        "250 250 503 500",
        "250 250 354",
    ),
    AcceptsEhloInLmtp: Script(
        [EHLO],
        "500",
        "250",
    ),
    AcceptsLhloInSmtp: Script(
        [LHLO],
        "500",
        "250",
    ),
}
