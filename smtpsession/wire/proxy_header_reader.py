"""Reads the header of the PROXY protocol, and not an octet more.

Theory of operation: what follows the header may be for somebody else, the TLS layer
for example, so the reader says how many octets it can take without going past the
header, and the rest stays where it is. Its first 12 octets tell version 1 from
version 2, and no header is shorter. Version 1 has no length: it is read two octets at
a time, or one behind a CR.
"""

from __future__ import annotations

from typing import Final

from smtpsession.errors import LocalProtocolError, ProxyHeaderError
from smtpsession.wire.proxy_header import V2_HEAD_OCTETS, ProxyHeader, v2_octets

#: Longest line of version 1 in octets, CRLF included (PROXY protocol 2.1).
MAX_LINE_OCTETS: Final = 107
#: Longest header of version 2 in octets, its TLVs included.
MAX_OCTETS: Final = 4_096

_LINE_START: Final = b"PROXY "
_SIGNATURE: Final = b"\r\n\r\n\0\r\nQUIT\n"
_FIRST_OCTETS: Final = len(_SIGNATURE)


class ProxyHeaderReader:
    """Takes octets until a header is complete.

    Args:
        max_octets: longest header of version 2.
    """

    def __init__(self, *, max_octets: int = MAX_OCTETS) -> None:
        self._max_octets = max_octets
        self._data = bytearray()
        #: How many octets may be received next: at least 1, and 0 at the end.
        self.wanted = _FIRST_OCTETS

    @property
    def received(self) -> bytes:
        """All octets so far."""
        return bytes(self._data)

    def feed(self, data: bytes) -> ProxyHeader | None:
        """Take received octets; ``b""`` means that there will be no more.

        Args:
            data: at most as many as are wanted.

        Returns:
            The header once it is complete, else None.

        Raises:
            ProxyHeaderError: this is no header; nothing more is wanted.
            LocalProtocolError: more octets than were wanted.
        """
        if len(data) > self.wanted or not self.wanted:
            raise LocalProtocolError(f"wanted {self.wanted} octets, got {len(data)}")
        self._data += data
        self.wanted = 0
        if not data:
            raise ProxyHeaderError("the connection ended before the end of the header")
        # What cannot become a header any more is not waited for.
        if _SIGNATURE.startswith(self._data[:_FIRST_OCTETS]):
            return self._read_block()
        if _LINE_START.startswith(self._data[: len(_LINE_START)]):
            return self._read_line()
        raise ProxyHeaderError("no header")

    def _read_line(self) -> ProxyHeader | None:
        data = self._data
        cr = data.find(b"\r")
        if b"\n" in data:
            if data.find(b"\n") != cr + 1 or cr + 2 != len(data):
                raise ProxyHeaderError("CR LF ends the line, and nothing else")
            return ProxyHeader.parse_line(bytes(data[:-2]))
        at_cr = cr == len(data) - 1
        if cr >= 0 and not at_cr:
            raise ProxyHeaderError("CR LF ends the line, and nothing else")
        missing = 1 if at_cr else 2
        if len(data) + missing > MAX_LINE_OCTETS:
            raise ProxyHeaderError(f"the line has more than {MAX_LINE_OCTETS} octets")
        self.wanted = max(missing, _FIRST_OCTETS - len(data))
        return None

    def _read_block(self) -> ProxyHeader | None:
        octets = len(self._data)
        if octets < V2_HEAD_OCTETS:
            end = _FIRST_OCTETS if octets < _FIRST_OCTETS else V2_HEAD_OCTETS
            self.wanted = end - octets
            return None
        total = v2_octets(bytes(self._data[:V2_HEAD_OCTETS]))
        if total > self._max_octets:
            raise ProxyHeaderError(
                f"the header may have {self._max_octets} octets, got {total}"
            )
        if octets == total:
            return ProxyHeader.parse_block(self.received)
        self.wanted = total - octets
        return None
