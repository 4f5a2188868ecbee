"""Content of one message, from the dialogue and the stream to the handler."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable

import trio

from smtpsession.dialogue.content_dialogue import Said
from smtpsession.dialogue.dialogue import Dialogue
from smtpsession.dialogue.events import ContentTooLarge
from smtpsession.errors import (
    ClientGone,
    ContentRefused,
    LocalProtocolError,
    MessageAborted,
    MessageTooLarge,
)
from smtpsession.handler import HookResult
from smtpsession.server.hook_calls import HookCalls
from smtpsession.server.peer_io import PeerIO, seconds_or_inf
from smtpsession.wire import replies
from smtpsession.wire.commands import Hello, Quit, Rset
from smtpsession.wire.events import (
    ConnectionLost,
    Content,
    ContentFault,
    EndOfChunk,
    EndOfMessage,
    Event,
)
from smtpsession.wire.replies import Reply


class ContentReader:
    """Pulls the content of the message that DATA or BDAT has announced.

    Args:
        io: waits for the client.
        dialogue: owes the answer to DATA or BDAT.
        hooks: whose clock stops while content is waited for.
        message_seconds: deadline of the whole content, or None.
        decide: does what the dialogue asks between two chunks.
        ask_hello: calls the hook of a hello between two chunks.
    """

    def __init__(
        self,
        io: PeerIO,
        dialogue: Dialogue,
        hooks: HookCalls,
        message_seconds: float | None,
        decide: Callable[[Event], Awaitable[None]],
        ask_hello: Callable[[Hello], Awaitable[HookResult]],
    ) -> None:
        self._io = io
        self._dialogue = dialogue
        self._hooks = hooks
        self._decide = decide
        self._ask_hello = ask_hello
        self._undecided: Event | None = None
        self._message_seconds = seconds_or_inf(message_seconds)
        self._deadline = self._message_seconds
        #: 354 has been sent.
        self.started = False
        self._ended = False
        self._closed = False
        self._lost = False
        self._said: Said = None
        #: The message has been given up, by the client or for what it did.
        self.aborted = False
        #: The command by which the client has given the message up, if it has; its
        #: answer is still owed.
        self.given_up_by: Hello | Rset | Quit | None = None
        #: What the hook of that command has said.
        self.hook_said: HookResult = None

    async def receive(self) -> bytes:
        """Give the next octets of content for the handler, ``b""`` at the end.

        Raises:
            ClientGone, MessageAborted, MessageTooLarge, ContentRefused: as ``Message``
                says.
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
        """Have 354 sent, or the octets of the chunk read."""
        self.started = True
        self._dialogue.answer()
        self._deadline = trio.current_time() + self._message_seconds

    def close(self, said: Said) -> None:
        """Let nobody read any more: ``on_data`` has answered *said*."""
        self._closed = True
        self._said = said

    async def drain(self) -> None:
        """Read what the handler has left, to where the message is to be answered.

        That is its end, or the end of a chunk with which it is refused.

        Raises:
            ClientGone: the client went away first.
        """
        while not (self._ended or self._dialogue.is_over or self.given_up_by):
            with contextlib.suppress(MessageTooLarge, ContentRefused, MessageAborted):
                await self._next()
        if self._lost:
            # A handler has kept that to itself.
            raise ClientGone

    async def _next(self) -> bytes:
        if not self.started:
            self.start()
        while True:
            # A handler's own time-out may have cut off the hook of a command.
            event = self._undecided or self._dialogue.next_event()
            self._undecided = None
            match event:
                case Content():
                    return event.data
                case EndOfMessage():
                    self._ended = True
                    return b""
                case EndOfChunk():
                    if self._dialogue.ends_unaccepted(self._said):
                        self._ended = True
                        return b""
                    self._dialogue.answer()
                    # A block may hold thousands of chunks, and others wait.
                    await trio.lowlevel.checkpoint()
                case ContentTooLarge():
                    raise MessageTooLarge
                case ContentFault():
                    raise _refused(event)
                case ConnectionLost():
                    self._lost = True
                    raise ClientGone
                case None if self._dialogue.is_over:
                    self.aborted = True
                    raise MessageAborted
                case None:
                    await self._io.flush()
                    await self._io.receive_content(self._deadline)
                case Hello() | Rset() | Quit():
                    await self._give_up(event)
                case _:
                    self._undecided = event
                    await self._decide(event)
                    self._undecided = None

    async def _give_up(self, event: Hello | Rset | Quit) -> None:
        if isinstance(event, Hello):
            self._undecided = event
            self.hook_said = await self._ask_hello(event)
            self._undecided = None
            said = self.hook_said
            if isinstance(said, Reply) and not said.is_positive:
                # RFC 5321 4.1.4: the server stays in the state it was in.
                self._dialogue.answer(said)
                self.hook_said = None
                return
        self.given_up_by = event
        self.aborted = True
        raise MessageAborted


def _refused(event: ContentFault) -> ContentRefused:
    reply = replies.NUL_OCTET if event.fault == "NUL" else replies.BARE_NEWLINE
    return ContentRefused(reply.code, reply.text, enhanced=reply.enhanced)
