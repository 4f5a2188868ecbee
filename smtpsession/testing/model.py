"""An independent reading of the RFCs, which says what a server did wrong.

``Model`` is told what a client has sent and what came back. It reads both naively,
one unit of the client's after the other: a command line, a chunk with its command, a
response inside AUTH, the content of a message. For each it knows how many replies are
due, which are legal, and what they mean for what follows. It shares no code with the
server: two readings that agree are worth more than one.

In use: ``sent`` and ``received``, in any order and cut anywhere, then ``check`` once
the server waits for the client or has closed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection

import attrs

from smtpsession.testing.model_lines import Line
from smtpsession.testing.model_moves import (
    move_by_auth_line,
    move_by_command,
    move_by_refused_chunk,
    moves_nothing,
)
from smtpsession.testing.model_replies import SeenReply, take_reply
from smtpsession.testing.model_rules import (
    GREETING,
    Rule,
    rule_for_auth_line,
    rule_for_command,
    rule_for_end,
)
from smtpsession.testing.model_state import Delivery, ModelState
from smtpsession.testing.model_violation import Level, Violation


@attrs.define
class _Unit:
    """What the client has sent that is answered as one."""

    line: Line
    rule: Rule
    #: Replies that are due to it.
    due: int = 1
    #: Content, of a message or of a chunk; None if it has none.
    content: bytes | None = None
    replies: list[SeenReply] = attrs.field(factory=list[SeenReply])


class Model:
    """Judges one session, from the greeting on.

    A breach that is tolerated is not among ``violations``. The model goes on behind it
    where it still knows what the session's state is: a fault of form or text, or one
    refusal instead of another. Behind all else it ``is_lost``.

    Args:
        lmtp: the server speaks LMTP.
        secure: the session is inside TLS from the start.
        tolerated: names of rules whose breach is known already; unknown ones are
            ignored.

    Raises:
        TypeError: tolerated is one str.
    """

    def __init__(
        self,
        *,
        lmtp: bool = False,
        secure: bool = False,
        tolerated: Collection[str] = (),
    ) -> None:
        if isinstance(tolerated, str):
            raise TypeError(f"tolerated must be names of rules, got {tolerated!r}")
        self.state = ModelState(lmtp=lmtp, secure=secure)
        #: What was wrong: one at most, for behind the first nothing is sure.
        self.violations: list[Violation] = []
        #: The messages that were accepted.
        self.deliveries: list[Delivery] = []
        #: What both have said, ``C: `` and ``S: ``, a line each.
        self.transcript: list[str] = []
        #: A tolerated breach has left open what the state is: nothing more is judged.
        self.is_lost = False
        self._tolerated = frozenset(tolerated)
        self._unread = bytearray()
        self._unparsed = bytearray()
        self._replies: deque[SeenReply] = deque()
        self._last: SeenReply | None = None
        self._answered = Line(b"")
        self._unit: _Unit | None = _Unit(Line(b""), GREETING)

    @property
    def is_over(self) -> bool:
        """The server must close, or has closed."""
        return self.state.mode == "over"

    @property
    def awaits_reply(self) -> bool:
        """The server owes a reply."""
        return self._unit is not None and not (self.is_over or self._is_done)

    @property
    def _is_done(self) -> bool:
        return self.is_lost or bool(self.violations)

    def sent(self, octets: bytes) -> None:
        """Take what the client has sent."""
        self._unread += octets
        self._advance()

    def received(self, octets: bytes) -> None:
        """Take what the server has sent."""
        self._unparsed += octets
        while (reply := take_reply(self._unparsed)) is not None:
            self._replies.append(reply)
        self._advance()

    def check(self, *, closed: bool) -> list[Violation]:
        """Judge the silence: the server waits for the client, or has closed.

        Returns:
            All violations so far.
        """
        if self.is_lost:
            return self.violations
        if closed:
            self._check_closed()
        elif self.is_over:
            self._blame("no close", "RFC 5321 4.1.1.10", "the connection's end", "none")
        elif self.awaits_reply:
            self._blame("no reply", "RFC 5321 4.2", "a reply", "none")
        if self._replies:
            self._check_excess(self._replies.popleft())
        if self._unparsed:
            rest = repr(bytes(self._unparsed))
            self._blame("form of a reply", "RFC 5321 4.2", "CRLF", rest)
        return self.violations

    def _check_excess(self, reply: SeenReply) -> None:
        if reply.fault:
            self._blame("form of a reply", "RFC 5321 4.2", "a reply", reply.fault)
        else:
            self._blame("reply to nothing", "RFC 5321 4.2", "no reply", str(reply))

    def _check_closed(self) -> None:
        # A server that loses patience, or its place in the input, says a last word to
        # what it has not read to its end.
        while self._replies and not self._replies[0].is_positive and not self.is_over:
            self._note(self._replies.popleft())
        last = self._last
        if not self.is_over and (last is None or last.is_positive):
            self._blame(
                "closed without a word", "RFC 5321 4.1.1.10", "221 or 421", "none"
            )
        self.state.mode = "over"

    # Reading on: one unit of the client's, and the replies to it.

    def _advance(self) -> None:
        while not (self.is_over or self._is_done):
            if self._unit is None:
                self._unit = self._next_unit()
            unit = self._unit
            if unit is None:
                return
            while self._replies and len(unit.replies) < unit.due:
                self._judge(unit, self._replies.popleft())
            if len(unit.replies) < unit.due or self._is_done:
                return
            self._unit, self._answered = None, unit.line
            self._settle(unit)

    def _next_unit(self) -> _Unit | None:
        if self.state.mode == "content":
            return self._message()
        end = self._unread.find(b"\r\n")
        if end < 0:
            return None
        line = Line(bytes(self._unread[:end]))
        if self.state.mode == "auth":
            self._take(end + 2)
            return _Unit(line, rule_for_auth_line(self.state, line))
        rule = rule_for_command(self.state, line)
        if line.verb == "BDAT" and line.chunk is not None:
            return self._chunk(line, rule, end + 2)
        self._take(end + 2)
        return _Unit(line, rule)

    def _message(self) -> _Unit | None:
        # RFC 5321 4.5.2: a line of one dot ends it, and nothing else.
        end = (b"\r\n" + self._unread).find(b"\r\n.\r\n")
        if end < 0:
            return None
        lines = bytes(self._unread[:end]).split(b"\r\n")
        content = b"\r\n".join(line.removeprefix(b".") for line in lines)
        self._take(end + 3)
        return _Unit(Line(b"."), rule_for_end(self.state), self._due_at_end(), content)

    def _chunk(self, line: Line, rule: Rule, start: int) -> _Unit | None:
        # RFC 3030 2: so many octets follow, whatever becomes of them.
        assert line.chunk is not None
        size, last = line.chunk
        if len(self._unread) < start + size:
            return None
        content = bytes(self._unread[start : start + size])
        self._take(start + size)
        return _Unit(line, rule, self._due_at_end() if last else 1, content)

    def _due_at_end(self) -> int:
        """Replies to the end of a message; in LMTP one a recipient (RFC 2033 4.2)."""
        state = self.state
        if not state.lmtp:
            return 1
        if state.chunks == "failed":
            return state.failed_recipients
        return len(state.recipients) if state.in_transaction else 1

    def _take(self, octets: int) -> None:
        self.transcript.append(f"C: {bytes(self._unread[:octets])!r}")
        del self._unread[:octets]

    # Judging.

    def _judge(self, unit: _Unit, reply: SeenReply) -> None:
        unit.replies.append(reply)
        self._note(reply)
        if reply.fault:
            self._blame(
                *("form of a reply", "RFC 5321 4.2", "a reply", reply.fault),
                is_sure=reply.is_sure,
            )
        rule = unit.rule
        if reply.code != 421 and not rule.allows(reply.code):
            self._blame(
                *(rule.name, rule.section, " ".join(rule.codes), str(reply)),
                rule.level,
                is_sure=moves_nothing(unit.line, reply)
                or (reply.code >= 400 and rule.may_refuse),
            )

    def _note(self, reply: SeenReply) -> None:
        self._last = reply
        self.transcript.append(f"S: {reply}")

    def _blame(
        self,
        rule: str,
        section: str,
        expected: str,
        seen: str,
        level: Level = "MUST",
        *,
        is_sure: bool = False,
    ) -> None:
        """Note a breach; if it is tolerated, go on only where the state is sure."""
        if self._is_done:
            return
        if rule in self._tolerated:
            self.is_lost = not is_sure
            return
        line = self._answered if self._unit is None else self._unit.line
        violation = Violation(
            rule=rule,
            section=section,
            sent=line.octets,
            expected=expected,
            seen=seen,
            level=level,
        )
        self.violations.append(violation)

    # Moving on.

    def _settle(self, unit: _Unit) -> None:
        state = self.state
        if any(reply.code == 421 for reply in unit.replies):
            state.mode = "over"
        elif unit.rule is GREETING:
            state.mode, state.refused = "command", unit.replies[0].code != 220
        elif state.mode == "auth":
            move_by_auth_line(state, unit.line, unit.replies[0])
        elif unit.content is None:
            move_by_command(state, unit.line, unit.replies[0])
            if unit.line.verb == "STARTTLS" and unit.replies[0].is_positive:
                # RFC 3207 6: what came in plain text is not said inside TLS.
                self._unread.clear()
        elif state.mode == "content":
            state.mode = "command"
            self._end_message(unit, unit.content)
        else:
            self._settle_chunk(unit, unit.content)

    def _settle_chunk(self, unit: _Unit, content: bytes) -> None:
        state = self.state
        assert unit.line.chunk is not None
        last = unit.line.chunk[1]
        if not any(reply.is_positive for reply in unit.replies):
            move_by_refused_chunk(state, last=last)
            return
        state.chunks, state.content = "open", state.content + content
        if last:
            self._end_message(unit, state.content)

    def _end_message(self, unit: _Unit, content: bytes) -> None:
        state = self.state
        assert state.sender is not None
        said = [reply.is_positive for reply in unit.replies]
        if not state.lmtp:
            said *= len(state.recipients)
        taken = [r for r, yes in zip(state.recipients, said, strict=False) if yes]
        if any(said):
            delivery = Delivery(
                transaction=state.transaction,
                sender=state.sender,
                recipients=tuple(taken),
                envelope=tuple(state.recipients),
                content=content,
            )
            self.deliveries.append(delivery)
        state.end_transaction()
