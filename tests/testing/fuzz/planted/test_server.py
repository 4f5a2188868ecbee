"""The server without a planted fault breaks no rule that the model knows."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpsession.testing.strategies import (
    Send,
    StartTLS,
    addresses,
    dialogues,
)
from tests.testing.fuzz.planted.judging import JudgingClient
from tests.testing.fuzz.planted.octet_reader import LINE_OCTETS
from tests.testing.fuzz.planted.script import (
    BEGIN,
    DATA,
    HUGE_CHUNK,
    LMTP_BEGIN,
    MESSAGE,
)
from tests.testing.fuzz.planted.server import PlantedServer

RECIPIENTS = st.sampled_from(
    [
        *("postmaster", "a@planted.example", "b@PLANTED.example"),
        *('"a b"@planted.example', "a@other.example"),
    ]
)
#: Mail for users, and all that there is.
CHOICES: dict[str, Any] = {
    "auth": True,
    "starttls": True,
    "extensions": ["SIZE", "8BITMIME", "SMTPUTF8", "BINARYMIME", "AUTH"],
    "recipients": RECIPIENTS | addresses(allow_postmaster=True),
}

_HELLOS = [b"EHLO c.example", b"EHLO c.example", b"HELO c.example", b"LHLO c.example"]
_LINES = [
    *_HELLOS,
    *(b"MAIL FROM:<a@c.example>", b"MAIL FROM:<> BODY=BINARYMIME", b"mail from:<>"),
    *(b"MAIL FROM:<a@c.example> SIZE=200000", b"MAIL FROM:<a@c.example> FOO=1"),
    *(b"RCPT TO:<a@planted.example>", b"RCPT TO:<a@planted.example>"),
    *(b"RCPT TO:<b@planted.example>", b"RCPT TO:<a@other.example>", b"RCPT TO:<>"),
    *(b"DATA", b"DATA", b"DATA", b"x", b".", b".", b"..", b"x\ny", b"x\ry", b"\0"),
    *(b"RSET", b"RSET", b"rset", b"RSET x", b"NOOP", b"NOOP x", b"VRFY x", b"EXPN x"),
    *(b"HELP", b"XYZZY", b"", b"EHLO", b"BDAT +1", b"QUIT x", b"\xe9", b"NO\0OP"),
    *(b"AUTH PLAIN AHVzZXIAc2VjcmV0", b"AUTH PLAIN AHVzZXIAd3Jvbmc=", b"AUTH PLAIN"),
    *(b"AUTH LOGIN", b"AUTH X", b"AUTH", b"*", b"!", b"AHVzZXIAc2VjcmV0", b"dXNlcg=="),
    *(b"c2VjcmV0", b"A" * 4_000, b"A" * 13_000, b"STARTTLS", b"STARTTLS x"),
]
_CHUNKS = [
    *(b"BDAT 0\r\n", b"BDAT 1\r\nx", b"BDAT 6\r\nRSET\r\n", b"BDAT 0 LAST\r\n"),
    *(b"BDAT 1 LAST\r\nx", b"bdat 6 last\r\nQUIT\r\n", b"BDAT 2 LAST\r\n\nx"),
    *(b"BDAT 5\r\n\r\n.\r\n", HUGE_CHUNK, HUGE_CHUNK.replace(b"\r", b" LAST\r")),
]
#: Anything in any order; seldom more of a message than its beginning.
UNITS = st.one_of(
    st.sampled_from([line + b"\r\n" for line in _LINES]),
    st.sampled_from(_CHUNKS),
    st.sampled_from([BEGIN, LMTP_BEGIN, MESSAGE, BEGIN + DATA, b"x\r\n.\r\n"]),
)


@pytest.fixture(params=[False, True], ids=["SMTP", "LMTP"], scope="module")
def server(request: pytest.FixtureRequest) -> Iterator[PlantedServer]:
    with PlantedServer(lmtp=request.param, tls=True) as server:
        yield server


def assert_right(client: JudgingClient) -> None:
    found = client.violations()[:1]
    # RFC 5321 4.5.3.1.9: whatever it was, it may be too long.
    assert [one for one in found if len(one.sent) <= LINE_OCTETS - 2] == []


@st.composite
def cut(draw: st.DrawFn, octets: bytes) -> list[bytes]:
    """Segments of octets: cut anywhere, or between each CR and LF."""
    places = set(draw(st.lists(st.integers(0, len(octets)), max_size=4)))
    if draw(st.booleans()):
        places |= {place for place, octet in enumerate(octets) if octet == 10}
    bounds = [0, *sorted(places)[:20], len(octets)]
    pieces = [octets[start:end] for start, end in itertools.pairwise(bounds)]
    return [piece for piece in pieces if piece]


@pytest.mark.parametrize("allow_violations", [False, True], ids=["good", "bad"])
@given(st.data())
@settings(max_examples=60)
def test_the_model_finds_nothing(
    server: PlantedServer, allow_violations: bool, data: st.DataObject
) -> None:
    dialogue = data.draw(
        dialogues(lmtp=server.lmtp, allow_violations=allow_violations, **CHOICES)
    )
    steps = [
        data.draw(cut(step.octets)) if isinstance(step, Send) else step
        for step in dialogue
    ]
    with JudgingClient(server) as client:
        for step in steps:
            if isinstance(step, list):
                client.send(*step)
            elif isinstance(step, StartTLS):
                client.start_tls()
        assert_right(client)


@given(st.lists(st.tuples(UNITS, st.booleans()), max_size=40), st.data())
@settings(max_examples=100)
def test_the_model_finds_nothing_in_any_order(
    server: PlantedServer, units: list[tuple[bytes, bool]], data: st.DataObject
) -> None:
    groups = [b""]
    for octets, joins in units:
        if joins and not groups[-1].endswith(b"STARTTLS\r\n"):
            groups[-1] += octets
        else:
            groups.append(octets)
    steps = [data.draw(cut(group)) for group in groups]
    with JudgingClient(server) as client:
        for step in steps:
            client.send(*step)
            client.start_tls()
        assert_right(client)
