"""Each kind of line is what it is called, as the parser sees it."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpsession.errors import (
    BareNewlineError,
    ForeignProtocolError,
    LineOverflowError,
    LineTooLongError,
)
from smtpsession.testing.strategies import COMMAND_LINE_KINDS, command_lines
from smtpsession.wire import commands as wire
from smtpsession.wire.events import BadLine, Event
from smtpsession.wire.parser import Parser
from tests.testing.strategies.minimal import minimal

GOOD = ("valid", "other case", "white space")
BAD = tuple(kind for kind in COMMAND_LINE_KINDS if kind not in GOOD)
VERBS = {False: wire.VERBS, True: wire.LMTP_VERBS}


def event_of(line: bytes, *, lmtp: bool = False, octets: int = 2048) -> Event:
    parser = Parser(command_octets=octets, verbs=VERBS[lmtp])
    parser.receive_data(line)
    event = parser.next_event()
    assert event is not None
    return event


def is_good(event: Event) -> bool:
    return isinstance(event, wire.Command) and not isinstance(event, wire.Unknown)


in_both = pytest.mark.parametrize("lmtp", [False, True], ids=["SMTP", "LMTP"])


@in_both
@pytest.mark.parametrize("kind", COMMAND_LINE_KINDS)
@given(st.data())
@settings(max_examples=25)
def test_good_ones_are_commands_and_bad_ones_are_not(
    kind: str, lmtp: bool, data: st.DataObject
) -> None:
    line = data.draw(command_lines(lmtp=lmtp, kinds=[kind]))
    assert line.endswith(b"\r\n")
    assert is_good(event_of(line, lmtp=lmtp)) is (kind in GOOD)


@pytest.mark.parametrize(
    ("kind", "errors"),
    [
        ("too long", (LineTooLongError, LineOverflowError)),
        ("bare newline", (BareNewlineError, ForeignProtocolError)),
        ("foreign", (ForeignProtocolError,)),
    ],
)
@given(st.data())
@settings(max_examples=25)
def test_the_mistake_is_the_one_that_was_meant(
    kind: str, errors: tuple[type[Exception], ...], data: st.DataObject
) -> None:
    event = event_of(data.draw(command_lines(kinds=[kind])))
    assert isinstance(event, BadLine)
    assert isinstance(event.error, errors)


@given(command_lines(kinds=["argument"]))
@settings(max_examples=50)
def test_the_verb_of_a_bad_argument_is_known(line: bytes) -> None:
    assert isinstance(event_of(line), wire.BadArgument)


@given(command_lines(kinds=["too long"], line_octets=512))
@settings(max_examples=20)
def test_how_long_is_too_long(line: bytes) -> None:
    assert len(line) > 512
    assert isinstance(event_of(line, octets=512), BadLine)


@pytest.mark.parametrize("kind", BAD)
def test_every_kind_comes_by_itself(kind: str) -> None:
    lines = minimal(command_lines(kinds=[kind]))
    assert len(lines) <= 2049


def test_what_they_shrink_to() -> None:
    plainest = {b"DATA\r\n", b"EHLO a.example\r\n"}
    assert minimal(command_lines()) in plainest
    assert len(minimal(command_lines(kinds=["too long"]))) == 2049
    assert minimal(command_lines(kinds=["NUL"])).replace(b"\0", b"") in plainest
    assert minimal(command_lines(kinds=["foreign"])) == b"GET / HTTP/1.1\r\n"


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({"kinds": ["odd"]}, ValueError, "kinds must hold some of valid, other case"),
        ({"kinds": []}, ValueError, "kinds must not be empty"),
        ({"line_octets": 511}, ValueError, "line_octets must be 512 to 65536, got 511"),
        ({"lmtp": "no"}, TypeError, "lmtp must be True or False"),
    ],
)
def test_bad_arguments(
    options: dict[str, Any], error: type[Exception], match: str
) -> None:
    with pytest.raises(error, match=match):
        command_lines(**options)
