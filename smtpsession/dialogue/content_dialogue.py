"""Content in a dialogue: after DATA, and in the chunks of BDAT.

Theory of operation: octets that BDAT announces are content or nothing. Whatever
refuses a chunk, its octets are read and dropped before the reply goes out, so that
none of them is ever taken for a command; where their number is not known the
connection closes (RFC 3030 2). In LMTP the last chunk has a reply per recipient
whatever becomes of it, or the client would count on wrongly (RFC 2033 4.3).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from smtpsession.dialogue.command_order import Move, Refuse, State
from smtpsession.dialogue.dialogue_base import DialogueBase
from smtpsession.dialogue.events import ContentTooLarge
from smtpsession.dialogue.message_size import MessageSize
from smtpsession.dialogue.session_changes import note_accepted, note_refused
from smtpsession.dialogue.settings import Settings
from smtpsession.dialogue.stock_replies import reply_for
from smtpsession.errors import LocalProtocolError
from smtpsession.session.session import Session
from smtpsession.wire import replies
from smtpsession.wire.commands import Bdat, Hello, Quit, Rset
from smtpsession.wire.events import (
    ChunkSkipped,
    Content,
    EndOfChunk,
    EndOfMessage,
    Event,
)
from smtpsession.wire.replies import Reply

#: Commands by which a client gives up a message between two of its chunks.
GIVING_UP = (Hello, Rset, Quit)

#: What an event is answered with: one answer, or one per recipient (LMTP).
Said = Reply | str | None | Sequence[Reply | str | None]


class ContentDialogue(DialogueBase):
    """The part of a dialogue that reads content and ends messages."""

    def __init__(
        self, session: Session, settings: Settings, *, asks: Collection[type[Event]]
    ) -> None:
        super().__init__(session, settings, asks=asks)
        # Recipients of the message that BDAT brings, also when a chunk has failed and
        # the session has forgotten them.
        self._recipients = 0
        # Replies that the content being read gets: those to DATA or to one BDAT.
        self._due = 1

    @property
    def message_octets(self) -> int:
        """Octets of content so far in the current message, discarded ones included."""
        return self._size.octets + self._parser.discarded_octets

    # Content.

    def _read_content(self, event: Content) -> Event | None:
        size = self._size
        was_over = size.is_over
        data = size.take(event.data)
        if data is event.data:
            return event
        if self._is_hopeless():
            self._end_too_large()
        if was_over:
            return None
        if not data:
            return ContentTooLarge()
        self._told = ContentTooLarge()
        return Content(data)

    def _read_end_of_message(self, event: EndOfMessage) -> Event | None:
        if self._is_hopeless():
            self._end_too_large()
            return None
        return self._ask(event)

    def _end_too_large(self) -> None:
        """Say 552 without having read all content, and read no more."""
        self._end(replies.TOO_LARGE, times=self._due)

    def _is_hopeless(self, announced: int = 0) -> bool:
        """Say whether the message, with what is announced, is far over its limit."""
        if self._state in (State.DATA, State.BDAT):
            size, discarded = self._size, self._parser.discarded_octets
        else:
            size, discarded = MessageSize(self._settings.limits.message_octets), 0
        return size.is_hopeless(discarded + announced)

    def _begin_message(self) -> None:
        self._parser.begin_message()
        if self._settings.lmtp:
            self._due = len(self.session.envelope.rcpt_to)
        self._size = MessageSize(self._settings.limits.message_octets)

    # Chunks.

    def _read_bdat(self, event: Bdat) -> Event | None:
        if self._is_one_too_many(Bdat):
            return None
        self._due = self._replies_to(event)
        refusal = self._refusal(type(event))
        if refusal == replies.NOT_IMPLEMENTED:
            self._end(replies.NOT_IMPLEMENTED)
        elif refusal is not None:
            self._refuse_chunk(event, refusal)
        elif self._is_hopeless(event.octets):
            self._end_too_large()
        elif self._state is State.BDAT:
            self._settle(event, None)
        else:
            return self._ask(event)
        return None

    def _replies_to(self, event: Bdat) -> int:
        if self._state in (State.MAIL, State.RCPT):
            self._recipients = len(self.session.envelope.rcpt_to)
        if type(event) is Bdat or not self._settings.lmtp:
            return 1
        # Outside of a mail transaction it is no end of a message.
        is_outside = self._state in (State.CONNECTED, State.READY)
        return 1 if is_outside else self._recipients

    def _begin_chunk(self, event: Bdat) -> None:
        first = self._state is not State.BDAT
        if first:
            self._size = MessageSize(self._settings.limits.message_octets)
        binary = self.session.envelope.body_type == "BINARYMIME"
        self._parser.begin_chunk(event, first=first, binary=binary)
        if not event.octets and type(event) is Bdat:
            self._counts.count_junk()

    def _refuse_chunk(self, event: Bdat, reply: Reply) -> None:
        """Refuse a chunk where no chunk may be, and a last one as such."""
        move = self._moves.get(type(event))
        if self._is_hopeless(event.octets):
            self._end(reply, times=max(self._due, 1))
            return
        self._skip_chunk(event, reply)
        if isinstance(move, Refuse) and move.then is not None:
            self._enter(move.then)

    def _skip_chunk(self, event: Bdat, reply: Reply) -> None:
        """Drop the octets of a refused chunk, then say why it was refused."""
        self._skipped = reply
        self._parser.skip_chunk(event.octets)

    def _read_chunk_skipped(self, event: ChunkSkipped) -> Event | None:
        if not self._due:
            # The end of a message without recipients: it has no reply.
            return self._ask(EndOfMessage())
        self._refuse(self._skipped, times=self._due)
        return None

    # The end of a message.

    def _settle_end(self, event: EndOfMessage, said: Said) -> None:
        """Answer the end of a message; in LMTP once per recipient (RFC 2033 4.2)."""
        answers = self._message_replies(event, said)
        move = self._moves[EndOfMessage]
        assert isinstance(move, Move)
        if is_accepted(answers):
            note_accepted(event, self.session)
            self._counts.forgive()
        else:
            note_refused(event, self.session)
            self._counts.count_error()
        self._enter(move.accepted)
        closes = event.fault == "bare newline"
        for reply in answers:
            closes = closes or reply.code in (221, 421)
            if not self.is_over:
                self._reply(reply)
        if closes:
            self._enter(State.CLOSED)

    def _message_replies(self, event: EndOfMessage, said: Said) -> list[Reply]:
        if not self._settings.lmtp:
            return [self._reply_for(event, said)]
        recipients = len(self.session.envelope.rcpt_to)
        if said is None or isinstance(said, (str, Reply)):
            return [self._reply_for(event, said)] * recipients
        missing = max(recipients - len(said), 0)
        each = [*said[:recipients], *[replies.HOOK_FAILED] * missing]
        return [self._reply_for(event, one) for one in each]

    def _reply_for(self, event: Event, said: Said) -> Reply:
        if not (said is None or isinstance(said, (str, Reply))):
            if not self._settings.lmtp or type(event) is not EndOfChunk:
                raise LocalProtocolError("only a message in LMTP has several answers")
            # They are for the end of the message, which is still to come.
            said = None
        return reply_for(event, said, too_large=self._size.is_over)


def is_accepted(answers: Sequence[Reply]) -> bool:
    """Say whether a message is accepted for anybody."""
    return any([reply.is_positive for reply in answers])


def require_final(said: Said) -> None:
    """Raise unless a hook may say all that is said.

    Raises:
        LocalProtocolError: a 3yz reply is there.
    """
    each = (said,) if said is None or isinstance(said, (str, Reply)) else said
    for one in each:
        if isinstance(one, Reply) and one.code // 100 == 3:
            raise LocalProtocolError(f"{one.code} is no answer that a hook can give")
