"""Waiting for the client: every receive and send of a session, under deadlines.

Theory of operation: all waiting happens under one cancel scope whose deadline moves,
so that a deadline costs an assignment, and it runs only while we wait for the client.
Whatever cancels the scope ends the session; a last reply may follow unless another one
is half sent or a TLS handshake half done.
"""

from __future__ import annotations

import contextlib
import math
from typing import Any

import trio

from smtpsession.dialogue.dialogue import Dialogue
from smtpsession.errors import ClientGone
from smtpsession.server.timeouts import Timeouts
from smtpsession.server.tls import (
    failure_text,
    finish_handshake,
    shake_hands,
    tls_facts,
    with_waiting_records,
)
from smtpsession.server.tls_choice import TLSChoice

#: Most octets of content that one receive takes.
CONTENT_OCTETS = 65_536
#: Most octets of commands that one receive takes; all commands in them are handled
#: before another session has its turn.
COMMAND_OCTETS = 8_192
#: Most octets that are read and dropped after a last reply.
LINGER_OCTETS = 1_048_576


def seconds_or_inf(seconds: float | None) -> float:
    """Give seconds as a number; None is infinity."""
    return math.inf if seconds is None else seconds


class PeerIO:
    """The stream of one session with its deadlines.

    Args:
        stream: the transport.
        dialogue: takes what is received and gives what is to be sent.
        timeouts: the deadlines.
    """

    def __init__(
        self, stream: trio.abc.Stream, dialogue: Dialogue, timeouts: Timeouts
    ) -> None:
        #: The transport, or the TLS layer over it.
        self.stream: Any = stream
        self._dialogue = dialogue
        self._timeouts = timeouts
        self._command_seconds = seconds_or_inf(timeouts.command)
        self._message_seconds = seconds_or_inf(timeouts.message)
        self._skip_deadline = math.inf
        now = trio.current_time()
        self._session_deadline = now + seconds_or_inf(timeouts.session)
        self._command_deadline = now + self._command_seconds
        #: Everything that a session does runs inside; to cancel it ends the session.
        self.scope = trio.CancelScope(deadline=self._session_deadline)
        #: No reply is half sent, and no handshake half done.
        self.may_speak = True
        #: The session waits for its client's next command.
        self.waits_for_command = False

    @property
    def is_tls(self) -> bool:
        """The stream is a TLS stream."""
        return isinstance(self.stream, trio.SSLStream)

    def stop_clock(self) -> None:
        """Do not count the time that we ourselves need."""
        self.scope.deadline = self._session_deadline

    async def flush(self) -> None:
        """Send what the dialogue has to say.

        Raises:
            ClientGone: the connection is broken.
        """
        if not self.may_speak:
            # An earlier reply was cut off, by a handler's own time-out for example.
            raise ClientGone
        # From here on to the first octet that is sent nothing can be cancelled, so
        # that what is taken is sent, or the session ends.
        await trio.lowlevel.checkpoint_if_cancelled()
        data = self._dialogue.data_to_send()
        if not data:
            return
        deadline = trio.current_time() + self._command_seconds
        self._command_deadline = deadline
        self.scope.deadline = min(deadline, self._session_deadline)
        self.may_speak = False
        try:
            await self.stream.send_all(data)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            raise ClientGone from None
        self.may_speak = True

    async def receive(self) -> None:
        """Receive octets of commands, or the content of a chunk that was refused."""
        if not self._dialogue.skips_content:
            self._skip_deadline = math.inf
            await self.receive_command()
            return
        deadline = trio.current_time() + self._message_seconds
        self._skip_deadline = min(self._skip_deadline, deadline)
        await self.receive_content(self._skip_deadline)

    async def receive_command(self) -> None:
        """Receive octets of commands; the deadline is the command's, not the read's."""
        self.scope.deadline = min(self._command_deadline, self._session_deadline)
        self.waits_for_command = True
        try:
            self._dialogue.receive_data(await self._receive(COMMAND_OCTETS))
        finally:
            self.waits_for_command = False

    async def receive_unasked(self, seconds: float | None) -> bytes | None:
        """Receive what the client says before the greeting, and keep it to ourselves.

        Args:
            seconds: how long to wait; None waits as for a command.

        Returns:
            Octets; ``b""`` if the client will send no more, None if nothing came.
        """
        self.start_clock(self._timeouts.command)
        self.waits_for_command = True
        try:
            with trio.move_on_after(seconds_or_inf(seconds)):
                return await self._receive(COMMAND_OCTETS)
        finally:
            self.waits_for_command = False
        return None

    async def receive_content(self, message_deadline: float) -> None:
        """Receive octets of content, by the deadline of a block or of the message."""
        block = trio.current_time() + seconds_or_inf(self._timeouts.content)
        self.scope.deadline = min(block, message_deadline, self._session_deadline)
        try:
            self._dialogue.receive_data(await self._receive(CONTENT_OCTETS))
        finally:
            self.stop_clock()

    async def _receive(self, octets: int) -> bytes:
        try:
            data: bytes = await self.stream.receive_some(octets)
            if data and self.is_tls:
                return with_waiting_records(self.stream, data, octets)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            # TLS that ends without a close_notify is a lost connection, too.
            return b""
        return data

    def start_clock(self, seconds: float | None) -> None:
        """Have the session end after *seconds*; None is never."""
        deadline = trio.current_time() + seconds_or_inf(seconds)
        self.scope.deadline = min(deadline, self._session_deadline)

    async def begin_tls(self, choice: TLSChoice | None) -> str | None:
        """Begin TLS and tell the dialogue.

        Args:
            choice: the certificates; None if the stream is a TLS stream already,
                whose handshake is then made if it has not been.

        Returns:
            What went wrong, or None.
        """
        self.may_speak = False
        self.stop_clock()
        with trio.move_on_after(seconds_or_inf(self._timeouts.tls)):
            try:
                if choice is None:
                    await finish_handshake(self.stream)
                else:
                    self.stream = await shake_hands(self.stream, choice)
            except trio.BrokenResourceError as error:
                return failure_text(error)
            self._note_tls()
            return None
        return "timeout"

    def _note_tls(self) -> None:
        """Tell the dialogue what the finished handshake of the stream gave."""
        facts = tls_facts(self.stream)
        self._dialogue.tls_established(
            facts.options,
            servername=facts.servername,
            peer_certificate=facts.peer_certificate,
            channel_bindings=facts.channel_bindings,
        )
        self._command_deadline = trio.current_time() + self._command_seconds
        self.may_speak = True

    async def close(self, *, linger: bool) -> None:
        """Close the stream, whatever happens, within the deadline for closing.

        Args:
            linger: wait until the client has closed, so that our last reply is not
                overtaken by a reset.
        """
        seconds = seconds_or_inf(self._timeouts.close)
        graceful = self.may_speak
        with trio.move_on_after(seconds, shield=True) as scope:
            try:
                if linger and graceful:
                    await self._leave_tls()
                if linger and isinstance(self.stream, trio.abc.HalfCloseableStream):
                    await self._let_the_reply_arrive(self.stream)
                if graceful:
                    await self.stream.aclose()
            except Exception:
                # Whatever a stream says about closing, it is closed all the same.
                graceful = False
        if scope.cancelled_caught or not graceful:
            with trio.CancelScope(shield=True), contextlib.suppress(Exception):
                await trio.aclose_forcefully(self.stream)

    async def _leave_tls(self) -> None:
        """Say the end of TLS, so that what the client still sends can be dropped."""
        while self.is_tls:
            transport = self.stream.transport_stream
            # It is broken if the client does not answer in kind, but sends on.
            with contextlib.suppress(trio.BrokenResourceError):
                await self.stream.unwrap()
            self.stream = transport

    async def _let_the_reply_arrive(self, stream: trio.abc.HalfCloseableStream) -> None:
        # Closing a socket with unread input resets the connection, and a reset can
        # overtake the last reply on its way.
        await stream.send_eof()
        dropped = 0
        while dropped < LINGER_OCTETS:
            data = await stream.receive_some(CONTENT_OCTETS)
            if not data:
                return
            dropped += len(data)
