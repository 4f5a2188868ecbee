"""The canonical replies, each brought about.

Wait for a later issue:

- AUTH (235, 334, 454, 500, 501, 503, 504, 530, 535): AUTH.
- 504 5.5.4 and 455 4.5.1: no command or parameter of ours has such a case yet.
- 452 4.3.1 and 556 5.1.10 and 550 5.7.1: a handler's answers, not our own.
- XCLIENT and XFORWARD (550, 220, 250): tests/standards/test_proxy_commands.py.
- 554 5.7.0 after a TLS that is too weak: a hook's refusal.
- 421 4.4.2, 421 4.3.2, and 451 4.3.0 of a hook that failed: said by the server.
- early talkers: tests/server/test_early_talker.py.
"""

import pytest

from smtpsession.dialogue.limits import Limits
from smtpsession.wire import replies
from smtpsession.wire.commands import StartTLS
from smtpsession.wire.replies import Reply
from tests.standards.run_dialogue import (
    CHUNKED,
    HOSTNAME,
    L1,
    LMTP,
    MAIL,
    P0,
    P1,
    P2,
    P3,
    RCPT,
    STRICT,
    T1,
    Conversation,
    converse,
    in_one_segment,
    make_settings,
    refuse,
)

MESSAGE = MAIL + RCPT + b"DATA\r\n.\r\n"


@pytest.mark.parametrize(
    ("after", "octets", "reply"),
    [
        (P0, P1, "250"),
        (P0, b"HELO c.example\r\n", "250"),
        (P1, b"QUIT\r\n", "221 2.0.0"),
        (P1, MAIL, "250 2.1.0"),
        (P1 + MAIL, RCPT, "250 2.1.5"),
        (P1, b"RSET\r\n", "250 2.0.0"),
        (P1, b"NOOP\r\n", "250 2.0.0"),
        (P2, b"DATA\r\n", "354"),
        (P3, b"x\r\n.\r\n", "250 2.0.0"),
        (P1, b"VRFY x\r\n", "252 2.0.0"),
        (P1, b"HELP\r\n", "214 2.0.0"),
        (P1, b"STARTTLS\r\n", "220 2.0.0"),
        (T1, b"STARTTLS\r\n", "503 5.5.1"),
        (P1, b"XYZZY\r\n", "500 5.5.2"),
        (P1, b"EXPN x\r\n", "502 5.5.1"),
        (P1, b"RSET x\r\n", "501 5.5.4"),
        (P1, RCPT, "503 5.5.1"),
        (P1, b"MAIL FROM:<a@c.example> FOO=1\r\n", "555 5.5.4"),
        (P1, b"MAIL FROM:<a\r\n", "501 5.1.7"),
        (P1 + MAIL, b"RCPT TO:<a\r\n", "501 5.1.3"),
        (P1, b"MAIL FROM:<\xc3\xa9@c.example>\r\n", "550 5.6.7"),
        (P1 + MAIL, b"RCPT TO:<\xc3\xa9@s.example>\r\n", "553 5.6.7"),
        (P1, b"MAIL FROM:<\xff@c.example>\r\n", "501 5.5.2"),
        (P1, b"NOOP " + b"x" * 2048 + b"\r\n", "500 5.5.2"),
        (P1, b"MAIL FROM:<a@c.example> SIZE=9999999\r\n", "552 5.3.4"),
        (P1 + MAIL, b"DATA\r\n", "554 5.5.1"),
        (P3, b"\0\r\n.\r\n", "554 5.6.0"),
    ],
)
def test_reply_that_leaves_the_session_open(
    after: bytes, octets: bytes, reply: str
) -> None:
    outcome = converse(octets, after=after, cuts=range(1, min(len(octets), 50)))
    assert outcome.codes == [reply]
    assert outcome.is_over is (octets == b"QUIT\r\n")


@pytest.mark.parametrize(
    ("after", "octets", "reply"),
    [
        (P3, b"a\nb\r\n.\r\n", "550 5.5.2"),
        (P3, b"a\rb\r\n.\r\n", "550 5.5.2"),
        (P1, b"NOOP\n", "500 5.5.2"),
        (P1, b"NO\rOP\r\n", "500 5.5.2"),
        (P1, b"GET / HTTP/1.1\r\n", "421 4.7.0"),
        (P1, b"BDAT x\r\n", "502 5.5.1"),
        (P1, b"BDAT 1\r\n", "502 5.5.1"),
    ],
)
def test_reply_that_closes(after: bytes, octets: bytes, reply: str) -> None:
    outcome = converse(octets + MAIL, after=after)
    assert outcome.codes == [reply]
    assert outcome.is_over


def test_replies_to_bdat() -> None:
    outcome = converse(b"BDAT 1\r\nxBDAT 0 LAST\r\n", after=P2, settings=CHUNKED)
    assert outcome.codes == ["250 2.0.0", "250 2.0.0"]
    outcome = converse(b"BDAT x\r\n", after=P2, settings=CHUNKED)
    assert outcome.codes == ["501 5.5.4"]
    assert outcome.is_over


def test_no_valid_recipients_in_lmtp() -> None:
    outcome = converse(b"DATA\r\n", after=L1 + MAIL, settings=LMTP)
    assert outcome.codes == ["503 5.5.1"]


def test_greeting() -> None:
    (greeting,) = Conversation().greeting
    assert str(greeting) == "220"
    assert greeting.lines == (f"{HOSTNAME} ESMTP",)


def test_hello_offers_every_keyword_once() -> None:
    (reply,) = converse(P1, after=P0).replies
    assert reply.lines == (
        HOSTNAME,
        "PIPELINING",
        "SIZE 1000000",
        "8BITMIME",
        "SMTPUTF8",
        "ENHANCEDSTATUSCODES",
        "STARTTLS",
    )
    (helo,) = converse(b"HELO c.example\r\n", after=P0).replies
    assert helo.lines == (HOSTNAME,)


def test_starttls_not_now() -> None:
    decide = refuse(StartTLS, replies.TLS_NOT_AVAILABLE)
    assert converse(b"STARTTLS\r\n", decide=decide).codes == ["454 4.7.0"]


def test_tls_required() -> None:
    assert converse(MAIL, settings=make_settings(require_tls=True)).codes == [
        "530 5.7.0"
    ]


def test_too_many_recipients() -> None:
    settings = make_settings(limits=Limits(recipients=100))
    outcome = converse(RCPT, after=P1 + MAIL + RCPT * 100, settings=settings)
    assert outcome.codes == ["452 4.5.3"]


def test_forbidden_pipelining() -> None:
    outcome = in_one_segment(b"NOOP\r\nNOOP\r\n", settings=STRICT)
    assert outcome.codes == ["554 5.5.0"]
    assert outcome.is_over


def test_real_size_too_big() -> None:
    outcome = converse(b"12\r\n.\r\n", after=P3, settings=make_settings(size=3))
    assert outcome.codes == ["552 5.3.4"]


def test_too_many_errors() -> None:
    settings = make_settings(limits=Limits(errors_hard=1))
    outcome = converse(b"X\r\n", settings=settings)
    assert outcome.codes == ["421 4.7.0"]
    assert outcome.is_over


def test_too_many_transactions() -> None:
    settings = make_settings(limits=Limits(transactions=1))
    outcome = converse(MESSAGE + MAIL + MAIL, settings=settings)
    assert outcome.codes[-2:] == ["250 2.0.0", "421 4.7.0"]
    assert outcome.is_over


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (replies.HOOK_FAILED, "451 4.3.0"),
        (replies.IDLE_TIMEOUT, "421 4.4.2"),
        (replies.SHUTTING_DOWN, "421 4.3.2"),
        (replies.TOO_MANY_SESSIONS, "421 4.7.0"),
        (replies.TLS_NOT_AVAILABLE, "454 4.7.0"),
    ],
)
def test_codes_of_what_the_server_says(reply: Reply, code: str) -> None:
    assert f"{reply.code} {reply.enhanced}" == code


def test_without_enhancedstatuscodes_no_reply_has_one() -> None:
    settings = make_settings(hidden=["ENHANCEDSTATUSCODES"])
    octets = MAIL + RCPT + b"XYZZY\r\nDATA\r\n.\r\nQUIT\r\n"
    outcome = converse(octets, settings=settings)
    assert outcome.codes == ["250", "250", "500", "354", "250", "221"]
