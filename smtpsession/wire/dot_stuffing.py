"""Dot-stuffing: transparency of message content (RFC 5321 4.5.2).

Theory of operation: a message behaves as if CRLF stood before its first octet.
With that, the end is always the five octets ``CRLF . CRLF``, a stuffed dot always
the last of ``CRLF .``, and both are found by ``bytes.find`` and ``bytes.replace``
over whole blocks.  Both hold ``LF .``, so a block without it, as most are, needs
neither.  A block's tail that may be the beginning of the end is kept for the next
block: at most four octets.
"""

from __future__ import annotations

import re

# For this search a regular expression is three times as fast as bytes.find.
_LF_DOT = re.compile(rb"\n\.")
_END = b"\r\n.\r\n"
_TAILS = (b"\r\n.\r", b"\r\n.", b"\r\n", b"\r")


class DotStuffingDecoder:
    """Content of one message out of the octets that follow a 354 reply.

    A block that it returns never ends between a CR and its LF.
    """

    __slots__ = ("_held", "_virtual")

    def __init__(self) -> None:
        self._held = b"\r\n"
        self._virtual = 2

    def decode(self, data: bytes) -> tuple[bytes, bytes | None]:
        """Take received octets.

        Returns:
            The content that became certain, stuffed dots removed, and the octets
            behind the end of the message, or None while the end has not come.
        """
        data = self._held + data
        has_dots = _LF_DOT.search(data) is not None
        end = data.find(_END) if has_dots else -1
        if end >= 0:
            return self._content(data[: end + 2], has_dots), data[end + 5 :]
        keep = len(data)
        for tail in _TAILS:
            if data.endswith(tail):
                keep -= len(tail)
                break
        self._held = data[keep:]
        return self._content(data[:keep], has_dots), None

    def _content(self, region: bytes, has_dots: bool) -> bytes:
        # "If the first character is a period and there are other characters on the
        # line, the first character is deleted."
        content = region.replace(b"\r\n.", b"\r\n") if has_dots else region
        if self._virtual and content:
            content = content[self._virtual :]
            self._virtual = 0
        return content


def dot_stuff(content: bytes) -> bytes:
    """Give *content* the form in which it travels after DATA, end included.

    Args:
        content: octets of a message; lines end with CRLF. A last line without CRLF
            gets one, because the end of a message needs it (RFC 5321 4.1.1.4).

    Returns:
        The stuffed octets with ``. CRLF`` behind them.
    """
    stuffed = (b"\r\n" + content).replace(b"\r\n.", b"\r\n..")[2:]
    if stuffed and not stuffed.endswith(b"\r\n"):
        stuffed += b"\r\n"
    return stuffed + b".\r\n"
