"""SASLprep, which makes equal names and passwords equal octets (RFC 4013)."""

from __future__ import annotations

import stringprep
from collections.abc import Callable
from typing import Final
from unicodedata import ucd_3_2_0

#: What no name and no trace information holds (RFC 3454 C), by its tables.
_PROHIBITED: Final[tuple[Callable[[str], bool], ...]] = (
    stringprep.in_table_c21_c22,
    stringprep.in_table_c3,
    stringprep.in_table_c4,
    stringprep.in_table_c5,
    stringprep.in_table_c6,
    stringprep.in_table_c8,
    stringprep.in_table_c9,
)


def saslprep(text: str, *, stored: bool) -> str:
    """Return *text* prepared for a comparison (RFC 4013 2).

    The messages of errors never hold any of the text, which may be a password.

    Args:
        text: a name or a password.
        stored: characters that Unicode 3.2 has not assigned are refused, as they are
            for a stored string and for every password of SCRAM (RFC 3454 7).

    Raises:
        ValueError: text holds a prohibited or an unassigned character, or mixes
            directions of writing in a way that is not allowed.
    """
    if text.isascii() and text.isprintable():
        return text
    # Stringprep is defined on Unicode 3.2, and later versions normalise more.
    prepared = ucd_3_2_0.normalize("NFKC", "".join(map(_mapped, text)))
    # Of the other prohibited characters, those of C.1.2 have all become spaces.
    if any(map(stringprep.in_table_c7, prepared)):
        raise ValueError("text must not hold a description character (RFC 4013 2.3)")
    require_permitted(prepared)
    if stored and any(map(stringprep.in_table_a1, prepared)):
        raise ValueError("text must be made of assigned characters (RFC 4013 2.5)")
    return prepared


def require_permitted(text: str) -> None:
    """Raise unless *text* is free of controls and the like, and written one way.

    These are the prohibited characters of the profile ``trace`` (RFC 4505 3), and the
    check of bidirectional text (RFC 3454 6).

    Raises:
        ValueError: text holds a control, a private, unassignable, surrogate, display
            or tagging character, or mixes directions of writing.
    """
    if any(is_in_table(character) for is_in_table in _PROHIBITED for character in text):
        raise ValueError("text must not hold prohibited characters (RFC 3454 5)")
    if not any(map(stringprep.in_table_d1, text)):
        return
    ends_match = stringprep.in_table_d1(text[0]) and stringprep.in_table_d1(text[-1])
    if not ends_match or any(map(stringprep.in_table_d2, text)):
        raise ValueError("text must be written from right to left only (RFC 3454 6)")


def prepare_password(password: str) -> bytes:
    """Return the octets by which a password is compared and hashed (RFC 5802 2.2).

    A password that SASLprep refuses is taken as it is, on both sides alike.
    """
    try:
        prepared = saslprep(password, stored=True)
    except ValueError:
        prepared = password
    # A lone surrogate never comes from a client, so it matches nothing.
    return prepared.encode("utf-8", "surrogatepass")


def _mapped(character: str) -> str:
    # RFC 4013 2.1: spaces become SP, what is commonly mapped to nothing goes. U+200B
    # is both, and a space to other implementations too.
    if stringprep.in_table_c12(character):
        return " "
    return "" if stringprep.in_table_b1(character) else character
