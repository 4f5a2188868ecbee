"""Commands follow their grammar: the parser makes of each the command it names."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpsession.testing.strategies import ClientCommand, commands
from smtpsession.testing.strategies.commands import LMTP_VERBS, SMTP_VERBS
from smtpsession.wire import commands as wire
from tests.testing.strategies.minimal import minimal

TABLES = {False: wire.VERBS, True: wire.LMTP_VERBS}


def parsed(command: ClientCommand, *, lmtp: bool) -> wire.Command | wire.BadArgument:
    line = command.to_bytes()
    assert line.endswith(b"\r\n")
    return wire.parse_command(line[:-2], TABLES[lmtp])


@pytest.mark.parametrize("lmtp", [False, True], ids=["SMTP", "LMTP"])
@given(st.data())
@settings(max_examples=80)
def test_commands_are_valid(lmtp: bool, data: st.DataObject) -> None:
    verbs = LMTP_VERBS if lmtp else SMTP_VERBS
    command = data.draw(commands(lmtp=lmtp, verbs=verbs, smtp_utf8=True))
    event = parsed(command, lmtp=lmtp)
    assert isinstance(event, wire.Command)
    assert event.verb == command.verb


@given(commands())
@settings(max_examples=50)
def test_some_commands_come_on_request_only(command: ClientCommand) -> None:
    on_request = {"AUTH", "BDAT", "STARTTLS", "XCLIENT", "XFORWARD", "LHLO"}
    assert command.verb not in on_request
    assert command.to_bytes().isascii()


@pytest.mark.parametrize(
    ("verb", "line"),
    [
        ("EHLO", b"EHLO a.example\r\n"),
        ("MAIL", b"MAIL FROM:<a@a.example>\r\n"),
        ("RCPT", b"RCPT TO:<a@a.example>\r\n"),
        ("DATA", b"DATA\r\n"),
        ("VRFY", b"VRFY a\r\n"),
        ("BDAT", b"BDAT 0\r\n"),
        ("AUTH", b"AUTH PLAIN\r\n"),
        ("XCLIENT", b"XCLIENT NAME=a.example\r\n"),
        ("XFORWARD", b"XFORWARD NAME=a.example\r\n"),
    ],
)
def test_what_they_shrink_to(verb: str, line: bytes) -> None:
    long = minimal(commands(verbs=[verb]), lambda command: "<>" not in command.argument)
    assert long.to_bytes() == line


def test_values_do_not_change() -> None:
    command = ClientCommand("NOOP")
    assert command.argument == ""
    with pytest.raises(AttributeError):
        command.verb = "QUIT"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({"verbs": ["LHLO"]}, ValueError, "verbs must hold some of EHLO, .*'LHLO'"),
        ({"verbs": ["EHLO"], "lmtp": True}, ValueError, "verbs must hold some of LHLO"),
        ({"verbs": []}, ValueError, "verbs must not be empty"),
        ({"verbs": "MAIL"}, TypeError, "verbs must be a collection of str"),
        ({"extensions": ["X"]}, ValueError, "extensions must hold some of SIZE"),
        ({"lmtp": 1}, TypeError, "lmtp must be True or False"),
    ],
)
def test_bad_arguments(
    options: dict[str, Any], error: type[Exception], match: str
) -> None:
    with pytest.raises(error, match=match):
        commands(**options)
