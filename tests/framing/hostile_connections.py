"""Connections as clients make them, good and bad ones, with content of every kind."""

from __future__ import annotations

import re

from hypothesis import strategies as st

from tests.framing.hostile_octets import (
    chunked,
    chunks,
    exchanges,
    messages,
    one_of,
    scenes,
)

MAIL = b"MAIL FROM:<a@c.example>\r\n"
RCPT = b"RCPT TO:<b@s.example>\r\n"

commands = st.sampled_from(
    [
        *(b"NOOP\r\n", b"RSET\r\n", b"VRFY a\r\n", b"HELP b\r\n", b"EXPN \xc3\xa9\r\n"),
        *(b"XYZ a\r\n", b"EHLO d\r\n", b"STARTTLS\r\n", b"QUIT\r\n", b"DATA\r\n", MAIL),
        *(b"BDAT 0\r\n", b"BDAT 0 LAST\r\n", RCPT, b"\r\n", b"BDAT x\r\n"),
    ]
)
#: Content as those send it who mean well, and as those who do not.
bodies = one_of(messages(cut_off=False), chunked(), messages(), chunks())
transactions = st.tuples(
    st.sampled_from([MAIL, MAIL, MAIL, b"MAIL FROM:<> BODY=BINARYMIME\r\n"]),
    st.sampled_from([RCPT, RCPT, RCPT, RCPT * 2, b""]),
    bodies,
    one_of(st.just(b""), bodies, commands, scenes),
).map(b"".join)
openings = st.sampled_from([b"EHLO c\r\n"] * 8 + [b"HELO c\r\n", b"NOOP\r\n"])
steps = one_of(transactions, transactions, transactions, commands, scenes, exchanges)
connections = st.tuples(
    openings, st.lists(steps, min_size=1, max_size=5).map(b"".join)
).map(b"".join)


def is_cut_dependent(octets: bytes) -> bool:
    """Say whether there is something that nothing may follow in one segment."""
    return re.search(rb"(?i)starttls|auth", octets) is not None
