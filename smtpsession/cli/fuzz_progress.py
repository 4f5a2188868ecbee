"""The line that says how far a search is."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from smtpsession.testing.fuzz.search import Progress

#: How often the line is written on a terminal, and elsewhere, in seconds.
_ON_TERMINAL = 0.2
_ELSEWHERE = 5.0


class ProgressLine:
    """Writes one line over and over on a terminal, and one now and then elsewhere.

    Args:
        stream: where it goes.
        seconds: how long the search takes.
    """

    def __init__(self, stream: TextIO, seconds: float) -> None:
        self._stream = stream
        self._seconds = seconds
        self._is_terminal = stream.isatty()
        self._next = time.monotonic() + (0.0 if self._is_terminal else _ELSEWHERE)
        self._width = 0

    def __call__(self, progress: Progress) -> None:
        """Write the line, if it is time."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + (_ON_TERMINAL if self._is_terminal else _ELSEWHERE)
        line = (
            f"{progress.seconds:.0f} of {self._seconds:.0f} s,"
            f" {progress.plans:,} plans, {progress.steps:,} steps,"
            f" {len(progress.findings)} rules broken, {progress.doing}"
        )
        if self._is_terminal:
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
