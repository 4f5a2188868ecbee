"""The parser: one byte buffer, an explicit framing mode, one event at a time.

Rule 1: the mode decides how octets are read, and only the dialogue changes it.
Octets that were announced as content can never become a command.

Rule 2: ``next_event`` takes no more octets than its event needs, because in SMTP
the reply to one command decides how the next octet is to be read.

Rule 3: any way of cutting the input gives the same events, adjacent ``Content``
joined.

Rule 4: only the first line of a connection is looked at before its end, because a
client of a binary protocol may wait for our answer before it sends a LF.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from typing import ClassVar

from smtpsession.errors import (
    AuthCancelledError,
    AuthLineOverflowError,
    AuthLineTooLongError,
    Base64Error,
    ForeignProtocolError,
    LineOverflowError,
    LineTooLongError,
    LocalProtocolError,
    RemoteProtocolError,
)
from smtpsession.wire.bare_newlines import BareNewlinePolicy, ContentFilter, NULPolicy
from smtpsession.wire.commands import (
    VERBS,
    Bdat,
    Command,
    LastBdat,
    ParseArgument,
    parse_command,
)
from smtpsession.wire.dot_stuffing import DotStuffingDecoder
from smtpsession.wire.events import (
    AuthResponse,
    BadLine,
    ChunkSkipped,
    ConnectionLost,
    Content,
    ContentFault,
    EndOfChunk,
    EndOfMessage,
    Event,
)
from smtpsession.wire.foreign_protocols import BINARY_OCTETS
from smtpsession.wire.line_buffer import LineBuffer
from smtpsession.wire.strict_base64 import decode_base64

_AUTH_LINE_ERRORS: Mapping[type[RemoteProtocolError], type[RemoteProtocolError]] = {
    LineTooLongError: AuthLineTooLongError,
    LineOverflowError: AuthLineOverflowError,
}


class Mode(enum.Enum):
    """How the next octet is read."""

    #: Command lines (RFC 5321 4.1).
    COMMAND = enum.auto()
    #: One line of an AUTH exchange (RFC 4954 4).
    AUTH_LINE = enum.auto()
    #: The content of a message after 354 (RFC 5321 4.1.1.4).
    MESSAGE = enum.auto()
    #: As many octets of content as BDAT announced (RFC 3030 2).
    CHUNK = enum.auto()
    #: As many octets as a refused BDAT announced; they are dropped.
    SKIPPED_CHUNK = enum.auto()
    #: Nothing is read any more.
    CLOSED = enum.auto()


class Parser:
    """Events out of the octets of one connection.

    Args:
        command_octets: longest command line, CRLF included.
        auth_octets: longest response inside AUTH without its CRLF, and longest AUTH
            command with its initial response.
        bare_newline: policy for content, see ``ContentFilter``.
        nul: policy for content, see ``ContentFilter``.
        lenient_addresses: accept addresses that are common but not RFC 5321's.
        verbs: the commands that are known.
    """

    def __init__(
        self,
        *,
        command_octets: int = 2048,
        auth_octets: int = 12_288,
        bare_newline: BareNewlinePolicy = "reject",
        nul: NULPolicy = "reject",
        lenient_addresses: bool = False,
        verbs: Mapping[bytes, tuple[type[Command], ParseArgument]] = VERBS,
    ) -> None:
        self._buffer = LineBuffer()
        self._command_octets = command_octets
        self._auth_octets = auth_octets + len(b"\r\n")
        self._policy: tuple[BareNewlinePolicy, NULPolicy] = bare_newline, nul
        self._lenient = lenient_addresses
        self._verbs = verbs
        self._eof = False
        self._filter = ContentFilter(*self._policy)
        self._mode = Mode.COMMAND
        self._read: Callable[[Parser], Event | None] = Parser._read_first_command

    @property
    def mode(self) -> Mode:
        """How the next octet is read."""
        return self._mode

    @property
    def buffered_octets(self) -> int:
        """How many received octets wait to be read."""
        return len(self._buffer)

    @property
    def discarded_octets(self) -> int:
        """Octets of the current content that came behind a fault and are dropped."""
        return self._filter.discarded_octets

    def receive_data(self, data: bytes) -> None:
        """Append received octets; ``b""`` means that the peer will send no more.

        Raises:
            LocalProtocolError: octets behind the end of the input.
        """
        if self._eof and data:
            raise LocalProtocolError("octets received behind the end of the input")
        if data and self._mode is not Mode.CLOSED:
            # Some streams give bytearrays; bytes() of bytes costs nothing.
            self._buffer.feed(bytes(data))
        elif not data:
            self._eof = True

    def next_event(self) -> Event | None:
        """Take the next event.

        Returns:
            An event, or None when more octets are needed.
        """
        event = self._read(self)
        if event is None and self._eof and self._mode is not Mode.CLOSED:
            self.close()
            return ConnectionLost()
        return event

    def begin_message(self) -> None:
        """Read what follows as the content of one message, to its end."""
        self._decoder = DotStuffingDecoder()
        self._begin_content()
        self._end_of_message = False
        self._set_mode(Mode.MESSAGE)

    def begin_chunk(self, chunk: Bdat, *, first: bool, binary: bool = False) -> None:
        """Read what follows as a chunk of content.

        Args:
            chunk: the command that announced it.
            first: it begins a message.
            binary: the content is no lines, but any octets (RFC 3030 3).
        """
        if first:
            self._begin_content()
        self._chunk = chunk
        self._octets_left = chunk.octets
        self._binary = binary
        self._set_mode(Mode.CHUNK)

    def skip_chunk(self, octets: int) -> None:
        """Drop so many octets: those of a refused chunk are no commands."""
        self._octets_left = octets
        self._set_mode(Mode.SKIPPED_CHUNK)

    def _begin_content(self) -> None:
        self._filter = ContentFilter(*self._policy)
        self._fault_reported = False
        self._held = b""

    def begin_auth_line(self) -> None:
        """Read the next line as a response of the client inside AUTH."""
        self._set_mode(Mode.AUTH_LINE)

    def drop_buffered(self) -> None:
        """Forget received octets, as a change of the transport's security asks."""
        self._buffer.clear()

    def close(self) -> None:
        """Read nothing any more."""
        self._buffer.clear()
        self._set_mode(Mode.CLOSED)

    def _set_mode(self, mode: Mode) -> None:
        self._mode = mode
        self._read = self._READERS[mode]

    def _read_first_command(self) -> Event | None:
        if self._buffer.first_octet in BINARY_OCTETS:
            self.close()
            return BadLine(ForeignProtocolError())
        event = self._read_command()
        if event is not None and self._mode is Mode.COMMAND:
            self._set_mode(Mode.COMMAND)
        return event

    def _read_command(self) -> Event | None:
        try:
            line = self._buffer.next_line(self._command_octets, self._auth_octets)
            if line is None:
                return None
            return parse_command(line, self._verbs, lenient=self._lenient)
        except RemoteProtocolError as error:
            if error.closes:
                self.close()
            return BadLine(error)

    def _read_auth_line(self) -> Event | None:
        try:
            line = self._buffer.next_line(self._auth_octets)
            if line is None:
                return None
            event: Event = AuthResponse(_response(line))
        except RemoteProtocolError as error:
            event = BadLine(_AUTH_LINE_ERRORS.get(type(error), type(error))())
            if error.closes:
                self.close()
                return event
        self._set_mode(Mode.COMMAND)
        return event

    def _read_message(self) -> Event | None:
        if not self._end_of_message and len(self._buffer):
            block, rest = self._decoder.decode(self._buffer.take())
            if rest is not None:
                self._end_of_message = True
                self._buffer.feed(rest)
            content = self._filter.apply(block)
            if content:
                return Content(content)
        fault = self._unreported_fault()
        if fault is not None or not self._end_of_message:
            return fault
        self._set_mode(Mode.COMMAND)
        return EndOfMessage(self._filter.fault)

    def _read_chunk(self) -> Event | None:
        if self._octets_left and len(self._buffer):
            block = self._buffer.take(self._octets_left)
            self._octets_left -= len(block)
            content = block if self._binary else self._filtered(block)
            if content:
                return Content(content)
        is_last = isinstance(self._chunk, LastBdat)
        if is_last and not self._octets_left:
            content = self._rest_of_content()
            if content:
                return Content(content)
        fault = self._unreported_fault()
        if fault is not None or self._octets_left:
            return fault
        self._set_mode(Mode.COMMAND)
        if is_last:
            return EndOfMessage(self._filter.fault)
        return EndOfChunk(self._filter.fault)

    def _filtered(self, block: bytes, *, end: bool = False) -> bytes:
        # A CR at the end waits for what follows, be it in the next chunk: the policy
        # is about the content, not about how it was cut.
        block = self._held + block
        self._held = b"\r" if block.endswith(b"\r") and not end else b""
        return self._filter.apply(block[:-1] if self._held else block)

    def _rest_of_content(self) -> bytes:
        return self._filtered(b"", end=True) + self._filter.end()

    def _read_skipped_chunk(self) -> Event | None:
        self._octets_left -= len(self._buffer.take(self._octets_left))
        if self._octets_left:
            return None
        self._set_mode(Mode.COMMAND)
        return ChunkSkipped()

    def _unreported_fault(self) -> ContentFault | None:
        fault = self._filter.first_fault
        if fault is None or self._fault_reported:
            return None
        self._fault_reported = True
        return ContentFault(fault)

    def _read_nothing(self) -> Event | None:
        return None

    _READERS: ClassVar[dict[Mode, Callable[[Parser], Event | None]]] = {
        Mode.COMMAND: _read_command,
        Mode.AUTH_LINE: _read_auth_line,
        Mode.MESSAGE: _read_message,
        Mode.CHUNK: _read_chunk,
        Mode.SKIPPED_CHUNK: _read_skipped_chunk,
        Mode.CLOSED: _read_nothing,
    }


def _response(line: bytes) -> bytes:
    """Give the octets that a line of the client inside AUTH stands for (RFC 4954 4)."""
    if line == b"*":
        raise AuthCancelledError
    try:
        return decode_base64(line)
    except ValueError:
        raise Base64Error from None
