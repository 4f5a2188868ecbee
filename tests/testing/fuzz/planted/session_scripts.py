"""Scripts that show the faults of ``session_faults``."""

from __future__ import annotations

from tests.testing.fuzz.planted.playing import Do
from tests.testing.fuzz.planted.script import (
    AUTH,
    BEGIN,
    EHLO,
    MAIL,
    NOOP,
    RCPT,
    Script,
    Scripts,
)
from tests.testing.fuzz.planted.session_faults import (
    KeepsHelloForNextSession,
    KeepsTransactionForNextSession,
    KeepsUserForNextSession,
    NulEndsServer,
    QuitEndsAllSessions,
    SharesEnvelope,
)

SESSION_SCRIPTS: Scripts = {
    SharesEnvelope: Script(
        [EHLO, MAIL, (1, RCPT)],
        "250 250 / 503",
        "250 250 / 250",
    ),
    KeepsHelloForNextSession: Script(
        [EHLO, b"QUIT\r\n", (1, MAIL)],
        "250 221 / 503",
        "250 221 / 250",
    ),
    KeepsTransactionForNextSession: Script(
        [BEGIN, Do.HANG_UP, (1, RCPT)],
        "250 250 250 / 503",
        "250 250 250 / 250",
    ),
    NulEndsServer: Script(
        [b"NO\0OP\r\n", NOOP, (1, NOOP)],
        "500 250 / 250",
        " / refused",
    ),
    QuitEndsAllSessions: Script(
        [NOOP, (1, b"QUIT\r\n"), NOOP],
        "250 250 / 221",
        "250 / 221",
    ),
    KeepsUserForNextSession: Script(
        [EHLO, AUTH, b"QUIT\r\n", (1, EHLO), (1, AUTH)],
        "250 235 221 / 250 235",
        "250 235 221 / 250 503",
    ),
}
