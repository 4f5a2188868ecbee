"""Scripts that show the faults of ``limit_faults``."""

from __future__ import annotations

from tests.testing.fuzz.planted.limit_faults import (
    AcceptsSizeOverLimit,
    RefusesContentLinesOf1000,
    RefusesContentOf64K,
    RefusesLinesOf500,
    RefusesLocalPartsOf64,
    RefusesLongResponses,
    RunsTailOfLongLine,
    TakesTwentyRecipients,
)
from tests.testing.fuzz.planted.script import (
    BEGIN,
    DATA,
    EHLO,
    NOOP,
    RCPT,
    Script,
    Scripts,
)

LIMIT_SCRIPTS: Scripts = {
    RefusesLinesOf500: Script(
        [b"NOOP " + b"a" * 490 + b"\r\n"],
        "250",
        "500",
    ),
    TakesTwentyRecipients: Script(
        [BEGIN, RCPT * 19, RCPT],
        "250" + 22 * " 250",
        "250" + 21 * " 250" + " 452",
    ),
    RefusesContentLinesOf1000: Script(
        [BEGIN, DATA, b"x" * 998 + b"\r\n.\r\n"],
        "250 250 250 354 250",
        "250 250 250 354 554",
    ),
    RefusesContentOf64K: Script(
        [BEGIN, DATA, (b"x" * 62 + b"\r\n") * 1_000 + b".\r\n"],
        "250 250 250 354 250",
        "250 250 250 354 552",
    ),
    AcceptsSizeOverLimit: Script(
        [EHLO, b"MAIL FROM:<> SIZE=140000\r\n"],
        "250 552",
        "250 250",
    ),
    RefusesLocalPartsOf64: Script(
        [EHLO, b"MAIL FROM:<" + b"a" * 64 + b"@c.example>\r\n"],
        "250 250",
        "250 501",
    ),
    RunsTailOfLongLine: Script(
        [(b"VRFY " + b"a" * 2_043) + NOOP],
        "500",
        "500 250",
    ),
    RefusesLongResponses: Script(
        [EHLO, b"AUTH PLAIN\r\n", b"A" * 1_000 + b"\r\n", NOOP],
        "250 334 535 250",
        "250 334 500 250",
    ),
}
