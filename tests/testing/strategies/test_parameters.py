"""Parameters are taken by the extension they belong to, and broken ones refused."""

from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpsession.dialogue.settings import Settings
from smtpsession.extensions.auth import AuthExtension
from smtpsession.extensions.dsn import DSNExtension
from smtpsession.server.extension_choice import OPTIONAL
from smtpsession.testing.strategies import PARAMETER_EXTENSIONS, parameters
from smtpsession.wire.parameters import parse_parameters
from tests.standards.run_dialogue import T1, Conversation, make_settings
from tests.testing.strategies.minimal import minimal

Command = Literal["MAIL", "RCPT"]
EVERYTHING = make_settings(
    added=[
        DSNExtension(),
        AuthExtension(lambda session: ["PLAIN"]),
        *OPTIONAL.values(),
    ]
)


def code_of(command: Command, said: str, settings: Settings = EVERYTHING) -> int:
    """Give the code of the reply to the command inside TLS."""
    conversation = Conversation(settings)
    for line in T1.splitlines(keepends=True):
        conversation.send(line)
    if command == "RCPT":
        conversation.send(b"MAIL FROM:<a@a.example> SMTPUTF8\r\n")
    conversation.take_replies()
    direction = "FROM" if command == "MAIL" else "TO"
    conversation.send(f"{command} {direction}:<a@a.example> {said}\r\n".encode())
    [reply] = conversation.take_replies()
    return reply.code


both = pytest.mark.parametrize("command", ["MAIL", "RCPT"])


@both
@pytest.mark.parametrize("extension", [*PARAMETER_EXTENSIONS, None])
@given(st.data())
@settings(max_examples=8)
def test_valid_ones_are_accepted(
    command: Command, extension: str | None, data: st.DataObject
) -> None:
    extensions = PARAMETER_EXTENSIONS if extension is None else [extension]
    said = data.draw(parameters(command=command, extensions=extensions))
    assert code_of(command, said) == 250


@both
@pytest.mark.parametrize("extension", [*PARAMETER_EXTENSIONS, None])
@given(st.data())
@settings(max_examples=15)
def test_broken_ones_are_refused(
    command: Command, extension: str | None, data: st.DataObject
) -> None:
    extensions = PARAMETER_EXTENSIONS if extension is None else [extension]
    said = data.draw(parameters(command=command, extensions=extensions, valid=False))
    assert code_of(command, said) in (501, 555)


@given(parameters(extensions=PARAMETER_EXTENSIONS))
@settings(max_examples=50)
def test_no_keyword_comes_twice(said: str) -> None:
    parsed = parse_parameters(said)
    assert len(parsed) == len(said.split())


def test_none_may_be_said() -> None:
    assert minimal(parameters(extensions=[])) == ""
    assert minimal(parameters(command="RCPT")) == ""


@pytest.mark.parametrize(
    ("command", "extension", "said"),
    [
        ("MAIL", "SIZE", "SIZE=0"),
        ("MAIL", "8BITMIME", "BODY=7BIT"),
        ("MAIL", "BINARYMIME", "BODY=BINARYMIME"),
        ("MAIL", "SMTPUTF8", "SMTPUTF8"),
        ("MAIL", "DSN", "RET=HDRS"),
        ("MAIL", "AUTH", "AUTH=<>"),
        ("MAIL", "DELIVERBY", "BY=1;N"),
        ("MAIL", "FUTURERELEASE", "HOLDFOR=1"),
        ("MAIL", "MT-PRIORITY", "MT-PRIORITY=0"),
        ("MAIL", "REQUIRETLS", "REQUIRETLS"),
        ("RCPT", "DSN", "NOTIFY=NEVER"),
        ("RCPT", "RRVS", "RRVS=2000-01-01T00:00:00Z"),
    ],
)
def test_what_they_shrink_to(command: Command, extension: str, said: str) -> None:
    assert minimal(parameters(command=command, extensions=[extension]), bool) == said


def test_the_original_recipient_may_be_of_utf_8_where_that_goes() -> None:
    chosen = parameters(command="RCPT", extensions=["DSN", "SMTPUTF8"])
    found = minimal(chosen, lambda said: "utf-8" in said)
    assert found.endswith("ORCPT=utf-8;\u00e9@a.example")


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({"command": "DATA"}, ValueError, "command must be MAIL or RCPT, got 'DATA'"),
        ({"extensions": ["PIPELINING"]}, ValueError, "extensions must hold some of"),
        ({"extensions": "SIZE"}, TypeError, "extensions must be a collection of str"),
        ({"valid": None}, TypeError, "valid must be True or False"),
    ],
)
def test_bad_arguments(
    options: dict[str, Any], error: type[Exception], match: str
) -> None:
    with pytest.raises(error, match=match):
        parameters(**options)
