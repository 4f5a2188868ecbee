"""Makes a plan shorter while it still finds the same.

Theory of operation: a plan gives candidates, each simpler than itself, the greatest
steps first: without half of its steps, without one, without cuts, without lines of a
group, with simpler lines. The first candidate that still finds the breach takes its
place, until none does or time is over. Each attempt talks to the server, so that no
candidate is tried twice.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import attrs

from smtpsession.testing.fuzz.plans import HangUp, Plan, Send, Step

#: How many octets of a long run are left out at most at once.
_RUN: Final = re.compile(rb"(.)\1{7,}", re.DOTALL)
_PARAMETERS: Final = re.compile(rb"(?<=>) [^\r\n]*")
_LEAST_RUN: Final = 4


def shrink(
    plan: Plan,
    first_to_find: Callable[[Sequence[Plan]], Plan | None],
    *,
    at_once: int = 1,
) -> Plan:
    """Give the simplest plan that still finds the same.

    Args:
        plan: what finds it.
        first_to_find: runs candidates, and gives the first of them that finds it too;
            None where none does, and always from the time on when it is enough.
        at_once: how many candidates it is given at most.
    """
    tried = {plan}
    while True:
        fresh = _fresh(plan, tried)
        better = None
        while better is None:
            batch = list(itertools.islice(fresh, at_once))
            if not batch:
                return plan
            better = first_to_find(batch)
        plan = better


def _fresh(plan: Plan, tried: set[Plan]) -> Iterator[Plan]:
    for candidate in _candidates(plan):
        if candidate not in tried:
            tried.add(candidate)
            yield candidate


def _candidates(plan: Plan) -> Iterator[Plan]:
    """Give simpler plans, the simplest first."""
    steps = plan.steps
    if plan.has_cuts:
        yield plan.whole()
    yield from _without_runs(steps)
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
    lines: list[bytes] = re.findall(rb".*?\r\n|.+\Z", octets, re.DOTALL)
    length = len(lines) // 2
    while length:
        for start in range(len(lines) - length, -1, -1):
            yield b"".join(lines[:start] + lines[start + length :])
        length //= 2


def _simpler_octets(octets: bytes) -> Iterator[bytes]:
    for said in _PARAMETERS.finditer(octets):
        words = said.group().split()
        for left in ([], *(words[:i] + words[i + 1 :] for i in range(len(words)))):
            parameters = b"".join(b" " + word for word in left)
            yield octets[: said.start()] + parameters + octets[said.end() :]
    for run in _RUN.finditer(octets):
        length = run.end() - run.start()
        for left in (_LEAST_RUN, length // 2, length - length // 8, length - 1):
            yield octets[: run.start()] + run.group(1) * left + octets[run.end() :]
    upper = re.sub(rb"(?m)^[a-z]+", lambda verb: verb.group().upper(), octets)
    if upper != octets:
        yield upper
    if b"<" in octets and b"<>" not in octets and octets[:1] in b"Mm":
        yield re.sub(rb"<[^<>\r\n]*>", b"<>", octets)
