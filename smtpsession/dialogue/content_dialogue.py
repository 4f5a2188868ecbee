"""Content in a dialogue: after DATA, and in the chunks of BDAT.

Theory of operation: octets that BDAT announces are content or nothing. Whatever
refuses a chunk, its octets are read and dropped before the reply goes out, so that
none of them is ever taken for a command; where their number is not known the
connection closes (RFC 3030 2).
"""

from __future__ import annotations

from collections.abc import Sequence

from smtpsession.dialogue.command_order import Move, Refuse, State
from smtpsession.dialogue.dialogue_base import DialogueBase
from smtpsession.dialogue.events import ContentTooLarge
from smtpsession.dialogue.message_size import MessageSize
from smtpsession.dialogue.session_changes import note_accepted, note_refused
from smtpsession.dialogue.stock_replies import reply_for
from smtpsession.errors import LocalProtocolError
from smtpsession.wire import replies
from smtpsession.wire.commands import Bdat, Hello, LastBdat, Quit, Rset
from smtpsession.wire.events import (
    ChunkSkipped,
    Content,
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

    def _is_hopeless(self, announced: int = 0) -> bool:
        """Say whether the message, with what is announced, is far over its limit."""
        if self._state in (State.DATA, State.BDAT):
            size, discarded = self._size, self._parser.discarded_octets
        else:
            size, discarded = MessageSize(self._settings.limits.message_octets), 0
        return size.is_hopeless(discarded + announced)

    def _begin_message(self) -> None:
        self._parser.begin_message()
        self._size = MessageSize(self._settings.limits.message_octets)

    # Chunks.

    def _read_bdat(self, event: Bdat) -> Event | None:
        if self._is_one_too_many(Bdat):
            return None
        refusal = self._refusal(type(event))
        if refusal == replies.NOT_IMPLEMENTED:
            self._end(replies.NOT_IMPLEMENTED)
        elif refusal is not None:
            self._refuse_chunk(event, refusal)
        elif self._is_hopeless(event.octets):
            self._end(replies.TOO_LARGE)
        elif self._state is State.BDAT:
            self._settle(event, None)
        else:
            return self._ask(event)
        return None

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
            self._end(reply)
            return
        self._skip_chunk(event, reply)
        if isinstance(move, Refuse) and move.then is not None:
            self._enter(move.then)

    def _skip_chunk(self, event: Bdat, reply: Reply) -> None:
        """Drop the octets of a refused chunk, then say why it was refused."""
        self._skipped = event, reply
        self._parser.skip_chunk(event.octets)

    def _read_chunk_skipped(self, event: ChunkSkipped) -> Event | None:
        chunk, reply = self._skipped
        if type(chunk) is LastBdat and reply is replies.LMTP_NO_VALID_RECIPIENTS:
            return self._ask(EndOfMessage())
        self._refuse(reply)
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
        too_large = self._size.is_over
        lmtp = self._settings.lmtp
        recipients = len(self.session.envelope.rcpt_to) if lmtp else 1
        if said is None or isinstance(said, (str, Reply)):
            return [reply_for(event, said, too_large=too_large)] * recipients
        if not lmtp:
            raise LocalProtocolError("only LMTP has an answer per recipient")
        missing = max(recipients - len(said), 0)
        return [
            reply_for(event, one, too_large=too_large)
            for one in [*said[:recipients], *[replies.HOOK_FAILED] * missing]
        ]


def is_accepted(answers: Sequence[Reply]) -> bool:
    """Say whether a message is accepted for anybody."""
    return any([reply.is_positive for reply in answers])
