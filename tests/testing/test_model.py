from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import smtpsession.testing
from smtpsession.testing.model import Model
from smtpsession.testing.model_state import Delivery

FOLDER = Path(smtpsession.testing.__file__).parent
PREFIX = "smtpsession.testing.model"

# What a client says, and the replies to it.
BEGIN = [
    (b"", b"220 mx\r\n"),
    (b"EHLO c\r\n", b"250-mx\r\n250-AUTH PLAIN\r\n250-CHUNKING\r\n250 STARTTLS\r\n"),
]
LMTP_OFFER = b"250-mx\r\n250-PIPELINING\r\n250-CHUNKING\r\n250 ENHANCEDSTATUSCODES\r\n"
LMTP_BEGIN = [(b"", b"220 mx\r\n"), (b"LHLO c\r\n", LMTP_OFFER)]
ENVELOPE = [
    (b"MAIL FROM:<a@c>\r\n", b"250 ok\r\n"),
    (b"RCPT TO:<b@s>\r\n", b"250 ok\r\n"),
    (b"RCPT TO:<bad@s>\r\n", b"550 no\r\n"),
    (b"RCPT TO:<d@s>\r\n", b"250 ok\r\n"),
]
Said = list[tuple[bytes, bytes]]


def judged(*said: Said, lmtp: bool = False, tolerated: Sequence[str] = ()) -> Model:
    model = Model(lmtp=lmtp, tolerated=tolerated)
    for question, answer in [pair for part in said for pair in part]:
        model.sent(question)
        model.received(answer)
    return model


def enhanced(said: Said) -> Said:
    """Put enhanced status codes into the replies."""
    pattern, into = rb"(?m)^([245])([0-9]{2}) ", rb"\1\2 \1.0.0 "
    return [(question, re.sub(pattern, into, answer)) for question, answer in said]


def rules(model: Model, *, closed: bool = False) -> list[str]:
    return [violation.rule for violation in model.check(closed=closed)]


def delivery(content: bytes, *recipients: bytes) -> Delivery:
    return Delivery(
        transaction=1,
        sender=b"a@c",
        recipients=recipients,
        envelope=(b"b@s", b"d@s"),
        content=content,
    )


@pytest.mark.parametrize("path", sorted(FOLDER.glob("model*.py")), ids=str)
def test_the_model_shares_no_code_with_the_server(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = [alias.name for alias in getattr(node, "names", [])]
        if isinstance(node, ast.Import):
            assert not [name for name in names if name.startswith("smtpsession")]
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            assert node.level == 0
            assert not module.startswith("smtpsession") or module.startswith(PREFIX)


def test_a_message_by_data() -> None:
    content = b"..x\r\n.\r\n"
    model = judged(
        BEGIN,
        ENVELOPE,
        [(b"DATA\r\n", b"354 go\r\n"), (content, b"250 ok\r\n")],
        [(b"QUIT\r\n", b"221 bye\r\n")],
    )
    assert rules(model, closed=True) == []
    assert model.deliveries == [delivery(b".x\r\n", b"b@s", b"d@s")]
    assert model.transcript[-4:] == [
        "C: b'..x\\r\\n.\\r\\n'",
        "S: 250 ok",
        "C: b'QUIT\\r\\n'",
        "S: 221 bye",
    ]
    assert model.state.transaction == 2


def test_a_message_without_content() -> None:
    said = [(b"DATA\r\n", b"354 go\r\n"), (b".\r\n", b"250 ok\r\n")]
    model = judged(BEGIN, ENVELOPE, said)
    assert rules(model) == []
    assert model.deliveries[0].content == b""


def test_a_refused_message_is_not_delivered() -> None:
    said = [(b"DATA\r\n", b"354 go\r\n"), (b"x\r\n.\r\n", b"554 no\r\n")]
    model = judged(BEGIN, ENVELOPE, said)
    assert rules(model) == []
    assert model.deliveries == []
    assert not model.state.in_transaction


def test_a_message_in_chunks_of_which_one_looks_like_commands() -> None:
    said = [(b"BDAT 6\r\nQUIT\r\nBDAT 1 LAST\r\nx", b"250 ok\r\n250 ok\r\n")]
    model = judged(BEGIN, ENVELOPE, said)
    assert rules(model) == []
    assert model.deliveries == [delivery(b"QUIT\r\nx", b"b@s", b"d@s")]


def test_a_refused_chunk_is_content_all_the_same() -> None:
    said = [
        (b"BDAT 6\r\nQUIT\r\n", b"552 no\r\n"),
        (b"BDAT 6 LAST\r\nQUIT\r\n", b"503 no\r\n"),
        (b"MAIL FROM:<a@c>\r\n", b"250 ok\r\n"),
    ]
    model = judged(BEGIN, ENVELOPE, said)
    assert rules(model) == []
    assert model.deliveries == []
    assert model.state.transaction == 2


def test_lmtp_answers_once_per_recipient() -> None:
    said = [(b"DATA\r\n", b"354 go\r\n"), (b"x\r\n.\r\n", b"250 ok\r\n450 no\r\n")]
    model = judged(LMTP_BEGIN, enhanced([*ENVELOPE, *said]), lmtp=True)
    assert rules(model) == []
    assert model.deliveries == [delivery(b"x\r\n", b"b@s")]


def test_all_behind_a_command_that_ends_its_group_may_be_refused() -> None:
    hello = [(b"", b"220 s\r\n"), (b"EHLO c\r\n", b"250-s\r\n250 PIPELINING\r\n")]
    group = b"VRFY a\r\nNOOP\r\n"
    model = judged(hello, [(group, b"252 ok\r\n503 wait\r\n")])
    assert rules(model) == []
    model.sent(b"NOOP\r\n")
    model.received(b"503 wait\r\n")
    assert rules(model) == ["NOOP"]


def test_a_refused_group_that_was_not_offered_leaves_nothing_sure() -> None:
    hello = [(b"", b"220 s\r\n"), (b"HELO c\r\n", b"250 s\r\n")]
    model = judged(hello, [(b"MAIL FROM:<>\r\nRSET\r\n", b"554 wait\r\n")])
    assert rules(model) == []
    assert model.is_lost
    model = judged(hello, [(b"MAIL FROM:<>\r\nRSET\r\n", b"250 ok\r\n250 ok\r\n")])
    assert rules(model) == []
    assert not model.is_lost


def test_lmtp_that_answers_once_for_all_is_told_from_silence() -> None:
    said = [(b"DATA\r\n", b"354 go\r\n"), (b"x\r\n.\r\n", b"250 ok\r\n")]
    model = judged(LMTP_BEGIN, enhanced([*ENVELOPE, *said]), lmtp=True)
    [violation] = model.check(closed=False)
    assert (violation.rule, violation.section) == (
        "fewer replies than recipients",
        "RFC 2033 4.2",
    )
    assert (violation.expected, violation.seen) == ("2 replies, one a recipient", "1")
    said = [(b"DATA\r\n", b"354 go\r\n"), (b"x\r\n.\r\n", b"")]
    model = judged(LMTP_BEGIN, enhanced([*ENVELOPE, *said]), lmtp=True)
    assert rules(model) == ["no reply"]


def test_lmtp_answers_once_per_recipient_to_the_last_chunk() -> None:
    ok = b"250 ok\r\n"
    said = [(b"BDAT 1\r\nx", ok), (b"BDAT 0 LAST\r\n", ok + ok)]
    model = judged(LMTP_BEGIN, enhanced([*ENVELOPE, *said]), lmtp=True)
    assert rules(model) == []
    assert model.deliveries == [delivery(b"x", b"b@s", b"d@s")]


def test_lmtp_answers_per_recipient_behind_a_refused_chunk() -> None:
    no = b"503 no\r\n"
    said = [(b"BDAT 1\r\nx", b"452 no\r\n"), (b"BDAT 0 LAST\r\n", no + no)]
    assert rules(judged(LMTP_BEGIN, enhanced([*ENVELOPE, *said]), lmtp=True)) == []


def test_lmtp_has_no_reply_to_a_last_chunk_for_nobody() -> None:
    said = [ENVELOPE[0], (b"BDAT 1 LAST\r\nx", b""), (b"NOOP\r\n", b"250 ok\r\n")]
    model = judged(LMTP_BEGIN, enhanced([*said]), lmtp=True)
    assert rules(model) == []
    assert not model.state.in_transaction


def test_a_reply_to_a_last_chunk_for_nobody_is_named() -> None:
    said = [ENVELOPE[0], (b"BDAT 2 LAST\r\n\r\n", b"503 nobody\r\n")]
    model = judged(LMTP_BEGIN, enhanced([*said]), lmtp=True)
    assert rules(model) == ["reply to a last chunk for nobody"]
    said[1:] = [(b"BDAT 0 LAST\r\nBDAT 2\r\n\r\n", b"503 nobody\r\n503 no\r\n")]
    model = judged(LMTP_BEGIN, enhanced([*said]), lmtp=True)
    assert rules(model) == ["reply to a last chunk for nobody"]


@pytest.mark.parametrize("chunk", [b"BDAT\r\n", b"BDAT 0\r\n", b"BDAT 0 LAST\r\n"])
@pytest.mark.parametrize("clear", [b"RSET\r\n", b"EHLO c\r\n"])
def test_a_refused_chunk_is_cleared_by_rset_and_hello(
    chunk: bytes, clear: bytes
) -> None:
    said = [(chunk, b"501 no\r\n"), *ENVELOPE, (b"DATA\r\n", b"503 RSET first\r\n")]
    assert rules(judged(BEGIN, said)) == []
    said[1:1] = [(clear, b"250 ok\r\n")]
    assert rules(judged(BEGIN, said)) == ["DATA"]


def test_a_recipient_behind_a_refused_chunk_leaves_nothing_sure() -> None:
    said = [(b"BDAT 1\r\nx", b"452 no\r\n"), (b"RCPT TO:<b@s>\r\n", b"250 ok\r\n")]
    model = judged(LMTP_BEGIN, enhanced([*ENVELOPE, *said]), lmtp=True)
    assert rules(model) == []
    assert model.is_lost


def test_lmtp_answers_a_chunk_outside_of_a_transaction_once() -> None:
    said = [(b"BDAT 1 LAST\r\nx", b"503 no\r\n")]
    assert rules(judged(LMTP_BEGIN, enhanced([*said]), lmtp=True)) == []


def test_auth_lines_are_no_commands() -> None:
    said = [
        (b"AUTH PLAIN\r\n", b"334 \r\n"),
        (b"QUIT\r\n", b"535 no\r\n"),
        (b"AUTH PLAIN AA==\r\n", b"235 in\r\n"),
    ]
    model = judged(BEGIN, said)
    assert rules(model) == []
    assert model.state.authenticated


def test_what_comes_behind_starttls_in_plain_text_is_never_answered() -> None:
    said = [(b"STARTTLS\r\nNOOP\r\n", b"220 go\r\n")]
    model = judged(BEGIN, said)
    assert rules(model) == []
    assert model.state.secure
    model.received(b"250 ok\r\n")
    assert rules(model) == ["reply to nothing"]


def test_a_session_that_is_refused_at_the_greeting() -> None:
    said = [(b"", b"554 no\r\n"), (b"EHLO c\r\n", b"503 no\r\n")]
    model = judged(said, [(b"QUIT\r\n", b"221 bye\r\n")])
    assert rules(model, closed=True) == []


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ((b"RCPT TO:<b@s>\r\n", b"250 ok\r\n"), "RCPT before MAIL"),
        ((b"NOOP\r\n", b"250 ok\r\n250 ok\r\n"), "reply to nothing"),
        ((b"NOOP\r\n", b""), "no reply"),
        ((b"NOOP\r\n", b"250 ok"), "no reply"),
        ((b"NOOP\r\n", b"ok\r\n"), "form of a reply"),
        ((b"QUIT\r\n", b"221 bye\r\n"), "no close"),
        ((b"NOOP\r\n", b"421 late\r\n"), "no close"),
    ],
)
def test_violations_are_named(said: tuple[bytes, bytes], rule: str) -> None:
    assert rules(judged(BEGIN, [said]))[0] == rule


def test_half_a_reply_is_a_violation() -> None:
    model = judged(BEGIN, [(b"NOOP\r\n", b"250 ok\r\n25")])
    assert rules(model) == ["form of a reply"]


def test_a_violation_tells_what_was_sent_and_seen() -> None:
    model = judged(BEGIN, [(b"RCPT TO:<b@s>\r\n", b"250 ok\r\n")])
    [violation] = model.check(closed=False)
    assert violation.sent == b"RCPT TO:<b@s>"
    assert violation.expected == "4yz 5yz"
    assert violation.seen == "250 ok"
    model = judged(BEGIN, [(b"NOOP\r\n", b"250 ok\r\n250 twice\r\n")])
    [violation] = model.check(closed=False)
    assert (violation.sent, violation.seen) == (b"NOOP", "250 twice")


def test_behind_a_violation_nothing_is_judged() -> None:
    said = [(b"RCPT TO:<b@s>\r\n", b"250 ok\r\n"), (b"BDAT 0 LAST\r\n", b"250 ok\r\n")]
    model = judged(BEGIN, said)
    assert not model.awaits_reply
    assert rules(model)[0] == "RCPT before MAIL"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ((b"NOOP\r\n", b"421 late\r\n"), []),
        ((b"NOOP\r\n", b"554 sync\r\n"), []),
        ((b"NOOP\r\n", b"550 sync\r\n"), ["NOOP"]),
        ((b"BDAT x\r\n", b"501 what\r\n"), []),
        # It was too large; nobody waits for its end.
        ((b"BDAT 900\r\nx", b"552 too large\r\n"), []),
        ((b"", b"421 late\r\n"), []),
        ((b"NOOP\r\n", b"250 ok\r\n"), ["closed without a word"]),
        ((b"NOOP\r\n", b""), ["closed without a word"]),
        ((b"QUIT\r\n", b"221 bye\r\n421 late\r\n"), ["reply to nothing"]),
        ((b"", b"250 ok\r\n"), ["reply to nothing"]),
        ((b"GET / HTTP/1.1\r\n", b"221 bye\r\n"), []),
    ],
)
def test_closing_needs_a_word(said: tuple[bytes, bytes], expected: list[str]) -> None:
    assert rules(judged(BEGIN, [said]), closed=True) == expected


def test_closing_instead_of_a_greeting() -> None:
    assert rules(Model(), closed=True) == ["closed without a word"]


def test_a_greeting_that_is_late_closes() -> None:
    model = judged([(b"", b"421 not now\r\n")])
    assert model.is_over
    assert rules(model, closed=True) == []


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ((b"NOOP\r\n", b"250 \xe9\r\n"), "form of a reply"),
        ((b"NOOP\r\n", b"250-a\r\n251 b\r\n"), "form of a reply"),
        ((b"MAIL FROM:<a@c>\r\n", b"503 no\r\n"), "MAIL"),
        ((b"RSET\r\n", b"550 no\r\n"), "RSET"),
        ((b"HELP\r\n", b"250 help\r\n"), "HELP"),
    ],
)
def test_a_tolerated_breach_is_passed_over(
    said: tuple[bytes, bytes], rule: str
) -> None:
    assert rules(judged(BEGIN, [said])) == [rule]
    model = judged(BEGIN, [said], tolerated=["something else", rule])
    assert rules(model) == []
    model.sent(b"RCPT TO:<b@s>\r\n")
    assert model.awaits_reply
    model.received(b"250 ok\r\n")
    assert rules(model) == ["RCPT before MAIL"]
    assert not model.is_lost


@pytest.mark.parametrize(
    ("said", "closed", "rule"),
    [
        ((b"NOOP\r\n", b"250 a\n250 b\r\n"), False, "form of a reply"),
        ((b"NOOP\r\n", b"250-a\r\n550 b\r\n"), False, "form of a reply"),
        ((b"NOOP\r\n", b"ok\r\n"), False, "form of a reply"),
        ((b"", b"250 ok\r\nok\r\n"), False, "form of a reply"),
        ((b"NOOP\r\n", b"250 ok\r\n25"), False, "form of a reply"),
        ((b"RCPT TO:<b@s>\r\n", b"250 ok\r\n"), False, "RCPT before MAIL"),
        ((b"MAIL FROM:<a@c>\r\n", b"354 go\r\n"), False, "MAIL"),
        ((b"NOOP\r\n", b"354 go\r\n"), False, "NOOP"),
        ((b"FROB\r\n", b"250 ok\r\n"), False, "unknown command"),
        ((b"QUIT\r\n", b"550 what\r\n"), False, "QUIT"),
        ((b"NOOP\r\n", b""), False, "no reply"),
        ((b"NOOP\r\n", b"250 ok\r\n250 ok\r\n"), False, "reply to nothing"),
        ((b"QUIT\r\n", b"221 bye\r\n"), False, "no close"),
        ((b"NOOP\r\n", b""), True, "closed without a word"),
    ],
)
def test_behind_a_tolerated_breach_that_moves_the_model_is_lost(
    said: tuple[bytes, bytes], closed: bool, rule: str
) -> None:
    tolerated = [rule, "reply to nothing"]
    model = judged(BEGIN, [said], tolerated=tolerated)
    assert rules(model, closed=closed) == []
    assert model.is_lost
    assert not model.awaits_reply
    model.sent(b"RCPT TO:<b@s>\r\n")
    model.received(b"250 ok\r\nwhat\r\n")
    assert rules(model) == rules(model, closed=True) == []


def test_what_is_tolerated_is_a_list_of_names() -> None:
    with pytest.raises(TypeError, match="names of rules, got 'MAIL'"):
        Model(tolerated="MAIL")


CONTENT = b"x\n.\nQUIT\r\n.\r\n"


@pytest.mark.parametrize(
    ("said", "closed", "rule"),
    [
        # The content ends early, and what follows is a command.
        (
            [(b"DATA\r\n", b"354 go\r\n"), (CONTENT, b"250 ok\r\n250 ok\r\n")],
            *(False, "content is executed"),
        ),
        (
            [(b"DATA\r\n", b"354 go\r\n"), (CONTENT[:-3], b"250 ok\r\n")],
            *(False, "content is executed"),
        ),
        (
            [(b"DATA\r\n", b"354 go\r\n"), (CONTENT, b"250 ok\r\n221 bye\r\n")],
            *(True, "content is executed"),
        ),
        (
            [
                (b"DATA\r\n", b"354 go\r\n"),
                (CONTENT + b"NOOP\r\n", b"250 ok\r\n221 bye\r\n"),
            ],
            *(False, "content is executed"),
        ),
        (
            [
                (b"DATA\r\n", b"354 go\r\n"),
                (b"x\r\n.\r\n", b"250 ok\r\n250 ok\r\n"),
            ],
            *(False, "reply to nothing"),
        ),
        (
            [(b"BDAT 6\r\nNOOP\r\n", b"552 no\r\n250 ok\r\n")],
            *(False, "chunk is executed"),
        ),
        (
            [(b"NOOP\nNOOP\r\n", b"501 no\r\n250 ok\r\n")],
            False,
            "bare CR or LF ends a command",
        ),
        (
            [(b"STARTTLS\r\nNOOP\r\n", b"220 go\r\n250 ok\r\n")],
            *(False, "plain text is executed inside TLS"),
        ),
        (
            [
                (b"STARTTLS\r\nNOOP\r\n", b"220 go\r\n"),
                (b"RSET\r\n", b"221 bye\r\n"),
            ],
            *(False, "plain text is executed inside TLS"),
        ),
        (
            [(b"HELP " + b"x" * 999 + b"\r\n", b"500 no\r\n500 no\r\n")],
            *(False, "part of a long line is executed"),
        ),
        ([(b"QUIT\r\n", b"221 bye\r\n221 bye\r\n")], True, "reply to nothing"),
    ],
)
def test_data_that_is_executed_is_named(said: Said, closed: bool, rule: str) -> None:
    assert rules(judged(BEGIN, ENVELOPE, said), closed=closed) == [rule]


@pytest.mark.parametrize(
    ("answers", "rule"),
    [
        (b"250 ok\r\n250 ok\r\n250 ok\r\n", "bare CR or LF ends a command"),
        (b"250 ok\r\n221 bye\r\n", "bare CR or LF ends a command"),
        (b"250 ok\r\n250 ok\r\n", "bare CR or LF in a command"),
    ],
)
def test_a_line_that_may_have_been_two_is_judged_late(
    answers: bytes, rule: str
) -> None:
    model = judged(BEGIN, [(b"NOOP\nNOOP\r\nRSET\r\n", answers)])
    [violation] = model.check(closed=False)
    assert violation.rule == rule
    assert violation.sent in (b"NOOP\nNOOP", b"RSET")
    assert violation.level == ("MUST" if "ends" in rule else "SHOULD")


def test_a_suspicion_ends_once_all_is_quiet() -> None:
    said = [(b"DATA\r\n", b"354 go\r\n"), (CONTENT, b"250 ok\r\n")]
    model = judged(BEGIN, ENVELOPE, said)
    assert rules(model) == []
    model.sent(b"NOOP\r\n")
    model.received(b"250 ok\r\n250 ok\r\n")
    assert rules(model) == ["reply to nothing"]


def test_421_may_come_without_being_asked() -> None:
    model = judged(BEGIN)
    model.received(b"421 late\r\n")
    assert rules(model, closed=True) == []
    assert rules(judged(BEGIN, [(b"", b"421 late\r\n")])) == ["no close"]


def test_a_group_that_was_not_offered_may_end_the_connection() -> None:
    hello = [(b"", b"220 s\r\n"), (b"HELO c\r\n", b"250 s\r\n")]
    model = judged(hello, [(b"NOOP\r\nNOOP\r\n", b"")])
    assert rules(model, closed=True) == []
    model = judged(hello, [(b"NOOP\r\n", b"")])
    assert rules(model, closed=True) == ["closed without a word"]


@pytest.mark.parametrize(
    ("hello", "group", "is_legal"),
    [
        (b"250 mx", b"RSET\r\nNOOP\r\n", True),
        (b"250-mx\r\n250 PIPELINING", b"RSET\r\nNOOP\r\n", False),
        (b"250-mx\r\n250 PIPELINING", b"QUIT\r\nNOOP\r\n", True),
        (b"250 mx", b"QUIT\r\n", False),
    ],
)
def test_who_does_not_wait_may_be_refused(
    hello: bytes, group: bytes, is_legal: bool
) -> None:
    said = [(b"", b"220 mx\r\n"), (b"EHLO c\r\n", hello + b"\r\n")]
    model = judged(said, [(group, b"550 wait\r\n")])
    assert bool(model.violations) is not is_legal
    assert model.violations == [] or model.violations[0].rule in ("RSET", "QUIT")


def test_too_long_a_line_may_be_refused() -> None:
    said = [(b"NOOP " + b"x" * 506 + b"\r\n", b"500 too long\r\n")]
    assert rules(judged(BEGIN, said)) == []
    said = [(b"NOOP " + b"x" * 505 + b"\r\n", b"500 too long\r\n")]
    assert rules(judged(BEGIN, said)) == ["NOOP with an argument"]


@pytest.mark.parametrize(
    ("line", "answer", "rule"),
    [
        (b"RSET\r\n", b"502 what\r\n", "required command is unknown"),
        (b"RSET\r\n", b"503 no\r\n", "RSET"),
        (b"NOOP\r\n", b"250 \xe9\r\n", "form of a reply"),
        (b"NOOP \xe9\r\n", b"501 \xe9\r\n", "octets of the client in a reply"),
        (b"EHLO c\r\n", b"250-mx\r\n250 SIZE x\r\n", "SIZE is no number"),
        (b"NOOP\r\n", b"250 " + b"x" * 600 + b"\r\n", "long line of a reply"),
    ],
)
def test_texts_and_offers_are_judged(line: bytes, answer: bytes, rule: str) -> None:
    assert rules(judged(BEGIN, [(line, answer)])) == [rule]
    model = judged(BEGIN, [(line, answer)], tolerated=[rule])
    assert rules(model) == []
    assert not model.is_lost


def test_enhanced_codes_are_judged_where_they_were_promised() -> None:
    hello = (b"EHLO c\r\n", b"250-mx\r\n250 ENHANCEDSTATUSCODES\r\n")
    noop = (b"NOOP\r\n", b"250 ok\r\n")
    assert rules(judged(BEGIN, [hello, noop])) == ["no enhanced status code"]
    basic = (b"HELO c\r\n", b"250 mx\r\n")
    assert rules(judged(BEGIN, [hello, basic, noop])) == []
    tls = (b"STARTTLS\r\n", b"220 2.0.0 go\r\n")
    hello = (hello[0], b"250-mx\r\n250-STARTTLS\r\n250 ENHANCEDSTATUSCODES\r\n")
    assert rules(judged(BEGIN, [hello, tls, noop])) == []


def test_a_secret_is_found_and_hidden() -> None:
    model = Model(secrets=[b"hunter", b"hunter22"])
    for octets in (b"220 mx\r\n", b"500 what is hunter22\r\n"):
        model.received(octets)
        model.sent(b"FROB hunter22\r\n" if b"mx" in octets else b"")
    [violation] = model.check(closed=False)
    assert (violation.rule, violation.level) == ("secret in a reply", "SHOULD")
    assert violation.sent == b"FROB [secret]"
    assert violation.seen == "500 what is [secret]"
    assert "hunter" not in str(model.transcript) + repr(model) + str(violation)


def test_secrets_are_several_octet_strings() -> None:
    with pytest.raises(TypeError, match="must be several bytes, got one value"):
        Model(secrets=b"hunter22")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="one has none"):
        Model(secrets=[b""])


@pytest.mark.parametrize(
    "said",
    [
        [(b"BDAT 99999999999\r\n", b"")],
        [(b"BDAT  5\r\nNOOP\r\n", b"501 what\r\n250 ok\r\n")],
        [
            (b"EHLO c\r\n", b"250 mx\r\n"),
            (b"BDAT 6\r\nNOOP\r\n", b"500 what\r\n250 ok\r\n"),
        ],
    ],
)
def test_chunks_that_can_be_read_in_two_ways_lose_the_model(said: Said) -> None:
    model = judged(BEGIN, said)
    assert rules(model) == []
    assert model.is_lost


def test_a_size_that_is_none_is_not_taken() -> None:
    said = [(b"BDAT +6 LAST\r\nNOOP\r\n", b"250 ok\r\n")]
    assert rules(judged([*BEGIN, *ENVELOPE], said)) == ["bad size of a chunk"]


TALK = [*BEGIN, *ENVELOPE, (b"DATA\r\n", b"354 go\r\n")]
TALK += [(b"x\r\n..\r\n.\r\n", b"250 ok\r\n"), (b"NOOP\r\n", b"250 ok\r\n")]


@given(st.lists(st.integers(1, 40), max_size=20))
def test_any_cut_comes_to_the_same(sizes: list[int]) -> None:
    whole = judged(TALK)
    model = Model()
    for question, answer in TALK:
        for octets, take in ((question, model.sent), (answer, model.received)):
            rest = octets
            for size in sizes:
                take(rest[:size])
                rest = rest[size:]
            take(rest)
    assert rules(model) == rules(whole) == []
    assert model.state == whole.state
    assert model.deliveries == whole.deliveries


@given(st.lists(st.tuples(st.binary(), st.binary())), st.booleans())
def test_any_octets_are_judged(said: Said, closed: bool) -> None:
    model = judged(BEGIN, said)
    model.check(closed=closed)
