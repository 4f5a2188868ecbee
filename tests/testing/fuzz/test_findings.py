"""What makes two findings the same."""

from __future__ import annotations

from smtpsession.testing.fuzz.findings import (
    BROAD,
    IN_EXCESS,
    gone,
    key_of,
    other_segments,
)
from smtpsession.testing.fuzz.rules import RULE_BOOK
from smtpsession.testing.model_violation import Violation


def key(rule: str, sent: bytes) -> tuple[str, str]:
    violation = Violation(rule=rule, section="", sent=sent, expected="", seen="")
    return key_of(violation)


def test_a_rule_with_one_cause_is_known_by_its_name() -> None:
    assert key("MAIL before hello", b"MAIL FROM:<>") == ("MAIL before hello", "")


def test_a_rule_with_many_causes_is_known_by_the_verb_too() -> None:
    assert key("no reply", b"noop a") == ("no reply", "NOOP")
    assert key("no reply", b"\x00") == ("no reply", "")


def test_what_is_no_verb_is_known_once() -> None:
    assert key("no reply", b"a" * 500) == key("no reply", b"b c") == ("no reply", "")


def test_rules_have_names_that_the_book_knows() -> None:
    named = {*BROAD, *IN_EXCESS, gone("").rule, other_segments("", "").rule}
    assert named <= set(RULE_BOOK)


def test_segments_are_told_by_their_codes() -> None:
    violation = other_segments("220 250", "220 500")
    assert (violation.expected, violation.seen) == ("220 250", "220 500")
    assert gone("timed out").seen == "timed out"
