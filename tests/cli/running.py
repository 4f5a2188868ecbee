"""The command as a process of its own, for tests."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import smtpsession

#: The tree is importable wherever the process runs, installed or not.
ENVIRONMENT = os.environ | {
    "PYTHONPATH": os.pathsep.join(
        [str(Path(smtpsession.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    ).strip(os.pathsep)
}
LISTENING = re.compile(r"listening on (?P<host>\S+):(?P<port>\d+)")


class Running:
    """A running command whose output is read line by line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def listening(self) -> tuple[str, int]:
        """Read the next line of standard output and give the address in it."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline().removesuffix("\n")
        match = LISTENING.fullmatch(line)
        assert match is not None, line
        return match["host"].strip("[]"), int(match["port"])

    def log_line(self, *, holding: str) -> str:
        """Read standard error up to a line that holds certain words."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if holding in line:
                return line
        raise AssertionError(f"standard error ended without {holding!r}")

    def send_signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Send a signal; give the exit status and what is left of standard error."""
        self.send_signal(number)
        return self.wait()

    def wait(self) -> tuple[int, str]:
        _, errors = self.process.communicate(timeout=30)
        return self.process.returncode, errors


@contextmanager
def running(*words: str, folder: Path) -> Iterator[Running]:
    """Run the command in a folder; what still runs at the end is killed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "smtpsession", *words],
        cwd=folder,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield Running(process)
        finally:
            process.kill()
