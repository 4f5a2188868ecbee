import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession import Reply
from smtpsession.testing.transcript_text import Step, read_transcript

TEXT = """\
# A comment.
size: 1000
hidden: DSN SIZE
added: DELIVERBY
strict: pipelining
lmtp: RFC 2033
refuse: RCPT TO:<b@d> 550 5.7.1 not here
refuse: message 452 later
S: 220 mx

C: LHLO c
C: NOOP
S: 250-mx
S: 250
C: QUIT
S: 221
message:
| a
|
closed:
"""


def test_steps() -> None:
    assert read_transcript(TEXT).steps == [
        Step(0, b"", ["220 mx"]),
        Step(11, b"LHLO c\r\nNOOP\r\n", ["250-mx", "250"]),
        Step(15, b"QUIT\r\n", ["221"], [b"a\r\n\r\n"], closes=True),
    ]


def test_options() -> None:
    transcript = read_transcript(TEXT)
    assert transcript.size == 1000
    assert (transcript.hidden, transcript.added) == (["DSN", "SIZE"], ["DELIVERBY"])
    assert transcript.strict
    assert transcript.lmtp
    assert transcript.refusals == {
        "RCPT TO:<b@d>": Reply(550, "not here", "5.7.1"),
        "message": Reply(452, "later"),
    }


def test_the_client_may_speak_first() -> None:
    assert read_transcript("C: EHLO c\n").steps == [Step(), Step(1, b"EHLO c\r\n")]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("X: 1", "line 1 of the transcript: a transcript has no such line: 'X'"),
        ("\n| x", "line 2 of the transcript: there is no message"),
        ("size: many", "size must be a number of octets, got 'many'"),
        ("size: \u00b2", "size must be a number"),
        ("refuse: message", "refuse must say what, and a reply"),
        ("refuse: message 250 ok", "a code from 400 to 599"),
        ("refuse: message 4500 ok", "a code from 400 to 599"),
        ("refuse: message 450 \u00fc", "printable ASCII"),
    ],
)
def test_a_line_that_says_nothing_is_an_error(text: str, error: str) -> None:
    with pytest.raises(ValueError, match=error):
        read_transcript(text)


words = st.sampled_from(["C", "S", "size", "refuse", "message", "hidden", "x"])
lines = st.tuples(words, st.text(st.characters(codec="utf-8"))).map(": ".join)


@given(st.lists(lines | st.text(st.characters(codec="utf-8"))).map("\n".join))
def test_nothing_else_escapes(text: str) -> None:
    with contextlib.suppress(ValueError):
        read_transcript(text)
