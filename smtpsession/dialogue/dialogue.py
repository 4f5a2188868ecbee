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

from smtpsession.dialogue.auth_dialogue import AuthDialogue
from smtpsession.dialogue.command_availability import must_end_group
from smtpsession.dialogue.command_order import Move, State
from smtpsession.dialogue.content_dialogue import (
    GIVING_UP,
    ContentDialogue,
    Said,
    is_accepted,
    require_final,
)
from smtpsession.dialogue.envelope_rules import begin_transaction, check_recipient
from smtpsession.dialogue.error_counts import JUNK_COMMANDS
from smtpsession.dialogue.events import Flush
from smtpsession.dialogue.greeting import greeting
from smtpsession.dialogue.hello_reply import hello_reply, offers
from smtpsession.dialogue.session_changes import (
    note_accepted,
    note_refused,
    note_tls,
    note_xclient,
    undo_xclient,
)
from smtpsession.dialogue.settings import Settings
from smtpsession.dialogue.stock_replies import STOCK_REPLIES
from smtpsession.errors import (
    LocalProtocolError,
    Reject,
    RemoteProtocolError,
    TooManyRecipientsError,
)
from smtpsession.session.session import Session
from smtpsession.session.tls_options import TLSOptions
from smtpsession.wire import replies
from smtpsession.wire.commands import (
    Added,
    Auth,
    BadArgument,
    Bdat,
    Command,
    Data,
    Ehlo,
    Hello,
    Helo,
    LastBdat,
    Lhlo,
    Mail,
    Quit,
    Rcpt,
    Rset,
    StartTLS,
    Xclient,
)
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
from smtpsession.wire.parser import Mode
from smtpsession.wire.replies import Reply

#: Only the outside can decide these, whatever *asks* says.
_ALWAYS_ASKED: frozenset[type[Event]] = frozenset(
    {Added, Auth, AuthResponse, Bdat, Data, EndOfChunk, EndOfMessage, LastBdat}
    | {StartTLS, Xclient}
)

_Reader = Callable[["Dialogue", Any], Event | None]
_Accept = Callable[["Dialogue", Any, Reply], Reply]


class Dialogue(ContentDialogue, AuthDialogue):
    """One session's protocol, without I/O.

    Args:
        session: the facts; the dialogue alone changes those that commands change.
        settings: the same for all sessions of a server.
        asks: the commands that ``next_event`` hands out to be answered; others
            are accepted at once. AUTH, BDAT, DATA, STARTTLS, XCLIENT, a response in
            AUTH, the end of a chunk and of a message always are.
    """

    def __init__(
        self,
        session: Session,
        settings: Settings,
        *,
        asks: Collection[type[Event]] = tuple(STOCK_REPLIES),
    ) -> None:
        super().__init__(session, settings, asks=_ALWAYS_ASKED.union(asks))
        self._awaits_tls = False
        self._greeted = False

    # What the outside may look at.

    @property
    def is_idle(self) -> bool:
        """Between two mail transactions, with no octet of a next command read."""
        return (
            self._state in (State.CONNECTED, State.READY, State.BDAT_FAILED)
            and self._owed is None
            and self._parser.mode is Mode.COMMAND
            and not self._parser.buffered_octets
        )

    @property
    def skips_content(self) -> bool:
        """What is read next are the octets of a refused chunk."""
        return self._parser.mode is Mode.SKIPPED_CHUNK

    def ends_unaccepted(self, said: Said) -> bool:
        """Say whether this answer would end an open mail transaction unaccepted."""
        event = self._owed
        if event is None or not self.session.in_transaction:
            return False
        if isinstance(event, EndOfMessage):
            return not is_accepted(self._message_replies(event, said))
        if isinstance(event, (Bdat, EndOfChunk)):
            return not self._reply_for(event, said).is_positive
        positive = not isinstance(said, Reply) or (
            said.is_positive and said.code != 221
        )
        return positive and isinstance(event, (Hello, Rset))

    # Octets in; ``data_to_send`` gives those that go out.

    def receive_data(self, data: bytes) -> None:
        """Append received octets; ``b""`` means that the client will send no more."""
        self._parser.receive_data(data)

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
                    self._end_too_large()
                return None
            if type(event) is ContentFault:
                return event
            read = self._READERS.get(type(event), Dialogue._read_command)
            event = read(self, event)
            if event is not None:
                return event

    def answer(self, said: Said = None) -> None:
        """Answer the event that ``next_event`` gave last.

        Args:
            said: None for the stock reply, a str for the stock positive reply with
                that text, or a Reply of one's own; a code of 400 or more refuses.
                DATA that is accepted is answered with 354 whatever the text, and a
                message whose content has a fault is refused whatever is said.
                At the end of a message LMTP may have several, one per recipient.

        Raises:
            LocalProtocolError: nothing is owed, or a 3yz reply was given, or several
                answers where one is due.
        """
        event = self._owed
        if event is None:
            raise LocalProtocolError("answer() without a question")
        require_final(said)
        self._settle(event, said)
        self._owed = None

    def tls_established(
        self,
        options: TLSOptions,
        *,
        servername: str | None = None,
        peer_certificate: dict[str, Any] | None = None,
        channel_bindings: dict[str, bytes] | None = None,
    ) -> None:
        """Begin anew inside TLS (RFC 3207 4.2); nothing of the plain text is kept."""
        self._awaits_tls = False
        self._parser.drop_buffered()
        note_tls(
            self.session,
            options,
            servername=servername,
            peer_certificate=peer_certificate,
            channel_bindings=channel_bindings or {},
        )

    # Reading: what the parser reports.

    def _read_command(self, event: Any) -> Event | None:
        kind: type[Command] = event.__class__
        if self._counts_unauthenticated and self._is_one_too_many(kind):
            return None
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
        elif kind is Added and not offers(self._settings, self.session, event.name):
            self._refuse(replies.NOT_IMPLEMENTED)
            return None
        elif kind is Xclient:
            self._before_xclient = note_xclient(event, self.session)
        elif self._state is State.BDAT and isinstance(event, GIVING_UP):
            self._owed = event
            return self._owed
        return self._ask(event)

    def _read_bad_line(self, event: BadLine) -> None:
        if self._state is State.AUTH:
            self._read_bad_auth_line(event.error)
        elif not self._is_one_too_many(Command):
            self._refuse_by(event.error)

    def _read_bad_argument(self, event: BadArgument) -> None:
        if self._is_one_too_many(event.command):
            return
        # Before the order of commands: a bad argument is bad in every state.
        refusal = self._gate(event.command)
        reply = refusal or Reply.from_error(event.error)
        if event.command is Bdat:
            # How many octets of content follow is not known.
            self._end(reply)
            return
        self._refuse(reply, enhanced=not issubclass(event.command, Hello))

    def _read_connection_lost(self, event: ConnectionLost) -> Event:
        self._enter(State.CLOSED)
        return event

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

    def _settle(self, event: Event, said: Said) -> None:
        if isinstance(event, EndOfMessage):
            self._settle_end(event, said)
            return
        kind = type(event)
        reply = self._reply_for(event, said)
        enhanced = not isinstance(event, Hello)
        move = self._moves[kind]
        assert isinstance(move, Move)
        if reply.code == 421 or (reply.code == 221 and kind is not Quit):
            note_refused(event, self.session)
            self._end(reply, enhanced=enhanced)
        elif reply.is_positive:
            note_accepted(event, self.session)
            accept = self._ACCEPTED.get(kind)
            if accept is not None:
                reply = accept(self, event, reply)
            if kind in JUNK_COMMANDS:
                self._counts.count_junk()
            self._enter(move.accepted)
            if not isinstance(event, Bdat):
                self._reply(reply, enhanced=enhanced and kind is not Xclient)
        else:
            note_refused(event, self.session)
            self._enter(move.refused)
            self._settle_refusal(event, reply, enhanced=enhanced)

    def _settle_refusal(self, event: Event, reply: Reply, *, enhanced: bool) -> None:
        match event:
            case Bdat():
                self._skip_chunk(event, reply)
            case Auth() | AuthResponse():
                self._refuse_auth(reply)
            case Xclient():
                undo_xclient(self._before_xclient, self.session)
                self._refuse(reply)
            case _:
                self._refuse(reply, enhanced=enhanced)
        if reply is replies.BARE_NEWLINE:
            self._enter(State.CLOSED)

    # What an accepted command begins, and the reply to it.

    def _accept_data(self, event: Data, reply: Reply) -> Reply:
        self._begin_message()
        return reply

    def _accept_bdat(self, event: Bdat, reply: Reply) -> Reply:
        self._begin_chunk(event)
        return reply

    def _accept_hello(self, event: Hello, reply: Reply) -> Reply:
        return hello_reply(self._settings, self.session, reply)

    def _accept_xclient(self, event: Xclient, reply: Reply) -> Reply:
        return greeting(self._settings, reply.text or None)

    def _accept_starttls(self, event: StartTLS, reply: Reply) -> Reply:
        self._awaits_tls = True
        return reply

    def _accept_quit(self, event: Quit, reply: Reply) -> Reply:
        self.has_quit = True
        return reply

    _ACCEPTED: ClassVar[dict[type[Event], _Accept]] = {
        Data: _accept_data,
        Bdat: _accept_bdat,
        LastBdat: _accept_bdat,
        Helo: _accept_hello,
        Ehlo: _accept_hello,
        Lhlo: _accept_hello,
        Xclient: _accept_xclient,
        StartTLS: _accept_starttls,
        Quit: _accept_quit,
    }

    #: How what the parser reports is read, besides commands.
    _READERS: ClassVar[dict[type[Event], _Reader]] = {
        Auth: AuthDialogue._read_auth,
        AuthResponse: AuthDialogue._read_auth_response,
        BadLine: _read_bad_line,
        BadArgument: _read_bad_argument,
        Bdat: ContentDialogue._read_bdat,
        LastBdat: ContentDialogue._read_bdat,
        ChunkSkipped: ContentDialogue._read_chunk_skipped,
        Content: ContentDialogue._read_content,
        EndOfMessage: ContentDialogue._read_end_of_message,
        EndOfChunk: ContentDialogue._ask,
        ConnectionLost: _read_connection_lost,
    }
