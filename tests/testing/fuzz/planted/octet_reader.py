"""How the planted servers read: lines, the content of a message, and chunks."""

from __future__ import annotations

import re
from typing import ClassVar

from tests.testing.fuzz.planted.stream import Stream

#: Longest command line and longest line inside AUTH, CRLF included (RFC 4954 4).
LINE_OCTETS = 2_048
AUTH_LINE_OCTETS = 12_288
#: Longest message, as offered by SIZE (RFC 1870).
MESSAGE_OCTETS = 131_072


class OctetReader:
    """Takes octets as they come; faults change one of its methods or patterns."""

    LINE_END: ClassVar[re.Pattern[bytes]] = re.compile(rb"\r\n")
    CONTENT_END: ClassVar[re.Pattern[bytes]] = re.compile(rb"\r\n\.\r\n")
    #: What content begins behind: the end of the line that was DATA.
    CONTENT_START: ClassVar[bytes] = b"\r\n"
    #: How far back the end of content may have begun before a segment, in octets.
    CONTENT_OVERLAP: ClassVar[int] = 8

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        #: What has come and was not read yet.
        self.buffer = bytearray()
        #: The next line is a response inside AUTH.
        self.in_exchange = False
        #: What the last content has ended with.
        self.content_end = b""

    def fill(self) -> None:
        """Wait for a segment."""
        self.take(self.stream.receive())

    def take(self, segment: bytes) -> None:
        """Take a segment."""
        self.buffer += segment

    def line_limit(self) -> int:
        """Give how long the line in front may be, in octets, CRLF included."""
        is_auth = self.in_exchange or self.buffer[:5].upper() == b"AUTH "
        return AUTH_LINE_OCTETS if is_auth else LINE_OCTETS

    def read_line(self) -> bytes | None:
        """Read a line without its CRLF; None for one that is too long."""
        start, too_long = 0, False
        while (end := self.LINE_END.search(self.buffer, start)) is None:
            if len(self.buffer) > self.line_limit():
                # It is read to its end, and only its last octet is kept.
                too_long = True
                del self.buffer[:-1]
            start = max(len(self.buffer) - 1, 0)
            self.fill()
        too_long = too_long or end.end() > self.line_limit()
        line = bytes(self.buffer[: end.start()])
        del self.buffer[: end.end()]
        return None if too_long else line

    def read_content(self) -> bytes | None:
        """Read content up to its end, dot-stuffing removed; None if it is too large."""
        self.buffer[:0] = self.CONTENT_START
        start, too_large = 0, False
        while (end := self.CONTENT_END.search(self.buffer, start)) is None:
            if len(self.buffer) > 2 * MESSAGE_OCTETS:
                too_large = True
                del self.buffer[: -self.CONTENT_OVERLAP]
            start = max(len(self.buffer) - self.CONTENT_OVERLAP, 0)
            self.fill()
        content = bytes(self.buffer[len(self.CONTENT_START) : end.start()])
        self.content_end = bytes(self.buffer[end.start() : end.end()])
        is_empty = end.start() < len(self.CONTENT_START)
        del self.buffer[: end.end()]
        if too_large:
            return None
        return b"" if is_empty else _unstuffed(content) + b"\r\n"

    def read_chunk(self, octets: int) -> bytes:
        """Read a chunk; of one that is too large only the beginning is kept."""
        chunk = bytearray()
        while octets:
            if not self.buffer:
                self.fill()
            part = bytes(self.buffer[:octets])
            del self.buffer[:octets]
            octets -= len(part)
            if len(chunk) <= MESSAGE_OCTETS:
                chunk += part
        return bytes(chunk)


def _unstuffed(content: bytes) -> bytes:
    lines = content.split(b"\r\n")
    return b"\r\n".join(line.removeprefix(b".") for line in lines)
