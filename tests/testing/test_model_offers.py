import pytest

from smtpsession.testing.model_lines import Line
from smtpsession.testing.model_offers import (
    BINARYMIME,
    ENHANCED,
    KEYWORD,
    PIPELINING,
    SIZE,
    STARTTLS,
    find_offer,
)
from smtpsession.testing.model_replies import take_reply
from smtpsession.testing.model_rules import rule_for_command
from smtpsession.testing.model_state import ModelState
from smtpsession.testing.model_units import Unit


def found(
    state: ModelState, hello: bytes, *offers: bytes, code: bytes = b"250"
) -> object:
    lines = [b"mx", *offers]
    octets = b"".join(code + b"-" + line + b"\r\n" for line in lines[:-1])
    reply = take_reply(bytearray(octets + code + b" " + lines[-1] + b"\r\n"))
    assert reply is not None
    line = Line(hello)
    finding = find_offer(state, Unit(line, rule_for_command(state, line)), reply)
    return finding and finding.check


@pytest.mark.parametrize(
    ("offer", "check"),
    [
        (b"8BITMIME", None),
        (b"x-own-1 a=b c", None),
        (b"AUTH=LOGIN PLAIN", None),
        (b"AUTH  LOGIN ", None),
        (b"SIZE", None),
        (b"SIZE ", None),
        (b"size 0", None),
        (b"SIZE 12345678901234567890", None),
        (b"SIZE 10M", SIZE),
        (b"SIZE -1", SIZE),
        (b"SIZE 1 2", SIZE),
        (b"BINARYMIME", BINARYMIME),
        (b"", KEYWORD),
        (b"-X", KEYWORD),
        (b"X_Y", KEYWORD),
        (b"SIZE\t5", KEYWORD),
        (b"STARTTLS", None),
    ],
)
def test_what_is_offered(offer: bytes, check: object) -> None:
    assert found(ModelState(), b"EHLO c", offer) == check


def test_binary_content_needs_chunks() -> None:
    assert found(ModelState(), b"EHLO c", b"CHUNKING", b"BINARYMIME") is None


def test_tls_is_not_offered_inside_tls() -> None:
    assert found(ModelState(secure=True), b"EHLO c", b"STARTTLS") == STARTTLS


def test_only_what_accepts_a_hello_offers_anything() -> None:
    assert found(ModelState(), b"HELO c", b"-X") is None
    assert found(ModelState(), b"EHLO c", b"-X", code=b"550") is None


def test_lmtp_has_two_extensions() -> None:
    lmtp = ModelState(lmtp=True)
    assert found(lmtp, b"LHLO c", b"PIPELINING", b"ENHANCEDSTATUSCODES") is None
    assert found(lmtp, b"LHLO c", b"PIPELINING") == ENHANCED
    assert found(lmtp, b"LHLO c", b"ENHANCEDSTATUSCODES") == PIPELINING
    assert found(lmtp, b"LHLO c") == PIPELINING
