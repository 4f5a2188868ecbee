"""Says what a plan finds: in haste, for sure, or as short as it can be.

Theory of operation: patience follows the slowest reply so far. What a plan seems to
find in haste is looked at again with all the patience that there is. What is shrunk is
run with little patience again, for it is confirmed at the end; where that fails, it is
shrunk once more with an ear for replies that are not due.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Final

import attrs

from smtpsession.testing.fuzz.findings import (
    IN_EXCESS,
    Finding,
    Key,
    key_of,
    other_segments,
)
from smtpsession.testing.fuzz.plans import Plan
from smtpsession.testing.fuzz.runner import Manner, Outcome, Runner, UnreachableError
from smtpsession.testing.fuzz.shrinking import shrink

#: How long a reply may take, in seconds.
REPLY_SECONDS: Final = 5.0
#: How long one breach is made short, in seconds.
SHRINK_SECONDS: Final = 12.0
#: How much slower than the slowest reply so far one may be, while nothing is found: so
#: many times, but by no more than so many seconds.
_SLOWER: Final = 10.0
_SLOWER_SECONDS: Final = 1.0
_LEAST_REPLY_SECONDS: Final = 0.5
_LEAST_SETTLE_SECONDS: Final = 0.004
#: How long the last word takes to be sure, in seconds.
_SURE_SETTLE_SECONDS: Final = 0.1
#: How far apart segments are sent to be sure that they do not arrive as one.
_SURE_PAUSE_SECONDS: Final = 0.005


class Judge:
    """Knows how patient one must be with a server.

    Args:
        runner: runs plans.
        reply_seconds: how long a reply may take at most.
        shrink_seconds: how long one breach is made short at most.
    """

    def __init__(
        self,
        runner: Runner,
        *,
        reply_seconds: float = REPLY_SECONDS,
        shrink_seconds: float = SHRINK_SECONDS,
    ) -> None:
        self._runner = runner
        self._reply_seconds = reply_seconds
        self._shrink_seconds = shrink_seconds
        self._slowest = 0.0

    def glance(self, plan: Plan) -> Outcome:
        """Run a plan in haste.

        Raises:
            UnreachableError: the server takes no connection.
        """
        return self._run(plan, Manner(self._patience()))

    def learn(self, outcome: Outcome) -> None:
        """Take the time of replies that were as they should be."""
        # Many refusals in a row are slow on purpose.
        if not outcome.is_lost:
            self._slowest = max(self._slowest, outcome.slowest_seconds)

    def confirm(self, plan: Plan, seconds: float | None = None) -> Finding | Outcome:
        """Run a plan with all patience.

        Args:
            plan: the plan.
            seconds: how long a reply may take; None for as long as it may at all.

        Returns:
            What is found; where nothing is, what came of it.

        Raises:
            UnreachableError: the server takes no connection.
        """
        reply_seconds = self._reply_seconds if seconds is None else seconds
        manner = Manner(reply_seconds, _SURE_SETTLE_SECONDS, _SURE_PAUSE_SECONDS)
        outcome = self._run(plan, manner)
        if outcome.violation is None:
            return outcome
        return Finding(outcome.violation, plan, outcome.said, 0, True)

    def shorten(
        self, finding: Finding, pool: Executor, jobs: int, report: Callable[[], None]
    ) -> Finding:
        """Make a finding as short as time allows.

        Args:
            finding: what has been confirmed.
            pool: runs candidates side by side.
            jobs: how many.
            report: is called now and then.

        Raises:
            UnreachableError: the server takes no connection.
        """
        key = key_of(finding.violation)
        settle = min(max(_LEAST_SETTLE_SECONDS, self._slowest), _SURE_SETTLE_SECONDS)
        end = time.monotonic() + self._shrink_seconds
        for settle_seconds in (settle,) if key[0] in IN_EXCESS else (0.0, settle):
            manner = Manner(self._patience() / 2, settle_seconds, _SURE_PAUSE_SECONDS)

            def finds(candidate: Plan, manner: Manner = manner) -> bool:
                return time.monotonic() <= end and self._finds(candidate, manner, key)

            def first_to_find(candidates: Sequence[Plan]) -> Plan | None:
                found = pool.map(finds, candidates)
                pairs = list(zip(candidates, found, strict=True))
                report()
                return next((plan for plan, does in pairs if does), None)

            plan = shrink(finding.plan, first_to_find, at_once=jobs)
            again = self.confirm(plan, 2 * self._patience())
            if isinstance(again, Finding) and key_of(again.violation) == key:
                return again
        return finding

    def _finds(self, plan: Plan, manner: Manner, key: Key) -> bool:
        try:
            violation = self._run(plan, manner).violation
        except UnreachableError:
            # A server that has fallen over may need a while.
            return False
        return violation is not None and key_of(violation) == key

    def _run(self, plan: Plan, manner: Manner) -> Outcome:
        """Run a plan, and once more in whole segments where it has cuts."""
        outcome = self._runner.run(plan, manner)
        if outcome.violation is not None or outcome.is_lost or not plan.has_cuts:
            return outcome
        whole = self._runner.run(plan.whole(), manner)
        if whole.violation is not None or whole.is_lost or whole.codes == outcome.codes:
            return outcome
        violation = other_segments(_codes(whole), _codes(outcome))
        return attrs.evolve(outcome, violation=violation)

    def _patience(self) -> float:
        slower = min(_SLOWER * self._slowest, self._slowest + _SLOWER_SECONDS)
        return min(max(_LEAST_REPLY_SECONDS, slower), self._reply_seconds)


def _codes(outcome: Outcome) -> str:
    sessions = sorted(outcome.codes.items())
    return ", then ".join(" ".join(map(str, codes)) for _, codes in sessions)
