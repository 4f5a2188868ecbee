"""Log lines reach their reader, and never hold up who writes them."""

import contextlib
import json
import logging
import os
import re
from collections.abc import Iterator

import pytest

from smtpsession.cli.log_lines import LineWriter, log_lines

TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d"


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reader, writer = os.pipe()
    yield reader, writer
    for descriptor in (reader, writer):
        try:
            os.close(descriptor)
        except OSError:
            continue


def read_to_end(pipe: tuple[int, int]) -> str:
    """Close the writing end and give all that was written."""
    reader, writer = pipe
    os.close(writer)
    text = b""
    while octets := os.read(reader, 65_536):
        text += octets
    return text.decode()


def record(text: str, *arguments: object) -> logging.LogRecord:
    return logging.LogRecord(
        "smtpsession", logging.INFO, "file.py", 1, text, arguments, None
    )


def test_lines_for_people(pipe: tuple[int, int]) -> None:
    with log_lines(pipe[1], form="text", verbose=False):
        logging.getLogger("smtpsession").info("session %s: %s", "1", "é")
        logging.getLogger("other").debug("not shown")
    text = read_to_end(pipe)
    assert re.fullmatch(rf"{TIME} INFO session 1: é\n", text)


def test_what_is_logged_cannot_forge_a_line(pipe: tuple[int, int]) -> None:
    forged = "x\r\n2026-11-24T00:00:00Z INFO session 2: a=1\n\x1b[2J\u2028"
    with log_lines(pipe[1], form="text", verbose=False):
        try:
            raise ValueError(forged)
        except ValueError:
            logging.getLogger("smtpsession").exception("session 1: failed")
    lines = read_to_end(pipe).split("\n")
    assert lines[0].endswith(" ERROR session 1: failed")
    assert all(line.startswith("    ") for line in lines[1:-1])
    assert any("INFO session 2" in line for line in lines)
    assert all(line.isprintable() for line in lines)


def test_lines_for_programs(pipe: tuple[int, int]) -> None:
    with log_lines(pipe[1], form="json", verbose=False):
        logging.getLogger("smtpsession").info("one\ntwo")
        logging.getLogger("smtpsession").warning("%s", "three")
    one, two = map(json.loads, read_to_end(pipe).splitlines())
    assert re.fullmatch(TIME, one.pop("time"))
    assert re.fullmatch(TIME, two.pop("time"))
    logger = "smtpsession"
    assert one == {"level": "INFO", "logger": logger, "message": "one\ntwo"}
    assert two == {"level": "WARNING", "logger": logger, "message": "three"}


def test_an_exception_is_one_object_too(pipe: tuple[int, int]) -> None:
    with log_lines(pipe[1], form="json", verbose=False):
        try:
            raise ValueError("bad")
        except ValueError:
            logging.getLogger("smtpsession").exception("failed")
    [line] = read_to_end(pipe).splitlines()
    assert json.loads(line)["exception"].endswith("ValueError: bad")


def test_verbose_shows_debug_and_all_is_undone_at_the_end(
    pipe: tuple[int, int],
) -> None:
    root = logging.getLogger()
    before = (root.level, root.handlers.copy())
    with log_lines(pipe[1], form="text", verbose=True):
        logging.getLogger("mine").debug("shown")
    assert (root.level, root.handlers) == before
    assert read_to_end(pipe).endswith("DEBUG shown\n")


def test_a_record_that_cannot_be_formatted_breaks_nothing(
    pipe: tuple[int, int],
) -> None:
    writer = LineWriter(pipe[1])
    writer.emit(record("%d", "no number"))
    writer.emit(record("fine"))
    writer.close()
    bad, fine = read_to_end(pipe).splitlines()
    assert bad.startswith("a log record could not be formatted: TypeError(")
    assert fine == "fine"


def test_a_reader_that_has_gone_breaks_nothing(pipe: tuple[int, int]) -> None:
    os.close(pipe[0])
    writer = LineWriter(pipe[1])
    writer.emit(record("nobody reads this"))
    writer.close()


def test_a_reader_that_has_stopped_blocks_nobody(pipe: tuple[int, int]) -> None:
    reader, descriptor = pipe
    writer = LineWriter(descriptor, max_waiting=1, flush_seconds=0.01)
    long = "x" * 1_000_000
    writer.emit(record(long))
    # Its first octet is there: the thread is in the middle of this line.
    assert os.read(reader, 1) == b"x"
    for text in ("waits", "dropped", "dropped"):
        writer.emit(record(text))
    writer.close()
    text = "x"
    while "log lines were dropped\n" not in text:
        text += os.read(reader, 65_536).decode()
    assert text == f"{long}\nwaits\n2 log lines were dropped\n"


def test_a_short_line_waits_for_a_full_pipe_without_blocking(
    pipe: tuple[int, int],
) -> None:
    reader, descriptor = pipe
    os.set_blocking(descriptor, False)
    filled = 0
    with contextlib.suppress(BlockingIOError):
        while True:
            filled += os.write(descriptor, b"x" * 1000)
    os.set_blocking(descriptor, True)
    writer = LineWriter(descriptor)
    writer.emit(record("late"))
    text = b""
    while len(text) < filled + len(b"late\n"):
        text += os.read(reader, 65_536)
    writer.close()
    assert text == b"x" * filled + b"late\n"
