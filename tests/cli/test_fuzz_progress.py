"""What a person sees while a search goes on."""

import fcntl
import io
import os
import struct
import termios
from collections.abc import Iterator

import attrs
import pytest

from smtpsession.cli.fuzz_progress import ProgressLine
from smtpsession.testing.fuzz.findings import Finding, Progress
from smtpsession.testing.fuzz.plans import Plan
from smtpsession.testing.model_violation import Violation


class Clock:
    """A time that goes on when it is told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    """A terminal that does not say how wide it is."""

    def isatty(self) -> bool:
        return True


def finding(rule: str) -> Finding:
    violation = Violation(rule=rule, section="", sent=b"", expected="", seen="")
    return Finding(violation, Plan(()), (), 1, True)


PROGRESS = Progress(12.3, 1234, 56789)
LINE = "12 of 60 s, 1,234 plans, 56,789 steps, broken rules: 0, looking"


def test_a_line_now_and_then_where_nobody_looks() -> None:
    stream, clock = io.StringIO(), Clock()
    line = ProgressLine(stream, 60, clock=clock)
    for seconds in (0, 4.9, 5, 5.1, 9.9, 10, 10.1):
        clock.now = 1000 + seconds
        line(attrs.evolve(PROGRESS, seconds=seconds))
    line.clear()
    assert [text.split(",")[0] for text in stream.getvalue().splitlines()] == [
        *("5 of 60 s", "10 of 60 s"),
    ]


def test_one_line_over_and_over_on_a_terminal() -> None:
    stream, clock = Terminal(), Clock()
    line = ProgressLine(stream, 60, clock=clock)
    line(PROGRESS)
    assert stream.getvalue() == f"\r{LINE}"
    clock.now += 0.1
    line(PROGRESS)
    assert stream.getvalue() == f"\r{LINE}"
    clock.now += 0.1
    line(attrs.evolve(PROGRESS, plans=1))
    shorter = LINE.replace("1,234", "1")
    # Nothing is left of the longer one.
    assert stream.getvalue() == f"\r{LINE}\r{shorter}    "
    line.clear()
    assert stream.getvalue().endswith(f"\r{' ' * len(shorter)}\r")


def test_nothing_is_cleared_where_nothing_was_written() -> None:
    stream = Terminal()
    ProgressLine(stream, 60).clear()
    assert stream.getvalue() == ""


def test_rules_are_counted_not_findings() -> None:
    stream = Terminal()
    found = [finding("no reply"), finding("greeting"), finding("no reply")]
    progress = attrs.evolve(PROGRESS, findings=found, doing="shrinking")
    ProgressLine(stream, 60)(progress)
    assert stream.getvalue().endswith("broken rules: 2, shrinking")


@pytest.fixture
def terminal() -> Iterator[tuple[int, io.TextIOWrapper]]:
    """Give both ends of a terminal."""
    screen, keyboard = os.openpty()
    with open(screen, "rb", 0), open(keyboard, "w") as stream:
        yield screen, stream


@pytest.mark.parametrize(
    ("columns", "shown"), [(40, 39), (200, len(LINE)), (0, len(LINE))]
)
def test_the_line_is_no_longer_than_the_terminal_is_wide(
    terminal: tuple[int, io.TextIOWrapper], columns: int, shown: int
) -> None:
    screen, stream = terminal
    fcntl.ioctl(stream, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    line = ProgressLine(stream, 60)
    line(PROGRESS)
    line.clear()
    line_and_blanks = f"\r{LINE[:shown]}\r{' ' * shown}\r".encode()
    octets = b""
    while len(octets) < len(line_and_blanks):
        octets += os.read(screen, 1000)
    assert octets == line_and_blanks
