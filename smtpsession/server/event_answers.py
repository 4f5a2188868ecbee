"""Having hooks decide what a dialogue asks."""

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
from smtpsession.server.hook_calls import HookCalls, User
from smtpsession.server.hook_failures import logger
from smtpsession.server.peer_io import PeerIO
from smtpsession.server.session_log import SessionStory
from smtpsession.server.tls_choice import TLSChoice
from smtpsession.session.session import Session
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
from smtpsession.wire.events import EndOfMessage, Event
from smtpsession.wire.replies import Reply

if TYPE_CHECKING:
    from smtpsession.server.server_state import ServerState


class EventAnswers:
    """Answers the events of one dialogue as the handler's hooks say.

    Args:
        state: what all connections of a server share.
        session: the facts known at accept.
        stream: the transport.
    """

    def __init__(
        self, state: ServerState, session: Session, stream: trio.abc.Stream
    ) -> None:
        self.session = session
        self._id = session.id
        self._state = state
        self._timeouts = state.config.timeouts
        self._dialogue = Dialogue(session, state.settings, asks=state.asks)
        self._io = PeerIO(stream, self._dialogue, self._timeouts)
        self._hooks = HookCalls(state.handler, session, self._timeouts.hook)
        self._overridden = state.handler.overridden_hooks
        self._story = SessionStory(trio.current_time())

    async def _connected(self) -> HookResult:
        said: HookResult = None
        if "on_connect" in self._overridden:
            said = await self._ask("on_connect")
        if self.session.secure and not refuses(said):
            secured = await self._secured()
            said = secured if refuses(secured) else said
        return instead_of_451(said) if refuses(said) else said

    async def _secured(self) -> HookResult:
        if "on_secure" not in self._overridden:
            return None
        return await self._ask("on_secure", self._io.stream)

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
            if refuses(said):
                self._story.refused += await self._answer(said)
                return
            reader.start()
        await reader.drain()
        if reader.given_up_by is not None:
            self._story.refused += await self._answer(reader.hook_said)
        elif not self._dialogue.is_over:
            await self._answer_message(said)

    async def _handled(self, reader: ContentReader) -> Said:
        """Give what ``on_data`` answers; nothing if the message was given up."""
        if "on_data" not in self._overridden:
            return None
        self._io.stop_clock()
        try:
            return await self._hooks.ask_message(Message(reader.receive))
        except ClientGone:
            # The client itself has gone, or only the message.
            if not reader.aborted:
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
        if refuses(said):
            self._dialogue.end(instead_of_451(said))
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
        if refuses(said):
            self._dialogue.end(instead_of_451(said))

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
        dict[type[Event], Callable[[EventAnswers, Any], Awaitable[None]]]
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


def refuses(said: Said) -> TypeGuard[Reply]:
    """Say whether a hook has answered with a refusing reply."""
    return isinstance(said, Reply) and not said.is_positive


def instead_of_451(said: Reply) -> Reply:
    """Give 421 for 451, which ends no session and answers no command here."""
    return Reply(421, said.lines, said.enhanced) if said.code == 451 else said
