"""A bounded buffer that yields CRLF-terminated lines.

Theory of operation: received octets are kept as one ``bytes`` object and an
offset, so a block that arrives into an empty buffer is never copied and a line
costs one slice.  What is left of a line is at most twice the limit, so joining it
with the next block is bounded work, and feeding single octets stays linear.
"""

from __future__ import annotations

from smtpsession.errors import BareNewlineError, LineOverflowError, LineTooLongError


class LineBuffer:
    """Octets that were received and not consumed yet."""

    __slots__ = ("_data", "_searched", "_start")

    def __init__(self) -> None:
        self._data = b""
        self._start = 0
        self._searched = 0

    def __len__(self) -> int:
        return len(self._data) - self._start

    @property
    def first_octet(self) -> int | None:
        """The octet that comes next, which is left where it is; None: there is none."""
        return self._data[self._start] if self._start < len(self._data) else None

    def feed(self, data: bytes) -> None:
        """Append received octets."""
        if self._start == len(self._data):
            self._data = data
            self._start = self._searched = 0
        elif data:
            self._searched -= self._start
            self._data = self._data[self._start :] + data
            self._start = 0

    def next_line(self, limit: int, auth_limit: int = 0) -> bytes | None:
        """Take the next line, without its CRLF.

        Only CR LF ends a line (RFC 5321 2.3.8). What is wrong with a line is decided
        when its LF is there, so that it never depends on how the input was cut.

        Args:
            limit: longest line in octets, CRLF included.
            auth_limit: longest line in octets that begins with ``AUTH``, if longer;
                an initial response may be a token of any length.

        Returns:
            The line, or None when more octets are needed.

        Raises:
            LineTooLongError: the line was over the limit; it has been consumed.
            LineOverflowError: no LF within twice the limit, or a line over the limit
                that begins with ``BDAT``: what follows it is content of an unknown
                length. The buffer was dropped.
            BareNewlineError: a CR or LF outside of CRLF; the buffer was dropped.
        """
        data, start = self._data, self._start
        lf = data.find(b"\n", self._searched)
        octets = (lf if lf >= 0 else len(data) - 1) + 1 - start
        if octets > limit < auth_limit and data[start : start + 5].upper() == b"AUTH ":
            limit = auth_limit
        if octets > 2 * limit:
            self.clear()
            raise LineOverflowError
        if lf < 0:
            self._searched = len(data)
            return None
        self._start = self._searched = lf + 1
        # The first CR has to be the octet before the LF.
        if data.find(b"\r", start, lf) != lf - 1 or octets == 1:
            self.clear()
            raise BareNewlineError
        if octets > limit:
            if data[start:lf].lstrip(b" \t")[:4].upper() == b"BDAT":
                self.clear()
                raise LineOverflowError
            raise LineTooLongError
        return data[start : lf - 1]

    def take(self, most: int | None = None) -> bytes:
        """Take what is left as one block, at most *most* octets of it."""
        if most is not None and most < len(self):
            start = self._start
            self._start = self._searched = start + most
            return self._data[start : self._start]
        data = self._data[self._start :]
        self.clear()
        return data

    def clear(self) -> None:
        """Drop everything that is left."""
        self._data = b""
        self._start = self._searched = 0
