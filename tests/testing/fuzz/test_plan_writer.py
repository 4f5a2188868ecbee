"""What plans are made of."""

from __future__ import annotations

import attrs
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.testing.fuzz.plan_writer import PlanWriter
from smtpsession.testing.fuzz.plans import HangUp, Send, StartTLS, Step
from tests.testing.fuzz.offers import FULL, PLAIN


def begun(draw: st.DrawFn, **changes: object) -> list[Step]:
    writer = PlanWriter(draw, attrs.evolve(FULL, **changes))
    writer.begin()
    return writer.steps


def octets_of(steps: list[Step]) -> list[bytes]:
    return [step.octets for step in steps if isinstance(step, Send)]


@given(st.data())
def test_tls_begins_before_all_else_where_it_is_wanted(data: st.DataObject) -> None:
    steps = begun(data.draw, begins_tls=True)
    assert octets_of(steps)[:2] == [b"EHLO a.example\r\n", b"STARTTLS\r\n"]
    assert steps[2] == StartTLS()


@given(st.data())
def test_a_user_logs_in_by_what_is_offered(data: st.DataObject) -> None:
    said = octets_of(begun(data.draw, keywords={"AUTH": "LOGIN"}))
    logged_in = [octets for octets in said if octets[:4] == b"AUTH"]
    assert logged_in in ([], [b"AUTH LOGIN\r\n"])
    if logged_in:
        assert said[-2:] == [b"{USER}\r\n", b"{PASSWORD}\r\n"]
    said = octets_of(begun(data.draw, keywords={"AUTH": "LOGIN PLAIN"}))
    assert [octets for octets in said if octets[:4] == b"AUTH"] in (
        [],
        [b"AUTH PLAIN {PLAIN}\r\n"],
    )


@given(st.data())
def test_nobody_logs_in_without_a_user(data: st.DataObject) -> None:
    writer = PlanWriter(data.draw, PLAIN)
    writer.begin()
    assert all(
        b"EHLO" in octets.upper() or b"HELO" in octets.upper()
        for octets in octets_of(writer.steps)
    )


@given(st.data())
def test_a_plan_ends_with_quit_or_the_end_of_the_connection(
    data: st.DataObject,
) -> None:
    writer = PlanWriter(data.draw, FULL)
    writer.end()
    last = writer.steps[-1]
    assert isinstance(last, HangUp) or (
        isinstance(last, Send) and last.octets.upper().endswith(b"QUIT\r\n")
    )


@given(st.data())
def test_cuts_stand_within_the_octets(data: st.DataObject) -> None:
    writer = PlanWriter(data.draw, FULL)
    for _ in range(5):
        writer.begin()
        writer.end()
    for step in writer.steps:
        if isinstance(step, Send):
            assert list(step.cuts) == sorted(set(step.cuts))
            assert all(0 < cut < len(step.octets) for cut in step.cuts)
