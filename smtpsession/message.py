"""The message as a stream: the argument of ``Handler.on_data``."""

from __future__ import annotations

import email
import email.policy
from collections.abc import AsyncIterator, Awaitable, Callable
from email.message import EmailMessage

import trio

from smtpsession.errors import MessageTooLarge

#: Content above this many octets is parsed in a thread, not in the event loop.
_PARSE_IN_THREAD_OCTETS = 65_536


class Message:
    """Content of one message, pulled from the client as it is read.

    Nothing is read ahead: a slow handler slows the client down, and memory does not
    grow with the size of the message.

    Args:
        receive: gives the next octets of content, ``b""`` at the end.
    """

    def __init__(self, receive: Callable[[], Awaitable[bytes]]) -> None:
        self._receive = receive
        self._rest = b""
        self._ended = False
        self._error: Exception | None = None
        #: Octets of content received so far.
        self.size = 0
        #: The content went over ``Limits.message_octets``.
        self.size_exceeded = False

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        """Give the next octets as they come, dot-stuffing removed.

        Raises:
            ClientGone: the client went away; nothing will be accepted.
            MessageTooLarge: the content went over the limit.
            ContentRefused: the content holds a bare CR, a bare LF or a NUL.
        """
        data = await self._next()
        if not data:
            raise StopAsyncIteration
        return data

    async def read(self, max_octets: int | None = None) -> bytes:
        """Read content.

        Args:
            max_octets: at most so many octets, at least 1; None reads to the end.

        Returns:
            Octets of content; ``b""`` only at the end.

        Raises:
            ValueError: max_octets is below 1.
            ClientGone, MessageTooLarge, ContentRefused: as with iteration.
        """
        if max_octets is None:
            return b"".join([chunk async for chunk in self])
        if max_octets < 1:
            raise ValueError(f"max_octets must be at least 1, got {max_octets}")
        data = await self._next()
        data, self._rest = data[:max_octets], data[max_octets:]
        return data

    async def parse(self) -> EmailMessage:
        """Read to the end and parse with the standard library's ``email`` package.

        Raises:
            ClientGone, MessageTooLarge, ContentRefused: as with iteration.
        """
        content = await self.read()
        if len(content) > _PARSE_IN_THREAD_OCTETS:
            return await trio.to_thread.run_sync(_parse, content)
        return _parse(content)

    async def _next(self) -> bytes:
        if self._rest:
            data, self._rest = self._rest, b""
            await trio.lowlevel.checkpoint()
            return data
        if self._error is not None:
            raise self._error
        if self._ended:
            await trio.lowlevel.checkpoint()
            return b""
        try:
            data = await self._receive()
        except Exception as error:
            self._error = error
            self.size_exceeded = isinstance(error, MessageTooLarge)
            raise
        self.size += len(data)
        self._ended = not data
        return data


def _parse(content: bytes) -> EmailMessage:
    return email.message_from_bytes(content, policy=email.policy.default)
