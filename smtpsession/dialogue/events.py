"""What a dialogue asks of whoever drives it, besides the commands themselves."""

from __future__ import annotations

import attrs

from smtpsession.wire.events import Event


@attrs.frozen
class Flush(Event):
    """Send ``data_to_send`` before more input is read; no answer is owed."""


@attrs.frozen
class SlowDown(Event):
    """Wait before sending, because the client errs a lot; no answer is owed."""

    seconds: float


@attrs.frozen
class ContentTooLarge(Event):
    """The content passed the size limit; the rest is discarded. No answer is owed."""
