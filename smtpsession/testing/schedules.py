"""Several orders of Trio's tasks, chosen by Hypothesis."""

from __future__ import annotations

import importlib
import random
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hypothesis.strategies import DataObject


@contextmanager
def shuffle_schedule(data: DataObject) -> Generator[None, None, None]:
    """Have Trio run its tasks in an order that *data* chooses, and can repeat.

    Where tasks are ready at the same time, Trio says nothing about which runs first.
    It matters to what is run inside this context, in this process.

    Args:
        data: what ``hypothesis.strategies.data()`` gives a test.

    Raises:
        RuntimeError: this version of Trio has no such place to choose at.
    """
    # The place that Trio has made for Hypothesis, see trio/_core/_run.py.
    run: dict[str, Any] = vars(importlib.import_module("trio._core._run"))
    names = ("_r", "_ALLOW_DETERMINISTIC_SCHEDULING")
    kept = {name: run.get(name) for name in names}
    if not isinstance(kept["_r"], random.Random):
        raise RuntimeError("this version of Trio has no schedule to choose")
    from hypothesis import strategies as st

    seed = data.draw(st.integers(0, 2**32 - 1), label="seed of the schedule")
    chosen = {"_r": random.Random(seed), "_ALLOW_DETERMINISTIC_SCHEDULING": True}
    try:
        run.update(chosen)
        yield
    finally:
        run.update(kept)
