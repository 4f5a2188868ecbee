"""What was said, as text that a person can read and a terminal survives."""

from __future__ import annotations

import collections
import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Final

import attrs

from smtpsession.testing.fuzz.runner import Said
from smtpsession.testing.fuzz.secrets import Secrets

#: Octets that come again and again: up to 8 of them, 16 times or more.
_RUN: Final = re.compile(rb"(.{1,8}?)\1{15,}", re.DOTALL)
#: A run is told where it is at least as long, in octets.
_LEAST_RUN: Final = 32
#: How many octets of a line are shown at most, and how many of its end.
_MAX_OCTETS: Final = 400
_END_OCTETS: Final = 40
#: How many lines one side says at most before some are left out.
_MAX_LINES: Final = 12
#: How often lines come again that are told once.
_LEAST_TIMES: Final = 4

#: A session, a side, and how many remarks stand before.
_Stream = tuple[int, str, int]


def transcript(said: Sequence[Said], secrets: Secrets | None = None) -> list[str]:
    r"""Give lines that begin with ``C: `` or ``S: ``, and remarks in brackets.

    Octets that are no printable ASCII are escaped as in Python, and so is a space at
    the end of a line. A line that goes on in the next segment, or never ends, has
    `` \`` there.

    Args:
        said: what both sides have said, in order.
        secrets: what is to be called by its name.
    """
    many = len({one.session for one in said}) > 1
    joined = list(_joined(said))
    shown = joined if secrets is None else _without_secrets(joined, secrets)
    lines: list[str] = []
    ends: dict[_Stream, bytes] = {}
    for place, (one, stream) in enumerate(zip(shown, _streams(shown), strict=True)):
        prefix = f"[{one.session + 1}] " if many else ""
        if one.who == "note":
            if many or place:
                lines.append(f"{prefix}({one.octets.decode('ascii')})")
            continue
        marker = "C: " if one.who == "client" else "S: "
        texts = [f"{prefix}{marker}{line}" for line in _lines(one.octets)]
        # CR and LF may come in two segments.
        if not (ends.get(stream, b"") + one.octets).endswith(b"\r\n"):
            texts[-1] += " \\"
        ends[stream] = one.octets[-1:]
        lines += _shortened(_told_once(texts))
    return _told_once(lines)


def count_client_lines(said: Sequence[Said]) -> int:
    """Count the lines of the client in a transcript, a cut line once."""
    octets = b"".join(one.octets for one in said if one.who == "client")
    return octets.count(b"\r\n") + (not octets.endswith(b"\r\n") and bool(octets))


def escaped(octets: bytes) -> str:
    """Give octets as printable ASCII on one line, with long runs told by their length.

    What is very long without a run is shown without its middle.
    """
    shown: list[str] = []
    end = 0
    for run in _RUN.finditer(octets):
        if run.end() - run.start() >= _LEAST_RUN:
            shown += [_all_but_middle(octets[end : run.start()]), _told(run)]
            end = run.end()
    return "".join([*shown, _all_but_middle(octets[end:])])


def _told(run: re.Match[bytes]) -> str:
    unit = run.group(1)
    times = (run.end() - run.start()) // len(unit)
    return f'{_escaped(unit) * 3}...("{_escaped(unit)}" {times} times)'


def _all_but_middle(octets: bytes) -> str:
    left_out = len(octets) - _MAX_OCTETS
    if left_out <= 0:
        return _escaped(octets)
    start, end = octets[: _MAX_OCTETS - _END_OCTETS], octets[-_END_OCTETS:]
    return f"{_escaped(start)}...({left_out} octets)...{_escaped(end)}"


def _escaped(octets: bytes) -> str:
    return octets.decode("latin-1").encode("unicode_escape").decode("ascii")


def _lines(octets: bytes) -> Iterator[str]:
    # Only CRLF ends a line; CR and LF alone are seen.
    lines = octets.split(b"\r\n")
    if lines[-1] == b"":
        lines.pop()
    for line in lines:
        shown = escaped(line)
        # A space at the end would not be seen.
        yield shown[:-1] + r"\x20" if shown.endswith(" ") else shown


def _shortened(lines: list[str]) -> list[str]:
    if len(lines) <= _MAX_LINES:
        return lines
    half = _MAX_LINES // 2
    left_out = f"   ... {len(lines) - 2 * half} lines"
    return [*lines[:half], left_out, *lines[-half:]]


def _told_once(lines: Sequence[str]) -> list[str]:
    """Say what comes again and again, such as a command and its reply, once."""
    told: list[str] = []
    place = 0
    while place < len(lines):
        length, times = max(
            ((length, _times(lines, place, length)) for length in (1, 2, 3)),
            key=lambda block: (block[0] * (block[1] - 1), -block[0]),
        )
        if times < _LEAST_TIMES:
            length, times = 1, 1
        told += lines[place : place + length]
        if times > 1:
            told.append(f"   ... {times - 1} times more")
        place += length * times
    return told


def _times(lines: Sequence[str], place: int, length: int) -> int:
    """Count how often a block of lines comes one after the other."""
    block = lines[place : place + length]
    ends = itertools.count(place, length)
    alike = itertools.takewhile(lambda at: lines[at : at + length] == block, ends)
    return sum(1 for _ in itertools.islice(alike, len(lines)))


def _joined(said: Sequence[Said]) -> Iterator[Said]:
    """Join what a server has said in one go: its segments say nothing."""
    for _, group in itertools.groupby(said, lambda one: (one.session, one.who)):
        parts = list(group)
        if parts[0].who == "server":
            octets = b"".join(part.octets for part in parts)
            parts = [attrs.evolve(parts[0], octets=octets)]
        yield from (part for part in parts if part.octets)


def _without_secrets(said: Sequence[Said], secrets: Secrets) -> Sequence[Said]:
    """Call secrets by their names, also those that are cut into segments."""
    shown = list(said)
    streams = list(_streams(said))
    for stream in {
        at for one, at in zip(said, streams, strict=True) if one.who != "note"
    }:
        places = [place for place, one in enumerate(streams) if one == stream]
        names = secrets.take_out_of([said[place].octets for place in places])
        for place, octets in zip(places, names, strict=True):
            shown[place] = attrs.evolve(said[place], octets=octets)
    return [one for one in shown if one.octets]


def _streams(said: Sequence[Said]) -> Iterator[_Stream]:
    """Say to which of all streams of octets each one belongs."""
    begun = collections.Counter[int]()
    for one in said:
        begun[one.session] += one.who == "note"
        yield one.session, one.who, begun[one.session]
