"""Content of one message, from the dialogue and the stream to the handler."""

from __future__ import annotations

import trio

from smtpsession.dialogue.dialogue import Dialogue
from smtpsession.dialogue.events import ContentTooLarge, SlowDown
from smtpsession.errors import (
    ClientGone,
    ContentRefused,
    LocalProtocolError,
    MessageTooLarge,
)
from smtpsession.server.hook_calls import HookCalls
from smtpsession.server.peer_io import PeerIO, seconds_or_inf
from smtpsession.wire import replies
from smtpsession.wire.events import ConnectionLost, Content, ContentFault, EndOfMessage


class ContentReader:
    """Pulls the content of the message that DATA has announced.

    Args:
        io: waits for the client.
        dialogue: owes the answer to DATA.
        hooks: whose clock stops while content is waited for.
        message_seconds: deadline of the whole content, or None.
    """

    def __init__(
        self,
        io: PeerIO,
        dialogue: Dialogue,
        hooks: HookCalls,
        message_seconds: float | None,
    ) -> None:
        self._io = io
        self._dialogue = dialogue
        self._hooks = hooks
        self._message_seconds = seconds_or_inf(message_seconds)
        self._deadline = self._message_seconds
        #: 354 has been sent.
        self.started = False
        self._ended = False
        self._closed = False

    async def receive(self) -> bytes:
        """Give the next octets of content for the handler, ``b""`` at the end.

        Raises:
            ClientGone, MessageTooLarge, ContentRefused: as ``Message`` says.
            LocalProtocolError: ``on_data`` has returned already.
        """
        if self._closed:
            raise LocalProtocolError("the message was read after on_data had returned")
        self._hooks.pause()
        try:
            return await self._next()
        finally:
            self._hooks.resume()

    def start(self) -> None:
        """Have 354 sent."""
        self.started = True
        self._dialogue.answer()
        self._deadline = trio.current_time() + self._message_seconds

    def close(self) -> None:
        """Let nobody read any more: ``on_data`` has returned."""
        self._closed = True

    async def drain(self) -> None:
        """Read what the handler has left, to the end of the message.

        Raises:
            ClientGone: the client went away first.
        """
        while not self._ended and not self._dialogue.is_over:
            try:
                await self._next()
            except (MessageTooLarge, ContentRefused):
                continue

    async def _next(self) -> bytes:
        if not self.started:
            self.start()
        while True:
            event = self._dialogue.next_event()
            match event:
                case Content():
                    return event.data
                case EndOfMessage():
                    self._ended = True
                    return b""
                case ContentTooLarge():
                    raise MessageTooLarge
                case ContentFault():
                    raise _refused(event)
                case ConnectionLost():
                    raise ClientGone
                case None if self._dialogue.is_over:
                    return b""
                case None:
                    await self._io.flush()
                    await self._io.receive_content(self._deadline)
                case SlowDown():
                    await trio.sleep(event.seconds)
                case _:
                    await self._io.flush()


def _refused(event: ContentFault) -> ContentRefused:
    reply = replies.NUL_OCTET if event.fault == "NUL" else replies.BARE_NEWLINE
    return ContentRefused(reply.code, reply.text, enhanced=reply.enhanced)
