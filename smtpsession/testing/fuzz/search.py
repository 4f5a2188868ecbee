"""Looks for breaches of rules until time is over.

Theory of operation: plans are drawn in rounds, each from a seed of its own, and run
side by side. What a plan seems to find is confirmed with no other plan beside it,
shortened, and known from then on: it is not looked for again. A server that takes no
connection gets a while to come back, and is told once more what it was told before it
went, one plan after the other.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Collection, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from contextlib import closing, suppress
from typing import Final, Protocol

import attrs
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings

from smtpsession.testing.fuzz.findings import (
    BROAD,
    Finding,
    Key,
    Progress,
    gone,
    key_of,
)
from smtpsession.testing.fuzz.judging import REPLY_SECONDS, SHRINK_SECONDS, Judge
from smtpsession.testing.fuzz.offer import Offer
from smtpsession.testing.fuzz.plan_writer import wrong_login
from smtpsession.testing.fuzz.plans import Plan
from smtpsession.testing.fuzz.rules import RULE_BOOK
from smtpsession.testing.fuzz.runner import Outcome, Runner, UnreachableError
from smtpsession.testing.fuzz.scenes import plans
from smtpsession.testing.model_violation import Violation

#: How many plans are drawn from one seed. From the eleventh on, Hypothesis begins to
#: draw what resembles the earlier ones.
PLANS_IN_A_ROUND: Final = 10
#: How many plans are run side by side, so that a server which takes its time is asked
#: enough all the same.
JOBS: Final = 6
#: How many rounds are run side by side, or wait for that.
_ROUNDS: Final = 3
#: How long a server may be away, in seconds, and how often it is looked for.
_AWAY_SECONDS: Final = 10.0
_LOOK_SECONDS: Final = 0.2
#: How many plans may have to do with that.
_RECENT_PLANS: Final = 2 * JOBS
#: Plans take as long to draw as they do.
_NOT_CHECKED: Final = (
    *(HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much),
    HealthCheck.large_base_example,
)


class Watcher(Protocol):
    """Is told how far a search is, several times a second."""

    def __call__(self, progress: Progress) -> None:
        """Look at it."""
        ...


@attrs.frozen
class _Round:
    """Plans that are being run, drawn from one seed."""

    number: int
    plans: list[tuple[Plan, Future[Outcome | None]]]


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
        shrink_seconds: how long one breach is made short at most.
        only: only these rules count, all for none; the others are passed over.
        away_seconds: how long the server may take no connection before it is gone.
    """

    def __init__(
        self,
        runner: Runner,
        *,
        reply_seconds: float = REPLY_SECONDS,
        shrink_seconds: float = SHRINK_SECONDS,
        only: Collection[str] = (),
        away_seconds: float = _AWAY_SECONDS,
    ) -> None:
        self.progress = Progress()
        self._runner = runner
        self._judge = Judge(
            runner, reply_seconds=reply_seconds, shrink_seconds=shrink_seconds
        )
        self._reply_seconds = reply_seconds
        self._only = only
        if only:
            # What leaves the state open cannot be passed over.
            others = RULE_BOOK.keys() - set(only) - BROAD
            runner.tolerated = {*runner.tolerated, *others}
        self._away_seconds = away_seconds
        self._watch: Watcher = lambda progress: None
        self._known: set[Key] = set()
        self._began = time.monotonic()
        self._deadline = self._began
        self._most: int | None = None
        self._jobs = 1
        self._pool: Executor
        self._rounds: deque[_Round] = deque()
        self._recent: deque[Plan] = deque(maxlen=_RECENT_PLANS)
        #: What was found and not looked at, because the server had gone already.
        self._unseen: list[Finding] = []
        #: Why the server takes no connection; "" while it does.
        self._away = ""

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
        if offer.has_user:
            # Servers answer wrong passwords late, and should.
            self._learn(wrong_login(offer))
        with ThreadPoolExecutor(self._jobs) as self._pool:
            while not self._is_over():
                self._begin_round(draw_plans(offer, number), number)
                number += 1
                if len(self._rounds) == _ROUNDS:
                    self._end_round()
            while self._rounds:
                self._end_round()
        self._report()
        return self.progress.findings

    def replay(self, plan: Plan, rule: str) -> Finding | None:
        """Run one plan with all patience, and keep what it finds.

        Args:
            plan: the plan.
            rule: what it has broken. A breach of another one may come before it, and
                was known when the plan was found.

        Raises:
            UnreachableError: the server takes no connection.
        """
        self.progress.plans = 1
        self.progress.steps = len(plan)
        first = self._judge.confirm(plan)
        if isinstance(first, Outcome):
            return None
        finding = first
        if first.violation.rule != rule:
            self._runner.tolerated = set(RULE_BOOK) - {rule}
            again = self._judge.confirm(plan)
            if isinstance(again, Finding) and again.violation.rule == rule:
                finding = again
        self.progress.findings.append(finding)
        return finding

    def _learn(self, plan: Plan) -> None:
        with suppress(UnreachableError):
            outcome = self._judge.confirm(plan)
            if isinstance(outcome, Outcome):
                self._judge.learn(outcome)

    def _is_over(self) -> bool:
        is_enough = self._most is not None and self._most <= len(self.progress.findings)
        return is_enough or time.monotonic() >= self._deadline

    def _begin_round(self, drawn: Sequence[Plan], number: int) -> None:
        running = [(plan, self._pool.submit(self._try_out, plan)) for plan in drawn]
        self._rounds.append(_Round(number, running))

    def _try_out(self, plan: Plan) -> Outcome | None:
        if self._away or self._is_over():
            return None
        self._recent.append(plan)
        try:
            return self._judge.glance(plan)
        except UnreachableError as error:
            self._away = str(error)
            return None

    def _end_round(self) -> None:
        round_ = self._rounds.popleft()
        for suspect in self._suspects_of(round_):
            if self._is_known(suspect.violation):
                self.progress.hindered += 1
            elif self._away or self._is_over():
                self._unseen.append(suspect)
            else:
                self._look_closer(suspect)
        if self._away:
            self._look_for_culprit(round_.number)

    def _suspects_of(self, round_: _Round) -> list[Finding]:
        suspects: list[Finding] = []
        for plan, running in round_.plans:
            outcome = running.result()
            if outcome is not None:
                self._count(outcome)
                if outcome.violation is not None:
                    found = outcome.violation, plan, outcome.said
                    suspects.append(Finding(*found, round_.number, False))
            self._report()
        return suspects

    def _count(self, outcome: Outcome) -> None:
        self.progress.plans += 1
        self.progress.steps += outcome.steps
        if outcome.violation is None:
            self._judge.learn(outcome)

    def _is_known(self, violation: Violation) -> bool:
        if self._only and violation.rule not in self._only:
            return True
        return key_of(violation) in self._known

    def _look_closer(self, suspect: Finding) -> None:
        # Alone, because a server that is busy is slower.
        self._wait()
        try:
            finding = self._judge.confirm(suspect.plan)
            if isinstance(finding, Outcome):
                # Nothing but a slow reply.
                self._judge.learn(finding)
            elif self._is_known(finding.violation):
                self.progress.hindered += 1
            else:
                self._keep(self._shortened(finding), suspect.seed)
        except UnreachableError as error:
            self._unseen.append(suspect)
            self._away = str(error)

    def _wait(self) -> None:
        wait([running for round_ in self._rounds for _, running in round_.plans])

    def _shortened(self, finding: Finding) -> Finding:
        self.progress.doing = "shrinking"
        try:
            return self._judge.shorten(finding, self._pool, self._jobs, self._report)
        finally:
            self.progress.doing = "looking"

    def _keep(self, finding: Finding, number: int) -> None:
        rule, verb = key_of(finding.violation)
        self._known.add((rule, verb))
        if rule not in BROAD:
            self._runner.tolerated = {*self._runner.tolerated, rule}
        self.progress.findings.append(attrs.evolve(finding, seed=number))

    def _report(self) -> None:
        self.progress.seconds = time.monotonic() - self._began
        self._watch(self.progress)

    # A server that takes no connection.

    def _look_for_culprit(self, number: int) -> None:
        for round_ in self._rounds:
            self._unseen += self._suspects_of(round_)
        unseen = [one for one in self._unseen if not self._is_known(one.violation)]
        suspects = [one.plan for one in unseen] + list(reversed(self._recent))
        why = self._away
        self._rounds.clear()
        self._recent.clear()
        self._unseen = []
        while self._is_back(self._away_seconds):
            self._away = ""
            finding = self._finding_of(suspects.pop(0), why) if suspects else None
            if finding is not None:
                self._keep(finding, number)
            if finding is not None or not suspects:
                return
        for suspect in {key_of(one.violation): one for one in unseen}.values():
            self._keep(suspect, suspect.seed)
        plan, said = self._runner.latest
        self._keep(Finding(gone(why), plan, said, 0, False), number)
        self._deadline = self._began

    def _finding_of(self, plan: Plan, why: str) -> Finding | None:
        """Say what a plan does to the server, if it is anything new."""
        new = Finding(gone(why), plan, self._runner.latest[1], 0, True)
        try:
            finding = self._judge.confirm(plan)
            if isinstance(finding, Finding) and not self._is_known(finding.violation):
                return self._shortened(finding)
            new = attrs.evolve(new, said=self._runner.latest[1])
            is_gone = not self._is_back(0)
        except UnreachableError:
            is_gone = True
        return new if is_gone and not self._is_known(new.violation) else None

    def _is_back(self, seconds: float) -> bool:
        """Wait for the server to take a connection, and greet."""
        deadline = time.monotonic() + seconds
        while not (greets := self._greets()) and time.monotonic() < deadline:
            time.sleep(_LOOK_SECONDS)
        return greets

    def _greets(self) -> bool:
        try:
            with closing(self._runner.target.open()) as connection:
                return bool(connection.receive(self._reply_seconds))
        except OSError:
            return False
