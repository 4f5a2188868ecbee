"""What all parts of a dialogue stand on: its state, refusing, and octets out."""

from __future__ import annotations

from collections.abc import Collection

from smtpsession.dialogue.command_availability import gate
from smtpsession.dialogue.command_order import MOVES, State, refusal_by_order
from smtpsession.dialogue.error_counts import ERROR_DELAY, ErrorCounts
from smtpsession.dialogue.events import SlowDown
from smtpsession.dialogue.message_size import MessageSize
from smtpsession.dialogue.reply_queue import ReplyQueue
from smtpsession.dialogue.settings import Settings
from smtpsession.errors import Reject, RemoteProtocolError, TooManyTransactionsError
from smtpsession.session.session import Session
from smtpsession.wire import replies
from smtpsession.wire.commands import Command, Mail, Quit
from smtpsession.wire.events import Event
from smtpsession.wire.parser import Parser
from smtpsession.wire.replies import Reply


class DialogueBase:
    """One session's protocol: what is common to commands, content and AUTH.

    Args:
        session: the facts; the dialogue alone changes those that commands change.
        settings: the same for all sessions of a server.
        asks: the events that are handed out to be answered.
    """

    def __init__(
        self, session: Session, settings: Settings, *, asks: Collection[type[Event]]
    ) -> None:
        self.session = session
        self._settings = settings
        self._asks = frozenset(asks)
        limits = settings.limits
        self._parser = Parser(
            command_octets=limits.command_octets,
            auth_octets=limits.auth_octets,
            bare_newline=settings.bare_newline,
            nul=settings.nul,
            lenient_addresses=settings.lenient_addresses,
            verbs=settings.verb_table,
        )
        self._counts = ErrorCounts(limits)
        self._counts_unauthenticated = limits.unauthenticated_commands is not None
        self._size = MessageSize(limits.message_octets)
        self._replies = ReplyQueue(settings.hostname, enhanced=settings.enhanced)
        self._owed: Event | None = None
        self._told: Event | None = None
        #: The client has said QUIT.
        self.has_quit = False
        self._enter(State.CONNECTED)

    @property
    def state(self) -> State:
        """Where the dialogue stands."""
        return self._state

    @property
    def is_over(self) -> bool:
        """Nothing is read any more: send ``data_to_send`` and close."""
        return self._state is State.CLOSED

    def data_to_send(self) -> bytes:
        """Take the octets that are to be sent now."""
        return self._replies.take()

    # Refusing.

    def _refusal(self, kind: type[Command]) -> Reply | None:
        """Give the reply that refuses a command here, its argument being right."""
        return self._gate(kind) or refusal_by_order(
            self._moves, kind, lmtp=self._settings.lmtp
        )

    def _gate(self, kind: type[Command]) -> Reply | None:
        if kind is Mail and self._counts.count_mail():
            return Reply.from_error(TooManyTransactionsError())
        return gate(kind, self.session, self._settings)

    def _is_one_too_many(self, kind: type[Command]) -> bool:
        """End the session of a client that does all but authenticate."""
        if not self._counts_unauthenticated or kind is Quit:
            return False
        if self.session.user is not None or not self._counts.count_unauthenticated():
            return False
        self._end(replies.TOO_MANY_UNAUTHENTICATED)
        return True

    def _refuse_by(self, error: RemoteProtocolError | Reject) -> None:
        reply = Reply.from_error(error)
        if isinstance(error, RemoteProtocolError) and error.closes:
            self._end(reply)
        else:
            self._refuse(reply)

    def _refuse(self, reply: Reply, *, enhanced: bool = True, times: int = 1) -> None:
        """Refuse once, and say so as often as there are replies to give."""
        if reply.code == 421:
            self._end(reply, enhanced=enhanced, times=times)
            return
        self._counts.count_error()
        for _ in range(times):
            if not self.is_over:
                self._reply(reply, enhanced=enhanced)

    # Writing.

    def _reply(self, reply: Reply, *, enhanced: bool = True) -> None:
        if self._counts.is_over and reply.code != 221:
            self._end(replies.TOO_MANY_ERRORS)
            return
        if self._counts.is_slowed:
            self._told = SlowDown(ERROR_DELAY)
        self._replies.put(reply, enhanced=enhanced)

    def _end(self, reply: Reply, *, enhanced: bool = True, times: int = 1) -> None:
        for _ in range(times):
            self._replies.put(reply, enhanced=enhanced)
        self._enter(State.CLOSED)

    def _enter(self, state: State) -> None:
        self._state = state
        self._moves = MOVES[state]
        if state is State.CLOSED:
            self._parser.close()

    # Asking.

    def _ask(self, event: Event) -> Event | None:
        if type(event) in self._asks:
            self._owed = event
            return event
        self._settle(event, None)
        return None

    def _settle(self, event: Event, said: Reply | str | None) -> None:
        raise NotImplementedError
