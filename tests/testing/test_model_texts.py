import pytest

from smtpsession.testing.model_lines import Line
from smtpsession.testing.model_replies import SeenReply, take_reply
from smtpsession.testing.model_rules import GREETING, rule_for_command
from smtpsession.testing.model_state import ModelState
from smtpsession.testing.model_texts import (
    ECHO,
    FORM,
    LENGTH,
    NO_ENHANCED,
    OTHER_CLASS,
    SECRET,
    TWO_ENHANCED,
    find_enhanced,
    find_form,
    find_length,
    find_secret,
)
from smtpsession.testing.model_units import Unit

PLAIN = ModelState(hello="EHLO")
ENHANCED = ModelState(hello="EHLO", offered={"ENHANCEDSTATUSCODES": ""})
UTF8 = ModelState(hello="EHLO", offered={"SMTPUTF8": ""})
UTF8_MAIL = ModelState(
    hello="EHLO", sender=b"a@c", smtputf8=True, offered={"SMTPUTF8": ""}
)


def reply_of(octets: bytes) -> SeenReply:
    reply = take_reply(bytearray(octets + b"\r\n"))
    assert reply is not None
    return reply


def unit_of(line: bytes, state: ModelState = PLAIN) -> Unit:
    return Unit(Line(line), rule_for_command(state, Line(line)), line + b"\r\n")


@pytest.mark.parametrize(
    ("state", "line", "octets", "fault"),
    [
        (PLAIN, b"NOOP", b"250 ok\t", ""),
        (
            PLAIN,
            b"NOOP",
            b"250 \xe9",
            "more than printable ASCII in b'250 \\xe9\\r\\n'",
        ),
        (
            PLAIN,
            b"NOOP",
            b"250 a\nb",
            "more than printable ASCII in b'250 a\\nb\\r\\n'",
        ),
        (PLAIN, b"NOOP", b"what", "no reply code in b'what'"),
        (
            UTF8,
            b"NOOP",
            "250 é".encode(),
            "more than printable ASCII in b'250 \\xc3\\xa9\\r\\n'",
        ),
        # A hello may be greeted with any ASCII (RFC 5321 4.1.1.1), a line of it only.
        (PLAIN, b"EHLO c", b"250-s a\x00\x1b\r\n250 HELP", ""),
        (PLAIN, b"EHLO c", b"250-s a\n\r\n250 HELP", "more than printable ASCII in"),
        (PLAIN, b"EHLO c", b"250-s \xe9\r\n250 HELP", "more than printable ASCII in"),
        (PLAIN, b"EHLO c", b"250-s\r\n250 HELP \x00", "more than printable ASCII in"),
        (PLAIN, b"EHLO c", b"550 a\x00", "more than printable ASCII in"),
        (PLAIN, b"HELO c", b"250 s a\x00", "more than printable ASCII in"),
        (UTF8, b"VRFY x SMTPUTF8", "250 é".encode(), ""),
        (PLAIN, b"VRFY x SMTPUTF8", "250 é".encode(), "more than printable ASCII in"),
        (UTF8, b"MAIL FROM:<a@c> smtputf8", "451 é".encode(), ""),
        (UTF8_MAIL, b"RCPT TO:<b@s>", "251 é".encode(), ""),
        (UTF8_MAIL, b"RCPT TO:<b@s>", b"251 \xe9", "more than printable ASCII in"),
        (
            UTF8_MAIL,
            b"RCPT TO:<b@s>",
            "251 é\0".encode(),
            "more than printable ASCII in",
        ),
    ],
)
def test_form(state: ModelState, line: bytes, octets: bytes, fault: str) -> None:
    unit = unit_of(line)
    finding = find_form(state, unit, unit.spoken, reply_of(octets))
    if fault:
        assert finding is not None
        assert finding.check is FORM
        assert finding.expected == ("a reply" if "code" in fault else "printable ASCII")
        assert finding.seen.startswith(fault)
    else:
        assert finding is None


@pytest.mark.parametrize(
    ("line", "octets"),
    [
        (b"NOOP\nQUIT", b"500 what is NOOP\nQUIT"),
        (b"VRFY \x01", b"550 \x01 is not here"),
        (b"VRFY \xe9", b"550 \xe9 is not here"),
        # The user's name, in base64, is "x", CRLF, "235 in".
        (b"AUTH LOGIN eA0KMjM1IGlu", b"535 x\n"),
    ],
)
def test_octets_of_the_client_are_named(line: bytes, octets: bytes) -> None:
    unit = unit_of(line)
    finding = find_form(PLAIN, unit, unit.spoken + b"a\n ", reply_of(octets))
    assert finding is not None
    assert finding.check is ECHO


def test_a_line_of_the_client_in_the_place_of_a_reply() -> None:
    spoken = b"Subject: a\r\nBcc: b\r\n\r\n.\r\n"
    found = [
        find_form(PLAIN, None, spoken, reply_of(octets))
        for octets in (b"Bcc: b", b"cc: b", b"")
    ]
    assert [each and each.check for each in found] == [ECHO, FORM, ECHO]


def test_long_lines() -> None:
    assert find_length(reply_of(b"250-a\r\n250 \t" + b"x" * 505)) is None
    finding = find_length(reply_of(b"250-" + b"x" * 507 + b"\r\n250 a"))
    assert finding is not None
    assert (finding.check, finding.seen) == (LENGTH, "513 octets: 250")


@pytest.mark.parametrize(
    ("line", "octets", "check"),
    [
        (b"NOOP", b"250 2.0.0 ok", None),
        (b"NOOP", b"250 2.0.0", None),
        (b"NOOP", b"250-2.0.0 a\r\n250 2.0.0 b", None),
        (b"DATA", b"354 go", None),
        (b"EHLO c", b"250 mx", None),
        (b"EHLO c", b"550 no", None),
        (b"XCLIENT NAME=x", b"220 mx", None),
        (b"XCLIENT NAME=x", b"550 no", NO_ENHANCED),
        (b"NOOP", b"250 ok", NO_ENHANCED),
        (b"NOOP", b"250", NO_ENHANCED),
        (b"NOOP", b"250 2.0 ok", NO_ENHANCED),
        (b"NOOP", b"250 2.0.0ok", NO_ENHANCED),
        (b"NOOP", b"250 2.1234.0 ok", NO_ENHANCED),
        (b"HELP", b"214-2.0.0 a\r\n214 b", NO_ENHANCED),
        (b"NOOP", b"550 2.0.0 no", OTHER_CLASS),
        (b"NOOP", b"451 5.0.0 no", OTHER_CLASS),
        (b"HELP", b"214-2.0.0 a\r\n214 2.0.1 b", TWO_ENHANCED),
    ],
)
def test_enhanced_codes(line: bytes, octets: bytes, check: object) -> None:
    reply = reply_of(octets)
    finding = find_enhanced(ENHANCED, unit_of(line, ENHANCED), reply)
    assert (finding and finding.check) == check
    assert find_enhanced(PLAIN, unit_of(line), reply) is None


def test_a_greeting_has_no_enhanced_code() -> None:
    greeting = Unit(Line(b""), GREETING)
    assert find_enhanced(ENHANCED, greeting, reply_of(b"220 mx")) is None


def test_secrets() -> None:
    secrets = [b"hunter2", b"aHVudGVyMg=="]
    finding = find_secret(secrets, reply_of(b"535 wrong: hunter2"))
    assert finding is not None
    assert finding.check is SECRET
    assert find_secret(secrets, reply_of(b"535 wrong")) is None
