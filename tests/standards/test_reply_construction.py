"""Construction of replies: R1 to R5, T-RSP-1 and T-RSP-2.

Wait for a later issue:

- R1, 334 and 235 only from AUTH, 220 from XCLIENT: those commands.
- R5, a helper that quotes what a client sent: nothing of ours does so yet.
- R6, soft bounces: no such option yet.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.errors import LocalProtocolError, Reject
from smtpsession.wire.commands import Data, Ehlo, Mail, Noop, Quit
from smtpsession.wire.events import EndOfMessage, Event
from smtpsession.wire.replies import MAX_REPLY_LINES, Reply
from tests.standards.run_dialogue import (
    P0,
    P1,
    P2,
    P3,
    Decide,
    Outcome,
    converse,
    in_segments,
    parse_replies,
    refuse,
)


def says(said: Reply | str) -> Decide:
    def decide(event: Event) -> Reply | str | None:
        return said if isinstance(event, Noop) else None

    return decide


def noop(said: Reply | str) -> Outcome:
    return converse(b"NOOP\r\n", decide=says(said))


@pytest.mark.parametrize(
    "text",
    [
        "ok\r\n250 injected",
        "ok\nX",
        "\u00e9",
        "",
        "\0",
        "ok\r",
        "\x85",
        "\u2028",
        "\x1b",
    ],
)
def test_t_rsp_1(text: str) -> None:
    (reply,) = noop(text).replies
    assert str(reply) == "250 2.0.0"
    assert len(reply.lines) == 1


def test_t_rsp_1_long_text_goes_on_more_lines() -> None:
    (reply,) = noop("a" * 5000).replies
    assert len(reply.lines) > 1
    assert "".join(reply.lines) == "a" * 5000


@pytest.mark.parametrize("code", [650, 99, 199, 600, 260, 1, -1])
def test_t_rsp_1_a_code_that_is_none(code: int) -> None:
    with pytest.raises(ValueError):
        Reply(code, "x")
    with pytest.raises(ValueError):
        Reject(code, "x")


def test_t_rsp_2() -> None:
    (reply,) = noop(Reply(550, ["550-a", "451 b"])).replies
    assert str(reply) == "550 5.0.0"
    assert reply.lines == ("550-a", "451 b")


@pytest.mark.parametrize("code", [334, 354])
def test_r1_an_intermediate_code_is_no_answer(code: int) -> None:
    with pytest.raises(LocalProtocolError):
        noop(Reply(code, "go"))


@given(st.text())
def test_r2_text_of_a_reply_never_splits_it(text: str) -> None:
    (reply,) = in_segments([b"NOOP\r\n"], decide=says(text)).replies
    assert str(reply) == "250 2.0.0"


@given(st.text())
def test_r2_a_reply_is_one_reply_or_none(text: str) -> None:
    try:
        reply = Reply(550, text)
    except ValueError:
        assert any(not " " <= c <= "~" and c != "\t" for c in text)
        return
    (parsed,) = parse_replies(reply.to_bytes())
    assert "".join(parsed.lines) == text


def test_r3_at_most_fifty_lines() -> None:
    (reply,) = noop(Reply(250, ["x"] * 1000)).replies
    assert len(reply.lines) == MAX_REPLY_LINES == 50


@pytest.mark.parametrize("code", [221, 421])
@pytest.mark.parametrize(
    ("kind", "after", "octets"),
    [
        (Noop, P1, b"NOOP\r\n"),
        (Mail, P1, b"MAIL FROM:<a@c.example> SIZE=9\r\n"),
        (Ehlo, P0, P1),
        (Quit, P1, b"QUIT\r\n"),
        (Data, P2, b"DATA\r\n"),
    ],
)
def test_r4_closing_codes_close(
    code: int, kind: type[Event], after: bytes, octets: bytes
) -> None:
    decide = refuse(kind, Reply(code, "bye"))
    outcome = converse(octets + b"NOOP\r\n", after=after, decide=decide)
    assert [reply.code for reply in outcome.replies] == [code]
    assert outcome.replies[0].lines == ("mx.example bye",)
    assert outcome.is_over
    assert outcome.session.envelope.size is None


@pytest.mark.parametrize("code", [221, 421])
def test_r4_a_closing_code_at_the_end_of_a_message_ends_the_transaction(
    code: int,
) -> None:
    decide = refuse(EndOfMessage, Reply(code, "bye"))
    outcome = converse(b".\r\n", after=P3, decide=decide)
    assert [reply.code for reply in outcome.replies] == [code]
    assert outcome.is_over
    assert outcome.messages == []
    assert not outcome.session.in_transaction
    assert outcome.session.transaction == 2


def test_r4_positive_answers_to_quit_close_too() -> None:
    outcome = converse(b"QUIT\r\n", decide=refuse(Quit, Reply(221, "see you")))
    assert outcome.replies[0].lines == ("mx.example see you",)
    assert outcome.is_over
