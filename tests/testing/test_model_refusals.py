import attrs
import pytest

from smtpsession.testing.model_lines import Line
from smtpsession.testing.model_refusals import (
    RECIPIENTS,
    SIZE,
    SYNTAX,
    UNKNOWN,
    find_refusal,
)
from smtpsession.testing.model_replies import take_reply
from smtpsession.testing.model_rules import rule_for_command
from smtpsession.testing.model_state import ModelState
from smtpsession.testing.model_units import Unit, take_unit

NEW = ModelState()
READY = ModelState(hello="EHLO")
MAIL = ModelState(hello="EHLO", sender=b"a@c.example")
RCPT = ModelState(hello="EHLO", sender=b"a@c.example", recipients=[b"b@s.example"])
BOUNCE = ModelState(hello="EHLO", sender=b"", recipients=[b"b@s.example"])
FULL = ModelState(hello="EHLO", sender=b"a@c", recipients=[b"b@s.example"] * 100)
LIMITS = ModelState(
    hello="EHLO",
    sender=b"a@c",
    recipients=[b"b@s.example"],
    offered={"LIMITS": "RCPTMAX=1"},
)
HIGH_LIMITS = attrs.evolve(LIMITS, offered={"LIMITS": "MAILMAX=5 RCPTMAX=100"})
LMTP = ModelState(lmtp=True)
LONGEST = b"MAIL FROM:<" + b"a" * 64 + b"@c.example>"


def found(state: ModelState, unit: Unit, answer: bytes) -> object:
    reply = take_reply(bytearray(answer + b"\r\n"))
    assert reply is not None
    finding = find_refusal(state, unit, reply)
    return finding and finding.check


@pytest.mark.parametrize(
    ("state", "line", "answer", "check"),
    [
        (NEW, b"EHLO c.example", b"502 5.5.1 what", UNKNOWN),
        (NEW, b"hElO c.example", b"500 what", UNKNOWN),
        (NEW, b"HELO c", b"500 what", None),
        (NEW, b"LHLO c.example", b"500 what", None),
        (LMTP, b"LHLO c.example", b"500 what", UNKNOWN),
        (LMTP, b"EHLO c.example", b"500 what", None),
        (NEW, b"EHLO c.example", b"550 no", None),
        (READY, b"mail from:<a@c.example>", b"500 what", UNKNOWN),
        (NEW, b"MAIL FROM:<a@c.example>", b"500 what", None),
        (READY, LONGEST, b"500 what", UNKNOWN),
        (READY, b"MAIL FROM:<" + b"a" * 65 + b"@c.example>", b"500 what", None),
        (READY, b"MAIL FROM:<a@c.example> SIZE=5", b"500 what", None),
        (READY, b"MAIL FROM:<a@c.example> ", b"500 what", None),
        (MAIL, b"RCPT TO:<b@s.example>", b"502 no", UNKNOWN),
        (RCPT, b"DATA", b"502 no", UNKNOWN),
        (READY, b"DATA", b"502 no", None),
        (READY, b"rset", b"502 no", UNKNOWN),
        (READY, b"NOOP", b"500 no", UNKNOWN),
        (READY, b"NOOP x", b"500 no", None),
        (NEW, b"NOOP", b"500 no", None),
        (NEW, b"QUIT", b"502 no", UNKNOWN),
        (READY, b"VRFY x", b"502 no", None),
        (READY, b"MAIL FROM:<a@c.example>", b"501 what", SYNTAX),
        (READY, b"MAIL FROM:<>", b"501 5.1.7 what", SYNTAX),
        (READY, b"MAIL FROM:<a@c.example>", b"501 5.1.8 unknown domain", None),
        (READY, b"MAIL FROM:<a@c>", b"501 what", None),
        (READY, b"MAIL FROM:<a@192.0.2.1>", b"501 what", None),
        (READY, b"MAIL FROM: <a@c.example>", b"501 what", None),
        (MAIL, b"RCPT TO:<b@s.example>", b"501 5.5.4 what", SYNTAX),
        (MAIL, b"RCPT TO:<Postmaster>", b"501 what", SYNTAX),
        (MAIL, b"RCPT TO:<b>", b"501 what", None),
        (RCPT, b"RSET", b"501 what", None),
        (RCPT, b"RCPT TO:<b@s.example>", b"452 too many", RECIPIENTS),
        (RCPT, b"RCPT TO:<b@s.example>", b"552 5.5.3 too many", RECIPIENTS),
        (RCPT, b"RCPT TO:<b@s.example>", b"452 4.3.1 disk is full", None),
        (RCPT, b"RCPT TO:<b@s.example>", b"550 no", None),
        (RCPT, b"RCPT TO:<c@s.example>", b"452 too many", None),
        (BOUNCE, b"RCPT TO:<b@s.example>", b"452 too many", None),
        (FULL, b"RCPT TO:<b@s.example>", b"452 too many", None),
        (LIMITS, b"RCPT TO:<b@s.example>", b"452 too many", None),
        (HIGH_LIMITS, b"RCPT TO:<b@s.example>", b"452 too many", RECIPIENTS),
        (RCPT, b"VRFY b@s.example", b"452 no", None),
    ],
)
def test_refused_commands(
    state: ModelState, line: bytes, answer: bytes, check: object
) -> None:
    unit = Unit(Line(line), rule_for_command(state, Line(line)), line + b"\r\n")
    assert found(state, unit, answer) == check


@pytest.mark.parametrize(
    ("octets", "limit", "answer", "check"),
    [
        (5, None, b"552 message too large", SIZE),
        (5, "", b"552 Message size exceeds the limit", SIZE),
        (5, "0", b"552 5.3.4 no", SIZE),
        (5, "64000", b"552 5.2.3 no", SIZE),
        (63_900, None, b"552 5.3.4 no", SIZE),
        (64_000, None, b"552 5.3.4 no", None),
        (5, "1000", b"552 5.3.4 no", None),
        (5, None, b"552 5.2.2 mailbox is full", None),
        (5, None, b"552 exceeded storage allocation", None),
        (5, None, b"554 message too large", None),
    ],
)
def test_refused_messages(
    octets: int, limit: str | None, answer: bytes, check: object
) -> None:
    offered = {"CHUNKING": ""} | ({} if limit is None else {"SIZE": limit})
    state = ModelState(sender=b"", recipients=[b"b"], offered=offered)
    by_data = attrs.evolve(state, mode="content")
    by_bdat = attrs.evolve(state, mode="command")
    for state, sent in (
        (by_data, b"x" * octets + b"\r\n.\r\n"),
        (by_bdat, b"BDAT %d\r\n" % octets + b"x" * octets),
    ):
        unit = take_unit(bytearray(sent), state)
        assert unit is not None
        assert found(state, unit, answer) == check


def test_chunks_add_up() -> None:
    state = ModelState(
        mode="command",
        sender=b"",
        recipients=[b"b"],
        chunks="open",
        content=b"x" * 64_000,
    )
    unit = take_unit(bytearray(b"BDAT 1\r\nx"), state)
    assert unit is not None
    assert found(state, unit, b"552 5.3.4 no") is None


def test_a_chunk_outside_of_a_transaction_is_none_of_a_message() -> None:
    unit = take_unit(bytearray(b"BDAT 1\r\nx"), ModelState(mode="command"))
    assert unit is not None
    assert found(READY, unit, b"552 5.3.4 no") is None
