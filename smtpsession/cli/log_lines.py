"""Log lines on standard error, written so that nobody waits for them."""

from __future__ import annotations

import contextlib
import datetime
import logging
import os
import queue
import select
import threading
from collections.abc import Generator

#: Lines that may wait to be written; what comes on top is dropped and counted.
MAX_WAITING = 10_000
#: How long the last lines are waited for at the end, in seconds.
FLUSH_SECONDS = 2.0


class LineWriter(logging.Handler):
    """Writes each record as a line to a file descriptor.

    Neither a reader that has stopped nor one that has gone ever blocks or breaks who
    logs.

    Args:
        file: descriptor of the open file.
        max_waiting: lines that may wait to be written.
        flush_seconds: how long ``close`` waits for them.
    """

    def __init__(
        self,
        file: int,
        *,
        max_waiting: int = MAX_WAITING,
        flush_seconds: float = FLUSH_SECONDS,
    ) -> None:
        super().__init__()
        self._descriptor = file
        self._flush_seconds = flush_seconds
        self._lines: queue.Queue[bytes | None] = queue.Queue(max_waiting)
        self._dropped = 0
        self._poll = select.poll()
        self._poll.register(file, select.POLLOUT)
        # A thread that hangs in a write must not keep the program from ending.
        self._thread = threading.Thread(target=self._write_lines, daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line, or hand it to the thread."""
        try:
            line = self.format(record)
        except Exception as error:
            line = f"a log record could not be formatted: {error!r}"
        octets = f"{line}\n".encode("utf-8", "backslashreplace")
        if self._written_at_once(octets):
            return
        try:
            self._lines.put_nowait(octets)
        except queue.Full:
            self._dropped += 1

    def _written_at_once(self, octets: bytes) -> bool:
        """Write a short line here if that cannot block: it saves waking the thread."""
        if len(octets) > select.PIPE_BUF or self._lines.unfinished_tasks:
            return False
        # Whatever is ready for writing takes so few octets without blocking.
        if not self._poll.poll(0):
            return False
        with contextlib.suppress(OSError):
            os.write(self._descriptor, octets)
        return True

    def close(self) -> None:
        """Wait for the lines that are still to be written, but not for long."""
        with contextlib.suppress(queue.Full):
            self._lines.put(None, timeout=self._flush_seconds)
            self._thread.join(self._flush_seconds)
        super().close()

    def _write_lines(self) -> None:
        while (line := self._lines.get()) is not None:
            dropped, self._dropped = self._dropped, 0
            if dropped:
                line += b"%d log lines were dropped\n" % dropped
            with contextlib.suppress(OSError):
                while line:
                    line = line[os.write(self._descriptor, line) :]
            self._lines.task_done()


class TextFormatter(logging.Formatter):
    """One line for people: time, level, message."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Give the line; what follows it, a traceback for example, is indented.

        Neither can forge a line nor reach the terminal as a control sequence.
        """
        first, *rest = super().format(record).split("\n")
        return "\n".join([_visible(first), *(f"    {_visible(line)}" for line in rest)])

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        """Give the time in the form of RFC 3339."""
        return _rfc3339(record.created)


class JSONFormatter(logging.Formatter):
    """One JSON object: time, level, logger, message, and exception if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the object on one line."""
        import json

        facts = {
            "time": _rfc3339(record.created),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            facts["exception"] = self.formatException(record.exc_info)
        return json.dumps(facts)


@contextlib.contextmanager
def log_lines(file: int, *, form: str, verbose: bool) -> Generator[None, None, None]:
    """Write what is logged in the block to a file descriptor.

    Args:
        file: descriptor of the open file.
        form: "text" or "json".
        verbose: from level DEBUG on instead of INFO.
    """
    writer = LineWriter(file)
    writer.setFormatter(JSONFormatter() if form == "json" else TextFormatter())
    root = logging.getLogger()
    level = root.level
    root.addHandler(writer)
    root.setLevel(logging.DEBUG if verbose else logging.INFO)
    try:
        yield
    finally:
        root.setLevel(level)
        root.removeHandler(writer)
        writer.close()


def _visible(line: str) -> str:
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode("ascii")
        for c in line
    )


def _rfc3339(seconds: float) -> str:
    when = datetime.datetime.fromtimestamp(seconds, datetime.UTC).astimezone()
    return when.isoformat(timespec="milliseconds")
