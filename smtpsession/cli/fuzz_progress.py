"""The line that says how far a search is."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from smtpsession.testing.fuzz.findings import Progress

#: How often the line is written on a terminal, and elsewhere, in seconds.
_ON_TERMINAL = 0.2
_ELSEWHERE = 5.0
#: How wide a terminal is that does not say it, in characters.
_COLUMNS = 80


class ProgressLine:
    """Writes one line over and over on a terminal, and one now and then elsewhere.

    Args:
        stream: where it goes.
        seconds: how long the search takes.
        clock: gives the time, in seconds.
    """

    def __init__(
        self,
        stream: TextIO,
        seconds: float,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = stream
        self._seconds = seconds
        self._clock = clock
        self._is_terminal = stream.isatty()
        self._next = clock() + (0.0 if self._is_terminal else _ELSEWHERE)
        self._width = 0
        self._broken = 0

    def __call__(self, progress: Progress) -> None:
        """Write the line, if it is time or another rule is broken."""
        now = self._clock()
        rules = {finding.violation.rule for finding in progress.findings}
        if now < self._next and len(rules) == self._broken:
            return
        self._next = now + (_ON_TERMINAL if self._is_terminal else _ELSEWHERE)
        self._broken = len(rules)
        line = (
            f"{progress.seconds:.0f} of {self._seconds:.0f} s,"
            f" {progress.plans:,} plans, {progress.steps:,} steps,"
            f" broken rules: {len(rules)}, {progress.doing}"
        )
        if self._is_terminal:
            # A line that is too long would leave its beginning behind.
            line = line[: _columns(self._stream) - 1]
            self._stream.write(f"\r{line:{self._width}}")
            self._width = len(line)
        else:
            self._stream.write(f"{line}\n")
        self._stream.flush()

    def clear(self) -> None:
        """Take the line away from a terminal."""
        if self._width:
            self._stream.write(f"\r{'':{self._width}}\r")
            self._stream.flush()


def _columns(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns or _COLUMNS
    except OSError:
        return _COLUMNS
