"""Scripts that show the faults of ``auth_faults``."""

from __future__ import annotations

from tests.testing.fuzz.planted.auth_faults import (
    AcceptsAnyPassword,
    AcceptsAuthInTransaction,
    AcceptsSecondAuth,
    AsksAgainAtBadBase64,
    CancelAuthenticates,
    CancelStaysInExchange,
    CutsLongResponses,
    EchoesPassword,
    FailedAuthAuthenticates,
    ForgetsUserAtRset,
    IgnoresJunkInBase64,
    RunsBadBase64,
    SilentToEmptyResponse,
)
from tests.testing.fuzz.planted.script import (
    AUTH,
    EHLO,
    MAIL,
    NOOP,
    WRONG_AUTH,
    Script,
    Scripts,
)

AUTH_SCRIPTS: Scripts = {
    CancelAuthenticates: Script(
        [EHLO, b"AUTH PLAIN\r\n", b"*\r\n"],
        "250 334 501",
        "250 334 235",
    ),
    AcceptsSecondAuth: Script(
        [EHLO, AUTH, AUTH],
        "250 235 503",
        "250 235 235",
    ),
    AcceptsAuthInTransaction: Script(
        [EHLO, MAIL, AUTH],
        "250 250 503",
        "250 250 235",
    ),
    AcceptsAnyPassword: Script(
        [EHLO, WRONG_AUTH],
        "250 535",
        "250 235",
    ),
    AsksAgainAtBadBase64: Script(
        [EHLO, b"AUTH PLAIN\r\n", b"!\r\n", NOOP],
        "250 334 501 250",
        "250 334 334 535",
    ),
    RunsBadBase64: Script(
        [EHLO, b"AUTH PLAIN\r\n", b"VRFY a\r\n"],
        "250 334 501",
        "250 334 252",
    ),
    IgnoresJunkInBase64: Script(
        [EHLO, b"AUTH PLAIN\r\n", b"AHVz!ZXIAc2VjcmV0\r\n"],
        "250 334 501",
        "250 334 235",
    ),
    CutsLongResponses: Script(
        [EHLO, b"AUTH PLAIN\r\n", b"A" * 2_048 + NOOP],
        "250 334 535",
        "250 334 500 250",
    ),
    FailedAuthAuthenticates: Script(
        [EHLO, WRONG_AUTH, AUTH],
        "250 535 235",
        "250 535 503",
    ),
    CancelStaysInExchange: Script(
        [EHLO, b"AUTH PLAIN\r\n", b"*\r\n", NOOP],
        "250 334 501 250",
        "250 334 501 535",
    ),
    EchoesPassword: Script(
        [EHLO, WRONG_AUTH],
        "250 535",
        "250 535",
    ),
    ForgetsUserAtRset: Script(
        [EHLO, AUTH, b"RSET\r\n", AUTH],
        "250 235 250 503",
        "250 235 250 235",
    ),
    SilentToEmptyResponse: Script(
        [EHLO, b"AUTH PLAIN\r\n", b"\r\n", NOOP],
        "250 334 535 250",
        "250 334 535",
    ),
}
