"""Bad arguments are refused when the strategy is asked for, and told apart."""

from typing import Any

import pytest
from hypothesis import strategies as st

from smtpsession.testing.strategies.arguments import (
    check_flags,
    check_number,
    check_octets,
    check_strategy,
    check_words,
    choose,
)


def test_good_ones_pass() -> None:
    check_flags(a=True, b=False)
    check_number("n", 3, least=3, most=3)
    check_octets("data", b"")
    check_strategy("s", st.just(1))
    check_strategy("s", None)


@pytest.mark.parametrize("value", [1, None, "yes"])
def test_a_flag_is_a_bool(value: object) -> None:
    with pytest.raises(TypeError, match="lmtp must be True or False, got"):
        check_flags(chunking=True, lmtp=value)


@pytest.mark.parametrize("value", [1.0, "3", None, True])
def test_a_number_is_an_int(value: object) -> None:
    with pytest.raises(TypeError, match="n must be an int, got"):
        check_number("n", value, least=0, most=9)


@pytest.mark.parametrize("value", [2, 10])
def test_a_number_has_bounds(value: int) -> None:
    with pytest.raises(ValueError, match=f"n must be 3 to 9, got {value}"):
        check_number("n", value, least=3, most=9)


@pytest.mark.parametrize("value", ["a", bytearray(b"a"), None])
def test_octets_are_bytes(value: object) -> None:
    with pytest.raises(TypeError, match="data must be bytes, got"):
        check_octets("data", value)


def test_a_strategy_is_one() -> None:
    with pytest.raises(TypeError, match="senders must be a strategy or None, got 'a'"):
        check_strategy("senders", "a")


def test_words_come_in_their_own_order_and_once() -> None:
    known = ("a", "b", "c")
    assert choose("rules", None, known) == known
    assert choose("rules", ["c", "a", "c"], known) == ("a", "c")
    assert check_words("rules", set(), known) == ()


@pytest.mark.parametrize("given", ["a", b"a", 1])
def test_words_are_a_collection(given: Any) -> None:
    with pytest.raises(TypeError, match="rules must be a collection of str, got"):
        choose("rules", given, ["a"])


def test_unknown_words_are_named_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="rules must hold some of a, b, got 'x'"):
        choose("rules", ["a", "x"], ["a", "b"])


def test_no_words_at_all() -> None:
    with pytest.raises(ValueError, match="rules must not be empty; known are a, b"):
        choose("rules", [], ["a", "b"])
