"""Folders for programs that do not stay root."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def reachable_folder() -> Iterator[Path]:
    """Give a folder that every user can read, which pytest's own are not.

    Its path is short enough for a Unix socket in it, too.
    """
    with tempfile.TemporaryDirectory(prefix="smtpsession-peer-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
