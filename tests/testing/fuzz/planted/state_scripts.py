"""Scripts that show the faults of ``state_faults``."""

from __future__ import annotations

from tests.testing.fuzz.planted.script import (
    BAD_RCPT,
    BEGIN,
    DATA,
    EHLO,
    LMTP_BEGIN,
    MAIL,
    MESSAGE,
    NOOP,
    RCPT,
    RCPT_B,
    Script,
    Scripts,
)
from tests.testing.fuzz.planted.state_faults import (
    AcceptedMessageKeepsTransaction,
    AcceptsDataForNobody,
    AcceptsMailBeforeHello,
    AcceptsMailTwice,
    AcceptsRcptBeforeMail,
    BodyOutlivesTransaction,
    HelloKeepsTransaction,
    HeloKeepsExtensions,
    LowerCaseRsetDoesNothing,
    NoopEndsTransaction,
    RefusedDataEndsTransaction,
    RefusedHelloForgetsHello,
    RefusedMailBeginsTransaction,
    RefusedMessageKeepsTransaction,
    RefusedRcptCounts,
    RefusedRcptForgetsOthers,
    RsetBehindRefusedRcptDoesNothing,
    RsetForgetsHello,
    RsetKeepsRecipients,
    SecondMessageKeepsRecipients,
    VrfyEndsTransaction,
)

STATE_SCRIPTS: Scripts = {
    AcceptsMailTwice: Script(
        [EHLO, MAIL, MAIL],
        "250 250 503",
        "250 250 250",
    ),
    AcceptsMailBeforeHello: Script(
        [MAIL],
        "503",
        "250",
    ),
    AcceptsRcptBeforeMail: Script(
        [EHLO, RCPT],
        "250 503",
        "250 250",
    ),
    AcceptsDataForNobody: Script(
        [EHLO, MAIL, DATA, b"x\r\n.\r\n"],
        "250 250 554 500 500",
        "250 250 354 250",
    ),
    RsetKeepsRecipients: Script(
        [BEGIN, b"RSET\r\n", MAIL, DATA, b"x\r\n.\r\n"],
        "250 250 250 250 250 554 500 500",
        "250 250 250 250 250 354 250",
    ),
    SecondMessageKeepsRecipients: Script(
        [EHLO, MESSAGE, MESSAGE, MAIL, DATA, b"x\r\n.\r\n"],
        "250 250 250 354 250 250 250 354 250 250 554 500 500",
        "250 250 250 354 250 250 250 354 250 250 354 250",
    ),
    HelloKeepsTransaction: Script(
        [BEGIN, EHLO, MAIL],
        "250 250 250 250 250",
        "250 250 250 250 503",
    ),
    RefusedMailBeginsTransaction: Script(
        [EHLO, b"MAIL FROM:<a@c.example> FOO=1\r\n", RCPT],
        "250 555 503",
        "250 555 250",
    ),
    RefusedRcptCounts: Script(
        [EHLO, MAIL, BAD_RCPT, DATA, b"x\r\n.\r\n"],
        "250 250 550 554 500 500",
        "250 250 550 354 250",
    ),
    RefusedRcptForgetsOthers: Script(
        [LMTP_BEGIN, BAD_RCPT, RCPT_B, DATA, b".\r\n"],
        "250 250 250 550 250 354 250 250",
        "250 250 250 550 250 354 250",
    ),
    RefusedDataEndsTransaction: Script(
        [EHLO, MAIL, DATA, RCPT],
        "250 250 554 250",
        "250 250 554 503",
    ),
    RefusedMessageKeepsTransaction: Script(
        [BEGIN, DATA, b"x\ny\r\n.\r\n", MAIL],
        "250 250 250 354 550 250",
        "250 250 250 354 550 503",
    ),
    AcceptedMessageKeepsTransaction: Script(
        [EHLO, MESSAGE, MAIL],
        "250 250 250 354 250 250",
        "250 250 250 354 250 503",
    ),
    NoopEndsTransaction: Script(
        [BEGIN, NOOP, RCPT],
        "250 250 250 250 250",
        "250 250 250 250 503",
    ),
    VrfyEndsTransaction: Script(
        [BEGIN, b"VRFY a\r\n", RCPT],
        "250 250 250 252 250",
        "250 250 250 252 503",
    ),
    HeloKeepsExtensions: Script(
        [EHLO, b"HELO c.example\r\n", b"MAIL FROM:<a@c.example> SIZE=1\r\n"],
        "250 250 555",
        "250 250 250",
    ),
    RsetForgetsHello: Script(
        [EHLO, b"RSET\r\n", MAIL],
        "250 250 250",
        "250 250 503",
    ),
    RefusedHelloForgetsHello: Script(
        [EHLO, b"EHLO\r\n", MAIL],
        "250 501 250",
        "250 501 503",
    ),
    BodyOutlivesTransaction: Script(
        [
            EHLO,
            b"MAIL FROM:<a@c.example> BODY=BINARYMIME\r\n",
            b"RSET\r\n",
            MAIL + RCPT,
            DATA,
            b"x\r\n.\r\n",
        ],
        "250 250 250 250 250 354 250",
        "250 250 250 250 250 503 500 500",
    ),
    LowerCaseRsetDoesNothing: Script(
        [BEGIN, b"rset\r\n", MAIL],
        "250 250 250 250 250",
        "250 250 250 250 503",
    ),
    RsetBehindRefusedRcptDoesNothing: Script(
        [BEGIN, BAD_RCPT, b"RSET\r\n", MAIL],
        "250 250 250 550 250 250",
        "250 250 250 550 250 503",
    ),
}
