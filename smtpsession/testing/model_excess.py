"""What the model suspects when replies are left over: data that was executed.

Where a client's data could have been mistaken for commands, a reply too many, or one
that does not fit, most likely answers that data.
"""

from __future__ import annotations

import re

from smtpsession.testing.model_checks import Check
from smtpsession.testing.model_lines import Line
from smtpsession.testing.model_units import Unit

CONTENT = Check("content is executed", "RFC 5321 4.1.1.4")
CHUNK = Check("chunk is executed", "RFC 3030 2")
PLAIN_TEXT = Check("plain text is executed inside TLS", "RFC 3207 4.2")
LINE_END = Check("bare CR or LF ends a command", "RFC 5321 2.3.8")

FOR_NOBODY = Check("reply to a last chunk for nobody", "RFC 2033 4.3")
LONG_LINE = Check("part of a long line is executed", "RFC 5321 4.5.3.1.4")

EXCESS_CHECKS = (CONTENT, CHUNK, FOR_NOBODY, PLAIN_TEXT, LINE_END, LONG_LINE)

# Anything but CRLF . CRLF, which would have been the end.
_LOOKS_LIKE_END = re.compile(rb"[\r\n\0]\.\0*[\r\n\0]")


def suspicion_of(unit: Unit, dropped: bytes) -> Check | None:
    """Say what an answered unit may have hidden.

    Args:
        unit: what was answered.
        dropped: what stood behind STARTTLS, and is not to be executed.
    """
    if dropped:
        return PLAIN_TEXT
    if unit.due == 0:
        return FOR_NOBODY
    if unit.content is None:
        return _suspicion_of_line(unit.line)
    if unit.line.verb == "BDAT":
        return CHUNK if b"\r\n" in unit.content else None
    # Its own end is left away.
    return CONTENT if looks_like_end(unit.octets[:-3]) else None


def _suspicion_of_line(line: Line) -> Check | None:
    if line.has_bare_newline:
        return LINE_END
    return LONG_LINE if line.is_long else None


def looks_like_end(content: bytes) -> bool:
    """Say whether *content* holds what only looks like its end (RFC 5321 4.5.2)."""
    return _LOOKS_LIKE_END.search(b"\r\n" + content) is not None
