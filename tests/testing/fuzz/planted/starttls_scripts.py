"""Scripts that show the faults of ``starttls_faults``."""

from __future__ import annotations

from tests.testing.fuzz.planted.playing import Do
from tests.testing.fuzz.planted.script import (
    AUTH,
    BEGIN,
    EHLO,
    MAIL,
    NOOP,
    RCPT,
    STARTTLS,
    Script,
    Scripts,
)
from tests.testing.fuzz.planted.starttls_faults import (
    AcceptsStarttlsInsideTls,
    AcceptsStarttlsWithArgument,
    GreetsInsideTls,
    KeepsHelloInsideTls,
    KeepsTransactionInsideTls,
    KeepsUserInsideTls,
    OffersTlsInsideTls,
    RefusedStarttlsForgetsHello,
    RunsPlainTextInsideTls,
    SendsRepliesInsideTls,
)

STARTTLS_SCRIPTS: Scripts = {
    RunsPlainTextInsideTls: Script(
        [EHLO, STARTTLS + NOOP, Do.START_TLS],
        "250 220",
        "250 220 250",
    ),
    KeepsHelloInsideTls: Script(
        [EHLO, STARTTLS, Do.START_TLS, MAIL],
        "250 220 503",
        "250 220 250",
    ),
    KeepsTransactionInsideTls: Script(
        [BEGIN, STARTTLS, Do.START_TLS, RCPT],
        "250 250 250 503 250",
        "250 250 250 220 250",
    ),
    OffersTlsInsideTls: Script(
        [EHLO, STARTTLS, Do.START_TLS, EHLO],
        "250 220 250",
        "250 220 250",
    ),
    AcceptsStarttlsInsideTls: Script(
        [EHLO, STARTTLS, Do.START_TLS, EHLO, STARTTLS],
        "250 220 250 503",
        "250 220 250 220",
    ),
    AcceptsStarttlsWithArgument: Script(
        [EHLO, b"STARTTLS now\r\n", Do.START_TLS, NOOP],
        "250 501 250",
        "250 220 250",
    ),
    SendsRepliesInsideTls: Script(
        [EHLO, b"RSET\r\n" + STARTTLS, Do.START_TLS],
        "250 250 220",
        "250 220 250",
    ),
    RefusedStarttlsForgetsHello: Script(
        [EHLO, b"STARTTLS now\r\n", MAIL],
        "250 501 250",
        "250 501 503",
    ),
    GreetsInsideTls: Script(
        [EHLO, STARTTLS, Do.START_TLS],
        "250 220",
        "250 220 220",
    ),
    KeepsUserInsideTls: Script(
        [EHLO, AUTH, STARTTLS, Do.START_TLS, EHLO, AUTH],
        "250 235 220 250 235",
        "250 235 220 250 503",
    ),
}
