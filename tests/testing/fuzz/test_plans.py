"""Plans as values, and as JSON."""

import json
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.testing.fuzz.plans import HangUp, Plan, Send, StartTLS, Step

SESSIONS = st.integers(0, 9)
SENDS = st.builds(
    Send,
    st.binary(max_size=20),
    st.lists(st.integers(-1, 21), max_size=4).map(tuple),
    st.sampled_from(["any", "content", "auth", "transaction"]),
    SESSIONS,
)
STEPS: st.SearchStrategy[Step] = st.one_of(
    SENDS, st.builds(StartTLS, SESSIONS), st.builds(HangUp, SESSIONS)
)
PLANS = st.lists(STEPS, max_size=5).map(tuple).map(Plan)
VALUES: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, 1, -1, 10, 0.5, "", "a", "any", "\u0100", [], [1], [0, "a"], {}]
)
#: What looks like steps.
NEARLY_STEPS = st.dictionaries(
    st.sampled_from(["do", "octets", "cuts", "session", "only_in", "cut"]),
    st.sampled_from(["send", "start TLS", "hang up"]) | VALUES,
)


def test_a_plan_is_its_steps() -> None:
    steps = Send(b"NOOP\r\n"), StartTLS(), HangUp(1)
    plan = Plan(steps)
    assert tuple(plan) == steps
    assert len(plan) == 3
    assert plan == Plan(steps)
    assert {plan: 1}[Plan(steps)] == 1


def test_cuts_are_in_order_and_inside_the_octets() -> None:
    assert Send(b"NOOP\r\n", (4, -1, 2, 0, 4, 6, 99)).cuts == (2, 4)
    assert Send(b"NOOP\r\n", (6,)) == Send(b"NOOP\r\n")
    assert attrs.evolve(Send(b"NOOP\r\n", (2, 4)), octets=b"NO\r\n").cuts == (2,)
    assert not Plan((Send(b"", (-1, 0)),)).has_cuts


def test_a_plan_without_cuts_is_otherwise_the_same() -> None:
    plan = Plan((Send(b"NOOP\r\n", (2,), "auth", 1), StartTLS(), Send(b"a")))
    assert plan.has_cuts
    whole = plan.whole()
    assert whole == Plan((Send(b"NOOP\r\n", (), "auth", 1), StartTLS(), Send(b"a")))
    assert not whole.has_cuts
    assert whole.whole() == whole


@pytest.mark.parametrize(
    ("steps", "needs_secrets"),
    [
        ((), False),
        ((HangUp(), Send(b"NOOP {x}\r\n")), False),
        ((Send(b"NOOP\r\n"), Send(b"AUTH PLAIN {PLAIN}\r\n")), True),
        ((Send(b"{WRONG-PASSWORD}\r\n"),), True),
    ],
)
def test_some_plans_need_a_user(
    steps: tuple[Step, ...], *, needs_secrets: bool
) -> None:
    assert Plan(steps).needs_secrets == needs_secrets


def test_json_says_only_what_is_not_as_ever() -> None:
    plan = Plan(
        (Send(b"\xe9\r\n"), Send(b"ab", (1,), "content", 2), StartTLS(), HangUp(1))
    )
    assert plan.to_json() == [
        {"do": "send", "octets": "\xe9\r\n"},
        {"do": "send", "octets": "ab", "cuts": [1], "only_in": "content", "session": 2},
        {"do": "start TLS"},
        {"do": "hang up", "session": 1},
    ]


def test_json_keeps_each_octet() -> None:
    plan = Plan((Send(bytes(range(256)) * 2),))
    assert Plan.from_json(json.loads(json.dumps(plan.to_json()))) == plan


@given(PLANS)
def test_json_keeps_each_plan(plan: Plan) -> None:
    text = json.dumps(plan.to_json())
    assert text.isascii()
    assert Plan.from_json(json.loads(text)) == plan


@pytest.mark.parametrize("given", [None, {}, "NOOP", 1, ({"do": "hang up"},)])
def test_steps_must_be_a_list(given: object) -> None:
    with pytest.raises(ValueError, match="steps must be a list"):
        Plan.from_json(given)


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (None, "is no step: None"),
        ("NOOP", "is no step: 'NOOP'"),
        ({}, "is no step: {}"),
        ({"do": "sing"}, "is no step: {'do': 'sing'}"),
        ({"do": ["send"], "octets": "a"}, "is no step"),
        ({"do": "send"}, "is no step"),
        ({"do": "send", "octets": 1}, "is no step"),
        ({"do": "send", "octets": "\u0100"}, "has characters above U+00FF"),
        ({"do": "send", "octets": "\ud800"}, "has characters above U+00FF"),
        ({"do": "send", "octets": "ab", "cuts": 1}, "has cuts that are not inside"),
        (
            {"do": "send", "octets": "ab", "cuts": [True]},
            "has cuts that are not inside",
        ),
        ({"do": "send", "octets": "ab", "cuts": [1.0]}, "has cuts that are not inside"),
        ({"do": "send", "octets": "ab", "cuts": [0]}, "has cuts that are not inside"),
        ({"do": "send", "octets": "ab", "cuts": [2]}, "has cuts that are not inside"),
        ({"do": "send", "octets": "a", "only_in": "x"}, "has an unknown only_in: 'x'"),
        ({"do": "send", "octets": "a", "only_in": []}, "has an unknown only_in: []"),
        ({"do": "send", "octets": "a", "cut": [1]}, "has what it cannot have: 'cut'"),
        ({"do": "start TLS", "octets": ""}, "has what it cannot have: 'octets'"),
        ({"do": "hang up", "session": -1}, "has no session from 0 to 9: -1"),
        ({"do": "hang up", "session": 10}, "has no session from 0 to 9: 10"),
        ({"do": "start TLS", "session": True}, "has no session from 0 to 9: True"),
        ({"do": "send", "octets": "a", "session": "1"}, "has no session from 0 to 9"),
    ],
)
def test_what_is_wrong_is_said_of_its_step(step: Any, said: str) -> None:
    with pytest.raises(ValueError) as raised:
        Plan.from_json([{"do": "hang up"}, step])
    assert str(raised.value).startswith(f"step 1 {said}")


def test_what_is_wrong_is_not_said_at_length() -> None:
    with pytest.raises(ValueError) as raised:
        Plan.from_json([["a" * 10_000] * 100])
    assert len(str(raised.value)) < 500


@given(st.lists(NEARLY_STEPS | VALUES, max_size=3))
def test_all_else_is_refused_or_means_what_it_says(given: list[Any]) -> None:
    try:
        plan = Plan.from_json(given)
    except ValueError:
        return
    said = plan.to_json()
    assert Plan.from_json(said) == plan
    assert [step["do"] for step in said] == [step["do"] for step in given]
