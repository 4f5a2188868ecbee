"""Command lines as octets, of which most are not what a server hopes for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Final

from hypothesis import strategies as st

from smtpsession.testing.strategies.almost_valid_addresses import (
    almost_valid_addresses,
)
from smtpsession.testing.strategies.arguments import check_flags, check_number, choose
from smtpsession.testing.strategies.commands import commands

Octets = st.SearchStrategy[bytes]

_UNKNOWN: Final = (
    *(b"XYZZY", b"TURN", b"SEND FROM:<a@a.example>", b"MAILX", b"DAT", b"QUITE", b"A"),
    *(b"X a b", b"MAIL\tFROM:<a@a.example>", b"MAILFROM:<a@a.example>", b"EHLO\ta"),
    *(b"RCPTTO:<a@a.example>", b"A" * 100, b"HELOO a.example"),
)
_BAD_ARGUMENTS: Final = (
    *(b"MAIL", b"MAIL FROM", b"MAIL FROM:", b"MAIL TO:<a@a.example>", b"RCPT"),
    *(b"RCPT TO", b"RCPT TO:", b"RCPT TO:<>", b"RCPT FROM:<a@a.example>", b"DATA a"),
    *(b"RSET a", b"QUIT a", b"VRFY", b"EXPN", b"MAIL FROM <a@a.example>"),
    *(b"MAIL FROM:<a@a.example> SIZE=", b"RCPT TO:<a@a.example>  X==1"),
    *(b"XCLIENT", b"XCLIENT NAME", b"XCLIENT =a", b"XFORWARD ADDR=1 a", b"AUTH"),
)
_BAD_HELLOS: Final = (
    b"",
    b" a b",
    b" [192.0.2.256]",
    b" a..b",
    b" a@b",
    b" <a>",
    b" ;",
)
_FOREIGN: Final = (
    *(b"GET / HTTP/1.1", b"POST / HTTP/1.0", b"get / http/1.1", b"Host: a.example"),
    *(b"CONNECT a.example:25 HTTP/1.1", b"PRI * HTTP/2.0", b"SSH-2.0-OpenSSH_9.6"),
    *(b"OPTIONS sip:a SIP/2.0", b"Content-Length: 5", b"\x16\x03\x01\x02\x00\x01"),
    *(b"\x03\x00\x00\x13\x0e\xe0", b"\x05\x01\x00", b"\xff\xfd\x18", b"{}", b"<?xml?>"),
)


def command_lines(
    *,
    lmtp: bool = False,
    kinds: Collection[str] | None = None,
    line_octets: int = 2048,
) -> Octets:
    """Lines of a client that end with CRLF, good ones and bad ones.

    Args:
        lmtp: what is good is so in LMTP.
        kinds: only these of ``COMMAND_LINE_KINDS``, all for None: ``valid``, ``other
            case`` and ``white space`` in front of CRLF, which are all good; ``unknown``
            verb, bad ``argument``, ``too long``, ``bare newline``, ``NUL``, ``8-bit``
            (octets that are no UTF-8) and ``foreign`` protocol, which are all bad.
        line_octets: what is longer is too long, CRLF included; at least the 512 that
            every server must take (RFC 5321 4.5.3.1.4).

    Raises:
        TypeError: an option is of another type.
        ValueError: a kind is unknown, there are none, or line_octets is not from 512
            to 65536.
    """
    check_flags(lmtp=lmtp)
    check_number("line_octets", line_octets, least=512, most=65_536)
    chosen = choose("kinds", kinds, COMMAND_LINE_KINDS)
    return st.one_of([_KINDS[kind](lmtp, line_octets) for kind in chosen])


def _valid(lmtp: bool, line_octets: int) -> Octets:
    return commands(lmtp=lmtp).map(lambda command: command.to_bytes())


def _other_case(lmtp: bool, line_octets: int) -> Octets:
    # Which of the first four letters are to be small, as bits.
    return st.builds(_recase, _valid(lmtp, line_octets), st.integers(1, 15))


def _recase(line: bytes, small: int) -> bytes:
    start = [
        octet | 0x20 if small >> place & 1 else octet
        for place, octet in enumerate(line[:4])
    ]
    return bytes(start) + line[4:]


def _white_space(lmtp: bool, line_octets: int) -> Octets:
    space = st.lists(st.sampled_from([b" ", b"\t"]), min_size=1, max_size=4)
    lines = st.tuples(_valid(lmtp, line_octets), space.map(b"".join))
    return lines.map(lambda drawn: drawn[0][:-2] + drawn[1] + b"\r\n")


def _unknown(lmtp: bool, line_octets: int) -> Octets:
    hello = b"EHLO a.example" if lmtp else b"LHLO a.example"
    return _ended(st.sampled_from([*_UNKNOWN, hello]))


def _argument(lmtp: bool, line_octets: int) -> Octets:
    hello = b"LHLO" if lmtp else b"EHLO"
    return _ended(
        st.one_of(
            st.sampled_from(_BAD_ARGUMENTS),
            st.sampled_from(_BAD_HELLOS).map(lambda argument: hello + argument),
            almost_valid_addresses().map(lambda path: b"MAIL FROM:" + path),
            almost_valid_addresses().map(lambda path: b"RCPT TO:" + path),
        )
    )


def _too_long(lmtp: bool, line_octets: int) -> Octets:
    starts = st.sampled_from([b"NOOP ", b"VRFY ", b"RCPT TO:<", b""])
    octets = st.integers(line_octets + 1, line_octets + 20_000)
    lines = st.tuples(starts, octets)
    return lines.map(lambda drawn: drawn[0].ljust(drawn[1] - 2, b"a") + b"\r\n")


def _bare_newline(lmtp: bool, line_octets: int) -> Octets:
    bare = st.sampled_from([b"\n", b"\r", b"\n\n", b"\r\r", b"\nRSET", b"\n\r"])
    return _inserted(bare, lmtp)


def _nul(lmtp: bool, line_octets: int) -> Octets:
    return _inserted(st.just(b"\0"), lmtp)


def _eight_bit(lmtp: bool, line_octets: int) -> Octets:
    wrong = st.sampled_from([b"\xff", b"\xe9", b"\x80", b"\xc0\xaf", b"\xed\xa0\x80"])
    return _inserted(wrong, lmtp)


def _foreign(lmtp: bool, line_octets: int) -> Octets:
    return _ended(st.sampled_from(_FOREIGN))


def _ended(lines: Octets) -> Octets:
    return lines.map(lambda line: line + b"\r\n")


@st.composite
def _inserted(draw: st.DrawFn, octets: Octets, lmtp: bool) -> bytes:
    line = draw(_valid(lmtp, 0))
    place = draw(st.integers(0, len(line) - 2))
    return line[:place] + draw(octets) + line[place:]


_KINDS: Final[Mapping[str, Callable[[bool, int], Octets]]] = {
    "valid": _valid,
    "other case": _other_case,
    "white space": _white_space,
    "unknown": _unknown,
    "argument": _argument,
    "too long": _too_long,
    "bare newline": _bare_newline,
    "NUL": _nul,
    "8-bit": _eight_bit,
    "foreign": _foreign,
}

#: The kinds of lines; the first three are good ones.
COMMAND_LINE_KINDS: Final = tuple(_KINDS)
