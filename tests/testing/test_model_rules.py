from __future__ import annotations

import pytest

from smtpsession.testing.model_lines import Line
from smtpsession.testing.model_rules import (
    GREETING,
    RULES,
    rule_for_auth_line,
    rule_for_command,
    rule_for_end,
)
from smtpsession.testing.model_state import ModelState

OFFERED = {
    **{"SIZE": "5", "AUTH": "PLAIN", "STARTTLS": "", "XCLIENT": "NAME"},
    "CHUNKING": "",
}
NEW = ModelState()
REFUSED = ModelState(refused=True)
READY = ModelState(hello="EHLO", offered=OFFERED)
HELO = ModelState(hello="HELO")
OLD_RCPT = ModelState(hello="HELO", sender=b"a@c", recipients=[b"b@s"])
BARE = ModelState(hello="EHLO")
SECURE = ModelState(hello="EHLO", secure=True)
MAIL = ModelState(hello="EHLO", sender=b"a@c", offered=OFFERED)
RCPT = ModelState(hello="EHLO", sender=b"a@c", recipients=[b"b@s"], offered=OFFERED)
BINARY = ModelState(
    hello="EHLO", sender=b"", recipients=[b"b@s"], body="BINARYMIME", offered=OFFERED
)
CHUNKS = ModelState(
    hello="EHLO", sender=b"", recipients=[b"b@s"], chunks="open", offered=OFFERED
)
FAILED = ModelState(hello="EHLO", chunks="failed", failed_recipients=1, offered=OFFERED)
DOUBT = ModelState(hello="EHLO", sender=b"a@c", chunks="doubt", offered=OFFERED)
KNOWN = ModelState(hello="EHLO", authenticated=True, offered=OFFERED)
LMTP = ModelState(lmtp=True, hello="LHLO", sender=b"")
RET = b"MAIL FROM:<a@c> RET=HDRS"
OWN = ModelState(hello="EHLO", offered={"FROB": ""})


@pytest.mark.parametrize(
    ("state", "line", "name", "legal", "illegal"),
    [
        (NEW, b"NOOP\nQUIT", "bare CR or LF in a command", (500,), (250,)),
        (REFUSED, b"EHLO c", "behind a refusing greeting", (503, 550), (250,)),
        (REFUSED, b"QUIT", "QUIT", (221,), (250, 503)),
        (NEW, b"EHLO c", "hello", (250, 550, 504), (220, 251, 354, 503)),
        (NEW, b"EHLO", "hello without a name", (501,), (250,)),
        (NEW, b"LHLO c", "hello of the other protocol", (500, 502), (250,)),
        (LMTP, b"EHLO c", "hello of the other protocol", (500, 502), (250,)),
        (NEW, b"MAIL FROM:<a@c>", "MAIL before hello", (503, 530), (250,)),
        (READY, b"MAIL FROM:<a@c>", "MAIL", (250, 451, 552), (251, 354, 503)),
        (READY, b"MAIL FROM:<a@c> SIZE=5", "MAIL", (250,), (503,)),
        (READY, b"MAIL FROM:<a@c> FOO=5", "MAIL", (250, 555), (503,)),
        (READY, RET, "parameter that is not offered", (555, 501), (250,)),
        (HELO, RET, "MAIL", (250, 555, 501), (503,)),
        (BARE, RET, "parameter that is not offered", (555, 501), (250,)),
        (MAIL, b"MAIL FROM:<a@c>", "MAIL in a transaction", (503,), (250,)),
        (FAILED, b"MAIL FROM:<a@c>", "MAIL behind a refused chunk", (503, 250), (354,)),
        (DOUBT, b"MAIL FROM:<a@c>", "MAIL behind a refused chunk", (503, 250), (354,)),
        (DOUBT, b"RCPT TO:<b@s>", "RCPT", (503, 250), (354,)),
        (READY, b"MAIL FROM:", "bad sender", (501,), (250,)),
        (READY, b"RCPT TO:<b@s>", "RCPT before MAIL", (503,), (250, 251)),
        (MAIL, b"RCPT TO:<b@s>", "RCPT", (250, 251, 450, 550), (252, 354, 503)),
        (MAIL, b"RCPT TO:<>", "bad recipient", (501,), (250,)),
        (CHUNKS, b"RCPT TO:<b@s>", "RCPT behind a chunk", (503,), (250,)),
        (
            *(MAIL, b"RCPT TO:<b@s> NOTIFY=NEVER", "parameter that is not offered"),
            *((555,), (250,)),
        ),
        (READY, b"DATA", "DATA outside of a transaction", (503, 554), (354,)),
        (MAIL, b"DATA", "DATA for nobody", (503, 554, 354), (250,)),
        (LMTP, b"DATA", "DATA in LMTP for nobody", (503,), (354,)),
        (RCPT, b"DATA", "DATA", (354, 451, 554), (250, 503)),
        (BINARY, b"DATA", "DATA for binary content", (503,), (354,)),
        (CHUNKS, b"DATA", "DATA behind a chunk", (503,), (354,)),
        (RCPT, b"BDAT x", "bad size of a chunk", (501,), (250,)),
        (READY, b"BDAT 5", "BDAT outside of a transaction", (503,), (250,)),
        (FAILED, b"BDAT 5", "BDAT outside of a transaction", (503,), (250,)),
        (MAIL, b"BDAT 5", "chunk for nobody", (503, 554, 250), (354,)),
        (MAIL, b"BDAT 5 LAST", "BDAT for nobody", (503, 554), (250,)),
        (CHUNKS, b"BDAT 5 LAST", "BDAT", (250, 552), (354, 503)),
        (OLD_RCPT, b"BDAT 5", "BDAT without CHUNKING", (250, 503, 552), (354,)),
        (MAIL, b"RSET", "RSET", (250, 530), (503, 354)),
        (MAIL, b"RSET x", "RSET with an argument", (250, 501), (354,)),
        (READY, b"NOOP x", "NOOP with an argument", (250,), (501,)),
        (READY, b"NOOP \xff", "NOOP with a strange argument", (250, 501), (451,)),
        (READY, b"NOOP ", "trailing white space", (250, 554), (500, 221)),
        (NEW, b"NOOP", "NOOP before hello", (250,), (503,)),
        (READY, b"NOOP", "NOOP", (250, 554), (503,)),
        (READY, b"RSET\t", "trailing white space", (250, 530), (500,)),
        (NEW, b"RSET", "RSET before hello", (250, 530), (503,)),
        (READY, b"QUIT ", "trailing white space", (221,), (250, 500)),
        (NEW, b"QUIT x", "QUIT with an argument", (221, 501), (250,)),
        (NEW, b"VRFY x", "VRFY", (252, 502), (354,)),
        (NEW, b"EXPN x", "EXPN", (250, 502), (251,)),
        (NEW, b"HELP", "HELP", (211, 214, 502), (250,)),
        (NEW, b"STARTTLS", "STARTTLS", (220, 454, 502), (250,)),
        (HELO, b"STARTTLS", "STARTTLS", (220, 502), (250,)),
        (READY, b"STARTTLS", "STARTTLS", (220, 454), (250,)),
        (READY, b"STARTTLS x", "STARTTLS with an argument", (501,), (220,)),
        (BARE, b"STARTTLS", "STARTTLS is not offered", (502,), (220,)),
        (SECURE, b"STARTTLS", "STARTTLS inside TLS", (503,), (220,)),
        (READY, b"AUTH PLAIN", "AUTH", (334, 235, 535), (250, 503)),
        (HELO, b"AUTH PLAIN", "AUTH behind HELO", (334, 535, 503), (250,)),
        (READY, b"AUTH NONE", "mechanism that is not offered", (504,), (334,)),
        (NEW, b"AUTH PLAIN", "mechanism that is not offered", (503,), (334,)),
        (RCPT, b"AUTH PLAIN", "AUTH in a transaction", (503,), (334,)),
        (FAILED, b"AUTH PLAIN", "AUTH behind a refused chunk", (503, 334), (250,)),
        (KNOWN, b"AUTH PLAIN", "AUTH a second time", (503,), (334, 235)),
        (READY, b"XCLIENT NAME=x", "XCLIENT", (220, 550), (250,)),
        (BARE, b"XCLIENT NAME=x", "XCLIENT is not offered", (550,), (220,)),
        (RCPT, b"XCLIENT NAME=x", "XCLIENT in a transaction", (503,), (220,)),
        (OWN, b"FROB", "extension of the server's own", (250, 500), (354,)),
        (NEW, b"XYZZY", "private command", (250, 500), (354,)),
        (NEW, b"ETRN x", "extended turn", (250, 500), (354,)),
        (READY, b"ETRN x", "unknown command", (500,), (250,)),
        (NEW, b"FROB", "unknown command", (500, 502), (250,)),
        (NEW, b"", "unknown command", (500,), (250,)),
    ],
)
def test_the_table(
    state: ModelState,
    line: bytes,
    name: str,
    legal: tuple[int, ...],
    illegal: tuple[int, ...],
) -> None:
    rule = rule_for_command(state, Line(line))
    assert rule.name == name
    assert [code for code in legal if not rule.allows(code)] == []
    assert [code for code in illegal if rule.allows(code)] == []


@pytest.mark.parametrize(
    ("line", "name", "accepts"),
    [
        (b"*", "AUTH is cancelled", False),
        (b"!", "response that is no base64", False),
        (b"AA==", "response inside AUTH", True),
    ],
)
def test_responses_inside_auth(line: bytes, name: str, accepts: bool) -> None:
    rule = rule_for_auth_line(READY, Line(line))
    assert rule.name == name
    assert [rule.allows(code) for code in (235, 334)] == [accepts] * 2
    assert rule.allows(501)
    assert not rule.allows(250)


def test_a_message_for_nobody_is_refused() -> None:
    assert not rule_for_end(MAIL).allows(250)
    assert rule_for_end(MAIL).allows(554)
    assert rule_for_end(RCPT).allows(250)


def test_a_greeting_accepts_or_refuses() -> None:
    assert GREETING.allows(220)
    assert GREETING.allows(554)
    assert not GREETING.allows(250)


@pytest.mark.parametrize(
    ("line", "code", "alike", "level"),
    [
        # What a code does shows in its first digit (RFC 5321 4.2).
        (b"RSET", 251, True, "SHOULD"),
        (b"RSET", 354, False, "MUST"),
        (b"RSET", 550, True, "MUST"),
        (b"MAIL FROM:<a@c>", 503, True, "SHOULD"),
        (b"QUIT", 550, False, "MUST"),
        (b"STARTTLS", 250, False, "MUST"),
        (b"AUTH PLAIN", 250, False, "MUST"),
        (b"DATA", 250, False, "MUST"),
        (b"NOOP", 0, False, "MUST"),
    ],
)
def test_another_code_may_do_what_a_legal_one_does(
    line: bytes, code: int, alike: bool, level: str
) -> None:
    state = RCPT if line == b"DATA" else READY
    rule = rule_for_command(state, Line(line))
    assert not rule.allows(code)
    assert rule.does_alike(code) is alike
    assert rule.level_of(code) == level


def test_behind_a_refused_chunk_rset_comes_first() -> None:
    state = ModelState(
        hello="EHLO",
        sender=b"a@c",
        recipients=[b"b@s"],
        offered=OFFERED,
        needs_rset=True,
    )
    for line in (b"RCPT TO:<b@s>", b"DATA", b"BDAT 0"):
        assert rule_for_command(state, Line(line)).allows(503)
    state.end_transaction()
    assert rule_for_command(state, Line(b"MAIL FROM:<a@c>")).allows(503)
    assert not rule_for_command(state, Line(b"RSET")).allows(503)
    assert not rule_for_command(state, Line(b"NOOP")).allows(503)


def test_a_hello_between_chunks_may_be_out_of_order() -> None:
    rule = rule_for_command(CHUNKS, Line(b"EHLO c"))
    assert rule.name == "hello"
    assert [rule.allows(code) for code in (250, 503, 354)] == [True, True, False]
    assert not rule_for_command(RCPT, Line(b"EHLO c")).allows(503)


def test_a_sloppy_reading_can_be_refused() -> None:
    rule = rule_for_command(READY, Line(b"MAIL FROM:<a@c>")).or_refused()
    assert rule.codes == ("250", "4yz", "5yz")


def test_each_list_ends_with_a_rule_for_all_else() -> None:
    """The last rule of each verb holds whatever the situation is."""
    for verb, rules in RULES.items():
        assert rules[-1].when(ModelState(), Line(verb.encode()))
        assert all(rule.section for rule in rules)
