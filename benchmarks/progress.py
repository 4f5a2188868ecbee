"""The progress line: where a run is, on stderr."""

import sys
import time

SECONDS_BETWEEN_LINES = 5.0


class Progress:
    """Counts steps: one line rewritten in a terminal, a line now and then elsewhere."""

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.done = 0
        self.in_terminal = sys.stderr.isatty()
        self.started = time.monotonic()
        self.last_line = self.started

    def step(self, text: str) -> None:
        """Say what begins now, and count it."""
        self.done += 1
        now = time.monotonic()
        line = f"[{self.done}/{self.steps}, {now - self.started:.0f} s] {text}"
        if self.in_terminal:
            self.write(f"\r\033[K{line}")
        elif self.done == 1 or now - self.last_line >= SECONDS_BETWEEN_LINES:
            self.write(f"{line}\n")
            self.last_line = now

    def skip(self, steps: int) -> None:
        """Count steps that will not be taken."""
        self.done += steps

    def note(self, text: str) -> None:
        """Leave a line that stays."""
        self.clear()
        self.write(f"{text}\n")

    def clear(self) -> None:
        """Remove the line from a terminal."""
        if self.in_terminal:
            self.write("\r\033[K")

    @staticmethod
    def write(text: str) -> None:
        """Write to stderr at once."""
        print(text, end="", file=sys.stderr, flush=True)
