"""What a ``SessionMachine`` says, as octets."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator

#: Lines that are wrong, or look so.
MALFORMED = (
    *(b"", b" ", b"EHLO", b"MAIL", b"MAIL FROM:", b"RCPT TO:<>", b"RCPT TO"),
    *(b"MAIL FROM:<a@c.example", b"MAIL FROM:<\xff@c.example>", b"BDAT x"),
    *(b"BDAT", b"RSET x", b"STARTTLS x", b"AUTH", b"AUTH NONE", b"NOOP\nQUIT"),
    *(b"RCPT TO:<a@c.example> FOO=", b"\xff\xfe", b"MAIL FROM:<a@c.example>\r"),
)


def pieces(octets: bytes, cuts: Iterable[int]) -> Iterator[bytes]:
    """Cut octets into segments.

    Args:
        octets: what is to be sent.
        cuts: where segments begin, in octets; those outside are ignored.
    """
    start = 0
    for cut in sorted(cut for cut in set(cuts) if 0 < cut < len(octets)):
        yield octets[start:cut]
        start = cut
    yield octets[start:]


def dot_stuffed(content: bytes) -> bytes:
    """Double the dot at the beginning of each line (RFC 5321 4.5.2)."""
    lines = content.split(b"\r\n")
    return b"\r\n".join(b"." + ln if ln.startswith(b".") else ln for ln in lines)


def chunk_of(content: bytes, last: bool) -> bytes:
    """Give a chunk behind its command (RFC 3030 2)."""
    return b"BDAT %d%s\r\n%s" % (len(content), b" LAST" if last else b"", content)


def auth_responses(mechanism: str, user: str, password: str) -> list[str]:
    """Give what a client says inside AUTH, the initial response first.

    Args:
        mechanism: "PLAIN" (RFC 4616) or "LOGIN".
        user: the user's name.
        password: the user's password.
    """
    words = [user, password] if mechanism == "LOGIN" else [f"\0{user}\0{password}"]
    return [base64.b64encode(word.encode()).decode() for word in words]


def secret_responses(user: str, password: str) -> list[bytes]:
    """Give what no server may repeat of what a client says inside AUTH.

    Args:
        user: the user's name.
        password: the user's password, which may be a word that texts hold.
    """
    plain = auth_responses("PLAIN", user, password)
    login = auth_responses("LOGIN", user, password)
    return [response.encode() for response in (plain[0], login[1])]
