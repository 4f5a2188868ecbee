"""Finding the programs that the benchmarks start."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parent
ROOT = BENCHMARKS.parent
PROBE_SECONDS = 30.0


def search_environment() -> dict[str, str]:
    """Return the environment in which programs are looked up and run.

    Debian keeps smtp-source and smtp-sink in a folder that only root searches.
    """
    path = os.environ.get("PATH", os.defpath)
    return {**os.environ, "PATH": f"{path}:/usr/sbin:/usr/local/sbin"}


def find(program: str) -> str | None:
    """Return the path of a program, or None if it is not installed."""
    return shutil.which(program, path=search_environment()["PATH"])


def probe(command: Sequence[str], directory: Path) -> str | None:
    """Return the version that a command prints, or None if it cannot be run."""
    try:
        finished = subprocess.run(
            command,
            check=True,
            capture_output=True,
            text=True,
            timeout=PROBE_SECONDS,
            cwd=directory,
            env=search_environment(),
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return finished.stdout.strip() or "unknown version"
