"""The naive reader itself, by examples that a person can check."""

from __future__ import annotations

import pytest

from tests.framing.naive_reader import NaiveReader, Plan, Unit

EXAMPLES: dict[str, tuple[bytes, Plan, list[Unit]]] = {
    "lines": (
        b"noop\r\nXYZ a\r\nQUIT \t\r\nQU",
        Plan(),
        [
            ("command", "NOOP", b""),
            ("unknown", "XYZ a"),
            ("command", "QUIT", b""),
            ("lost",),
        ],
    ),
    "a message": (
        b"DATA\r\n..a\r\n.\r\nNOOP\r\n",
        Plan(),
        [
            ("command", "DATA", b""),
            ("content", b".a\r\n"),
            ("end of message", None),
            ("command", "NOOP", b""),
            ("lost",),
        ],
    ),
    "a message that is refused": (
        b"DATA\r\nQUIT\r\n",
        Plan(refused=frozenset({0})),
        [("command", "DATA", b""), ("command", "QUIT", b""), ("lost",)],
    ),
    "an end that is none": (
        b"DATA\r\na\n.\nQUIT\r\n.\r\n",
        Plan(),
        [
            ("command", "DATA", b""),
            ("content", b"a"),
            ("fault", "bare newline"),
            ("end of message", "bare newline"),
            ("lost",),
        ],
    ),
    "the same, normalized": (
        b"DATA\r\na\n.\nQUIT\r\n.\r\n",
        Plan(normalizes=True),
        [
            ("command", "DATA", b""),
            ("content", b"a\r\nQUIT\r\n"),
            ("end of message", None),
            ("lost",),
        ],
    ),
    "chunks": (
        b"BDAT 3\r\na\r\nBDAT 5 LAST\r\n.\r\n\0bBDAT x\r\nQUIT\r\n",
        Plan(nul=False),
        [
            ("command", "BDAT", b"3"),
            ("content", b"a\r\n"),
            ("end of chunk", None),
            ("command", "BDAT", b"5 LAST"),
            ("content", b".\r\n\0b"),
            ("end of message", None),
            ("command", "BDAT", b"x"),
        ],
    ),
    "a chunk that is dropped": (
        b"BDAT 6\r\nQUIT\r\nRSET\r\n",
        Plan(skipped=frozenset({0})),
        [
            ("command", "BDAT", b"6"),
            ("skipped",),
            ("command", "RSET", b""),
            ("lost",),
        ],
    ),
    "AUTH": (
        b"AUTH LOGIN\r\nQUIT\r\n*\r\nNOOP\r\n",
        Plan(challenges=2),
        [
            ("command", "AUTH", b"LOGIN"),
            ("response", b"A\x42\x13"),
            ("bad line", "cancelled"),
            ("command", "NOOP", b""),
            ("lost",),
        ],
    ),
    "a long line, and an endless one": (
        b"NOOP aaaaaa\r\n" + b"a" * 21,
        Plan(command_octets=10),
        [("bad line", "too long"), ("bad line", "overflow")],
    ),
    "other protocols": (
        b"\r\nNOOP\r\nHost: a\r\nQUIT\r\n",
        Plan(),
        [("bad line", "no verb"), ("command", "NOOP", b""), ("bad line", "foreign")],
    ),
    "a binary protocol": (b"\x16\x03\x01", Plan(), [("bad line", "foreign")]),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_units(name: str) -> None:
    octets, plan, units = EXAMPLES[name]
    assert NaiveReader(octets, plan).read() == units
