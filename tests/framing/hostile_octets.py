"""Octets that try everything: soup of what framing depends on, and known attacks."""

from __future__ import annotations

import re

from hypothesis import strategies as st

from smtpsession.testing.strategies import chunkings, dialogues
from tests.framing.naive_reader import Plan

Octets = st.SearchStrategy[bytes]


def one_of(*strategies: Octets) -> Octets:
    """Draw from each as often, however many choices it has of its own."""
    return st.sampled_from(strategies).flatmap(lambda strategy: strategy)


# What a message and its end are made of, and what looks like them.
_CONTENT = (
    *[b"\r\n"] * 6,
    *[b"."] * 4,
    *[b"\r\n."] * 3,
    *(b"\r", b"\n", b"\0", b"\0", b"x", b"\xff", b"\r\n..", b"\n.\n", b"\r.\r", b"\n."),
    *(b"\r\n.\n", b"\n.\r\n", b"\r\r\n", b"\r\n.\r", b"QUIT\r\n", b"DATA\r\n", b" "),
    *(b"BDAT 2 LAST\r\n", b"MAIL FROM:<evil@x>\r\n", b"\xc3\xa9", b"\x85", b"\x1a"),
)
_LINES = (
    *[b"\r\n"] * 9,
    *(b"NOOP", b"QUIT", b"RSET", b"EHLO a", b"LHLO a", b"RSET x", b"STARTTLS", b"data"),
    *(b"MAIL FROM:<a@b>", b"RCPT TO:<a@b>", b"GET / HTTP/1.1", b"x y sip/2", b"Host: "),
    *(
        b"SSH-2",
        b"XYZ",
        b"AUTH ",
        b"AUTHX",
        b"BDAT ",
        b" bdat 3",
        b"BDAT\t1",
        b"BDATX",
        b"LAST",
    ),
    *(b"1", b"=", b"AA==", b"y" * 9, b"y" * 17, b"y" * 40, b" ", b"\t", b":", b"\xff"),
    *(b"\r", b"\n", b"\0", b"\x16\x03\x01", b"mail", b"MAILFROM:", b"\x7f", b"*"),
)
_RAW = [bytes([octet]) for octet in b"\r\n\r\n\r\n..\0DATAB 015LST*"]
_RESPONSES = (
    b"AAAA",
    b"*",
    b"=",
    b"",
    b"AA==",
    b"AB==",
    b"A",
    b"QUIT",
    b"* ",
    b"A" * 33,
)

_CLEAN = [
    piece for piece in _CONTENT if not re.search(rb"\0|\r(?!\n)|(?<!\r)\n", piece)
]
contents = st.one_of(
    [
        st.lists(st.sampled_from(pieces), max_size=12).map(b"".join)
        for pieces in (_CONTENT, _CLEAN, [b"\0", *_CLEAN])
    ]
)
_raw_soup = st.lists(st.sampled_from(_RAW), max_size=60).map(b"".join)
_line_ends = st.sampled_from([b"\r\n"] * 9 + [b" \r\n", b"\n", b"\r\r\n", b""])


def messages(*, cut_off: bool = True) -> Octets:
    """DATA with a message, which may lack its end where *cut_off* says so."""
    ends = [b"\r\n.\r\n"] * 4 + [b"", b"\r\n.", b".\r\n"] * cut_off
    commands = st.sampled_from([b"DATA\r\n", b"DATA\r\n", b"data \r\n"])
    return st.tuples(commands, contents, st.sampled_from(ends)).map(b"".join)


@st.composite
def chunks(draw: st.DrawFn) -> bytes:
    """BDAT with a chunk, of a size that is nearly always right."""
    content = draw(contents)
    size = len(content) + draw(st.sampled_from([0] * 15 + [-1, 1, 5]))
    usual = [b"BDAT %d\r\n", b"BDAT %d LAST\r\n"] * 5
    form = draw(st.sampled_from([*usual, b"bdat %d  last \r\n", b"BDAT 0%d\r\n"]))
    return form % max(size, 0) + content


@st.composite
def chunked(draw: st.DrawFn) -> bytes:
    """A whole message by BDAT, cut anywhere."""
    pieces = draw(contents.flatmap(chunkings))
    some = b"".join(b"BDAT %d\r\n%s" % (len(piece), piece) for piece in pieces)
    return some + draw(st.sampled_from([b"BDAT 0 LAST\r\n", b"BDAT 1 LAST\r\n\n"]))


exchanges = st.tuples(
    st.sampled_from(
        [b"AUTH PLAIN", b"auth x =", b"AUTH LOGIN", b"AUTH PLAIN AAAA", b"AUTH X A"]
    ),
    _line_ends,
    st.lists(
        st.tuples(st.sampled_from(_RESPONSES), _line_ends).map(b"".join), max_size=3
    ).map(b"".join),
).map(b"".join)
_soup = st.lists(st.sampled_from(_LINES), max_size=12).map(b"".join)
_commands = st.tuples(st.sampled_from(_LINES), _line_ends).map(b"".join)
scenes = one_of(
    *(messages(), chunks(), exchanges, _commands),
    *(messages(), chunks(), _soup, _raw_soup, chunked()),
)

plans = st.builds(
    Plan,
    command_octets=st.sampled_from([2048, 2048, 2048, 40, 20, 12]),
    auth_octets=st.sampled_from([12_288, 12_288, 30, 8]),
    normalizes=st.booleans(),
    nul=st.booleans(),
    lmtp=st.booleans(),
    binary=st.sampled_from([False, False, False, True]),
    refused=st.frozensets(st.integers(0, 3), max_size=1),
    skipped=st.frozensets(st.integers(0, 4), max_size=2),
    challenges=st.integers(0, 3),
)
#: All that clients say, by the rules and against them; TLS is not played.
said = st.one_of(
    [dialogues(lmtp=lmtp, auth=True, allow_violations=True) for lmtp in (False, True)]
).map(lambda dialogue: dialogue.to_bytes())
_joined = st.lists(scenes, min_size=1, max_size=8).map(b"".join)
inputs = one_of(_joined, _joined, said, _joined)

EVIL = (
    b"MAIL FROM:<evil@x.example>\r\nRCPT TO:<b@s.example>\r\nDATA\r\nevil\r\n.\r\n"
    b"QUIT\r\n"
)
#: What some servers have taken for the end of a message, and some for none.
ENDS = (
    *(b"\n.\n", b"\n.\r", b"\r.\n", b"\r.\r", b"\n.\r\n", b"\r.\r\n", b"\r\n.\n"),
    *(b"\r\n.\r", b"\r\n\0.\r\n", b"\r\n.\0\r\n", b"\r\n.\r\r\n", b"\r\r\n.\r\r\n"),
    *(b"\r\n.\n\r\n", b"\n\r.\r\n", b"\n\r\n.\n\r\n", b"\r\n. \r\n", b"\r\n.\t\r\n"),
    *(b"\r\n.\x0b\r\n", b"\r\n.\x1a\r\n", b"\r\n..\r\n", b"\x0b.\x0b", b"\x0c.\x0c"),
    *(b"\x1c.\x1c", b"\xc2\x85.\xc2\x85", b"\xe2\x80\xa8.\xe2\x80\xa8", b"\r\r\n.\r\n"),
    *(
        b"\r\n.\r\n",
        b"\r\0\n.\r\n",
        b"\r\n.\r\0\n",
        b"\x8d\x8a.\x8d\x8a",
        b"\r\n.\\r\n",
    ),
)


def smuggled(end: bytes) -> bytes:
    """Give a dialogue with a message that holds *end* and then commands."""
    return b"DATA\r\nSubject: 1\r\n\r\nbody" + end + EVIL


def smuggled_in_chunks(end: bytes, place: int) -> bytes:
    """Give the same in two chunks, of which the first ends at *place* of the end."""
    return in_two_chunks(b"body" + end + EVIL, len(b"body") + place)


#: Contents of chunks that end where it matters.
STUMPS = (
    *(b".", b"a\n.", b"a\r\n.", b"\n.", b"a\r", b"a\r\n.\r", b"\n.\n", b"..", b"\r\n"),
    *(
        b"a\n.\r\n",
        b"\0.",
        b"a\n..",
        b"\r",
        b"\n",
        b"a\n.\0",
        b"a\r\n.\0\n",
        b"\0\r\0\n",
    ),
)


def in_two_chunks(content: bytes, place: int) -> bytes:
    """Give a message by BDAT that is cut at *place*, and a command behind it."""
    head, tail = content[:place], content[place:]
    return b"BDAT %d\r\n%sBDAT %d LAST\r\n%sNOOP\r\n" % (
        len(head),
        head,
        len(tail),
        tail,
    )


#: Attacks on lines, chunks and AUTH, each with commands behind it.
ATTACKS = (
    *(smuggled(end) for end in ENDS),
    *(smuggled_in_chunks(end, place) for end in ENDS for place in range(len(end) + 1)),
    *(in_two_chunks(end, place) for end in STUMPS for place in range(len(end) + 1)),
    *(in_two_chunks(b"x" * 70, place) for place in (0, 30, 69)),
    *(b"NOOP\n" + EVIL, b"NO\nOP\r\n" + EVIL, b"NOOP\r" + EVIL, b"NOOP\r\r\n" + EVIL),
    *(b"\n" + EVIL, b"\r\n" + EVIL, b"\r" + EVIL, b"\0\r\n" + EVIL, b" \r\n" + EVIL),
    *(
        b"x" * 5000 + b"\r\n" + EVIL,
        b"x" * 3000 + b"\r\n" + EVIL,
        b"x" * 2046 + b"\r\n",
    ),
    *(
        b"AUTH " + b"x" * 5000 + b"\r\n" + EVIL,
        b"AUTHX " + b"x" * 3000 + b"\r\n" + EVIL,
        b"AUTH\t" + b"x" * 3000 + b"\r\n" + EVIL,
        b"AUTH " + b"x" * 30_000 + b"\r\n" + EVIL,
    ),
    *(b"BDAT -1\r\n" + EVIL, b"BDAT\r\n" + EVIL, b"BDAT 1 1\r\n" + EVIL),
    *(b"BDAT 0x10\r\n" + EVIL, b"BDAT 5LAST\r\n" + EVIL, b"BDAT\t5\r\n" + EVIL),
    *(b" BDAT 5\r\n" + EVIL, b"\tbdat 5\r\n" + EVIL, b"BDAT5\r\n" + EVIL),
    b"BDAT " + b"9" * 18 + b" LAST\r\n" + EVIL,
    b"BDAT " + b"9" * 19 + b" LAST\r\n" + EVIL,
    b"BDAT " + b"0" * 17 + b"5 LAST\r\n" + EVIL,
    b"BDAT " + b" " * 3000 + b"5\r\n" + EVIL,
    *(b"BDAT 0 LAST\r\n" + EVIL, b"BDAT 5\r\nQUITBDAT 0 LAST\r\n" + EVIL),
    b"BDAT %d LAST\r\n%s" % (len(EVIL) + 2, EVIL),
    b"BDAT %d LAST\r\n%s" % (len(EVIL) - 2, EVIL),
    *(b"AUTH PLAIN\r\n" + EVIL, b"AUTH PLAIN\r\n*\r\n" + EVIL, b"AUTH X\r\n*\n" + EVIL),
    *(b"AUTH PLAIN\r\n=\r\n" + EVIL, b"AUTH X AAAA\r\nAAAA\r\nAA==\r\n" + EVIL),
    *(b"AUTH X\r\nAB==\r\n" + EVIL, b"AUTH X\r\n" + b"A" * 13_000 + b"\r\n" + EVIL),
    *(b"STARTTLS\r\n" + EVIL, b"DATA x\r\n" + EVIL, b"DATA \r\n" + EVIL + b".\r\n"),
    *(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" + EVIL, b"POST /\r\n" + EVIL),
    *(b"\x16\x03\x01\r\n" + EVIL, b"NOOP\r\n\x16\x03\x01\r\n" + EVIL, b"{}\r\n" + EVIL),
    *(b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n" + EVIL, b"PROXY UNKNOWN\r\n" + EVIL),
)
