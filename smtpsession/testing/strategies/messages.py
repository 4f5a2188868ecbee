"""Content of messages, before it is dot-stuffed (RFC 5321 4.5.2)."""

from __future__ import annotations

import functools
from typing import Final

from hypothesis import strategies as st

from smtpsession.testing.strategies.arguments import check_flags

#: Longest line of a well-formed message in octets, its CRLF not counted
#: (RFC 5322 2.1.1).
MAX_LINE_OCTETS: Final = 998

# Lines that some program takes for something else.
_LINES: Final = (
    *(b"a", b"", b".", b"..", b".a", b"Subject: a", b"From: a@a.example", b" folded"),
    *(b"From a", b"QUIT", b"RSET", b"DATA", b"BDAT 1 LAST", b"--a", b"a ", b"\t"),
    *(b"MAIL FROM:<evil@a.example>", b"RCPT TO:<evil@a.example>", b"RECEIVED: x"),
    *(b"a" * MAX_LINE_OCTETS, b"." + b"a" * (MAX_LINE_OCTETS - 1)),
)
_EIGHT_BIT: Final = (b"\xe9", "\u00e9".encode(), b"\xff", b"\x80", b"\x85", b"\xa0")

# Pieces of which some make a line's end, or an end of the message, of their own. CR
# LF and the dot come often, because it takes several of them in a row.
_PIECES: Final = (
    *(b"a", b"\r\n", b".", b"\r\n", b"\r", b"\n", b"\0", b"\r\n", b".", b" ", b"\t"),
    *(b"\r\n.\r\n", b"\n.\n", b"\r.\r", b"\n.\r\n", b"\r\n.\n", b"\r\n.\r", b"\r\r\n"),
    *(b"\r\n..", b"\x1a", b"\x7f", b"\x0b\x0c"),
)


def messages(
    *, well_formed: bool = False, eight_bit: bool = True, binary: bool = False
) -> st.SearchStrategy[bytes]:
    r"""Content as the sender means it: neither dot-stuffed nor cut into chunks.

    Usually it is made of what programs stumble on: dots, CR and LF alone, NUL, ends
    of a message within it, header fields, commands and long lines.
    It shrinks to b"".

    Args:
        well_formed: lines of at most 998 octets that end with CRLF, with neither NUL
            nor a CR or LF alone (RFC 5322 2.1.1 and 2.3, RFC 5321 2.3.8).
        eight_bit: octets above 127, too (RFC 6152).
        binary: any octets, as after BODY=BINARYMIME (RFC 3030 3).

    Raises:
        TypeError: an option is no bool.
        ValueError: content is to be binary and well-formed, or binary and of 7 bits.
    """
    check_flags(well_formed=well_formed, eight_bit=eight_bit, binary=binary)
    if binary and well_formed:
        raise ValueError("binary content has no lines: binary or well_formed, not both")
    if binary and not eight_bit:
        raise ValueError("binary content has octets above 127: eight_bit must be True")
    return _contents(well_formed, eight_bit, binary)


@functools.cache
def _contents(
    well_formed: bool, eight_bit: bool, binary: bool
) -> st.SearchStrategy[bytes]:
    if well_formed:
        line = _lines(eight_bit)
        return st.lists(line, max_size=8).map(
            lambda drawn: b"".join(one + b"\r\n" for one in drawn)
        )
    pieces = st.sampled_from(_PIECES) | _lines(eight_bit)
    if binary:
        pieces |= st.binary(max_size=20)
    return st.lists(pieces, max_size=12).map(b"".join)


def _lines(eight_bit: bool) -> st.SearchStrategy[bytes]:
    """Give lines without their CRLF."""
    characters = [bytes([octet]) for octet in b"abc.:<>@ \t" + bytes(range(33, 127))]
    if eight_bit:
        characters += _EIGHT_BIT
    texts = st.lists(st.sampled_from(characters), max_size=20).map(b"".join)
    return st.sampled_from(_LINES) | texts
