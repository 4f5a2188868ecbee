"""Makes what a client sends simpler, so that it is what a person would write.

Theory of operation: octets are units, each a line or a chunk with its command, and a
unit is made simpler as what it is: a chunk keeps its right size, a verb stays a verb,
a path stays a path. Octets are left out one by one only in words that are not ordinary.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

from smtpsession.testing.fuzz.offer import SENDER
from smtpsession.testing.fuzz.plans import Situation
from smtpsession.testing.session_machine_octets import chunk_of

_T = TypeVar("_T")

#: At how many places of a long sequence something is left out.
_PLACES: Final = 32
#: How many times something may come again that is not shortened.
_LEAST_TIMES: Final = 4
_CHUNK: Final = re.compile(rb"(?i:BDAT) ([0-9]{1,9})((?i: LAST)?)\r\n")
_LINE: Final = re.compile(rb".*?\r\n|.+\Z", re.DOTALL)
_END: Final = re.compile(rb"(?:\A|\r\n)\.\r\n")
_MAIL: Final = re.compile(rb"(?i)(MAIL FROM:)<[^<>\r\n]*>")
_ENVELOPE: Final = re.compile(rb"(?i)((?:MAIL|RCPT) [^>]*>)(.*)", re.DOTALL)
_HELLO: Final = re.compile(rb"(?i)(?:EHLO|HELO|LHLO)\b")
_RUN: Final = re.compile(rb"(.{1,8}?)\1{7,}", re.DOTALL)
_WORD: Final = re.compile(rb"[^ ]+")
_ORDINARY: Final = re.compile(rb"[A-Za-z0-9.@:<>=_{}*+/-]{1,40}")


def without_some(items: Sequence[_T]) -> Iterator[Sequence[_T]]:
    """Leave items out, half of them first and one at last, but never all.

    What is at the end goes first: what comes behind a breach is of no use.
    """
    count = len(items)
    halves = {count >> power for power in range(1, count.bit_length())}
    for length in sorted({1, 2, 3, 4} | halves, reverse=True):
        for start in range(count - length, -1, -max(1, count // _PLACES)):
            if length < count:
                yield [*items[:start], *items[start + length :]]


def units(octets: bytes, only_in: Situation) -> list[bytes]:
    """Take octets apart into lines, and chunks with their commands."""
    found: list[bytes] = []
    place = 0
    while (line := _LINE.match(octets, place)) is not None:
        end = line.end()
        if only_in != "content" and (chunk := _CHUNK.match(octets, place)):
            end += int(chunk[1])
        found.append(octets[place:end])
        place = end
    return found


def split_behind_content(octets: bytes) -> tuple[bytes, bytes]:
    """Part the content, with its end, from the commands that follow it."""
    end = _END.search(octets)
    place = len(octets) if end is None else end.end()
    return octets[:place], octets[place:]


def fewer_units(octets: bytes, only_in: Situation) -> Iterator[bytes]:
    """Leave out lines and chunks."""
    for left in without_some(units(octets, only_in)):
        yield b"".join(left)


def simpler_units(octets: bytes, only_in: Situation) -> Iterator[bytes]:
    """Write lines and chunks as a person would."""
    # A response inside AUTH means something else if it is changed.
    if only_in != "auth":
        simpler = _simpler_content if only_in == "content" else _simpler_command
        for unit, before, behind in _each(units(octets, only_in)):
            for other in simpler(unit):
                if other != unit:
                    yield before + other + behind


def _each(units: Sequence[bytes]) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Give each unit, what is before it and what is behind it."""
    for place, unit in enumerate(units):
        yield unit, b"".join(units[:place]), b"".join(units[place + 1 :])


def _simpler_content(line: bytes) -> Iterator[bytes]:
    if line.endswith(b"\r\n") and line != b".\r\n" and len(line) > 2:
        yield b"a\r\n"


def _simpler_command(unit: bytes) -> Iterator[bytes]:
    chunk = _CHUNK.match(unit)
    if chunk is not None:
        yield from _simpler_chunk(unit, chunk)
        return
    verb, space, rest = unit.partition(b" ")
    yield verb.upper() + space + rest
    yield _MAIL.sub(rb"\1<%s>" % SENDER.encode(), unit)
    if _HELLO.match(unit):
        return
    envelope = _ENVELOPE.match(unit.removesuffix(b"\r\n"))
    kept, words = (verb, rest) if envelope is None else envelope.groups()
    ending = b"\r\n" if unit.endswith(b"\r\n") else b""
    if space and kept + ending != unit:
        yield kept + ending
        for left in without_some(words.removesuffix(b"\r\n").split()):
            yield b" ".join([kept, *left]) + ending


def _simpler_chunk(unit: bytes, chunk: re.Match[bytes]) -> Iterator[bytes]:
    content = unit[chunk.end() :]
    if len(content) == int(chunk[1]):
        half = len(content) // 2
        for fewer in (b"", b"a", content[:half], content[half:], content[:-1]):
            if len(fewer) < len(content):
                yield chunk_of(fewer, last=bool(chunk[2]))
        yield chunk_of(content, last=bool(chunk[2]))


def shorter_runs(octets: bytes, only_in: Situation) -> Iterator[bytes]:
    """Let what comes again and again come less often; ``a`` is the simplest of it."""
    # In content, whole lines come again and again.
    parts = [octets] if only_in == "content" else units(octets, only_in)
    for part, before, behind in _each(parts):
        for run in _RUN.finditer(b"" if _is_chunk(part, only_in) else part):
            start, end = before + part[: run.start()], part[run.end() :] + behind
            yield from (start + other + end for other in _shorter(run[0], run[1]))


def _shorter(run: bytes, again: bytes) -> Iterator[bytes]:
    times = len(run) // len(again)
    fewer = {times - (times >> power) for power in range(1, times.bit_length())}
    yield from (again * left for left in sorted({_LEAST_TIMES, *fewer}))
    if b"\n" not in again and again != b"a":
        yield b"a" * len(run)


def fewer_octets(octets: bytes, only_in: Situation) -> Iterator[bytes]:
    """Leave out octets of words that are not ordinary."""
    for unit, before, behind in _each(units(octets, only_in)):
        text = b"" if _is_chunk(unit, only_in) else unit.removesuffix(b"\r\n")
        for word in _WORD.finditer(text):
            if not _ORDINARY.fullmatch(word[0]):
                start, end = before + unit[: word.start()], unit[word.end() :] + behind
                yield from (start + bytes(left) + end for left in without_some(word[0]))


def _is_chunk(unit: bytes, only_in: Situation) -> bool:
    return only_in != "content" and _CHUNK.match(unit) is not None
