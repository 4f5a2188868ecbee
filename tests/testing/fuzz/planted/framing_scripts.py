"""Scripts that show the faults of ``framing_faults``."""

from __future__ import annotations

from tests.testing.fuzz.planted.framing_faults import (
    DropsBehindEndOfMessage,
    DropsBehindRefusal,
    EndsContentAroundNul,
    EndsContentAtCrDotCr,
    EndsContentAtCrlfDotLf,
    EndsContentAtDotAndSpace,
    EndsContentAtLfDotCrlf,
    EndsContentAtLfDotLf,
    EndsContentAtStuffedDot,
    KeepsFirstCommandOfSegment,
    LeavesContentAtLongLine,
    LosesCommandCutInCrlf,
    MissesEndOfEmptyContent,
    RunsWhatFollowsQuit,
    SeeksEndWithinSegment,
    SplitsCommandsAtCr,
    SplitsCommandsAtLf,
    StripsNul,
    TakesSegmentForCommand,
)
from tests.testing.fuzz.planted.script import (
    BAD_RCPT,
    BEGIN,
    DATA,
    EHLO,
    MAIL,
    NOOP,
    RCPT,
    Script,
    Scripts,
)

FRAMING_SCRIPTS: Scripts = {
    EndsContentAtLfDotLf: Script(
        [BEGIN, DATA, b"x\n.\nNOOP\r\n.\r\n"],
        "250 250 250 354 550",
        "250 250 250 354 250 250 500",
    ),
    EndsContentAtCrDotCr: Script(
        [BEGIN, DATA, b"x\r.\rNOOP\r\n.\r\n"],
        "250 250 250 354 550",
        "250 250 250 354 250 250 500",
    ),
    EndsContentAtLfDotCrlf: Script(
        [BEGIN, DATA, b"x\n.\r\nNOOP\r\n.\r\n"],
        "250 250 250 354 550",
        "250 250 250 354 250 250 500",
    ),
    EndsContentAtCrlfDotLf: Script(
        [BEGIN, DATA, b"x\r\n.\nNOOP\r\n.\r\n"],
        "250 250 250 354 550",
        "250 250 250 354 250 250 500",
    ),
    EndsContentAtDotAndSpace: Script(
        [BEGIN, DATA, b"x\r\n. \r\nNOOP\r\n.\r\n"],
        "250 250 250 354 250",
        "250 250 250 354 250 250 500",
    ),
    EndsContentAtStuffedDot: Script(
        [BEGIN, DATA, b"x\r\n..\r\nNOOP\r\n.\r\n"],
        "250 250 250 354 250",
        "250 250 250 354 250 250 500",
    ),
    EndsContentAroundNul: Script(
        [BEGIN, DATA, b"x\r\n\0.\r\nNOOP\r\n.\r\n"],
        "250 250 250 354 250",
        "250 250 250 354 250 250 500",
    ),
    MissesEndOfEmptyContent: Script(
        [BEGIN, DATA, b".\r\n", NOOP],
        "250 250 250 354 250 250",
        "250 250 250 354",
    ),
    SeeksEndWithinSegment: Script(
        [BEGIN, DATA, b"x\r\n.", b"\r\n", NOOP],
        "250 250 250 354 250 250",
        "250 250 250 354",
    ),
    LeavesContentAtLongLine: Script(
        [BEGIN, DATA, b"x" * 5_000 + b"\r\n", NOOP, b".\r\n"],
        "250 250 250 354 250",
        "250 250 250 354 500 500 250 500",
    ),
    DropsBehindEndOfMessage: Script(
        [BEGIN, DATA, b"x\r\n.\r\nNOOP\r\n", NOOP],
        "250 250 250 354 250 250 250",
        "250 250 250 354 250 250",
    ),
    StripsNul: Script(
        [b"NO\0OP\r\n"],
        "500",
        "250",
    ),
    LosesCommandCutInCrlf: Script(
        [b"RSET\r\nNOOP\r", b"\nRSET\r\n"],
        "250 250 250",
        "250 250",
    ),
    TakesSegmentForCommand: Script(
        [b"NO", b"OP\r\n"],
        "250",
        "500 500",
    ),
    KeepsFirstCommandOfSegment: Script(
        [b"RSET\r\nNOOP\r\n"],
        "250 250",
        "250",
    ),
    DropsBehindRefusal: Script(
        [EHLO, MAIL, BAD_RCPT + RCPT],
        "250 250 550 250",
        "250 250 550",
    ),
    SplitsCommandsAtLf: Script(
        [b"NOOP\nNOOP\r\n"],
        "500",
        "250 250",
    ),
    SplitsCommandsAtCr: Script(
        [b"NOOP\rNOOP\r\n"],
        "500",
        "250 250",
    ),
    RunsWhatFollowsQuit: Script(
        [b"QUIT\r\nNOOP\r\n"],
        "221",
        "221 250",
    ),
}
