"""Looks for breaches of rules until time is over, and makes each one short.

Theory of operation: plans are drawn in rounds, each from a seed of its own, and run
side by side, with as little patience as the server's speed allows. What a plan seems to
find is run again, alone and with all the patience that there is; what stays is shrunk,
confirmed, and known from then on: it is not looked for again.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Collection, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from typing import Final, Literal, Protocol

import attrs
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings

from smtpsession.testing.fuzz.offer import Offer
from smtpsession.testing.fuzz.plans import Plan
from smtpsession.testing.fuzz.runner import (
    Manner,
    Outcome,
    Runner,
    Said,
    UnreachableError,
)
from smtpsession.testing.fuzz.scenes import plans
from smtpsession.testing.fuzz.shrinking import shrink
from smtpsession.testing.model_violation import Violation

#: How many plans are drawn from one seed. From the eleventh on, Hypothesis begins to
#: draw what resembles the earlier ones.
PLANS_IN_A_ROUND: Final = 10
#: How many rounds are run side by side, or wait for that.
_ROUNDS: Final = 3
#: How many plans are run side by side, so that a server which takes its time is asked
#: enough all the same.
JOBS: Final = 6
#: How long a reply may take, in seconds.
REPLY_SECONDS: Final = 5.0
#: How much slower than the slowest reply so far one may be, while nothing is found.
_SLOWER: Final = 10.0
_LEAST_REPLY_SECONDS: Final = 0.5
_LEAST_SETTLE_SECONDS: Final = 0.004
#: How long the last word takes to be sure, in seconds.
_SURE_SETTLE_SECONDS: Final = 0.1
#: How far apart segments are sent to be sure that they do not arrive as one.
_SURE_PAUSE_SECONDS: Final = 0.005
#: How long one breach is made short, in seconds.
_SHRINK_SECONDS: Final = 12.0

#: Plans take as long to draw as they do.
_NOT_CHECKED: Final = (
    *(HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much),
    HealthCheck.large_base_example,
)

#: Rules whose breach may have many causes; each is known with the verb it came at.
_BROAD: Final = frozenset(
    {"no reply", "reply to nothing", "closed without a word", "no close"}
)
#: Rules that only show where a reply is listened for which is not due.
_IN_EXCESS: Final = frozenset(
    {
        *("reply to nothing", "content is executed", "chunk is executed"),
        *("plain text is executed inside TLS", "bare CR or LF ends a command"),
    }
)


@attrs.frozen
class Finding:
    """A rule that the server breaks, and how."""

    violation: Violation
    #: The shortest plan that shows it.
    plan: Plan
    said: tuple[Said, ...]
    #: Draws the plan that has found it.
    seed: int
    #: It came again each time.
    is_confirmed: bool


@attrs.define
class Progress:
    """How far a search is."""

    seconds: float = 0.0
    plans: int = 0
    steps: int = 0
    findings: list[Finding] = attrs.field(factory=list[Finding])
    #: What the search does: it looks, or it makes a breach short.
    doing: Literal["looking", "shrinking"] = "looking"
    #: Plans that ended at a breach that was known already.
    hindered: int = 0


@attrs.frozen
class _Round:
    """Plans that are being run, drawn from one seed."""

    number: int
    plans: list[tuple[Plan, Future[Outcome | None]]]


class Watcher(Protocol):
    """Is told how far a search is, several times a second."""

    def __call__(self, progress: Progress) -> None:
        """Look at it."""
        ...


def key_of(violation: Violation) -> tuple[str, str]:
    """Say what makes two breaches the same."""
    if violation.rule not in _BROAD:
        return violation.rule, ""
    verb = violation.sent.partition(b" ")[0].upper()
    return violation.rule, verb.decode("latin-1") if verb.isalpha() else ""


class Judge:
    """Runs a plan as its kind of rule needs it.

    Args:
        runner: runs plans.
    """

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    def judge(self, plan: Plan, manner: Manner) -> Outcome:
        """Run a plan, and once more in whole segments where it has cuts.

        Raises:
            UnreachableError: the server takes no connection.
        """
        outcome = self._runner.run(plan, manner)
        if outcome.violation is not None or outcome.is_lost or not plan.has_cuts:
            return outcome
        whole = self._runner.run(plan.whole(), manner)
        if whole.violation is not None or whole.is_lost or whole.codes == outcome.codes:
            return outcome
        return attrs.evolve(outcome, violation=_segments(whole, outcome))


def _segments(whole: Outcome, cut: Outcome) -> Violation:
    return Violation(
        rule="segments change the replies",
        section="RFC 9293 2.2",
        sent=b"the same octets in other segments",
        expected=_codes(whole),
        seen=_codes(cut),
    )


def _codes(outcome: Outcome) -> str:
    sessions = sorted(outcome.codes.items())
    return ", then ".join(" ".join(map(str, codes)) for _, codes in sessions)


def draw_plans(offer: Offer, number: int) -> list[Plan]:
    """Draw the plans of one round.

    Args:
        offer: what is known of the server.
        number: the seed; the same one draws the same plans.
    """
    drawn: list[Plan] = []

    @seed(number)
    @settings(
        max_examples=PLANS_IN_A_ROUND,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=_NOT_CHECKED,
        verbosity=Verbosity.quiet,
    )
    @given(plans(offer))
    def each(plan: Plan) -> None:
        drawn.append(plan)

    each()
    return drawn


class Search:
    """One search of one server.

    Args:
        runner: runs plans; what it tolerates grows with what is found.
        reply_seconds: how long a reply may take at most.
        only: only these rules count; all for none.
    """

    def __init__(
        self,
        runner: Runner,
        *,
        reply_seconds: float = REPLY_SECONDS,
        only: Collection[str] = (),
    ) -> None:
        self.progress = Progress()
        self._runner = runner
        self._judge = Judge(runner)
        self._reply_seconds = reply_seconds
        self._only = only
        self._watch: Watcher = lambda progress: None
        self._known: set[tuple[str, str]] = set()
        self._slowest = 0.0
        self._began = time.monotonic()
        self._deadline = self._began
        self._most: int | None = None
        self._jobs = 1
        self._pool: Executor
        self._rounds: deque[_Round] = deque()

    def run(
        self,
        offer: Offer,
        seconds: float,
        first_seed: int,
        *,
        most: int | None = None,
        watch: Watcher = lambda progress: None,
    ) -> list[Finding]:
        """Look for *seconds*.

        Args:
            offer: what is known of the server.
            seconds: how long to look.
            first_seed: draws the first plans; what comes then follows from it.
            most: how many findings are enough; None for no limit.
            watch: is told how far it is.

        Returns:
            One finding for each breach.
        """
        self._watch = watch
        self._most = most
        self._jobs = JOBS if offer.is_concurrent else 1
        self._began = time.monotonic()
        self._deadline = self._began + seconds
        number = first_seed
        try:
            with ThreadPoolExecutor(self._jobs) as self._pool:
                while not self._is_over():
                    self._begin_round(draw_plans(offer, number), number)
                    number += 1
                    if len(self._rounds) == _ROUNDS:
                        self._end_round()
                while self._rounds:
                    self._end_round()
        except UnreachableError as error:
            self._add_gone(str(error), number)
        self._report()
        return self.progress.findings

    def replay(self, plan: Plan) -> Finding | None:
        """Run one plan with all patience, and keep what it finds.

        Raises:
            UnreachableError: the server takes no connection.
        """
        finding, outcome = self._confirm(plan)
        self.progress.plans, self.progress.steps = 1, outcome.steps
        if finding is not None:
            self.progress.findings.append(finding)
        self._report()
        return finding

    def _confirm(
        self, plan: Plan, reply_seconds: float | None = None
    ) -> tuple[Finding | None, Outcome]:
        seconds = self._reply_seconds if reply_seconds is None else reply_seconds
        manner = Manner(seconds, _SURE_SETTLE_SECONDS, _SURE_PAUSE_SECONDS)
        outcome = self._judge.judge(plan, manner)
        if outcome.violation is None:
            return None, outcome
        return Finding(outcome.violation, plan, outcome.said, 0, True), outcome

    def _is_over(self) -> bool:
        is_enough = self._most is not None and self._most <= len(self.progress.findings)
        return is_enough or time.monotonic() >= self._deadline

    def _begin_round(self, drawn: Sequence[Plan], number: int) -> None:
        running = [(plan, self._pool.submit(self._try_out, plan)) for plan in drawn]
        self._rounds.append(_Round(number, running))

    def _end_round(self) -> None:
        round_ = self._rounds.popleft()
        suspects: list[tuple[Plan, Violation]] = []
        for plan, running in round_.plans:
            outcome = running.result()
            if outcome is not None:
                self._count(outcome)
                if outcome.violation is not None:
                    suspects.append((plan, outcome.violation))
            self._report()
        for plan, violation in suspects:
            if self._is_known(violation):
                self.progress.hindered += 1
            elif not self._is_over():
                self._look_closer(plan, round_.number)

    def _try_out(self, plan: Plan) -> Outcome | None:
        return None if self._is_over() else self._judge.judge(plan, self._looking())

    def _count(self, outcome: Outcome) -> None:
        self.progress.plans += 1
        self.progress.steps += outcome.steps
        if outcome.violation is None:
            self._time(outcome)

    def _time(self, outcome: Outcome) -> None:
        # Many refusals in a row are slow on purpose.
        if not outcome.is_lost:
            self._slowest = max(self._slowest, outcome.slowest_seconds)

    def _is_known(self, violation: Violation) -> bool:
        if self._only and violation.rule not in self._only:
            return True
        return key_of(violation) in self._known

    def _look_closer(self, plan: Plan, number: int) -> None:
        # Alone, because a server that is busy is slower.
        wait([running for round_ in self._rounds for _, running in round_.plans])
        finding, outcome = self._confirm(plan)
        if finding is None:
            # Nothing but a slow reply.
            self._time(outcome)
            return
        if self._is_known(finding.violation):
            self.progress.hindered += 1
            return
        key = key_of(finding.violation)
        short = self._shortest(finding, key)
        self._known.add(key)
        if key[0] not in _BROAD:
            self._runner.tolerated = {*self._runner.tolerated, key[0]}
        self.progress.findings.append(attrs.evolve(short, seed=number))

    def _shortest(self, finding: Finding, key: tuple[str, str]) -> Finding:
        self.progress.doing = "shrinking"
        end = time.monotonic() + _SHRINK_SECONDS
        manners = [self._shrinking(self._settle_seconds())]
        if key[0] not in _IN_EXCESS:
            manners.insert(0, self._shrinking(0))
        try:
            for manner in manners:
                plan = self._shrink(finding.plan, key, manner, end)
                again, _ = self._confirm(plan, 2 * self._looking().reply_seconds)
                if again is not None and key_of(again.violation) == key:
                    return again
        finally:
            self.progress.doing = "looking"
        return finding

    def _shrink(
        self, plan: Plan, key: tuple[str, str], manner: Manner, end: float
    ) -> Plan:
        def finds(candidate: Plan) -> bool:
            if time.monotonic() > end:
                return False
            violation = self._judge.judge(candidate, manner).violation
            return violation is not None and key_of(violation) == key

        def first_to_find(candidates: Sequence[Plan]) -> Plan | None:
            found = self._pool.map(finds, candidates)
            pairs = zip(candidates, found, strict=True)
            self._report()
            return next((plan for plan, does in pairs if does), None)

        return shrink(plan, first_to_find, at_once=self._jobs)

    def _add_gone(self, why: str, number: int) -> None:
        violation = Violation(
            rule="server is gone",
            section="RFC 5321 4.5.1",
            sent=b"",
            expected="a connection",
            seen=why,
        )
        plan, said = self._runner.latest
        self.progress.findings.append(Finding(violation, plan, said, number, False))

    # Patience.

    def _looking(self) -> Manner:
        return Manner(self._patience(_SLOWER, _LEAST_REPLY_SECONDS))

    def _shrinking(self, settle_seconds: float) -> Manner:
        patience = self._patience(_SLOWER / 2, _LEAST_REPLY_SECONDS / 2)
        return Manner(patience, settle_seconds, _SURE_PAUSE_SECONDS)

    def _settle_seconds(self) -> float:
        return min(max(_LEAST_SETTLE_SECONDS, self._slowest), _SURE_SETTLE_SECONDS)

    def _patience(self, slower: float, least: float) -> float:
        return min(max(least, slower * self._slowest), self._reply_seconds)

    def _report(self) -> None:
        self.progress.seconds = time.monotonic() - self._began
        self._watch(self.progress)
