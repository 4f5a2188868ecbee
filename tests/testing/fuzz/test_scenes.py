"""Plans for servers: they hold what servers get wrong, and spare right ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.testing.fuzz.plans import HangUp, Plan, Send, StartTLS
from smtpsession.testing.fuzz.scenes import plans
from smtpsession.testing.fuzz.search import draw_plans
from tests.testing.fuzz.offers import FULL, PLAIN

#: From this seed on everything is drawn soon; what is seldom may come later elsewhere.
FIRST = 70


@pytest.fixture(scope="module")
def drawn() -> list[Plan]:
    """Draw what a search tries in its first seconds."""
    numbers = range(FIRST, FIRST + 90)
    return [plan for number in numbers for plan in draw_plans(FULL, number)]


def sent(plan: Plan) -> list[bytes]:
    return [step.octets for step in plan if isinstance(step, Send)]


def holds(octets: bytes) -> Callable[[Plan], bool]:
    def does(plan: Plan) -> bool:
        return any(octets in one for one in sent(plan))

    does.__name__ = f"holds {octets[:30]!r}"
    return does


def has_neighbour(plan: Plan) -> bool:
    return any(step.session == 1 for step in plan)


def comes_again(plan: Plan) -> bool:
    places = [i for i, step in enumerate(plan.steps) if isinstance(step, HangUp)]
    return any(place + 1 < len(plan) for place in places)


@pytest.mark.parametrize(
    "wanted",
    [
        holds(b"a\n.\n"),
        holds(b"BDAT 0 LAST"),
        holds(b"BDAT 1\r\na"),
        holds(b"RCPT TO:<postmaster>\r\n" * 100),
        holds(b"STARTTLS\r\nRSET"),
        holds(b"{WRONG-PLAIN}"),
        holds(b"AUTH PLAIN"),
        holds(b"A" * 12_284),
        holds(b"a" * 505 + b"\r\n"),
        holds(b"a" * 998),
        holds(b"QUIT\r\nNOOP"),
        holds(b"RSET\r\nNOOP"),
        holds(b"MAIL FROM:<>"),
        holds(b"RCPT TO:<nobody-at-all@nowhere.example>"),
        holds(b"BODY=BINARYMIME"),
        holds(b"rset"),
        holds(b"XYZZY"),
        has_neighbour,
        comes_again,
    ],
    ids=lambda wanted: wanted.__name__,
)
def test_plans_hold_what_servers_get_wrong(
    wanted: Callable[[Plan], bool], drawn: list[Plan]
) -> None:
    assert any(map(wanted, drawn))


def test_a_wrong_password_comes_where_nobody_has_logged_in(drawn: list[Plan]) -> None:
    # Who is in already would be refused for another reason.
    begins = 0
    for plan in drawn:
        is_in = False
        for step in plan:
            if isinstance(step, HangUp):
                is_in = False
            elif isinstance(step, Send) and b"{WRONG-PLAIN}" in step.octets:
                assert not is_in
                begins += 1
            elif isinstance(step, Send):
                is_in |= b"{PLAIN}" in step.octets
    assert begins


def test_the_same_seed_draws_the_same_plans(drawn: list[Plan]) -> None:
    again = draw_plans(FULL, FIRST)
    assert again == drawn[: len(again)]
    assert draw_plans(FULL, FIRST + 1) != again


@given(plans(PLAIN))
def test_what_is_not_offered_is_not_used(plan: Plan) -> None:
    assert not has_neighbour(plan)
    assert not any(isinstance(step, StartTLS) for step in plan)
    for step in plan:
        if isinstance(step, Send) and step.only_in == "any":
            # No chunk that the server would rightly read as commands.
            assert step.octets.count(b"\r\n") <= 2
            assert b"{" not in step.octets or b"PLAIN" not in step.octets


@pytest.mark.parametrize(
    "changes",
    [
        {"hello": "LHLO"},
        {"hello": "HELO"},
        {"recipients": ()},
        {"begins_tls": True},
        {"keywords": {"AUTH": "LOGIN"}, "has_user": True},
        {"keywords": {"BINARYMIME": "", "PIPELINING": ""}},
    ],
    ids=str,
)
@given(data=st.data())
def test_there_are_plans_for_every_offer(
    changes: dict[str, Any], data: st.DataObject
) -> None:
    offer = attrs.evolve(PLAIN, **changes)
    plan = data.draw(plans(offer))
    assert len(plan) > 0
    assert Plan.from_json(plan.to_json()) == plan
