"""What was said, as text that a person can read and a terminal survives."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from smtpsession.testing.fuzz.runner import Said
from smtpsession.testing.fuzz.secrets import Secrets

_RUN: Final = re.compile(r"(\\x[0-9a-f]{2}|\\.|[^\\])\1{31,}")
#: How many lines one side says at most before some are left out.
_MAX_LINES: Final = 12


def transcript(said: Sequence[Said], secrets: Secrets | None = None) -> list[str]:
    r"""Give lines that begin with ``C: `` or ``S: ``, and remarks in brackets.

    Octets that are no printable ASCII are escaped as in Python. A line that goes on in
    the next segment ends with `` \``.

    Args:
        said: what both sides have said, in order.
        secrets: what is to be called by its name.
    """
    many = len({one.session for one in said}) > 1
    lines: list[str] = []
    for place, one in enumerate(said):
        prefix = f"[{one.session + 1}] " if many else ""
        if one.who == "note":
            if many or place:
                lines.append(f"{prefix}({one.octets.decode('ascii')})")
            continue
        octets = one.octets if secrets is None else secrets.take_out(one.octets)
        marker = "C: " if one.who == "client" else "S: "
        shown = [f"{prefix}{marker}{line}" for line in _lines(octets)]
        if one.who == "client" and not octets.endswith(b"\n"):
            shown[-1] += " \\"
        lines += _shortened(shown)
    return lines


def count_client_lines(said: Sequence[Said]) -> int:
    """Count the lines of the client in a transcript, a cut line once."""
    octets = b"".join(one.octets for one in said if one.who == "client")
    return octets.count(b"\r\n") + (not octets.endswith(b"\r\n") and bool(octets))


def escaped(octets: bytes) -> str:
    """Give octets as printable ASCII, with long runs told by their length."""
    text = octets.decode("latin-1").encode("unicode_escape").decode("ascii")
    return _RUN.sub(_told, text)


def _told(run: re.Match[str]) -> str:
    octets = len(run.group()) // len(run.group(1))
    return f"{run.group(1) * 3}...({octets} times)"


def _lines(octets: bytes) -> Iterator[str]:
    # Only CRLF ends a line; CR and LF alone are seen.
    lines = octets.split(b"\r\n")
    if lines[-1] == b"":
        lines.pop()
    yield from map(escaped, lines)


def _shortened(lines: list[str]) -> list[str]:
    if len(lines) <= _MAX_LINES:
        return lines
    half = _MAX_LINES // 2
    left_out = f"   ... {len(lines) - 2 * half} lines"
    return [*lines[:half], left_out, *lines[-half:]]
