"""What the parser reports besides commands: content, and what is wrong with a line."""

from __future__ import annotations

import attrs

from smtpsession.errors import RemoteProtocolError
from smtpsession.wire.bare_newlines import Fault


class Event:
    """Base of everything that the parser reports."""

    __slots__ = ()


@attrs.frozen
class BadLine(Event):
    """A line that is no command: too long, with a bare CR or LF, foreign, unknown."""

    error: RemoteProtocolError


@attrs.frozen
class AuthResponse(Event):
    """A line of the client inside an AUTH exchange, decoded (RFC 4954 4)."""

    data: bytes = attrs.field(repr=False)


@attrs.frozen
class Content(Event):
    """Octets of message content, dot-stuffing removed; never empty."""

    data: bytes


@attrs.frozen
class ContentFault(Event):
    """The content holds what the policy refuses; the rest of it is not reported."""

    fault: Fault


@attrs.frozen
class EndOfChunk(Event):
    """The end of a chunk that BDAT announced and that is not the last (RFC 3030 2)."""

    #: What is wrong with the content so far, or None.
    fault: Fault | None = None


@attrs.frozen
class ChunkSkipped(Event):
    """All octets of a refused chunk have been read and dropped (RFC 3030 2)."""


@attrs.frozen
class EndOfMessage(Event):
    """The end of the content of a message (RFC 5321 4.1.1.4)."""

    #: What is wrong with the content as a whole, or None.
    fault: Fault | None = None


@attrs.frozen
class ConnectionLost(Event):
    """The peer will send no more; what it had not finished is dropped."""
