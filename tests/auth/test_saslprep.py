"""SASLprep: what it maps, normalises and prohibits (RFC 4013)."""

import contextlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smtpsession.auth.saslprep import prepare_password, require_permitted, saslprep

both = pytest.mark.parametrize("stored", [True, False])


# RFC 4013 3.
@both
@pytest.mark.parametrize(
    ("text", "prepared"),
    [
        ("I\u00adX", "IX"),
        ("user", "user"),
        ("USER", "USER"),
        ("\u00aa", "a"),
        ("\u2168", "IX"),
    ],
)
def test_examples(text: str, prepared: str, stored: bool) -> None:
    assert saslprep(text, stored=stored) == prepared


@both
@pytest.mark.parametrize("text", ["\u0007", "\u0627\u0031"])
def test_refused_examples(text: str, stored: bool) -> None:
    with pytest.raises(ValueError, match="text must"):
        saslprep(text, stored=stored)


@both
@pytest.mark.parametrize(
    ("text", "prepared"),
    [
        ("", ""),
        ("\u00ad\u2060\ufeff", ""),
        # In both tables; everybody takes it for a space.
        ("a\u200bb", "a b"),
        ("a\u1680b", "a b"),
        ("a\u00a0b\u3000c", "a b c"),
        ("e\u0301", "\u00e9"),
        ("\uff21", "A"),
        ("\u0627\u0031\u0628", "\u0627\u0031\u0628"),
        ("\u0627", "\u0627"),
        ("a b", "a b"),
    ],
)
def test_what_is_mapped(text: str, prepared: str, stored: bool) -> None:
    assert saslprep(text, stored=stored) == prepared


@both
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a\0", id="NUL"),
        pytest.param("a\r\nb", id="newline"),
        pytest.param("a\x7f", id="DEL"),
        pytest.param("a\x85", id="C.2.2"),
        pytest.param("a\u2028", id="line separator"),
        pytest.param("\ue000", id="private"),
        pytest.param("\ufdd0", id="noncharacter"),
        pytest.param("\ud800", id="surrogate"),
        pytest.param("\ufffd", id="not for plain text"),
        pytest.param("\u2ff0", id="description"),
        pytest.param("a\u202eb", id="display"),
        pytest.param("\U000e0041", id="tag"),
        pytest.param("a\u0627", id="right to left after left to right"),
        pytest.param("\u0627a\u0627", id="left to right within right to left"),
        pytest.param("\u06271", id="ends otherwise"),
        pytest.param("1\u0627", id="begins otherwise"),
    ],
)
def test_what_is_prohibited(text: str, stored: bool) -> None:
    with pytest.raises(ValueError, match="text must"):
        saslprep(text, stored=stored)


def test_unassigned_character_is_for_queries_only() -> None:
    assert saslprep("\U0001f600", stored=False) == "\U0001f600"
    with pytest.raises(ValueError, match="assigned"):
        saslprep("\U0001f600", stored=True)


def test_later_versions_of_unicode_change_nothing() -> None:
    # U+1E030 is compatible with U+0430 since Unicode 15.
    assert saslprep("\U0001e030", stored=False) == "\U0001e030"


def test_error_holds_nothing_of_the_text() -> None:
    with pytest.raises(ValueError) as caught:
        saslprep("my secret\0", stored=True)
    assert "secret" not in repr(caught.value)


def test_trace_may_hold_any_space() -> None:
    require_permitted("a\u00a0b\u2ff0")
    with pytest.raises(ValueError, match="RFC 3454 5"):
        require_permitted("a\nb")


@pytest.mark.parametrize(
    ("password", "octets"),
    [
        ("pencil", b"pencil"),
        ("I\u00adX", b"IX"),
        ("\u00ad", b""),
        ("a\x07", b"a\x07"),
        ("\u00e9\U0001f600", b"\xc3\xa9\xf0\x9f\x98\x80"),
        ("\ud800", b"\xed\xa0\x80"),
    ],
)
def test_password_that_cannot_be_prepared_is_taken_as_it_is(
    password: str, octets: bytes
) -> None:
    assert prepare_password(password) == octets


@given(st.text(), st.booleans())
def test_any_text_is_prepared_or_refused(text: str, stored: bool) -> None:
    with contextlib.suppress(ValueError):
        prepared = saslprep(text, stored=stored)
        assert not set(map(chr, range(0x20))) & set(prepared)


@given(st.text())
@example("a\u0340\u00ad\u0327")
def test_preparing_once_more_changes_nothing(text: str) -> None:
    with contextlib.suppress(ValueError):
        prepared = saslprep(text, stored=True)
        assert saslprep(prepared, stored=True) == prepared


@given(st.text(st.characters(codec="utf-8")))
def test_any_password_has_octets(text: str) -> None:
    assert isinstance(prepare_password(text), bytes)
