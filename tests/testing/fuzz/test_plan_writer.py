"""What plans are made of."""

from __future__ import annotations

import attrs
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.testing.fuzz.offer import Offer
from smtpsession.testing.fuzz.plan_writer import PlanWriter, wrong_login
from smtpsession.testing.fuzz.plans import HangUp, Send, StartTLS, Step
from tests.testing.fuzz.offers import FULL, PLAIN


@st.composite
def begun(draw: st.DrawFn, offer: Offer) -> list[Step]:
    """Draw how sessions begin."""
    writer = PlanWriter(draw, offer)
    writer.begin()
    return writer.steps


@st.composite
def short(draw: st.DrawFn, offer: Offer) -> list[Step]:
    """Draw some beginnings, and some ends."""
    writer = PlanWriter(draw, offer)
    for _ in range(3):
        writer.begin()
        writer.end()
    return writer.steps


def octets_of(steps: list[Step]) -> list[bytes]:
    return [step.octets for step in steps if isinstance(step, Send)]


@given(begun(attrs.evolve(FULL, begins_tls=True)))
def test_tls_begins_before_all_else_where_it_is_wanted(steps: list[Step]) -> None:
    assert octets_of(steps)[:2] == [b"EHLO a.example\r\n", b"STARTTLS\r\n"]
    assert steps[2] == StartTLS()


@given(begun(attrs.evolve(FULL, keywords={"AUTH": "LOGIN"})))
def test_a_user_logs_in_by_login_where_that_is_all(steps: list[Step]) -> None:
    said = octets_of(steps)
    if said and b"HELO" not in said[-1].upper() and b"EHLO" not in said[-1].upper():
        assert said[-3:] == [b"AUTH LOGIN\r\n", b"{USER}\r\n", b"{PASSWORD}\r\n"]


@given(begun(FULL))
def test_a_user_logs_in_by_plain_else(steps: list[Step]) -> None:
    logged_in = [octets for octets in octets_of(steps) if octets[:4] == b"AUTH"]
    assert logged_in in ([], [b"AUTH PLAIN {PLAIN}\r\n"])


@given(begun(PLAIN))
def test_nobody_logs_in_without_a_user(steps: list[Step]) -> None:
    verbs = {octets[:4].upper() for octets in octets_of(steps)}
    assert verbs <= {b"EHLO", b"HELO"}


@given(short(FULL))
def test_a_plan_ends_with_quit_or_the_end_of_the_connection(steps: list[Step]) -> None:
    last = steps[-1]
    assert isinstance(last, HangUp) or (
        isinstance(last, Send) and last.octets.upper().endswith(b"QUIT\r\n")
    )


@given(short(FULL))
def test_cuts_stand_within_the_octets(steps: list[Step]) -> None:
    for step in steps:
        if isinstance(step, Send):
            assert list(step.cuts) == sorted(set(step.cuts))
            assert all(0 < cut < len(step.octets) for cut in step.cuts)


def test_a_wrong_password_is_tried_by_what_is_offered() -> None:
    plain = wrong_login(FULL)
    assert octets_of(list(plain))[1:] == [b"AUTH PLAIN {WRONG-PLAIN}\r\n"]
    login = wrong_login(attrs.evolve(FULL, keywords={"AUTH": "LOGIN"}, begins_tls=True))
    assert octets_of(list(login)) == [
        *(b"EHLO a.example\r\n", b"STARTTLS\r\n", b"EHLO a.example\r\n"),
        *(b"AUTH LOGIN\r\n", b"{USER}\r\n", b"{WRONG-PASSWORD}\r\n"),
    ]
