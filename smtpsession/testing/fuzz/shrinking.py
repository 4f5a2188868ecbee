"""Makes a plan shorter while it still finds the same.

Theory of operation: there are ways in which a plan can be simpler, the ones that leave
out most first: fewer steps, fewer segments, one session instead of several, a group
taken apart, fewer and simpler lines. The first candidate that still finds the breach
takes the plan's place, and the way that has led there is gone on with, until none leads
further or time is over. Each attempt talks to the server, so that no candidate is tried
again that is known not to find it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import attrs

from smtpsession.testing.fuzz.plans import HangUp, Plan, Send, Situation, StartTLS, Step
from smtpsession.testing.fuzz.simpler_octets import (
    fewer_octets,
    fewer_units,
    shorter_runs,
    simpler_units,
    split_behind_content,
    units,
    without_some,
)

_Way = Callable[[Plan], Iterator[Plan]]


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
    tried = {hash(plan)}
    way = 0
    while True:
        fresh = _fresh(plan, tried, way)
        while batch := dict(itertools.islice(fresh, at_once)):
            better = first_to_find(list(batch))
            if better is not None:
                break
        else:
            return plan
        plan, way = better, batch[better]
        # What those behind it would have found is not known.
        candidates = list(batch)
        tried -= set(map(hash, candidates[candidates.index(plan) + 1 :]))


def _fresh(plan: Plan, tried: set[int], first: int) -> Iterator[tuple[Plan, int]]:
    """Give candidates that are new, and the ways to them, from one way on."""
    for turn in range(len(_WAYS)):
        way = (first + turn) % len(_WAYS)
        for candidate in map(_tidy, _WAYS[way](plan)):
            # Some are long, and there may be many of them.
            if candidate.steps and hash(candidate) not in tried:
                tried.add(hash(candidate))
                yield candidate, way


def _tidy(plan: Plan) -> Plan:
    """Leave out what does nothing, and count sessions from 0 on."""
    numbers: dict[int, int] = {}
    opened: set[int] = set()
    steps: list[Step] = []
    for step in plan:
        if isinstance(step, Send) and step.only_in == "any":
            opened.add(step.session)
        if step.session in opened:
            number = numbers.setdefault(step.session, len(numbers))
            steps.append(attrs.evolve(step, session=number))
        if isinstance(step, HangUp):
            opened.discard(step.session)
    while steps and isinstance(steps[-1], HangUp):
        steps.pop()
    return Plan(tuple(steps))


# The ways.


def _without_cuts(plan: Plan) -> Iterator[Plan]:
    if plan.has_cuts:
        yield plan.whole()


def _without_steps(plan: Plan) -> Iterator[Plan]:
    for groups in without_some(_belonging_together(plan)):
        yield Plan(tuple(itertools.chain.from_iterable(groups)))
    if isinstance(plan.steps[-1], StartTLS):
        yield Plan(plan.steps[:-1])


def _belonging_together(plan: Plan) -> list[list[Step]]:
    # Behind 220 to STARTTLS, who says something else than TLS is wrong himself.
    groups: list[list[Step]] = []
    for step in plan:
        if isinstance(step, StartTLS) and groups and _asks_for_tls(groups[-1][-1]):
            groups[-1].append(step)
        else:
            groups.append([step])
    return groups


def _asks_for_tls(step: Step) -> bool:
    return isinstance(step, Send) and b"STARTTLS" in step.octets.upper()


def _in_one_session(plan: Plan) -> Iterator[Plan]:
    if any(step.session for step in plan):
        yield Plan(tuple(attrs.evolve(step, session=0) for step in plan))


def _with_fewer_cuts(plan: Plan) -> Iterator[Plan]:
    for before, step, behind in _sends(plan):
        for cuts in without_some(step.cuts):
            yield Plan((*before, attrs.evolve(step, cuts=tuple(cuts)), *behind))
        if step.cuts:
            yield Plan((*before, attrs.evolve(step, cuts=()), *behind))


def _without_groups(plan: Plan) -> Iterator[Plan]:
    """Say lines each for itself."""
    for before, step, behind in _sends(plan):
        if step.only_in == "content":
            content, commands = split_behind_content(step.octets)
            parts = [content, commands] if commands else []
        elif _asks_for_tls(step):
            # What is injected behind it must come before the reply to it.
            parts = []
        else:
            parts = units(step.octets, step.only_in)
        splits = [parts] if len(parts) > 2 else []
        for place in (1, -1) if len(parts) > 1 else ():
            splits.append([b"".join(parts[:place]), b"".join(parts[place:])])
        for split in splits:
            yield Plan((*before, *_each_for_itself(step, split), *behind))


def _each_for_itself(step: Send, parts: Sequence[bytes]) -> Iterator[Send]:
    start, only_in = 0, step.only_in
    for part in parts:
        cuts = tuple(cut - start for cut in step.cuts)
        yield Send(part, cuts, only_in, step.session)
        start += len(part)
        only_in = "any" if only_in == "content" else only_in


def _with(simpler: Callable[[bytes, Situation], Iterator[bytes]]) -> _Way:
    def way(plan: Plan) -> Iterator[Plan]:
        for before, step, behind in _sends(plan):
            for octets in simpler(step.octets, step.only_in):
                cuts = _moved(step.cuts, step.octets, octets)
                changed = attrs.evolve(step, octets=octets, cuts=cuts)
                yield Plan((*before, changed, *behind))

    return way


def _moved(cuts: tuple[int, ...], octets: bytes, simpler: bytes) -> tuple[int, ...]:
    """Keep cuts between the same octets, as far as these are still there."""
    pairs = enumerate(zip(octets, simpler, strict=False))
    shortest = min(len(octets), len(simpler))
    same = next((place for place, (old, new) in pairs if old != new), shortest)
    shift = len(octets) - len(simpler)
    return tuple(cut if cut <= same else max(cut - shift, same) for cut in cuts)


def _sends(plan: Plan) -> Iterator[tuple[Sequence[Step], Send, Sequence[Step]]]:
    """Give each step that sends, what is before it and what is behind it."""
    for place, step in enumerate(plan):
        if isinstance(step, Send):
            yield plan.steps[:place], step, plan.steps[place + 1 :]


_WAYS: Final[tuple[_Way, ...]] = (
    *(_without_cuts, _without_steps, _in_one_session, _with_fewer_cuts),
    *(_without_groups, _with(fewer_units), _with(simpler_units)),
    *(_with(shorter_runs), _with(fewer_octets)),
)
