"""Makes a plan shorter while it still finds the same.

Theory of operation: a plan gives candidates, each simpler than itself, the greatest
steps first: without half of its steps, without one, without cuts, without lines of a
group, with simpler lines. The first candidate that still finds the breach takes its
place, until none does or time is over. Each attempt talks to the server, so that no
candidate is tried twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

import attrs

from smtpsession.testing.fuzz.plans import HangUp, Plan, Send, Step

#: How many octets of a long run are left out at most at once.
_RUN: Final = re.compile(rb"(.)\1{7,}", re.DOTALL)
_PARAMETERS: Final = re.compile(rb"(?<=>) [^\r\n]*")
_LEAST_RUN: Final = 4


def shrink(plan: Plan, still_finds: Callable[[Plan], bool]) -> Plan:
    """Give the simplest plan that still finds the same.

    Args:
        plan: what finds it.
        still_finds: runs a candidate; False from the time on when it is enough.
    """
    tried = {plan}
    found = True
    while found:
        found = False
        for candidate in _candidates(plan):
            if candidate in tried:
                continue
            tried.add(candidate)
            if still_finds(candidate):
                plan, found = candidate, True
                break
    return plan


def _candidates(plan: Plan) -> Iterator[Plan]:
    """Give simpler plans, the simplest first."""
    steps = plan.steps
    yield from _without_runs(steps)
    if plan.has_cuts:
        yield plan.whole()
    if any(step.session for step in steps):
        yield Plan(tuple(attrs.evolve(step, session=0) for step in steps))
    for place, step in enumerate(steps):
        if isinstance(step, Send):
            for simpler in _simpler(step):
                yield Plan((*steps[:place], simpler, *steps[place + 1 :]))


def _without_runs(steps: tuple[Step, ...]) -> Iterator[Plan]:
    length = len(steps) // 2
    while length:
        # From the end: what comes behind the breach is of no use.
        for start in range(len(steps) - length, -1, -1):
            left = steps[:start] + steps[start + length :]
            if not (left and isinstance(left[-1], HangUp)):
                yield Plan(left)
        length //= 2


def _simpler(step: Send) -> Iterator[Send]:
    octets = step.octets
    for place in range(len(step.cuts)):
        cuts = step.cuts[:place] + step.cuts[place + 1 :]
        yield attrs.evolve(step, cuts=cuts)
    if len(step.cuts) > 1:
        yield from (attrs.evolve(step, cuts=(cut,)) for cut in step.cuts)
    for fewer in (*_fewer_lines(octets), *_simpler_octets(octets)):
        yield attrs.evolve(step, octets=fewer, cuts=_moved(step.cuts, octets, fewer))


def _moved(cuts: tuple[int, ...], octets: bytes, fewer: bytes) -> tuple[int, ...]:
    """Keep cuts at the same distance from the end, or from the start where they fit."""
    shift = len(octets) - len(fewer)
    places = {cut - shift for cut in cuts if cut > shift} or set(cuts)
    return tuple(sorted(place for place in places if 0 < place < len(fewer)))


def _fewer_lines(octets: bytes) -> Iterator[bytes]:
    lines = octets.splitlines(keepends=True) if b"\r\n" in octets else []
    lines = [line + b"" for line in re.findall(rb".*?\r\n|.+\Z", octets, re.DOTALL)]
    length = len(lines) // 2
    while length:
        for start in range(len(lines) - length, -1, -1):
            yield b"".join(lines[:start] + lines[start + length :])
        length //= 2


def _simpler_octets(octets: bytes) -> Iterator[bytes]:
    if _PARAMETERS.search(octets):
        yield _PARAMETERS.sub(b"", octets)
    for run in _RUN.finditer(octets):
        length = run.end() - run.start()
        for left in (_LEAST_RUN, length // 2, length - length // 8, length - 1):
            yield octets[: run.start()] + run.group(1) * left + octets[run.end() :]
    upper = re.sub(rb"(?m)^[a-z]+", lambda verb: verb.group().upper(), octets)
    if upper != octets:
        yield upper
    if b"<" in octets and b"<>" not in octets and octets[:1] in b"Mm":
        yield re.sub(rb"<[^<>\r\n]*>", b"<>", octets)
