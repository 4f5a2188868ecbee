r"""The quoting of the utf-8 address type (RFC 6533 3)."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.wire.unitext import decode_unitext

QUOTABLE = st.characters(min_codepoint=0xA0, exclude_categories=["Cs", "Zl", "Zp"])


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("b@s.example", "b@s.example"),
        (r"\x{FC}@s.example", "ü@s.example"),
        (r"\x{fc}@s.example", "ü@s.example"),
        ("ü@s.example", "ü@s.example"),
        (r"a\x{2B}b@s.example", "a+b@s.example"),
        (r"a\x{3D}\x{5C}\x{20}b@s.example", "a=\\ b@s.example"),
        (r"\x{1F600}@s.example", "\U0001f600@s.example"),
        (r"\x{10FFFF}", "\U0010ffff"),
    ],
)
def test_an_address(value: str, address: str) -> None:
    assert decode_unitext(value) == address


@pytest.mark.parametrize(
    "value",
    [
        *("", " ", "a+b@s.example", "a=b", "a\\b", "a b", "a\n", "a\0", "\u2028"),
        *(r"\x{}", r"\x{F}", r"\x{0FC}", r"\x{FC", r"\xFC", r"\X{FC}", r"\u{FC}"),
        # Nothing that could stand for itself, no controls, no surrogates, no more.
        *(r"\x{41}", r"\x{58}", r"\x{00}", r"\x{0A}", r"\x{0D}", r"\x{7F}", r"\x{85}"),
        *(r"\x{2028}", r"\x{D800}", r"\x{DFFF}", r"\x{110000}", r"\x{FFFFFF}"),
    ],
)
def test_what_is_no_address(value: str) -> None:
    with pytest.raises(ValueError):
        decode_unitext(value)


def test_what_stands_for_itself() -> None:
    printable = "".join(map(chr, range(0x21, 0x7F)))
    value = printable.translate(dict.fromkeys(map(ord, "+=\\")))
    assert decode_unitext(value) == value


@pytest.mark.parametrize("point", [0xA0, 0xD7FF, 0xE000, 0x10FFFF])
def test_code_points_next_to_those_that_are_none(point: int) -> None:
    assert decode_unitext(rf"\x{{{point:X}}}") == chr(point)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("a b", r"address must be printable text and \x{HH}, got 'a b'"),
        (r"\x{0FC}", "code point must be in its shortest form, got '0FC'"),
        (r"\x{41}", "code point must be quotable and printable, got '41'"),
    ],
)
def test_the_error_says_what_is_wrong_and_what_was_given(value: str, said: str) -> None:
    with pytest.raises(ValueError) as caught:
        decode_unitext(value)
    assert str(caught.value) == said


@given(st.text(QUOTABLE, min_size=1))
def test_quoted_or_not_is_the_same(text: str) -> None:
    quoted = "".join(rf"\x{{{ord(character):X}}}" for character in text)
    assert decode_unitext(quoted) == decode_unitext(text) == text


quotings = st.from_regex(r"(\\x\{[0-9A-F]{1,7}\})+", fullmatch=True)


@given(st.one_of(st.text(), quotings))
def test_one_line_or_value_error(value: str) -> None:
    with contextlib.suppress(ValueError):
        assert len(decode_unitext(value).splitlines()) == 1
