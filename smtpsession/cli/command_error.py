"""The one way in which the command fails."""

from __future__ import annotations

#: Exit status where the command line itself is wrong.
USAGE = 2
#: Exit status where the surroundings do not allow what it asks for.
FAILURE = 1


class CommandError(Exception):
    """The command cannot do what it was asked to; reported as one line.

    Args:
        text: what was seen and what was wanted, on one line.
        status: the exit status.
    """

    def __init__(self, text: str, *, status: int = FAILURE) -> None:
        super().__init__(text)
        self.status = status


def os_error_text(error: OSError) -> str:
    """Give the words of the system's error without its number."""
    return error.strerror or str(error)
