from smtpsession.testing.model_violation import Violation, ViolationError

VIOLATION = Violation(
    rule="RCPT before MAIL",
    section="RFC 5321 3.3",
    sent=b"RCPT TO:<a@b>",
    expected="4yz 5yz",
    seen="250 ok",
)


def test_a_violation_says_which_rule_where_and_what_was_seen() -> None:
    assert str(VIOLATION) == (
        "RCPT before MAIL (RFC 5321 3.3, MUST):"
        " to b'RCPT TO:<a@b>' expected 4yz 5yz, seen 250 ok"
    )


def test_the_failure_shows_the_transcript() -> None:
    error = ViolationError(VIOLATION, ["S: 220 hello", "C: b'RCPT'"])
    assert error.violation is VIOLATION
    assert str(error).splitlines() == [str(VIOLATION), "S: 220 hello", "C: b'RCPT'"]
    assert error.transcript == ("S: 220 hello", "C: b'RCPT'")
    assert isinstance(error, AssertionError)
