"""One connection: a task that drives a dialogue over a stream.

Theory of operation: the task asks the pure ``Dialogue`` for the next event, calls the
hook that decides it, and waits for the client when there is none. Nothing but
cancellation from outside leaves ``run``, so that no session ever touches another.
"""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING

import trio

from smtpsession.errors import ClientGone
from smtpsession.server.early_talker import speaks_early
from smtpsession.server.event_answers import EventAnswers, refuses
from smtpsession.server.hook_failures import (
    is_client_gone,
    log_error,
    raise_what_is_not_ours,
    rejection_in,
)
from smtpsession.server.peer_io import seconds_or_inf
from smtpsession.server.proxy_reception import Reception, learn_from_proxy
from smtpsession.server.session_places import Place
from smtpsession.session.reset_scope import ResetScope
from smtpsession.session.session import Session
from smtpsession.wire import replies
from smtpsession.wire.events import ConnectionLost
from smtpsession.wire.replies import Reply

if TYPE_CHECKING:
    from smtpsession.server.server_state import ServerState

#: What an accepted connection gets when the service itself cannot serve it now.
_NOT_NOW = Reply(421, "local error, try again later", "4.3.0")


class Connection(EventAnswers):
    """Drives one session over one stream.

    Args:
        state: what all connections of a server share.
        session: the facts known at accept.
        stream: the transport; it is closed at the end.
        place: what the session counts for.
    """

    def __init__(
        self,
        state: ServerState,
        session: Session,
        stream: trio.abc.Stream,
        place: Place,
    ) -> None:
        super().__init__(state, session, stream)
        self._place = place
        self._awaits_header = bool(state.config.proxy_protocol)
        # Nothing is sent before the header (PROXY protocol 2), not even a refusal.
        self._io.may_speak = not self._awaits_header
        self._draining = False
        self._refused = False
        self._last_reply = replies.IDLE_TIMEOUT
        self._linger = False

    def drain(self) -> None:
        """Say 421 as soon as no mail transaction is open."""
        self._draining = True
        if self._awaits_header or (self._io.waits_for_command and self._is_idle()):
            self.kill()

    def kill(self) -> None:
        """Say 421 now, whatever is going on, and close."""
        self._last_reply = replies.SHUTTING_DOWN
        self._story.ending = "shutdown"
        self._io.scope.cancel()

    def refuse(self, reply: Reply) -> None:
        """Have ``run`` say no more than *reply*."""
        self._last_reply = reply
        self._story.ending = "refused"
        self._refused = True

    async def run(self) -> None:
        """Serve the session from accept to close; raises only ``trio.Cancelled``."""
        try:
            with self._io.scope:
                if not self._refused and await self._open():
                    await self._live()
            if self._must_speak_last():
                await self._speak_last()
        except BaseException as error:
            raise_what_is_not_ours(self._id, error)
            await self._fail(error)
        finally:
            self._log()
            await self._io.close(linger=self._linger)

    async def _fail(self, error: BaseException) -> None:
        """End a session whose client is gone, or ``around_session`` has failed."""
        if is_client_gone(error):
            self._story.ending = "client gone"
            return
        refusal = rejection_in(error)
        self._last_reply = refusal or _NOT_NOW
        self._story.ending = "error" if refusal is None else "refused"
        if refusal is None:
            log_error(self._id, "failed", error)
        if self._io.may_speak and not self._dialogue.is_over:
            with contextlib.suppress(ClientGone):
                await self._speak_last()

    def _log(self) -> None:
        # A logging filter or handler of the user's that fails has nobody to tell.
        with contextlib.suppress(Exception):
            self._story.log(self.session, trio.current_time())

    # The life of a session, from the outside in.

    async def _open(self) -> bool:
        """Do what comes before the session is anybody's business."""
        config, session = self._state.config, self.session
        if not await self._may_enter():
            return False
        if self._io.is_tls:
            if not await self._begin_tls(None):
                return False
        elif config.implicit_tls and not await self._begin_tls(self._state.tls):
            return False
        if session.remote_address:
            name = await self._state.name_of(session.remote_address)
            session.client_hostname = name
        return True

    async def _may_enter(self) -> bool:
        """Learn whom the session is for, and count it for its source."""
        if self._awaits_header:
            reception = await learn_from_proxy(
                self._io.stream, self.session, self._state.config
            )
            if reception is Reception.REFUSED:
                self._story.level = None
                return False
            self._awaits_header = False
            self._io.may_speak = True
            if reception is Reception.PROXY:
                # Proxies check every few seconds whether the server is alive.
                self._story.level = logging.DEBUG
                return True
        if self._place.take_from(self.session.remote_address):
            return True
        self.refuse(replies.TOO_MANY_SESSIONS)
        return False

    async def _live(self) -> None:
        hook_seconds = self._timeouts.hook
        self._io.start_clock(hook_seconds)
        async with self._state.handler.around_session(self.session):
            try:
                await self._talk()
            finally:
                await self._tell_the_end()
                self._io.start_clock(hook_seconds)

    async def _talk(self) -> None:
        dialogue, io = self._dialogue, self._io
        said = await self._connected()
        if not refuses(said) and await self._hears_early():
            self._story.ending = "refused"
            dialogue.end(replies.SYNCHRONIZATION)
            await io.flush()
            self._linger = True
            return
        dialogue.greet(said)
        while True:
            event = dialogue.next_event()
            if event is not None:
                if type(event) is ConnectionLost:
                    raise ClientGone
                await self._decide(event)
                continue
            if self._draining and self._is_idle():
                self._story.ending = "shutdown"
                dialogue.end(replies.SHUTTING_DOWN)
            await io.flush()
            if dialogue.is_over:
                self._linger = not dialogue.has_quit
                return
            await io.receive()

    async def _hears_early(self) -> bool:
        delay = self._state.config.greeting_delay
        return await speaks_early(self._io, self._dialogue, delay)

    async def _speak_last(self) -> None:
        if self._story.ending == "closed":
            self._story.ending = "timeout"
        with trio.move_on_after(seconds_or_inf(self._timeouts.close)):
            self._dialogue.end(self._last_reply)
            await self._io.flush()
            # Those who are refused at once have hardly sent anything, and are many.
            self._linger = not self._refused

    async def _tell_the_end(self) -> None:
        close = self._timeouts.close
        try:
            if self.session.in_transaction:
                self._story.refused += 1
                if "on_reset" in self._overridden:
                    await self._hooks.tell("on_reset", seconds=close)
            self.session.reset(ResetScope.TRANSACTION)
        finally:
            if "on_close" in self._overridden:
                await self._hooks.tell("on_close", seconds=close)

    def _must_speak_last(self) -> bool:
        if self._refused:
            # A client that waits for a TLS handshake would not understand.
            return self._io.may_speak and not self._state.config.implicit_tls
        interrupted = self._io.scope.cancelled_caught and not self._dialogue.is_over
        return interrupted and self._io.may_speak

    def _is_idle(self) -> bool:
        return self._dialogue.is_idle and not self.session.in_transaction
