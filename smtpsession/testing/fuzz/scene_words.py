"""What clients say in scenes."""

from __future__ import annotations

from typing import Final

#: What only looks like the end of content (RFC 5321 4.1.1.4).
LOOK_ALIKES: Final = (
    *(b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r.\r\n", b"\r\n.\n", b"\r\n.\r", b"\n.\r"),
    *(b"\r\n\0.\r\n", b"\r\n.\0\r\n", b"\r\r\n.\r\r\n", b"\r\n. \r\n", b"\r.\n"),
)
#: How long lines are: around the limits that every server has to keep, and above what
#: any of them takes (RFC 5321 4.5.3.1).
LINE_OCTETS: Final = (
    *(80, 255, 400, 509, 510, 511, 512, 513, 600, 1000, 1024, 2047, 2048, 2049, 4096),
    *(4097, 8192, 12_288, 20_000, 70_000),
)
#: What is said inside AUTH, good for some mechanism or for none.
AUTH_LINES: Final = (
    *(b"*", b"=", b"", b"AA==", b"AGEAYg==", b"a", b"!", b"YQ==", b"NOOP", b"QUIT"),
    *(b"YT1h", b"bixhPWEsbj1hLHI9YQ==", b"biwsbj1hLHI9YQ==", b"\xff", b"AGEA", b"* "),
    *(b"dXNlcj1hAWF1dGg9QmVhcmVyIGEBAQ==", b"AAAA", b"YWFh" * 200),
)
#: Commands that change nothing.
ASIDES: Final = ("NOOP", "NOOP a", "HELP", "VRFY postmaster", "EXPN a", "XYZZY", "")
#: What stands behind a look-alike, for a server to execute.
HIDDEN: Final = (b"NOOP\r\n", b"MAIL FROM:<evil@a.example>\r\n", b"QUIT\r\n")
#: Octets, and how many of them are repeated to make content.
LONG_CONTENT: Final = (
    # Lines of 1,000 octets with their CRLF, and around that (RFC 5321 4.5.3.1.6).
    *((b"a", 998), (b"a", 997), (b".", 997), (b"a", 1000), (b"a b", 2048)),
    # Octets around what programs like to read at once.
    *((b"a", 4096), (b"a\r\n", 4095), (b".\r\n", 1026), (b"NOOP\r\n", 1024)),
    # Content of nearly 64 KiB (RFC 5321 4.5.3.1.7).
    (b"a" * 70 + b"\r\n", 60_000),
)
#: Chunks whose size can be misread; those that are right hold no octet.
ODD_CHUNKS: Final = (
    *(b"BDAT +6 LAST", b"BDAT -6 LAST", b"BDAT 0x6 LAST", b"BDAT 6LAST", b"BDAT 6_0"),
    *(b"BDAT 0 last", b"bdat 0 Last", b"BDAT  0 LAST", b"BDAT 0  LAST", b"BDAT a LAST"),
    *(b"BDAT 6 FIRST", b"BDAT 0 LAST LAST", b"BDAT \xb2", b"BDAT 6.0", b"BDAT 00 LAST"),
    b"BDAT 99999999999999999999 LAST",
)
#: What may follow chunks in the same segment.
BEHIND_CHUNKS: Final = (b"", b"BDAT 0 LAST\r\n", b"BDAT 1 LAST\r\na", b"RSET\r\n")
#: How far a transaction has come, in the words of ``Scenes.clearing``.
BEGINNINGS: Final = (
    *((), ("MAIL",), ("MAIL", "RCPT"), ("MAIL", "stranger"), ("MAIL", "RCPT", "chunk")),
    *(("MAIL", "RCPT"), ("MAIL", "RCPT", "RCPT"), ("MAIL", "RCPT", "stranger")),
    *(("message",), ("message", "MAIL", "RCPT"), ("MAIL", "strangers")),
)
