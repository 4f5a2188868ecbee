"""How the model reads a command line: naively, and in doubt it says so.

A verb, a space, an argument (RFC 5321 4.1.1). Whether the argument is right is
answered only where anybody would see it at a glance; all else is in doubt.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Literal

import attrs

Syntax = Literal["good", "bad", "in doubt"]

HELLOS = ("HELO", "EHLO", "LHLO")
_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
_CHUNK = re.compile(rb"(?i:BDAT) ([0-9]{1,9})( (?i:LAST))?")
_PREFIXES = {"MAIL": b"FROM:", "RCPT": b"TO:"}

#: Which service extensions bring which parameter of MAIL and RCPT.
PARAMETERS = {
    "SIZE": ("SIZE",),  # RFC 1870 3
    "BODY": ("8BITMIME", "BINARYMIME"),  # RFC 6152 2, RFC 3030 3
    "SMTPUTF8": ("SMTPUTF8",),  # RFC 6531 3.1
    "AUTH": ("AUTH",),  # RFC 4954 3
    "RET": ("DSN",),  # RFC 3461 4
    "ENVID": ("DSN",),
    "NOTIFY": ("DSN",),
    "ORCPT": ("DSN",),
}


@attrs.frozen
class Line:
    """A command line without its CRLF."""

    octets: bytes

    @property
    def verb(self) -> str:
        """The verb in upper case."""
        return self._parts[0].decode("latin-1").upper()

    @property
    def argument(self) -> bytes:
        """What stands behind the verb."""
        return self._parts[2].strip()

    @property
    def _parts(self) -> tuple[bytes, bytes, bytes]:
        return self.octets.rstrip(b" \t").partition(b" ")

    @property
    def has_bare_newline(self) -> bool:
        """It holds a CR or LF that is no part of CRLF (RFC 5321 2.3.8).

        A CR directly before CRLF is taken for a blank.
        """
        octets = self.octets.rstrip(b"\r")
        return b"\r" in octets or b"\n" in octets

    @property
    def is_long(self) -> bool:
        """No server must take it (RFC 5321 4.5.3.1.4); CRLF counts."""
        return len(self.octets) > 510

    @property
    def has_trailing_blanks(self) -> bool:
        """Something invisible stands at its end."""
        return self.octets[-1:] in (b" ", b"\t", b"\r", b"\0")

    @property
    def has_plain_argument(self) -> bool:
        """Letters and digits follow the verb, and nothing else."""
        return _is_plain(self.argument)

    @property
    def path(self) -> bytes:
        """What MAIL and RCPT have between ``<`` and ``>``."""
        return self.argument.partition(b"<")[2].partition(b">")[0]

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters behind the path, by name in upper case."""
        words = self.argument.rpartition(b">")[2].decode("latin-1").split()
        pairs = [word.partition("=") for word in words]
        return {name.upper(): value for name, _, value in pairs}

    @property
    def chunk(self) -> tuple[int, bool] | None:
        """Size of the chunk and whether it is the last; None in doubt (RFC 3030 2)."""
        found = _CHUNK.fullmatch(self.octets.rstrip(b" \t"))
        return None if found is None else (int(found[1]), found[2] is not None)

    @property
    def may_be_chunk(self) -> bool:
        """Another may read a size where ``chunk`` reads none, so that octets follow."""
        is_bdat = self.octets.lstrip().upper().startswith(b"BDAT")
        return is_bdat and self.chunk is None and any(map(_is_digit, self.octets))

    @property
    def has_blanks_around_size(self) -> bool:
        """Only blanks and NUL in wrong places keep it from being a chunk's command."""
        words = b" ".join(self.octets.replace(b"\0", b"").split())
        return self.chunk is None and _CHUNK.fullmatch(words) is not None

    @property
    def syntax(self) -> Syntax:
        """Whether the argument follows its grammar."""
        if self.verb in HELLOS:
            return "in doubt" if self.argument else "bad"
        if self.verb in _PREFIXES:
            return self._syntax_of_path(_PREFIXES[self.verb])
        if self.verb == "BDAT":
            return "good" if self.chunk else "bad"
        return "in doubt" if self.argument else "good"

    def _syntax_of_path(self, prefix: bytes) -> Syntax:
        argument = self.argument
        if not argument.upper().startswith(prefix):
            return "bad"
        rest = argument[len(prefix) :]
        if not rest.strip() or rest.strip() == b"<":
            return "bad"
        if rest == b"<>":
            return "good" if self.verb == "MAIL" else "bad"
        local_part, at, domain = self.path.partition(b"@")
        is_plain = _is_plain(local_part) and all(map(_is_plain, domain.split(b".")))
        return "good" if at and is_plain else "in doubt"


def _is_digit(octet: int) -> bool:
    return octet in b"0123456789"


def _is_plain(octets: bytes) -> bool:
    return bool(octets) and _PLAIN.issuperset(octets)


def sloppy_line(line: Line) -> Line:
    """Give *line* as a server reads it that does not mind blanks and NUL."""
    octets = line.octets.partition(b"\0")[0].replace(b"\t", b" ")
    return Line(octets.strip(b" \r"))


def is_base64(octets: bytes) -> bool:
    """Say whether a response inside AUTH can be decoded (RFC 4954 4).

    White space at its end may be tolerated (RFC 5321 4.1.1).
    """
    try:
        base64.b64decode(octets.rstrip(b" \t"), validate=True)
    except binascii.Error:
        return False
    return True
