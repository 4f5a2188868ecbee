"""Replies on their way out, encoded, in order."""

from __future__ import annotations

from smtpsession.wire.replies import Reply

#: Replies whose text begins with the name of the server (RFC 5321 4.2).
CODES_WITH_DOMAIN = frozenset({221, 421})


class ReplyQueue:
    """Octets of replies that wait to be sent.

    Args:
        hostname: the name of the server.
        enhanced: replies carry enhanced status codes.
    """

    __slots__ = ("_enhanced", "_hostname", "_waiting", "octets")

    def __init__(self, hostname: str, *, enhanced: bool) -> None:
        self._hostname = hostname
        self._enhanced = enhanced
        self._waiting: list[bytes] = []
        #: Octets that wait.
        self.octets = 0

    def put(self, reply: Reply, *, enhanced: bool = True) -> None:
        """Append a reply; without its enhanced status code where it has none."""
        if reply.code in CODES_WITH_DOMAIN:
            text = f"{self._hostname} {reply.text}"
            reply = Reply(reply.code, text, reply.enhanced)
        self.put_line(reply.to_bytes(enhanced=enhanced and self._enhanced))

    def put_line(self, data: bytes) -> None:
        """Append a reply as it goes out, CRLF included; a 334 may be of any length."""
        self._waiting.append(data)
        self.octets += len(data)

    def take(self) -> bytes:
        """Take all octets that wait."""
        data = b"".join(self._waiting)
        self._waiting.clear()
        self.octets = 0
        return data
