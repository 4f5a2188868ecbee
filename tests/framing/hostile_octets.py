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
