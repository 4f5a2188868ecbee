"""The dialogue: octets in, questions out, octets back.

Theory of operation: ``next_event`` reads on until there is something that only the
outside can decide. It decides alone what needs nobody: syntax, the order of
commands, limits, and every command that is not among *asks*. An event that owes an
answer is answered by ``answer`` before the next one is taken, because the reply
decides how the next octet is to be read. Exactly one reply per command follows from
that: each command is answered in one place, once, in order.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, ClassVar

from smtpsession.dialogue.command_availability import gate, must_end_group
from smtpsession.dialogue.command_order import MOVES, Move, State, refusal_by_order
from smtpsession.dialogue.envelope_rules import begin_transaction, check_recipient
from smtpsession.dialogue.error_counts import ERROR_DELAY, JUNK_COMMANDS, ErrorCounts
from smtpsession.dialogue.events import ContentTooLarge, Flush, SlowDown
from smtpsession.dialogue.greeting import greeting
from smtpsession.dialogue.hello_reply import hello_reply
from smtpsession.dialogue.message_size import MessageSize
from smtpsession.dialogue.reply_queue import ReplyQueue
from smtpsession.dialogue.session_changes import note_accepted, note_refused, note_tls
from smtpsession.dialogue.settings import Settings
from smtpsession.dialogue.stock_replies import STOCK_REPLIES, reply_for
from smtpsession.errors import (
    LocalProtocolError,
    Reject,
    RemoteProtocolError,
    TooManyRecipientsError,
    TooManyTransactionsError,
)
from smtpsession.session.session import Session
from smtpsession.session.tls_options import TLSOptions
from smtpsession.wire import replies
from smtpsession.wire.commands import (
    BadArgument,
    Command,
    Data,
    Hello,
    Mail,
    Quit,
    Rcpt,
    Rset,
    StartTLS,
)
from smtpsession.wire.events import (
    BadLine,
    ConnectionLost,
    Content,
    ContentFault,
    EndOfMessage,
    Event,
)
from smtpsession.wire.parser import Parser
from smtpsession.wire.replies import Reply

#: Only the outside can decide these, whatever *asks* says.
_ALWAYS_ASKED = frozenset({Data, StartTLS, EndOfMessage})


_Reader = Callable[["Dialogue", Any], Event | None]


class Dialogue:
    """One session's protocol, without I/O.

    Args:
        session: the facts; the dialogue alone changes those that commands change.
        settings: the same for all sessions of a server.
        asks: the commands that ``next_event`` hands out to be answered; others
            are accepted at once. DATA, STARTTLS and the end of a message always are.
    """

    def __init__(
        self,
        session: Session,
        settings: Settings,
        *,
        asks: Collection[type[Event]] = tuple(STOCK_REPLIES),
    ) -> None:
        self.session = session
        self._settings = settings
        self._asks = _ALWAYS_ASKED.union(asks)
        self._parser = Parser(
            command_octets=settings.limits.command_octets,
            bare_newline=settings.bare_newline,
            nul=settings.nul,
            lenient_addresses=settings.lenient_addresses,
        )
        self._counts = ErrorCounts(settings.limits)
        self._size = MessageSize(settings.limits.message_octets)
        self._replies = ReplyQueue(settings.hostname, enhanced=settings.enhanced)
        self._owed: Event | None = None
        self._told: Event | None = None
        self._awaits_tls = False
        self._greeted = False
        #: The client has said QUIT.
        self.has_quit = False
        self._enter(State.CONNECTED)

    # What the outside may look at.

    @property
    def state(self) -> State:
        """Where the dialogue stands."""
        return self._state

    @property
    def is_over(self) -> bool:
        """Nothing is read any more: send ``data_to_send`` and close."""
        return self._state is State.CLOSED

    @property
    def is_idle(self) -> bool:
        """Between two mail transactions, with no octet of a next command read."""
        return (
            self._state in (State.CONNECTED, State.READY)
            and self._owed is None
            and not self._parser.buffered_octets
        )

    @property
    def message_octets(self) -> int:
        """Octets of content so far in the current message, discarded ones included."""
        return self._size.octets + self._parser.discarded_octets

    def ends_unaccepted(self, reply: Reply | str | None) -> bool:
        """Say whether *reply* would end an open mail transaction without acceptance."""
        event = self._owed
        if event is None or not self.session.in_transaction:
            return False
        if isinstance(event, EndOfMessage):
            return not self._reply_for(event, reply).is_positive
        positive = not isinstance(reply, Reply) or reply.is_positive
        return positive and isinstance(event, (Hello, Rset))

    # Octets in, octets out.

    def receive_data(self, data: bytes) -> None:
        """Append received octets; ``b""`` means that the client will send no more."""
        self._parser.receive_data(data)

    def data_to_send(self) -> bytes:
        """Take the octets that are to be sent now."""
        return self._replies.take()

    def greet(self, said: Reply | str | None = None) -> None:
        """Send the greeting (RFC 5321 3.1), or refuse the connection and end.

        Args:
            said: as ``greeting`` takes it.
        """
        self._greeted = True
        reply = greeting(self._settings, said)
        self._replies.put(reply, enhanced=False)
        if reply.code != 220:
            self._enter(State.CLOSED)

    def end(self, reply: Reply) -> None:
        """Send a last reply, for example 421, unless the last one was sent already."""
        self._owed = None
        if not self.is_over:
            self._end(reply)

    # Questions and answers.

    def next_event(self) -> Event | None:
        """Read on to the next event that concerns the outside.

        Returns:
            An event, or None when more octets are needed or the dialogue is over.
            ``Content``, ``ContentFault``, ``ContentTooLarge``, ``Flush``, ``SlowDown``
            and ``ConnectionLost`` are told; all others are asked and owe an answer.

        Raises:
            LocalProtocolError: an answer is owed, or a TLS handshake, or the greeting.
        """
        if self._owed is not None or self._awaits_tls or not self._greeted:
            raise LocalProtocolError("next_event() before what is owed was done")
        unread_limit = self._settings.limits.unread_reply_octets
        while True:
            if self._told is not None:
                told, self._told = self._told, None
                return told
            if self._replies.octets >= unread_limit:
                return Flush()
            event = self._parser.next_event()
            if event is None:
                if self._state is State.DATA and self._is_hopeless():
                    self._end(replies.TOO_LARGE)
                return None
            if type(event) is ContentFault:
                return event
            read = self._READERS.get(type(event), Dialogue._read_command)
            event = read(self, event)
            if event is not None:
                return event

    def answer(self, said: Reply | str | None = None) -> None:
        """Answer the event that ``next_event`` gave last.

        Args:
            said: None for the stock reply, a str for the stock positive reply with
                that text, or a Reply of one's own; a code of 400 or more refuses.
                DATA that is accepted is answered with 354 whatever the text, and a
                message whose content has a fault is refused whatever is said.

        Raises:
            LocalProtocolError: nothing is owed, or a 3yz reply was given.
        """
        event = self._owed
        if event is None:
            raise LocalProtocolError("answer() without a question")
        if isinstance(said, Reply) and said.code // 100 == 3:
            raise LocalProtocolError(f"{said.code} is no answer that a hook can give")
        self._owed = None
        self._settle(event, said)

    def tls_established(
        self,
        options: TLSOptions,
        *,
        servername: str | None = None,
        peer_certificate: dict[str, Any] | None = None,
    ) -> None:
        """Begin anew inside TLS (RFC 3207 4.2); nothing of the plain text is kept."""
        self._awaits_tls = False
        self._parser.drop_buffered()
        note_tls(
            self.session,
            options,
            servername=servername,
            peer_certificate=peer_certificate,
        )

    # Reading: what the parser reports.

    def _read_command(self, event: Any) -> Event | None:
        kind: type[Command] = event.__class__
        refusal = self._refusal(kind)
        if refusal is not None:
            self._refuse(refusal, enhanced=not isinstance(event, Hello))
            return None
        if self._parser.buffered_octets and must_end_group(
            kind, self.session, strict=self._settings.strict_pipelining
        ):
            self._end(replies.SYNCHRONIZATION)
            return None
        if kind is Rcpt or kind is Mail:
            prepared = self._prepare(event)
            if prepared is None:
                return None
            event = prepared
        return self._ask(event)

    def _read_bad_line(self, event: BadLine) -> None:
        self._refuse_by(event.error)

    def _read_bad_argument(self, event: BadArgument) -> None:
        # Before the order of commands: a bad argument is bad in every state.
        refusal = self._gate(event.command)
        enhanced = not issubclass(event.command, Hello)
        self._refuse(refusal or Reply.from_error(event.error), enhanced=enhanced)

    def _read_content(self, event: Content) -> Event | None:
        size = self._size
        was_over = size.is_over
        data = size.take(event.data)
        if data is event.data:
            return event
        if self._is_hopeless():
            self._end(replies.TOO_LARGE)
        if was_over:
            return None
        if not data:
            return ContentTooLarge()
        self._told = ContentTooLarge()
        return Content(data)

    def _read_end_of_message(self, event: EndOfMessage) -> Event | None:
        if self._is_hopeless():
            self._end(replies.TOO_LARGE)
            return None
        return self._ask(event)

    def _is_hopeless(self) -> bool:
        return self._size.is_hopeless(self._parser.discarded_octets)

    def _read_connection_lost(self, event: ConnectionLost) -> Event:
        self._enter(State.CLOSED)
        return event

    def _refusal(self, kind: type[Command]) -> Reply | None:
        """Give the reply that refuses a command here, its argument being right."""
        return self._gate(kind) or refusal_by_order(self._moves, kind)

    def _gate(self, kind: type[Command]) -> Reply | None:
        if kind is Mail and self._counts.count_mail():
            return Reply.from_error(TooManyTransactionsError())
        return gate(kind, self.session, self._settings)

    def _prepare(self, event: Mail | Rcpt) -> Mail | Rcpt | None:
        """Check MAIL or RCPT by the extensions and limits; None if it was refused."""
        try:
            if isinstance(event, Mail):
                return begin_transaction(event, self.session, self._settings)
            return check_recipient(event, self.session, self._settings)
        except TooManyRecipientsError as error:
            self._counts.count_surplus_recipient()
            self._reply(Reply.from_error(error))
        except (RemoteProtocolError, Reject) as error:
            self._refuse_by(error)
        return None

    # Deciding: what an answer does.

    def _ask(self, event: Event) -> Event | None:
        if type(event) in self._asks:
            self._owed = event
            return event
        self._settle(event, None)
        return None

    def _settle(self, event: Event, said: Reply | str | None) -> None:
        reply = self._reply_for(event, said)
        enhanced = not isinstance(event, Hello)
        move = self._moves[type(event)]
        assert isinstance(move, Move)
        if reply.code == 421 or (reply.code == 221 and type(event) is not Quit):
            note_refused(event, self.session)
            self._end(reply, enhanced=enhanced)
        elif reply.is_positive:
            reply = self._accept(event, reply)
            if type(event) in JUNK_COMMANDS:
                self._counts.count_junk()
            self._enter(move.accepted)
            self._reply(reply, enhanced=enhanced)
        else:
            note_refused(event, self.session)
            self._enter(move.refused)
            self._refuse(reply, enhanced=enhanced)
        if reply is replies.BARE_NEWLINE:
            self._enter(State.CLOSED)

    def _reply_for(self, event: Event, said: Reply | str | None) -> Reply:
        return reply_for(event, said, too_large=self._size.is_over)

    def _accept(self, event: Event, reply: Reply) -> Reply:
        note_accepted(event, self.session)
        match event:
            case Data():
                self._parser.begin_message()
                self._size = MessageSize(self._settings.limits.message_octets)
            case EndOfMessage():
                self._counts.forgive()
            case Hello():
                return hello_reply(self._settings, self.session, reply)
            case StartTLS():
                self._awaits_tls = True
            case Quit():
                self.has_quit = True
            case _:
                pass
        return reply

    # Writing.

    def _refuse_by(self, error: RemoteProtocolError | Reject) -> None:
        reply = Reply.from_error(error)
        if isinstance(error, RemoteProtocolError) and error.closes:
            self._end(reply)
        else:
            self._refuse(reply)

    def _refuse(self, reply: Reply, *, enhanced: bool = True) -> None:
        if reply.code == 421:
            self._end(reply, enhanced=enhanced)
            return
        self._counts.count_error()
        self._reply(reply, enhanced=enhanced)

    def _reply(self, reply: Reply, *, enhanced: bool = True) -> None:
        if self._counts.is_over and reply.code != 221:
            self._end(replies.TOO_MANY_ERRORS)
            return
        if self._counts.is_slowed:
            self._told = SlowDown(ERROR_DELAY)
        self._replies.put(reply, enhanced=enhanced)

    def _end(self, reply: Reply, *, enhanced: bool = True) -> None:
        self._replies.put(reply, enhanced=enhanced)
        self._enter(State.CLOSED)

    def _enter(self, state: State) -> None:
        self._state = state
        self._moves = MOVES[state]
        if state is State.CLOSED:
            self._parser.close()

    #: How what the parser reports is read, besides commands.
    _READERS: ClassVar[dict[type[Event], _Reader]] = {
        BadLine: _read_bad_line,
        BadArgument: _read_bad_argument,
        Content: _read_content,
        EndOfMessage: _read_end_of_message,
        ConnectionLost: _read_connection_lost,
    }
