"""Scripts that show the faults of ``reply_faults``."""

from __future__ import annotations

from tests.testing.fuzz.planted.reply_faults import (
    AcceptsUnknownVerbs,
    AnswersRsetTwice,
    BreaksOffAt8Bit,
    ClosesAtThirdRefusedRcpt,
    ClosesAtUnknownVerb,
    DefersRefusals,
    EchoesControlOctets,
    EchoesLongArgument,
    EndsReplyWithLf,
    EnhancedClassDiffers,
    HelloHasTwoCodes,
    KnowsUpperCaseOnly,
    SilentToEmptyLine,
    SilentToNoopWithArgument,
    SplitsReplyAtEcho,
    StaysAfterQuit,
    TakesNoopBehindMessageForQuit,
)
from tests.testing.fuzz.planted.script import (
    BAD_RCPT,
    BEGIN,
    EHLO,
    MAIL,
    MESSAGE,
    NOOP,
    Script,
    Scripts,
)

REPLY_SCRIPTS: Scripts = {
    HelloHasTwoCodes: Script(
        [EHLO],
        "250",
        "250",
    ),
    SilentToNoopWithArgument: Script(
        [b"NOOP a\r\n", NOOP],
        "250 250",
        "250",
    ),
    SilentToEmptyLine: Script(
        [b"\r\n", NOOP],
        "500 250",
        "250",
    ),
    AnswersRsetTwice: Script(
        [BEGIN, b"RSET\r\n"],
        "250 250 250 250",
        "250 250 250 250 250",
    ),
    EnhancedClassDiffers: Script(
        [EHLO, MAIL, BAD_RCPT],
        "250 250 550",
        "250 250 550",
    ),
    EndsReplyWithLf: Script(
        [b"VRFY a\r\n"],
        "252",
        "252",
    ),
    EchoesControlOctets: Script(
        [b"VRFY \x1b[2J\r\n"],
        "252",
        "252",
    ),
    EchoesLongArgument: Script(
        [b"EXPN " + b"a" * 600 + b"\r\n"],
        "502",
        "502",
    ),
    SplitsReplyAtEcho: Script(
        [b"x\n250 well\r\n"],
        "500",
        "500 250",
    ),
    AcceptsUnknownVerbs: Script(
        [b"WIZ\r\n"],
        "500",
        "250",
    ),
    ClosesAtUnknownVerb: Script(
        [b"XYZZY\r\n", NOOP],
        "500 250",
        "",
    ),
    ClosesAtThirdRefusedRcpt: Script(
        [EHLO, MAIL, BAD_RCPT, BAD_RCPT, BAD_RCPT, NOOP],
        "250 250 550 550 550 250",
        "250 250 550 550",
    ),
    BreaksOffAt8Bit: Script(
        [b"VRFY \xe9\r\n", NOOP],
        "252 250",
        "",
    ),
    KnowsUpperCaseOnly: Script(
        [b"noop\r\n"],
        "250",
        "500",
    ),
    DefersRefusals: Script(
        [EHLO, b"WIZ\r\n" + NOOP],
        "250 500 250",
        "250 250 500",
    ),
    StaysAfterQuit: Script(
        [b"QUIT\r\n", NOOP],
        "221",
        "221 250",
    ),
    TakesNoopBehindMessageForQuit: Script(
        [EHLO, MESSAGE, NOOP],
        "250 250 250 354 250 250",
        "250 250 250 354 250 221",
    ),
}
