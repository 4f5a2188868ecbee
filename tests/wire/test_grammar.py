"""The patterns: what each takes, and the traps of Python's regular expressions."""

import re
from typing import Any

import pytest

from smtpsession.wire import grammar

#: One sample that each pattern for str takes as a whole.
SAMPLES = {
    "DOT_STRING": "first.last+tag",
    "QUOTED_PAIR": '\\"',
    "NEEDS_QUOTED_PAIR": '"',
    "ROUTED_MAILBOX": "@a.example:b@c.example",
    "LENIENT_ROUTED_MAILBOX": ".b..@c.example",
    "PATH_AND_PARAMETERS": "<b@c.example> SIZE=1",
    "POSTMASTER": "PostMaster",
    "LABEL": "x-1",
    "LENIENT_LABEL": "_x_1",
    "ADDRESS_LITERAL": "[192.0.2.1]",
    "ESMTP_PARAMETER": "SIZE=1",
    "XTEXT": "a+2Bb",
    "HEXCHAR": "+2B",
    "NEEDS_HEXCHAR": "+",
    "PRINTABLE_TEXT": "a b\t~",
}
#: These keep the rest of the line for another parser, which then refuses it.
HAS_OPEN_END = {"ROUTED_MAILBOX", "LENIENT_ROUTED_MAILBOX", "PATH_AND_PARAMETERS"}


PATTERNS: dict[str, re.Pattern[Any]] = {
    name: value
    for name, value in vars(grammar).items()
    if isinstance(value, re.Pattern)
}


def pattern_named(name: str) -> re.Pattern[str]:
    pattern: re.Pattern[str] = getattr(grammar, name)
    return pattern


def test_every_pattern_for_text_has_a_sample() -> None:
    assert PATTERNS.keys() == SAMPLES.keys() | {"PLAIN_PATH"}


@pytest.mark.parametrize(("name", "sample"), SAMPLES.items())
def test_sample_matches_as_a_whole(name: str, sample: str) -> None:
    assert pattern_named(name).fullmatch(sample)


@pytest.mark.parametrize("name", sorted(SAMPLES.keys() - HAS_OPEN_END))
@pytest.mark.parametrize("tail", ["\n", "\r\n", "\r", "\0", "\x0b", "\x85", "\u2028"])
def test_nothing_may_follow_the_match(name: str, tail: str) -> None:
    assert pattern_named(name).fullmatch(SAMPLES[name] + tail) is None


@pytest.mark.parametrize("name", PATTERNS)
def test_no_class_that_goes_beyond_ascii(name: str) -> None:
    text = repr(PATTERNS[name].pattern).replace("#$%", "")
    assert not re.search(r"\\[dDsSwWbB]|\$", text)


@pytest.mark.parametrize("digit", ["\u0661", "\uff11", "\u00b2"])
def test_digits_are_ascii(digit: str) -> None:
    assert grammar.ADDRESS_LITERAL.fullmatch(f"[192.0.2.{digit}]") is None
    assert grammar.ADDRESS_LITERAL.fullmatch(f"[IPv6:2001:db8::{digit}]") is None
    assert grammar.LABEL.fullmatch(f"a{digit}") is None
    assert grammar.ESMTP_PARAMETER.fullmatch(f"A{digit}=1") is None
    assert grammar.HEXCHAR.fullmatch(f"+0{digit}") is None


def test_case_is_ignored_for_ascii_letters_only() -> None:
    assert grammar.POSTMASTER.fullmatch("POSTMASTER")
    assert grammar.POSTMASTER.fullmatch("po\u017ftmaster") is None
    assert grammar.ADDRESS_LITERAL.fullmatch("[iPV6:::1]")


@pytest.mark.parametrize("text", ["a", "!#$%&'*+-/=?^_`{|}~", "a.b.c", "\u00e9.\u65e5"])
def test_dot_string(text: str) -> None:
    assert grammar.DOT_STRING.fullmatch(text)


@pytest.mark.parametrize("character", ' "(),:;<>@[\\]\x00\x1f\x7f\x80\x9f\u2028\u2029')
def test_no_atext(character: str) -> None:
    assert grammar.DOT_STRING.fullmatch(f"a{character}b") is None


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("a@b", (None, "a", "b")),
        ("@x,@y:a@b", ("@x,@y", "a", "b")),
        ('"a@:b"@[IPv6:::1]', (None, '"a@:b"', "[IPv6:::1]")),
        ("a@b@c", (None, "a", "b@c")),
    ],
)
def test_mailbox_is_cut_in_three(text: str, groups: tuple[str | None, ...]) -> None:
    for pattern in (grammar.ROUTED_MAILBOX, grammar.LENIENT_ROUTED_MAILBOX):
        match = pattern.fullmatch(text)
        assert match is not None
        assert match.groups() == groups


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("<a@b>", ("<a@b>", None)),
        ("  <a@b> ", ("<a@b>", None)),
        ("<a@b> SIZE=1  X", ("<a@b>", "SIZE=1  X")),
        ('<"a b"@b> SIZE=1', ('<"a b"@b>', "SIZE=1")),
        (r'<"a\" b"@b> X', (r'<"a\" b"@b>', "X")),
        ('<a@b> X="1 2"', ("<a@b>", 'X="1 2"')),
    ],
)
def test_path_ends_at_the_first_space_outside_quotes(
    text: str, groups: tuple[str | None, ...]
) -> None:
    match = grammar.PATH_AND_PARAMETERS.fullmatch(text)
    assert match is not None
    assert (match[1], match[2] or None) == groups


@pytest.mark.parametrize("text", ["", " ", '"', '<"a@b>', '<"a\\"@b>'])
def test_path_is_not_empty_and_closes_its_quotes(text: str) -> None:
    assert grammar.PATH_AND_PARAMETERS.fullmatch(text) is None


@pytest.mark.parametrize(
    "octets",
    [
        b"<a@b>\n",
        b"<a@b\n>",
        b"<a\xc3\xa9@b>",
        b"<a@b\xc3\xa9>",
        b"<a..b@c>",
        b"<a@" + b"x" * 64 + b">",
        b'<"a"@b>',
        b"<a@b>X",
        b"<a@[192.0.2.1]>",
    ],
)
def test_plain_path_is_plain(octets: bytes) -> None:
    assert grammar.PLAIN_PATH.fullmatch(octets) is None


def test_label_has_at_most_63_octets() -> None:
    for pattern in (grammar.LABEL, grammar.LENIENT_LABEL):
        assert pattern.fullmatch("x" * 63)
        assert pattern.fullmatch("x" * 64) is None


@pytest.mark.parametrize(
    "text",
    [
        "a." * 50_000,
        '<"' + '\\"' * 50_000,
        "@" + "a,@" * 30_000,
        "a-" * 50_000,
        "IPv6:" + "1:" * 50_000,
        "+2B" * 30_000 + "+",
        "A" + "-" * 100_000 + "_",
    ],
)
def test_hostile_repetition_does_not_hang(text: str) -> None:
    for name in SAMPLES:
        pattern_named(name).fullmatch(text)
    assert grammar.PLAIN_PATH.fullmatch(b"<" + text.encode()) is None


def test_no_pattern_holds_a_possessive_quantifier() -> None:
    """CPython 3.11.0 to 3.11.4 match them wrongly."""
    patterns = [p for p in vars(grammar).values() if isinstance(p, re.Pattern)]
    assert len(patterns) > 10
    for pattern in patterns:
        text = pattern.pattern
        shown = text.decode() if isinstance(text, bytes) else text
        bare = re.sub(r"\[(?:\\.|[^\]\\])+\]|\\.", "", shown)
        assert not re.search(r"[*+?}]\+|\(\?>", bare), shown
