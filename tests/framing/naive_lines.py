"""Lines and what they say, read naively: of the whole input as one bytes object."""

from __future__ import annotations

import base64
import string

import attrs

HTTP = (
    *("GET", "POST", "PUT", "HEAD", "OPTIONS", "DELETE", "TRACE", "CONNECT", "PATCH"),
    "PRI",
)
RELATIVES = ("HTTP/", "ICAP/", "RTSP/", "SIP/")
LETTERS = string.ascii_letters.encode()
DIGITS = string.digits.encode()

SMTP_VERBS = (
    *("MAIL", "RCPT", "DATA", "BDAT", "HELO", "EHLO", "RSET", "NOOP", "QUIT", "HELP"),
    *("VRFY", "EXPN", "AUTH", "STARTTLS", "XCLIENT", "XFORWARD"),
)
LMTP_VERBS = (
    *("MAIL", "RCPT", "DATA", "BDAT", "LHLO", "RSET", "NOOP", "QUIT", "HELP"),
    *("VRFY", "EXPN", "AUTH", "STARTTLS", "XCLIENT", "XFORWARD"),
)


@attrs.frozen
class Line:
    """A line, or why there is none."""

    #: Without its CRLF.
    text: bytes = b""
    #: "too long", or "overflow" and "bare newline", behind which nothing is read, or
    #: "missing".
    fault: str = ""
    #: What follows.
    rest: bytes = b""


def take_line(octets: bytes, limit: int, auth_limit: int = 0) -> Line:
    """Take the first line; only CRLF ends one (RFC 5321 2.3.8).

    Args:
        octets: the input from here on.
        limit: longest line, CRLF included.
        auth_limit: the same for a line that begins with AUTH and a space, if longer.
    """
    if octets[:5].upper() == b"AUTH ":
        limit = max(limit, auth_limit)
    lf = octets.find(b"\n")
    line = octets if lf < 0 else octets[: lf + 1]
    rest = b"" if lf < 0 else octets[lf + 1 :]
    if len(line) > 2 * limit:
        return Line(fault="overflow")
    if lf < 0:
        return Line(fault="missing")
    if line.count(b"\r") != 1 or not line.endswith(b"\r\n"):
        return Line(fault="bare newline")
    if len(line) > limit and line.strip(b" \t").upper().startswith(b"BDAT"):
        # As many octets of content follow as nobody has read.
        return Line(fault="overflow")
    if len(line) > limit:
        return Line(fault="too long", rest=rest)
    return Line(line[:-2], rest=rest)


def is_binary(octets: bytes) -> bool:
    """Say whether a connection begins with an octet of no text in ASCII."""
    first = octets[:1]
    return bool(first) and first not in b"\t\r\n" and not 0x20 <= first[0] < 0x7F


def split_command(line: bytes, verbs: tuple[str, ...]) -> tuple[str, bytes] | None:
    """Give verb and argument; None if the verb is not among those known."""
    verb, _, argument = line.rstrip(b" \t").partition(b" ")
    name = verb.decode("latin-1")
    if not name.isascii() or name.upper() not in verbs:
        return None
    return name.upper(), argument


def describe_unknown(line: bytes) -> tuple[str, str]:
    """Say what a line is whose verb is not known."""
    bare = line.lstrip(b" \t")
    if bare[:4].upper() == b"BDAT" and not bare[4:5].isalpha():
        return "bad chunk", ""
    if is_foreign(line):
        return "bad line", "foreign"
    verb = line.split(b" ")[0]
    if not verb or any(not 0x21 <= octet <= 0x7E for octet in verb):
        return "bad line", "no verb"
    shown = (chr(o) if 0x20 <= o <= 0x7E else f"\\x{o:02x}" for o in line)
    return "unknown", "".join(shown)


def is_foreign(line: bytes) -> bool:
    """Say whether a line is another protocol's."""
    if line and line[0] not in LETTERS + b" \t":
        return True
    words = line.decode("latin-1").split(" ")
    first = words[0].upper()
    if len(words) > 1 and first in HTTP:
        return True
    if len(words) > 2 and words[1] and words[0].isascii() and words[0].isalpha():
        version = words[2].upper()
        for name in RELATIVES:
            digit = version.removeprefix(name)[:1]
            if version.startswith(name) and digit and digit in string.digits:
                return True
    if line.startswith(b"SSH-") and line[4:5].isdigit():
        return True
    field, colon, _ = line.partition(b":")
    if not colon or field.upper() in (b"MAILFROM", b"RCPTTO"):
        return False
    return field[:1].isalpha() and all(o in LETTERS + DIGITS + b"-_" for o in field)


def chunk_size(argument: bytes) -> tuple[int, bool] | None:
    """Read the argument of BDAT (RFC 3030 2): its size, and whether it is the last."""
    number, _, marker = argument.partition(b" ")
    marker = marker.strip(b" ").upper()
    if not number.isdigit() or len(number) > 18 or marker not in (b"", b"LAST"):
        return None
    return int(number), marker == b"LAST"


def read_base64(octets: bytes) -> bytes | None:
    """Decode; None for what nobody would have encoded (RFC 4648 3)."""
    try:
        decoded = base64.b64decode(octets)
    except ValueError:
        return None
    return decoded if base64.b64encode(decoded) == octets else None


def begins_auth(argument: bytes) -> bool:
    """Say whether the argument of AUTH is right (RFC 4954 4)."""
    name, *words = [word for word in argument.split(b" ") if word] or [b""]
    if argument.startswith(b" ") or not 1 <= len(name) <= 20 or len(words) > 1:
        return False
    if any(octet not in LETTERS + DIGITS + b"-_" for octet in name):
        return False
    return not words or words[0] == b"=" or read_base64(words[0]) is not None


def describe_response(line: bytes) -> tuple[str, object]:
    """Say what a line inside an AUTH exchange is (RFC 4954 4)."""
    if line == b"*":
        return "bad line", "cancelled"
    decoded = read_base64(line)
    return ("bad line", "no base64") if decoded is None else ("response", decoded)
