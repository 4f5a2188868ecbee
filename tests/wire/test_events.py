"""Events are small immutable values."""

from typing import Any

import attrs
import pytest

from smtpsession.errors import LineTooLongError
from smtpsession.wire.events import (
    AuthResponse,
    BadLine,
    ChunkSkipped,
    ConnectionLost,
    Content,
    ContentFault,
    EndOfChunk,
    EndOfMessage,
    Event,
)

EVENTS = [
    BadLine(LineTooLongError()),
    Content(b"x"),
    ContentFault("NUL"),
    AuthResponse(b"secret"),
    EndOfChunk("NUL"),
    ChunkSkipped(),
    EndOfMessage("bare newline"),
    ConnectionLost(),
]
every_event = pytest.mark.parametrize("event", EVENTS, ids=lambda e: type(e).__name__)


@every_event
def test_every_report_is_an_event(event: Event) -> None:
    assert isinstance(event, Event)


@every_event
def test_events_are_frozen(event: Any) -> None:
    for name in [field.name for field in attrs.fields(type(event))]:
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(event, name, None)


@every_event
def test_events_carry_no_dict(event: Event) -> None:
    assert not hasattr(event, "__dict__")


def test_events_are_equal_by_value() -> None:
    assert Content(b"x") == Content(b"x")
    assert Content(b"x") != Content(b"y")
    fault: Event = ContentFault("NUL")
    assert fault != EndOfMessage("NUL")
    assert ConnectionLost() == ConnectionLost()


def test_a_message_ends_without_fault_unless_told() -> None:
    assert EndOfMessage().fault is None
    assert EndOfChunk().fault is None


def test_a_response_is_not_shown() -> None:
    assert "secret" not in repr(AuthResponse(b"secret"))
