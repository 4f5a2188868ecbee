"""How short plans become."""

from collections.abc import Callable, Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.testing.fuzz.plans import HangUp, Plan, Send, StartTLS, Step
from smtpsession.testing.fuzz.shrinking import shrink

Finds = Callable[[Plan], bool]

EHLO = Send(b"EHLO a.example\r\n")
MAIL = Send(b"MAIL FROM:<a@a.example>\r\n")
RCPT = Send(b"RCPT TO:<postmaster>\r\n")
DATA = Send(b"DATA\r\n")
CONTENT = Send(b"Subject: a\r\n\r\na\r\n.\r\n", (), "content")
QUIT = Send(b"QUIT\r\n")
STARTTLS = Send(b"STARTTLS\r\n")

LINES = st.sampled_from(
    [
        *(b"NOOP\r\n", b"mail from:<> SIZE=1\r\n", b"RCPT TO:<b@b.example>\r\n"),
        *(b"STARTTLS\r\n", b"BDAT 3\r\nabc", b"QUIT\r\n", b"NOOP \xff\xfe\r\n"),
        *(b"NOOP " + b"a" * 40 + b"\r\n", b"a\r\n.\r\n", b"x", b"\r\n"),
    ]
)
SENDS = st.builds(
    Send,
    st.lists(LINES, max_size=3).map(b"".join),
    st.lists(st.integers(1, 60), max_size=3).map(tuple),
    st.sampled_from(["any", "any", "any", "content", "auth", "transaction"]),
    st.sampled_from([0, 0, 1]),
)
STEPS: st.SearchStrategy[Step] = (
    SENDS
    | st.builds(StartTLS, st.integers(0, 1))
    | st.builds(HangUp, st.integers(0, 1))
)
PLANS = st.lists(STEPS, min_size=1, max_size=8).map(tuple).map(Plan)


class Attempts:
    """Runs candidates, and knows which ones."""

    def __init__(self, finds: Finds, at_most: int = 100_000) -> None:
        self._finds = finds
        self._at_most = at_most
        self.tried: list[Plan] = []
        self.sizes: list[int] = []

    def __call__(self, candidates: Sequence[Plan]) -> Plan | None:
        self.tried += candidates
        self.sizes.append(len(candidates))
        if len(self.tried) > self._at_most:
            return None
        return next(filter(self._finds, candidates), None)


def shrunk(finds: Finds, *steps: Step) -> tuple[Step, ...]:
    plan = Plan(steps)
    assert finds(plan)
    return shrink(plan, Attempts(finds)).steps


def sends(octets: bytes) -> Finds:
    """Find plans with a step whose octets hold some."""
    return lambda plan: any(octets in step.octets for step in spoken(plan))


def spoken(plan: Plan) -> Iterator[Send]:
    """Give the steps that say something: those on a session that is open."""
    opened: set[int] = set()
    for step in plan:
        if isinstance(step, HangUp):
            opened.discard(step.session)
        elif isinstance(step, Send):
            if step.only_in == "any":
                opened.add(step.session)
            if step.session in opened:
                yield step


def said(plan: Plan, session: int = 0) -> bytes:
    """Give all that is said in a session."""
    sends = [step for step in plan if isinstance(step, Send)]
    return b"".join(step.octets for step in sends if step.session == session)


# Steps.


def test_steps_that_are_of_no_use_are_left_out() -> None:
    steps = (EHLO, MAIL, RCPT, DATA, CONTENT, HangUp(), EHLO, QUIT, HangUp())
    assert shrunk(sends(b"RCPT"), *steps) == (RCPT,)

    def in_order(plan: Plan) -> bool:
        octets = said(plan)
        return 0 <= octets.find(b"MAIL") < octets.find(b"DATA")

    assert shrunk(in_order, *steps) == (MAIL, DATA)


def test_the_only_step_stays() -> None:
    assert shrunk(lambda plan: True, QUIT) == (QUIT,)
    assert len(shrunk(lambda plan: True, EHLO, MAIL, QUIT)) == 1


def test_tls_goes_only_with_starttls() -> None:
    attempts = Attempts(sends(b"QUIT"))
    plan = Plan((EHLO, STARTTLS, StartTLS(), EHLO, QUIT))
    assert shrink(plan, attempts) == Plan((QUIT,))
    # Nobody says anything but TLS behind STARTTLS.
    for tried in attempts.tried:
        for step, behind in zip(tried.steps, tried.steps[1:], strict=False):
            assert step != STARTTLS or behind == StartTLS()


def test_tls_that_is_not_needed_does_not_begin() -> None:
    assert shrunk(sends(b"STARTTLS"), EHLO, STARTTLS, StartTLS()) == (STARTTLS,)

    def begins(plan: Plan) -> bool:
        return StartTLS() in plan.steps

    assert shrunk(begins, EHLO, STARTTLS, StartTLS(), QUIT)[-1] == StartTLS()


def test_steps_without_a_connection_are_left_out() -> None:
    def is_long(plan: Plan) -> bool:
        return MAIL in plan.steps

    steps = (HangUp(), CONTENT, StartTLS(), MAIL, HangUp(), CONTENT, QUIT)
    assert shrunk(is_long, *steps) == (MAIL,)
    again = (MAIL, HangUp(), MAIL)
    assert shrunk(lambda plan: plan.steps.count(MAIL) == 2, EHLO, *again) in [
        again,
        (MAIL, MAIL),
    ]


# Sessions.


def test_one_session_is_simpler_than_two() -> None:
    steps = EHLO, Send(b"NOOP\r\n", session=1), MAIL

    def has_both(plan: Plan) -> bool:
        octets = said(plan) + said(plan, 1)
        return b"NOOP" in octets and b"MAIL" in octets

    assert shrunk(has_both, *steps) == (Send(b"NOOP\r\n"), MAIL)


def test_sessions_are_counted_from_0_on() -> None:
    steps = EHLO, Send(b"NOOP\r\n", session=3), Send(b"QUIT\r\n", session=7)

    def has_two(plan: Plan) -> bool:
        sessions = {step.session for step in plan}
        octets = [step.octets for step in plan if isinstance(step, Send)]
        return len(sessions) > 1 and {b"NOOP\r\n", b"QUIT\r\n"} <= set(octets)

    assert shrunk(has_two, *steps) == (Send(b"NOOP\r\n"), Send(b"QUIT\r\n", session=1))


# Segments.


def test_whole_segments_are_simpler() -> None:
    assert shrunk(sends(b"NOOP"), Send(b"NOOP\r\n", (1, 2, 3, 4, 5))) == (
        Send(b"NOOP\r\n"),
    )


def test_the_cut_that_matters_stays() -> None:
    def is_cut(plan: Plan) -> bool:
        return any(
            isinstance(step, Send)
            and b"\r" in {step.octets[cut - 1 : cut] for cut in step.cuts}
            for step in plan
        )

    step = Send(b"MAIL FROM:<b@b.example> SIZE=10 BODY=8BITMIME\r\n", (2, 9, 20, 46))
    assert shrunk(is_cut, EHLO, step, Send(b"NOOP\r\n", (2,))) == (
        Send(b"MAIL FROM:<a@a.example>\r\n", (24,)),
    )


def test_cuts_move_with_their_octets() -> None:
    def is_cut(plan: Plan) -> bool:
        return any(
            step.octets[cut:].startswith(b"OP")
            for step in plan
            if isinstance(step, Send)
            for cut in step.cuts
        )

    group = Send(b"RSET\r\nNOOP\r\nRSET\r\n", (8,))
    assert shrunk(is_cut, group) == (Send(b"NOOP\r\n", (2,)),)


# Groups.


def test_lines_of_a_group_are_said_each_for_itself() -> None:
    group = Send(MAIL.octets + RCPT.octets + DATA.octets)

    def in_order(plan: Plan) -> bool:
        return said(plan) == group.octets

    assert shrunk(in_order, group) == (MAIL, RCPT, DATA)


def test_a_group_that_matters_stays_a_group() -> None:
    group = Send(b"RSET\r\nNOOP\r\nDATA\r\nQUIT\r\n")
    assert shrunk(sends(b"NOOP\r\nDATA"), group) == (Send(b"NOOP\r\nDATA\r\n"),)

    def has_all(plan: Plan) -> bool:
        return said(plan) == group.octets and sends(b"NOOP\r\nDATA")(plan)

    assert shrunk(has_all, group) == (
        *(Send(b"RSET\r\n"), Send(b"NOOP\r\nDATA\r\n"), QUIT),
    )


def test_commands_behind_content_are_said_for_themselves() -> None:
    together = Send(b"a\r\n.\r\nNOOP\r\n", (), "content")

    def in_order(plan: Plan) -> bool:
        return said(plan) == b"DATA\r\na\r\n.\r\nNOOP\r\n"

    assert shrunk(in_order, DATA, together) == (
        *(DATA, Send(b"a\r\n.\r\n", (), "content"), Send(b"NOOP\r\n")),
    )


def test_what_is_injected_behind_starttls_stays_there() -> None:
    injected = Send(b"STARTTLS\r\nRSET\r\n")

    def is_said(plan: Plan) -> bool:
        return injected.octets in said(plan)

    assert shrunk(is_said, EHLO, injected, StartTLS(), QUIT) == (injected,)


# Octets.


def test_a_plan_becomes_what_a_person_writes() -> None:
    # A server that takes what only looks like the end of the content.
    def finds(plan: Plan) -> bool:
        octets = said(plan)
        places = [
            octets.find(word)
            for word in (b"EHLO ", b"MAIL FROM:<", b"RCPT TO:<", b"DATA")
        ]
        last = [step.octets for step in spoken(plan) if step.only_in == "content"]
        if -1 in places or places != sorted(places) or not last:
            return False
        return b"\n.\n" in last[-1] and last[-1].endswith(b"\r\n.\r\n")

    steps = (
        Send(b"EHLO a.example\r\n", (3, 4)),
        Send(b"NOOP a\r\n"),
        Send(b"MAIL FROM:<> SIZE=100 BODY=8BITMIME\r\nRCPT TO:<postmaster>\r\n"),
        Send(b"RCPT TO:<postmaster> NOTIFY=NEVER\r\n"),
        Send(b"DATA\r\n", (1,)),
        Send(
            b"Subject: a\r\n" + b"b" * 900 + b"\n.\n" + b"c\xe9\r\n.\r\n", (), "content"
        ),
        *(Send(b"NOOP\r\nQUIT\r\n"), HangUp()),
    )
    assert shrunk(finds, *steps) == (
        *(EHLO, MAIL, RCPT, DATA, Send(b"\n.\n\r\n.\r\n", (), "content")),
    )


def test_the_least_octets_that_matter_are_found() -> None:
    long = Send(b"NOOP " + b"x" * 70_000 + b"\r\n")

    def is_long(plan: Plan) -> bool:
        return len(said(plan)) > 512

    assert shrunk(is_long, EHLO, long) == (Send(b"NOOP " + b"a" * 506 + b"\r\n"),)


def test_a_chunk_keeps_its_size() -> None:
    def has_two(plan: Plan) -> bool:
        return said(plan).count(b"BDAT") == 2 and b"LAST\r\n" in said(plan)

    chunks = Send(b"BDAT 300\r\n" + b"a\r\n" * 100 + b"NOOP\r\nBDAT 5 last\r\nabcde")
    assert not has_two(Plan((chunks,)))
    chunks = Send(b"BDAT 300\r\n" + b"a\r\n" * 100 + b"NOOP\r\nBDAT 5 LAST\r\nabcde")
    assert shrunk(has_two, chunks) == (Send(b"BDAT 0\r\n"), Send(b"BDAT 0 LAST\r\n"))


def test_as_many_recipients_as_it_takes_stay() -> None:
    def is_full(plan: Plan) -> bool:
        return said(plan).count(b"RCPT") > 50

    group = Send(RCPT.octets * 100, (), "transaction")
    steps = shrunk(is_full, MAIL, group)
    assert said(Plan(steps)).count(b"RCPT") == 51


# How candidates are tried.


def test_nothing_is_tried_any_more_when_it_is_enough() -> None:
    plan = Plan((EHLO, MAIL, RCPT, DATA, CONTENT, QUIT))
    attempts = Attempts(lambda plan: True, at_most=0)
    assert shrink(plan, attempts) == plan
    once = Attempts(lambda plan: True, at_most=1)
    assert shrink(plan, once) == once.tried[0]


@pytest.mark.parametrize("at_once", [1, 2, 6])
def test_candidates_come_in_batches(at_once: int) -> None:
    plan = Plan((EHLO, MAIL, RCPT, DATA, CONTENT, QUIT))
    attempts = Attempts(sends(b"DATA"))
    assert shrink(plan, attempts, at_once=at_once) == Plan((DATA,))
    assert max(attempts.sizes) == at_once


@given(
    PLANS,
    st.sampled_from(
        [b"NOOP", b"\xff", b"\r\nMAIL FROM", b"a\r\n.\r\n", b"abc", b"x", b""]
    ),
    st.sampled_from([1, 6]),
)
def test_the_result_is_minimal(plan: Plan, octets: bytes, at_once: int) -> None:
    finds = sends(octets)
    if not finds(plan):
        return
    attempts = Attempts(finds)
    result = shrink(plan, attempts, at_once=at_once)
    assert finds(result)
    assert plan not in attempts.tried
    # What is tried beside one that finds it may be tried again.
    assert at_once > 1 or len(attempts.tried) == len(set(attempts.tried))
    # No step, no cut and no line is there in vain; content needs an open session.
    *before, step = result.steps
    assert isinstance(step, Send)
    said_before = [one for one in before if isinstance(one, Send)]
    assert len(said_before) <= (step.only_in != "any")
    assert len(before) == len(said_before) or b"STARTTLS" in said_before[0].octets
    assert (step.cuts, step.session) == ((), 0)
    assert step.octets.count(b"\r\n") <= octets.count(b"\r\n") + 1
    # And it stays as it is.
    again = Attempts(finds)
    assert shrink(result, again) == result
    assert not any(map(finds, again.tried))


@given(PLANS, st.integers(1, 4))
def test_it_ends_whatever_is_found(plan: Plan, one_in: int) -> None:
    attempts = Attempts(lambda candidate: hash(candidate) % one_in == 0)
    shrink(plan, attempts)
    assert len(attempts.tried) == len(set(attempts.tried))
    assert all(candidate.steps for candidate in attempts.tried)


@given(PLANS)
def test_all_that_is_tried_can_be_stored(plan: Plan) -> None:
    attempts = Attempts(lambda plan: False)
    shrink(plan, attempts)
    for tried in attempts.tried:
        assert Plan.from_json(tried.to_json()) == tried
