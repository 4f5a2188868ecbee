"""Replies: values that cannot split, and the catalogue of all that we say ourselves.

A reply is a code, one or more lines of text and an enhanced status code
(RFC 5321 4.2, RFC 2034, RFC 3463).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs

from smtpsession.errors import (
    Reject,
    RemoteProtocolError,
    require_enhanced,
    require_reply_code,
    require_reply_text,
)

#: Longest reply line in octets, CRLF included (RFC 5321 4.5.3.1.5).
MAX_REPLY_LINE_OCTETS = 512
#: Most lines that one reply has; what would follow is cut off.
MAX_REPLY_LINES = 50


def _lines(text: str | Iterable[str]) -> tuple[str, ...]:
    if isinstance(text, str):
        return (text,)
    given: Any = text
    if isinstance(given, bytes) or not hasattr(given, "__iter__"):
        raise TypeError(f"reply text must be a str or several str, got {given!r}")
    return tuple(text)


@attrs.frozen(slots=True, eq=True)
class Reply:
    """One reply to one command (RFC 5321 4.2).

    Args:
        code: reply code, 200 to 599.
        text: printable ASCII for people; a str is one line, a sequence of str
            several. Lines too long for the wire are continued on more lines.
        enhanced: enhanced status code (RFC 3463) of the code's class; None gives
            ``x.0.0``. A 3yz reply never has one (RFC 2034 4).

    Raises:
        TypeError: an argument has the wrong type.
        ValueError: an argument is out of range; text with CR or LF among them.
    """

    code: int
    lines: tuple[str, ...] = attrs.field(converter=_lines, alias="text")
    enhanced: str | None = None
    _wire: bytes | None = attrs.field(default=None, init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        require_reply_code(self.code, 200, 599)
        for line in self.lines:
            require_reply_text(line)
        if not self.lines:
            raise ValueError("reply text must have at least one line")
        if self.enhanced is None and self.code // 100 != 3:
            object.__setattr__(self, "enhanced", f"{self.code // 100}.0.0")
        elif self.code // 100 == 3 and self.enhanced is not None:
            raise ValueError(f"a {self.code} reply has no enhanced status code")
        require_enhanced(self.enhanced, self.code)

    @property
    def text(self) -> str:
        """All lines, joined by a space."""
        return " ".join(self.lines)

    @property
    def is_positive(self) -> bool:
        """The command was accepted, or accepted so far (2yz and 3yz)."""
        return self.code < 400

    def to_bytes(self, *, enhanced: bool = True) -> bytes:
        """Encode for the wire, CRLF included.

        Args:
            enhanced: put the enhanced status code on each line; the greeting, replies
                to a hello and sessions without ENHANCEDSTATUSCODES go without.
        """
        if not enhanced:
            return _encode(self.code, "", self.lines)
        if self._wire is None:
            prefix = f"{self.enhanced} " if self.enhanced else ""
            object.__setattr__(self, "_wire", _encode(self.code, prefix, self.lines))
        assert self._wire is not None
        return self._wire

    def with_text(self, text: str) -> Reply:
        """Give a copy that says *text*; what cannot be in a reply becomes ``?``."""
        return Reply(self.code, printable(text), self.enhanced)

    @classmethod
    def from_error(cls, error: RemoteProtocolError | Reject) -> Reply:
        """Give the reply that *error* knows."""
        return cls(error.code, error.text, error.enhanced)


def printable(text: str) -> str:
    """Replace whatever a reply line cannot hold by ``?`` (RFC 5321 4.2)."""
    return "".join(c if " " <= c <= "~" or c == "\t" else "?" for c in text)


def _encode(code: int, prefix: str, lines: tuple[str, ...]) -> bytes:
    room = MAX_REPLY_LINE_OCTETS - len(prefix) - len("250-\r\n")
    pieces = [
        line[start : start + room]
        for line in lines
        for start in range(0, len(line) or 1, room)
    ][:MAX_REPLY_LINES]
    last = len(pieces) - 1
    # int() because a member of an enum with int may print its name.
    return "".join(
        f"{int(code)}{' ' if i == last else '-'}{prefix}{piece}\r\n"
        for i, piece in enumerate(pieces)
    ).encode("ascii")


# The catalogue. Codes are the RFCs'; texts hold nothing that a client sent.

OK = Reply(250, "OK", "2.0.0")
HELLO = Reply(250, "", "2.0.0")
SENDER_OK = Reply(250, "sender OK", "2.1.0")
RECIPIENT_OK = Reply(250, "recipient OK", "2.1.5")
MESSAGE_ACCEPTED = Reply(250, "message accepted", "2.0.0")
START_CONTENT = Reply(354, "end content with <CRLF>.<CRLF>")
AUTHENTICATED = Reply(235, "authentication successful", "2.7.0")
START_TLS = Reply(220, "ready to start TLS", "2.0.0")
BYE = Reply(221, "bye", "2.0.0")
HELP = Reply(214, "see RFC 5321", "2.0.0")
CANNOT_VERIFY = Reply(252, "cannot verify, but will take the message", "2.0.0")

UNKNOWN_COMMAND = Reply(500, "command not recognized", "5.5.2")
NOT_IMPLEMENTED = Reply(502, "command not implemented", "5.5.1")
BAD_SEQUENCE = Reply(503, "bad sequence of commands", "5.5.1")
NO_VALID_RECIPIENTS = Reply(554, "no valid recipients", "5.5.1")
LMTP_NO_VALID_RECIPIENTS = Reply(503, "no valid recipients", "5.5.1")
NEEDS_BDAT = Reply(503, "binary content needs BDAT", "5.5.1")
ALREADY_AUTHENTICATED = Reply(503, "already authenticated", "5.5.1")
AUTH_FAILED = Reply(535, "authentication credentials invalid", "5.7.8")
AUTH_FAILED_FOR_NOW = Reply(454, "temporary authentication failure", "4.7.0")
AUTH_REQUIRED = Reply(530, "authentication required", "5.7.0")
NOT_TRUSTED = Reply(550, "not allowed from here", "5.7.0")
TLS_REQUIRED = Reply(530, "must issue a STARTTLS command first", "5.7.0")
TLS_ACTIVE = Reply(503, "TLS is already active", "5.5.1")
TLS_NOT_AVAILABLE = Reply(454, "TLS is not available now", "4.7.0")
TOO_LARGE = Reply(552, "message exceeds the size limit", "5.3.4")
BARE_NEWLINE = Reply(550, "content has a bare CR or LF", "5.5.2")
NUL_OCTET = Reply(554, "content has a NUL octet", "5.6.0")
SYNCHRONIZATION = Reply(554, "protocol synchronization", "5.5.0")
HOOK_FAILED = Reply(451, "local error, try again later", "4.3.0")

IDLE_TIMEOUT = Reply(421, "timeout, closing connection", "4.4.2")
SHUTTING_DOWN = Reply(421, "service shutting down", "4.3.2")
TOO_MANY_ERRORS = Reply(421, "too many errors", "4.7.0")
TOO_MANY_AUTH_FAILURES = Reply(421, "too many authentication failures", "4.7.0")
TOO_MANY_UNAUTHENTICATED = Reply(421, "too many commands, none of them AUTH", "4.7.0")
TOO_MANY_SESSIONS = Reply(421, "too many connections", "4.7.0")
