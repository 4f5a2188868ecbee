r"""The quoting of the utf-8 address type, in a parameter (RFC 6533 3)."""

from __future__ import annotations

import re
from typing import Final

from smtpsession.wire import grammar

# RFC 6533 3:
#
#   utf-8-addr-xtext   = 1*(QCHAR / EmbeddedUnicodeChar)
#   utf-8-addr-unitext = 1*(QUCHAR / EmbeddedUnicodeChar)
#   QCHAR  = %x21-2a / %x2c-3c / %x3e-5b / %x5d-7e
#   QUCHAR = QCHAR / UTF8-2 / UTF8-3 / UTF8-4
#   EmbeddedUnicodeChar = %x5C.78 "{" HEXPOINT "}"
#
# HEXPOINT is the shortest form, but at least two digits; that is checked below.
_UNITEXT: Final = re.compile(
    rf"(?:[!-*,-<>-\[\]-~{grammar.UTF8_NON_ASCII}]|\\x\{{[0-9A-Fa-f]{{2,6}}\}})+"
)
_EMBEDDED: Final = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")
#: What may stand for itself only behind the quoting, and anything beyond ASCII.
#: Departure: RFC 6533 has controls too, which an address never holds.
_QUOTABLE: Final = re.compile(rf"[ +=\\{grammar.UTF8_NON_ASCII}]")


def decode_unitext(value: str) -> str:
    r"""Return the address that *value* stands for (RFC 6533 3).

    Args:
        value: an address without its type, for example ``b\x{FC}@s.example``.

    Returns:
        One line of printable text.

    Raises:
        ValueError: value is malformed, or stands for a control or a surrogate.
    """
    if _UNITEXT.fullmatch(value) is None:
        raise ValueError(rf"address must be printable text and \x{{HH}}, got {value!r}")
    return _EMBEDDED.sub(_character, value)


def _character(embedded: re.Match[str]) -> str:
    digits = embedded[1]
    point = int(digits, 16)
    if f"{point:02X}" != digits.upper() or point > 0x10FFFF:
        raise ValueError(f"code point must be in its shortest form, got {digits!r}")
    character = chr(point)
    if _QUOTABLE.fullmatch(character) is None or 0xD800 <= point <= 0xDFFF:
        raise ValueError(f"code point must be quotable and printable, got {digits!r}")
    return character
