"""Checks of the strategies' arguments, made at once when a strategy is asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import cast

from hypothesis import strategies as st


def check_flags(**flags: object) -> None:
    """Check options that are on or off.

    Raises:
        TypeError: one is no bool.
    """
    for name, value in flags.items():
        if not isinstance(value, bool):
            raise TypeError(f"{name} must be True or False, got {value!r}")


def check_number(name: str, value: object, *, least: int, most: int) -> None:
    """Check an option that is a number.

    Raises:
        TypeError: it is no int.
        ValueError: it is below *least* or above *most*.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name} must be an int, got {value!r}")
    if not least <= value <= most:
        raise ValueError(f"{name} must be {least} to {most}, got {value}")


def check_octets(name: str, value: object) -> None:
    """Check an argument that is octets.

    Raises:
        TypeError: it is no bytes.
    """
    if not isinstance(value, bytes):
        raise TypeError(f"{name} must be bytes, got {value!r}")


def check_strategy(name: str, value: object) -> None:
    """Check an option that is a strategy of one's own, or None.

    Raises:
        TypeError: it is neither.
    """
    if value is not None and not isinstance(value, st.SearchStrategy):
        raise TypeError(f"{name} must be a strategy or None, got {value!r}")


def choose(
    name: str, chosen: Collection[str] | None, known: Iterable[str]
) -> tuple[str, ...]:
    """Give the words of *known* that were chosen, in its order; all for None.

    Raises:
        TypeError: chosen is no collection of str.
        ValueError: chosen is empty, or one of its words is not among the known ones.
    """
    known = tuple(known)
    if chosen is None:
        return known
    words = check_words(name, chosen, known)
    if not words:
        raise ValueError(f"{name} must not be empty; known are {', '.join(known)}")
    return words


def check_words(name: str, given: object, known: Iterable[str]) -> tuple[str, ...]:
    """Give the words of *known* that were given, in its order; there may be none.

    Raises:
        TypeError: given is no collection of str; a str alone is not meant, either.
        ValueError: one of its words is not among the known ones.
    """
    known = tuple(known)
    if isinstance(given, str | bytes) or not isinstance(given, Collection):
        raise TypeError(f"{name} must be a collection of str, got {given!r}")
    words = list(cast(Collection[object], given))
    for word in words:
        if word not in known:
            raise ValueError(
                f"{name} must hold some of {', '.join(known)}, got {word!r}"
            )
    return tuple(word for word in known if word in words)
