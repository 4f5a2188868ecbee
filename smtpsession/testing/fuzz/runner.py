"""Runs a plan against a server, and has the model judge each reply.

Theory of operation: one thread, one socket a session, one model beside each socket.
Octets go out step by step; behind each step come all replies that the model knows to
be due, or the plan has found something.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Literal

import attrs

from smtpsession.testing.fuzz.plans import (
    HangUp,
    Plan,
    Send,
    Situation,
    StartTLS,
)
from smtpsession.testing.fuzz.secrets import Secrets
from smtpsession.testing.fuzz.target import Connection, Target
from smtpsession.testing.model import Model
from smtpsession.testing.model_violation import Violation
from smtpsession.testing.session_machine_octets import pieces

#: Ends a plan that only makes a server slow, as one does that delays its refusals.
_MAX_REFUSALS = 8


@attrs.frozen
class Manner:
    """How patiently a plan is run, in seconds."""

    #: How long a reply may take.
    reply_seconds: float
    #: How long one that nobody waits for is listened to behind each step.
    settle_seconds: float = 0.0
    #: How long between two segments, so that they do not arrive as one.
    pause_seconds: float = 0.000_5


@attrs.frozen
class Said:
    """What one side has said, or what happened (``note``), on one session."""

    session: int
    who: Literal["client", "server", "note"]
    # Secrets are still among them.
    octets: bytes = attrs.field(repr=False)


@attrs.frozen
class Outcome:
    """What came of a plan."""

    violation: Violation | None
    said: tuple[Said, ...]
    #: Each session's reply codes, in order.
    codes: dict[int, tuple[int, ...]]
    #: How many steps were sent.
    steps: int
    #: The longest silence before a reply, in seconds.
    slowest_seconds: float
    #: The plan was not run to its end, because nothing was sure any more.
    is_lost: bool


class UnreachableError(Exception):
    """The server takes no connection any more."""


@attrs.define
class _Live:
    """A session that is open."""

    ordinal: int
    connection: Connection
    model: Model


class Runner:
    """Runs plans against one server.

    Args:
        target: the server.
        secrets: what plans call by name.
        tolerated: rules whose breach is known, see ``Model``.
    """

    def __init__(
        self,
        target: Target,
        *,
        secrets: Secrets | None = None,
        tolerated: Collection[str] = (),
    ) -> None:
        self.target = target
        self.secrets = secrets
        self.tolerated = tolerated
        #: The plan that has spoken last, and what was said.
        self.latest: tuple[Plan, tuple[Said, ...]] = (Plan(()), ())

    def run(self, plan: Plan, manner: Manner) -> Outcome:
        """Run a plan on connections of its own.

        Raises:
            UnreachableError: the server takes no connection.
        """
        run = _PlanRun(self, manner)
        try:
            for step in plan:
                run.take(step)
                if run.is_done:
                    break
        finally:
            run.close()
            outcome = run.outcome()
            if outcome.said:
                self.latest = plan, outcome.said
        return outcome


class _PlanRun:
    """One run of one plan."""

    def __init__(self, runner: Runner, manner: Manner) -> None:
        self._runner = runner
        self._manner = manner
        self._live: dict[int, _Live] = {}
        self._said: list[Said] = []
        self._codes: dict[int, tuple[int, ...]] = {}
        self._steps = 0
        self._slowest = 0.0
        self._violation: Violation | None = None
        self._is_lost = False

    @property
    def is_done(self) -> bool:
        return self._violation is not None or self._is_lost

    def outcome(self) -> Outcome:
        return Outcome(
            self._violation,
            tuple(self._said),
            self._codes,
            self._steps,
            self._slowest,
            self._is_lost,
        )

    def close(self) -> None:
        for ordinal in list(self._live):
            self._hang_up(ordinal)

    def take(self, step: Send | StartTLS | HangUp) -> None:
        """Do what a step says."""
        if isinstance(step, HangUp):
            if step.session in self._live:
                self._said.append(Said(step.session, "note", b"hangs up"))
                self._hang_up(step.session)
            return
        live = self._live.get(step.session)
        if live is not None and live.connection.is_closed:
            self._hang_up(step.session)
            live = None
        if live is None:
            if isinstance(step, StartTLS) or step.only_in != "any":
                return
            live = self._open(step.session)
            if self.is_done:
                return
        if isinstance(step, StartTLS):
            self._start_tls(live)
        elif _is_in(step.only_in, live.model):
            self._send(live, step)

    def _open(self, ordinal: int) -> _Live:
        target, secrets = self._runner.target, self._runner.secrets
        try:
            connection = target.open()
        except OSError as error:
            raise UnreachableError(str(error)) from error
        model = Model(
            lmtp=target.lmtp,
            secure=target.implicit_tls,
            tolerated=self._runner.tolerated,
            secrets=secrets.never_repeated() if secrets else (),
        )
        live = self._live[ordinal] = _Live(ordinal, connection, model)
        self._said.append(Said(ordinal, "note", b"connects"))
        self._listen(live)
        return live

    def _hang_up(self, ordinal: int) -> None:
        live = self._live.pop(ordinal)
        live.connection.close()
        self._codes[ordinal] = (*self._codes.get(ordinal, ()), *live.model.codes)

    def _start_tls(self, live: _Live) -> None:
        if not live.model.state.secure or live.connection.is_tls:
            return
        self._said.append(Said(live.ordinal, "note", b"begins TLS"))
        try:
            live.connection.start_tls()
        except OSError as error:
            self._violation = Violation(
                rule="TLS does not begin",
                section="RFC 3207 4",
                sent=b"STARTTLS",
                expected="a TLS handshake behind 220",
                seen=str(error),
            )
            return
        self._listen(live)

    def _send(self, live: _Live, step: Send) -> None:
        model, secrets = live.model, self._runner.secrets
        if model.state.secure and not live.connection.is_tls:
            # The server waits for a handshake, and rightly.
            self._is_lost = True
            return
        octets = secrets.fill_in(step.octets) if secrets else step.octets
        was_authenticated = model.state.authenticated
        self._steps += 1
        for piece in pieces(octets, step.cuts):
            if live.connection.is_closed:
                break
            self._said.append(Said(live.ordinal, "client", piece))
            model.sent(piece)
            live.connection.send(piece)
            if len(piece) < len(octets):
                self._hear(live, self._manner.pause_seconds)
        self._listen(live)
        is_let_in = model.state.authenticated and not was_authenticated
        if b"{WRONG-" in step.octets and is_let_in and not self.is_done:
            self._violation = _wrong_password(step)

    # Listening.

    def _hear(self, live: _Live, seconds: float) -> bool:
        octets = live.connection.receive(seconds)
        if octets:
            self._said.append(Said(live.ordinal, "server", octets))
            live.model.received(octets)
        return bool(octets)

    def _listen(self, live: _Live) -> None:
        """Listen until nothing is due any more, and judge that."""
        model, connection = live.model, live.connection
        while (model.awaits_reply or model.is_over) and not connection.is_closed:
            began = time.monotonic()
            heard = self._hear(live, self._manner.reply_seconds)
            self._slowest = max(self._slowest, time.monotonic() - began)
            if not heard:
                break
        if self._manner.settle_seconds and not connection.is_closed:
            while self._hear(live, self._manner.settle_seconds):
                pass
        if connection.is_closed:
            self._said.append(Said(live.ordinal, "note", b"the server closes"))
        self._judge(live)

    def _judge(self, live: _Live) -> None:
        model = live.model
        violations = model.check(closed=live.connection.is_closed)
        if violations:
            self._violation = self._without_secrets(violations[0])
        elif model.is_lost:
            self._is_lost = True
        if sum(code >= 400 for code in model.codes) >= _MAX_REFUSALS:
            self._is_lost = True

    def _without_secrets(self, violation: Violation) -> Violation:
        secrets = self._runner.secrets
        if secrets is None:
            return violation
        seen = secrets.take_out(violation.seen.encode()).decode()
        return attrs.evolve(violation, sent=secrets.take_out(violation.sent), seen=seen)


def _is_in(situation: Situation, model: Model) -> bool:
    if situation == "transaction":
        return model.state.mode == "command" and model.state.in_transaction
    return situation in ("any", model.state.mode)


def _wrong_password(step: Send) -> Violation:
    return Violation(
        rule="wrong password is taken",
        section="RFC 4954 6",
        sent=step.octets.partition(b"\r\n")[0],
        expected="535",
        seen="235",
    )
