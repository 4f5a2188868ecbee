"""Waiting for what another process does: for a condition, never for a while."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

#: How long anything that a test waits for may take, in seconds.
WAIT_SECONDS = 30.0
POLL_SECONDS = 0.05


def wait_until(
    condition: Callable[[], object],
    what: str,
    explain: Callable[[], str] = lambda: "",
) -> None:
    """Return once the condition holds; fail when it does not within the deadline.

    Args:
        condition: asked again and again; it must not block.
        what: what is waited for, for the failure's text.
        explain: gives what the failure's text ends with.
    """
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"not within {WAIT_SECONDS:g} seconds: {what}\n{explain()}")
        time.sleep(POLL_SECONDS)
