"""Scripts that show the faults of ``bdat_faults``."""

from __future__ import annotations

from tests.testing.fuzz.planted.bdat_faults import (
    AcceptsBinaryByData,
    AcceptsChunkBehindRefusedOne,
    AcceptsChunkOutsideTransaction,
    AcceptsDataBehindChunk,
    AcceptsRcptBehindChunk,
    CountsLineEndsOnce,
    EndsMessageAtDotInChunk,
    IgnoresLast,
    IgnoresLastInLowerCase,
    ReadsChunkFromOneSegment,
    ReadsSizeInHex,
    ReadsSizeWithSign,
    RefusedChunkKeepsTransaction,
    RefusesEmptyChunk,
    RsetKeepsChunks,
    RunsRefusedChunk,
    SilentToEmptyLastChunk,
)
from tests.testing.fuzz.planted.script import (
    BEGIN,
    DATA,
    EHLO,
    HUGE_CHUNK,
    MAIL,
    NOOP,
    RCPT,
    Script,
    Scripts,
)

BDAT_SCRIPTS: Scripts = {
    RunsRefusedChunk: Script(
        [EHLO, MAIL, b"BDAT 6\r\nRSET\r\n", RCPT],
        "250 250 554 250",
        "250 250 503 250 503",
    ),
    SilentToEmptyLastChunk: Script(
        [BEGIN, b"BDAT 1\r\nx", b"BDAT 0 LAST\r\n", NOOP],
        "250 250 250 250 250 250",
        "250 250 250 250 250",
    ),
    IgnoresLast: Script(
        [BEGIN, b"BDAT 1 LAST\r\nx", MAIL],
        "250 250 250 250 250",
        "250 250 250 250 503",
    ),
    IgnoresLastInLowerCase: Script(
        [BEGIN, b"BDAT 1 last\r\nx", MAIL],
        "250 250 250 250 250",
        "250 250 250 250 503",
    ),
    ReadsSizeWithSign: Script(
        [BEGIN, b"BDAT +1\r\nx", NOOP],
        "250 250 250 501",
        "250 250 250 250 250",
    ),
    ReadsSizeInHex: Script(
        [BEGIN, b"BDAT 0x1\r\nx", NOOP],
        "250 250 250 501",
        "250 250 250 250 250",
    ),
    RsetKeepsChunks: Script(
        [BEGIN, b"BDAT 1\r\nx", b"RSET\r\n", b"BDAT 0 LAST\r\n"],
        "250 250 250 250 250 503",
        "250 250 250 250 250 250",
    ),
    AcceptsDataBehindChunk: Script(
        [BEGIN, b"BDAT 1\r\nx", DATA, b".\r\n"],
        "250 250 250 250 503 500",
        "250 250 250 250 354 250",
    ),
    AcceptsRcptBehindChunk: Script(
        [BEGIN, b"BDAT 1\r\nx", RCPT],
        "250 250 250 250 503",
        "250 250 250 250 250",
    ),
    AcceptsChunkOutsideTransaction: Script(
        [EHLO, b"BDAT 1\r\nx"],
        "250 503",
        "250 250",
    ),
    AcceptsChunkBehindRefusedOne: Script(
        [BEGIN, HUGE_CHUNK, b"BDAT 1 LAST\r\nx"],
        "250 250 250 552 503",
        "250 250 250 552 250",
    ),
    RefusedChunkKeepsTransaction: Script(
        [BEGIN, HUGE_CHUNK, RCPT, DATA, b".\r\n"],
        "250 250 250 552 503 503 500",
        "250 250 250 552 250 354 250",
    ),
    AcceptsBinaryByData: Script(
        [EHLO, b"MAIL FROM:<> BODY=BINARYMIME\r\n", RCPT, DATA, b".\r\n"],
        "250 250 250 503 500",
        "250 250 250 354 250",
    ),
    EndsMessageAtDotInChunk: Script(
        [BEGIN, b"BDAT 6\r\nx\r\n.\r\n", b"BDAT 0 LAST\r\n"],
        "250 250 250 250 250",
        "250 250 250 250 503",
    ),
    CountsLineEndsOnce: Script(
        [BEGIN, b"BDAT 4\r\nx\r\nyNOOP\r\n", NOOP],
        "250 250 250 250 250 250",
        "250 250 250 250 500 250",
    ),
    ReadsChunkFromOneSegment: Script(
        [BEGIN, b"BDAT 7\r\nx", b"NOOP\r\n"],
        "250 250 250 250",
        "250 250 250 250 250",
    ),
    RefusesEmptyChunk: Script(
        [BEGIN, b"BDAT 1\r\nx", b"BDAT 0\r\n"],
        "250 250 250 250 250",
        "250 250 250 250 503",
    ),
}
