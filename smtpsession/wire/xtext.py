"""xtext, which carries text with spaces and "=" in a parameter (RFC 3461 4)."""

from __future__ import annotations

import re

from smtpsession.wire import grammar


def decode_xtext(value: str) -> str:
    """Return the text that *value* stands for (RFC 3461 4).

    Args:
        value: xtext as it was sent, for example ``QQ314159+2B42``.

    Returns:
        Printable ASCII, which may hold SP and HTAB.

    Raises:
        ValueError: value is no xtext, or stands for a control character.
    """
    text = unquote_xtext(value)
    # A hidden NUL, CR or LF would come back to life in whatever the text ends up in.
    if grammar.PRINTABLE_TEXT.fullmatch(text) is None:
        raise ValueError(f"xtext must stand for printable ASCII, got {value!r}")
    return text


def unquote_xtext(value: str) -> str:
    """Return the characters that *value* stands for, controls included (RFC 3461 4).

    Args:
        value: xtext as it was sent.

    Returns:
        Any characters up to U+00FF.

    Raises:
        ValueError: value is no xtext.
    """
    if grammar.XTEXT.fullmatch(value) is None:
        raise ValueError(f"xtext must be printable ASCII and +HH, got {value!r}")
    return grammar.HEXCHAR.sub(_character, value)


def encode_xtext(text: str) -> str:
    """Return *text* as xtext (RFC 3461 4).

    Args:
        text: printable ASCII, which may hold SP and HTAB.

    Returns:
        A value that is legal in a parameter.

    Raises:
        ValueError: text holds a non-ASCII or a control character.
    """
    if grammar.PRINTABLE_TEXT.fullmatch(text) is None:
        raise ValueError(f"xtext can carry only printable ASCII, got {text!r}")
    return grammar.NEEDS_HEXCHAR.sub(_hexchar, text)


def _character(hexchar: re.Match[str]) -> str:
    return chr(int(hexchar[1], 16))


def _hexchar(character: re.Match[str]) -> str:
    return f"+{ord(character[0]):02X}"
