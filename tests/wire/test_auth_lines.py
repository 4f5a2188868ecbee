"""Lines inside AUTH as the parser reads them: responses, never commands (RFC 4954)."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.errors import (
    AuthCancelledError,
    AuthLineOverflowError,
    AuthLineTooLongError,
    BareNewlineError,
    Base64Error,
    LineTooLongError,
    RemoteProtocolError,
)
from smtpsession.wire.commands import Auth, Noop, Quit
from smtpsession.wire.events import AuthResponse, BadLine, ConnectionLost, Event
from smtpsession.wire.parser import Mode, Parser


def read(pieces: list[bytes], **options: Any) -> list[Event]:
    """Play the dialogue: each AUTH is answered with one challenge."""
    parser = Parser(**options)
    events: list[Event] = []
    for piece in [*filter(None, pieces), b""]:
        parser.receive_data(piece)
        while (event := parser.next_event()) is not None:
            events.append(event)
            if isinstance(event, Auth):
                parser.begin_auth_line()
    return events


def cut(octets: bytes, places: list[int]) -> list[bytes]:
    bounds = [0, *sorted(place % (len(octets) + 1) for place in places), len(octets)]
    return [octets[a:b] for a, b in itertools.pairwise(bounds)]


def shown(events: list[Event]) -> list[str]:
    # A response is not in its repr.
    return [
        f"{event!r}{event.data!r}" if isinstance(event, AuthResponse) else repr(event)
        for event in events
    ]


def read_every_way(octets: bytes, **options: Any) -> list[Event]:
    events = read([octets], **options)
    one_by_one = [bytes([octet]) for octet in octets]
    assert shown(read(one_by_one, **options)) == shown(events)
    for place in range(1, len(octets)):
        assert shown(read(cut(octets, [place]), **options)) == shown(events)
    return events


def behind_auth(line: bytes, **options: Any) -> list[Event]:
    auth, *events = read_every_way(b"AUTH PLAIN\r\n" + line, **options)
    assert auth == Auth("PLAIN", None)
    return events


def error_of(event: Event) -> type[RemoteProtocolError]:
    assert isinstance(event, BadLine)
    return type(event.error)


@pytest.mark.parametrize(
    ("line", "data"),
    [(b"AHVzZXIAcGFzcw==", b"\0user\0pass"), (b"", b""), (b"Zm9v", b"foo")],
)
def test_a_response_is_decoded_and_commands_follow(line: bytes, data: bytes) -> None:
    events = behind_auth(line + b"\r\nNOOP\r\n")
    assert events == [AuthResponse(data), Noop(), ConnectionLost()]


def test_a_command_inside_auth_is_a_response() -> None:
    # Of these letters QUIT is base64, too.
    response, *rest = behind_auth(b"QUIT\r\nQUIT\r\n")
    assert isinstance(response, AuthResponse)
    assert rest == [Quit(), ConnectionLost()]


@pytest.mark.parametrize(
    "line",
    [
        *(b"!!!", b"=AAA", b"AAA=BBB", b"AA==AA==", b"AAA", b"-_-_", b"AHVz ZXI="),
        *(b"=", b"**", b" *", b"* ", b"AAAA ", b" AAAA", b"AB==", b"\xff", b"A\0AA"),
        *(b"NOOP x", b"MAIL FROM:<a@c.example>"),
    ],
)
def test_what_is_no_base64_ends_the_exchange(line: bytes) -> None:
    bad, *rest = behind_auth(line + b"\r\nNOOP\r\n")
    assert error_of(bad) is Base64Error
    assert rest == [Noop(), ConnectionLost()]


def test_an_asterisk_cancels() -> None:
    bad, *rest = behind_auth(b"*\r\nNOOP\r\n")
    assert error_of(bad) is AuthCancelledError
    assert rest == [Noop(), ConnectionLost()]


def test_the_limit_counts_no_crlf() -> None:
    events = behind_auth(b"A" * 12 + b"\r\nNOOP\r\n", auth_octets=12)
    assert events[0] == AuthResponse(b"\0" * 9)
    bad, *rest = behind_auth(b"A" * 16 + b"\r\nNOOP\r\n", auth_octets=12)
    assert error_of(bad) is AuthLineTooLongError
    assert rest == [Noop(), ConnectionLost()]


def test_the_limit_that_rfc_4954_asks_for() -> None:
    octets = b"AUTH PLAIN\r\n" + b"A" * 12_288 + b"\r\n"
    assert AuthResponse(b"\0" * 9_216) in read([octets])
    bad = read([b"AUTH PLAIN\r\n" + b"A" * 12_290 + b"\r\n"])[1]
    assert error_of(bad) is AuthLineTooLongError


def test_no_response_may_be_longer_by_default() -> None:
    for octets, error in ((12_288, Base64Error), (12_289, AuthLineTooLongError)):
        parser = Parser()
        parser.begin_auth_line()
        parser.receive_data(b"!" * octets + b"\r\n")
        event = parser.next_event()
        assert event is not None
        assert error_of(event) is error


def test_a_response_without_end_keeps_nothing() -> None:
    parser = Parser(auth_octets=20)
    parser.begin_auth_line()
    events: list[Event] = []
    for _ in range(1000):
        parser.receive_data(b"A" * 10)
        assert parser.buffered_octets <= 2 * 22 + 10
        while (event := parser.next_event()) is not None:
            events.append(event)
    (bad,) = events
    assert error_of(bad) is AuthLineOverflowError
    assert parser.mode is Mode.CLOSED


@pytest.mark.parametrize("line", [b"AAAA\n", b"AA\rAA\r\n", b"AAAA\r\r\n", b"*\n"])
def test_a_bare_newline_closes(line: bytes) -> None:
    (bad,) = behind_auth(line + b"NOOP\r\n")
    assert error_of(bad) is BareNewlineError


def test_a_response_that_is_cut_off_is_lost() -> None:
    assert behind_auth(b"AAAA\r") == [ConnectionLost()]


# The command itself: its initial response is a token of any length.


def test_the_command_may_be_as_long_as_a_response() -> None:
    whole = b"A" * 12_276
    assert read([b"AUTH PLAIN " + whole + b"\r\n"])[0] == Auth("PLAIN", b"\0" * 9_207)
    long = read([b"AUTH PLAIN " + b"A" * 12_280 + b"\r\nNOOP\r\n"])
    assert error_of(long[0]) is LineTooLongError
    assert long[1] == Noop()


def test_no_other_command_may() -> None:
    (bad, lost) = read([b"NOOP " + b"A" * 3_000 + b"\r\n"])
    assert error_of(bad) is LineTooLongError
    assert lost == ConnectionLost()


lines = st.lists(
    st.sampled_from(
        [
            *(b"\r\n", b"\r\n", b"\r", b"\n", b"*", b"=", b"AAAA", b"AA==", b"A"),
            *(b"AUTH PLAIN\r\n", b"AUTH X AAAA\r\n", b"NOOP\r\n", b"AUTH ", b"x" * 30),
        ]
    ),
    max_size=20,
).map(b"".join)


@given(octets=lines, places=st.lists(st.integers(0, 200), max_size=8))
def test_any_cut_gives_the_same_events(octets: bytes, places: list[int]) -> None:
    options = {"command_octets": 20, "auth_octets": 40}
    events = shown(read([octets], **options))
    assert shown(read(cut(octets, places), **options)) == events
    assert shown(read([bytes([octet]) for octet in octets], **options)) == events


@given(octets=st.binary(max_size=40) | lines)
def test_any_line_inside_auth_is_a_response_or_refused(octets: bytes) -> None:
    parser = Parser()
    parser.begin_auth_line()
    parser.receive_data(octets + b"\r\n")
    event = parser.next_event()
    assert isinstance(event, (AuthResponse, BadLine))
    if isinstance(event, BadLine):
        assert event.error.code in (500, 501)
