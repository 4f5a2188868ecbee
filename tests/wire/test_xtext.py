"""xtext: both directions, and what must not hide in it (RFC 3461 4)."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smtpsession.wire.xtext import decode_xtext, encode_xtext, unquote_xtext

PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))

printable_text = st.text(alphabet="\t" + PRINTABLE)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("", ""),
        ("QQ314159", "QQ314159"),
        ("QQ314159+2B42", "QQ314159+42"),
        ("a+20b+09c+3Dd", "a b\tc=d"),
        ("+41", "A"),
        ("user@example.org", "user@example.org"),
        ("!*,<>~", "!*,<>~"),
    ],
)
def test_decode(value: str, text: str) -> None:
    assert decode_xtext(value) == text


@pytest.mark.parametrize(
    "value",
    [
        "a=b",
        "a b",
        "a\tb",
        "a+3d",
        "a+3Db+",
        "a+",
        "a+4",
        "a+4G",
        "a+ 4",
        "a+\uff14\uff11",
        "a\u00e9",
        "a\x00",
        "a\x7f",
        "a\n",
        "a\r\n",
        "\ud800",
    ],
)
def test_malformed_xtext_is_refused(value: str) -> None:
    for decode in (decode_xtext, unquote_xtext):
        with pytest.raises(ValueError, match=r"^xtext must be .* \+HH, got '"):
            decode(value)


@pytest.mark.parametrize(
    "value",
    ["a+00b", "a+0D+0AX", "a+0A", "+0D", "+1B", "+0B", "+7F", "+80", "+C3+A9", "+FF"],
)
def test_hidden_control_or_8_bit_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match=r"^xtext must stand for printable ASCII, got"):
        decode_xtext(value)


def test_unquoting_tells_controls_and_8_bit() -> None:
    assert unquote_xtext("a+0D+0AX+E9") == "a\r\nX\u00e9"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", ""),
        ("QQ314159+42", "QQ314159+2B42"),
        ("a b\tc=d", "a+20b+09c+3Dd"),
        (PRINTABLE[1:11], "!\"#$%&'()*"),
    ],
)
def test_encode(text: str, value: str) -> None:
    assert encode_xtext(text) == value


@pytest.mark.parametrize("text", ["\0", "a\n", "\r", "\x1b", "\x7f", "\x80", "\u00e9"])
def test_what_xtext_cannot_carry_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^xtext can carry only printable ASCII, got"):
        encode_xtext(text)


@given(printable_text)
@example(PRINTABLE)
def test_round_trip(text: str) -> None:
    value = encode_xtext(text)
    assert not set(value) & set(" \t=")
    assert decode_xtext(value) == text


@given(st.text() | st.text(alphabet="+=0123456789ABCDEFabcdef \r\n"))
def test_any_text_decodes_to_printable_ascii_or_is_refused(value: str) -> None:
    try:
        text = decode_xtext(value)
    except ValueError:
        return
    assert set(text) <= set("\t" + PRINTABLE)
