"""The one error of a test, without the group that a nursery puts around it."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any


@contextmanager
def plain_errors() -> Generator[None, None, None]:
    """Raise what is alone in a group as it is, so that ``pytest.raises`` knows it."""
    try:
        yield
        return
    except BaseExceptionGroup as caught:
        group: BaseExceptionGroup[Any] = caught
    error = group.exceptions[0] if len(group.exceptions) == 1 else group
    context = error.__context__
    try:
        raise error
    finally:
        # It does not come from the group, and a report of both would be twice as long.
        error.__context__ = context
