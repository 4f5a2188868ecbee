"""The control events: all are events, and only SlowDown says anything."""

import pytest

from smtpsession.dialogue.events import ContentTooLarge, Flush, SlowDown
from smtpsession.wire.events import Event


@pytest.mark.parametrize("event", [Flush(), SlowDown(1.0), ContentTooLarge()])
def test_they_are_events(event: Event) -> None:
    assert isinstance(event, Event)


def test_slow_down_says_for_how_long() -> None:
    assert SlowDown(1.5).seconds == 1.5
    assert SlowDown(1.5) == SlowDown(1.5) != SlowDown(2.0)
