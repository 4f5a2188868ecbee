"""One connection: a task that drives a dialogue over a stream.

Theory of operation: the task asks the pure ``Dialogue`` for the next event, calls the
hook that decides it, and waits for the client when there is none. Nothing but
cancellation from outside leaves ``run``, so that no session ever touches another.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, ClassVar, TypeGuard

import trio

from smtpsession.auth.mechanism import Claim, Secret
from smtpsession.authentication import Authentication
from smtpsession.dialogue.content_dialogue import Said
from smtpsession.dialogue.dialogue import Dialogue
from smtpsession.dialogue.events import Flush, SlowDown
from smtpsession.errors import ClientGone
from smtpsession.handler import HookResult
from smtpsession.message import Message
from smtpsession.server.auth_exchange import AuthExchange
from smtpsession.server.content_reader import ContentReader
from smtpsession.server.early_talker import speaks_early
from smtpsession.server.hook_calls import HookCalls, User
from smtpsession.server.hook_failures import (
    is_client_gone,
    log_error,
    logger,
    raise_what_is_not_ours,
    rejection_in,
)
from smtpsession.server.peer_io import PeerIO, seconds_or_inf
from smtpsession.server.proxy_reception import Reception, learn_from_proxy
from smtpsession.server.session_log import SessionStory
from smtpsession.server.session_places import Place
from smtpsession.server.tls_choice import TLSChoice
from smtpsession.session.reset_scope import ResetScope
from smtpsession.session.session import Session
from smtpsession.wire import replies
from smtpsession.wire.commands import (
    Added,
    Auth,
    Bdat,
    Data,
    Ehlo,
    Expn,
    Hello,
    Helo,
    Help,
    LastBdat,
    Lhlo,
    Mail,
    Quit,
    Rcpt,
    Rset,
    StartTLS,
    Unknown,
    Vrfy,
    Xclient,
)
from smtpsession.wire.events import ConnectionLost, EndOfMessage, Event
from smtpsession.wire.replies import Reply

if TYPE_CHECKING:
    from smtpsession.server.server_state import ServerState

#: What an accepted connection gets when the service itself cannot serve it now.
_NOT_NOW = Reply(421, "local error, try again later", "4.3.0")


_Decider = Callable[["Connection", Any], Awaitable[None]]


class Connection:
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
        self.session = session
        self._id = session.id
        self._state = state
        self._timeouts = state.config.timeouts
        self._dialogue = Dialogue(session, state.settings, asks=state.asks)
        self._io = PeerIO(stream, self._dialogue, self._timeouts)
        self._place = place
        self._awaits_header = bool(state.config.proxy_protocol)
        # Nothing is sent before the header (PROXY protocol 2), not even a refusal.
        self._io.may_speak = not self._awaits_header
        self._hooks = HookCalls(state.handler, session, self._timeouts.hook)
        self._overridden = state.handler.overridden_hooks
        self._story = SessionStory(trio.current_time())
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
        if not _refuses(said) and await self._hears_early():
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

    async def _connected(self) -> HookResult:
        said: HookResult = None
        if "on_connect" in self._overridden:
            said = await self._ask("on_connect")
        if self.session.secure and not _refuses(said):
            secured = await self._secured()
            said = secured if _refuses(secured) else said
        return _instead_of_451(said) if _refuses(said) else said

    async def _secured(self) -> HookResult:
        if "on_secure" not in self._overridden:
            return None
        return await self._ask("on_secure", self._io.stream)

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

    # Deciding events by hooks.

    async def _ask(self, hook: str, *arguments: Any) -> HookResult:
        self._io.stop_clock()
        return await self._hooks.ask(hook, *arguments)

    async def _answer(self, said: Said) -> bool:
        """Answer the owed event; True if a transaction ended without acceptance."""
        lost = self._dialogue.ends_unaccepted(said)
        if lost and "on_reset" in self._overridden:
            self._io.stop_clock()
            await self._hooks.tell("on_reset", seconds=self._timeouts.close)
        self._dialogue.answer(said)
        return lost

    async def _on_mail(self, event: Mail) -> None:
        self._dialogue.answer(await self._ask("on_mail_from", event.address))

    async def _on_rcpt(self, event: Rcpt) -> None:
        self._dialogue.answer(await self._ask("on_rcpt_to", event.address))

    async def _on_data(self, event: Data | Bdat) -> None:
        seconds = self._timeouts.message
        reader = ContentReader(
            *(self._io, self._dialogue, self._hooks, seconds),
            decide=self._decide,
            ask_hello=self._ask_hello,
        )
        said = await self._handled(reader)
        reader.close(said)
        if not reader.started:
            if _refuses(said):
                self._story.refused += await self._answer(said)
                return
            reader.start()
        await reader.drain()
        if reader.given_up_by is not None:
            self._story.refused += await self._answer(reader.hook_said)
        elif not self._dialogue.is_over:
            await self._answer_message(said)

    async def _handled(self, reader: ContentReader) -> Said:
        """Give what ``on_data`` answers; nothing if the client gave the message up."""
        if "on_data" not in self._overridden:
            return None
        self._io.stop_clock()
        try:
            return await self._hooks.ask_message(Message(reader.receive))
        except ClientGone:
            if reader.given_up_by is None and not self._dialogue.is_over:
                raise
            return None

    async def _answer_message(self, said: Said) -> None:
        octets = self._dialogue.message_octets
        if await self._answer(said):
            self._story.refused += 1
        else:
            self._story.accepted += 1
            self._story.octets += octets

    async def _decide(self, event: Event) -> None:
        await self._DECIDERS[type(event)](self, event)

    async def _on_hello(self, event: Hello) -> None:
        await self._answer(await self._ask_hello(event))

    async def _ask_hello(self, event: Hello) -> HookResult:
        if "on_hello" not in self._overridden:
            return None
        return await self._ask("on_hello", event.name)

    async def _on_rset(self, event: Rset | Quit | EndOfMessage) -> None:
        await self._answer(None)

    async def _on_auth(self, event: Auth) -> None:
        self._io.stop_clock()
        exchange = AuthExchange(self._io, self._dialogue, self._hooks, self._decide)
        await exchange.run(event)

    async def _on_xclient(self, event: Xclient) -> None:
        session = self.session
        if not session.client_hostname and session.remote_address:
            name = await self._state.name_of(session.remote_address)
            session.client_hostname = name
        login = event.attributes.get("LOGIN")
        if login is not None:
            user = await self._logged_in(str(login))
            if not isinstance(user, User):
                self._dialogue.answer(user)
                return
            session.user = user.user
        said: HookResult = None
        if "on_connect" in self._overridden:
            said = await self._ask("on_connect")
        if _refuses(said):
            self._dialogue.end(_instead_of_451(said))
        else:
            self._dialogue.answer(said)

    async def _logged_in(self, login: str) -> User | Reply:
        """Ask ``on_auth`` for the user of whom a trusted proxy says that it is in."""

        async def verify(secret: Secret, iterations: int) -> bool:
            return secret is not None

        self._io.stop_clock()
        authentication = Authentication("XCLIENT", Claim(username=login), verify)
        return await self._hooks.ask_user(authentication)

    async def _on_verify(self, event: Vrfy) -> None:
        self._dialogue.answer(await self._ask("on_verify", event.argument))

    async def _on_expand(self, event: Expn) -> None:
        self._dialogue.answer(await self._ask("on_expand", event.argument))

    async def _on_help(self, event: Help) -> None:
        self._dialogue.answer(await self._ask("on_help", event.topic))

    async def _on_added(self, event: Added) -> None:
        self._io.stop_clock()
        [extension] = [
            e for e in self._state.settings.extensions if e.verb == event.name
        ]
        said = await self._hooks.ask_extension(extension, event.argument)
        self._dialogue.answer(said)

    async def _on_unknown(self, event: Unknown) -> None:
        self._dialogue.answer(await self._ask("on_unknown", event.line))

    async def _on_flush(self, event: Flush) -> None:
        await self._io.flush()

    async def _on_slow_down(self, event: SlowDown) -> None:
        self._io.stop_clock()
        await trio.sleep(event.seconds)

    async def _on_starttls(self, event: StartTLS) -> None:
        self._dialogue.answer()
        await self._io.flush()
        if not await self._begin_tls(self._state.tls):
            raise ClientGone
        said = await self._secured()
        if _refuses(said):
            self._dialogue.end(_instead_of_451(said))

    async def _begin_tls(self, choice: TLSChoice | None) -> bool:
        failure = await self._io.begin_tls(choice)
        if failure is not None:
            level = self._story.level or logging.INFO
            text = "session %s: TLS handshake failed: %s"
            with contextlib.suppress(Exception):
                logger.log(level, text, self._id, failure)
        return failure is None

    #: How each event of the dialogue is decided.
    _DECIDERS: ClassVar[
        dict[type[Event], Callable[[Connection, Any], Awaitable[None]]]
    ] = {
        Mail: _on_mail,
        Rcpt: _on_rcpt,
        Data: _on_data,
        Bdat: _on_data,
        LastBdat: _on_data,
        EndOfMessage: _on_rset,
        Helo: _on_hello,
        Ehlo: _on_hello,
        Lhlo: _on_hello,
        Rset: _on_rset,
        Quit: _on_rset,
        Auth: _on_auth,
        Xclient: _on_xclient,
        StartTLS: _on_starttls,
        Vrfy: _on_verify,
        Expn: _on_expand,
        Help: _on_help,
        Added: _on_added,
        Unknown: _on_unknown,
        Flush: _on_flush,
        SlowDown: _on_slow_down,
    }


def _refuses(said: Said) -> TypeGuard[Reply]:
    return isinstance(said, Reply) and not said.is_positive


def _instead_of_451(said: Reply) -> Reply:
    """Give 421 for 451, which ends no session and answers no command here."""
    return Reply(421, said.lines, said.enhanced) if said.code == 451 else said
