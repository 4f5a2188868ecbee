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

from smtpsession.testing.model_checks import Check, Finding
from smtpsession.testing.model_excess import (
    CONTENT,
    FOR_NOBODY,
    LINE_END,
    looks_like_end,
    suspicion_of,
)
from smtpsession.testing.model_lines import HELLOS, Line
from smtpsession.testing.model_moves import (
    move_by_auth_line,
    move_by_command,
    move_by_refused_chunk,
)
from smtpsession.testing.model_offers import find_offer
from smtpsession.testing.model_refusals import UNKNOWN, find_refusal
from smtpsession.testing.model_replies import SeenReply, take_reply
from smtpsession.testing.model_rules import GREETING, Rule
from smtpsession.testing.model_state import Delivery, ModelState
from smtpsession.testing.model_texts import (
    FORM,
    find_enhanced,
    find_form,
    find_length,
    find_secret,
)
from smtpsession.testing.model_units import Unit, take_unit
from smtpsession.testing.model_violation import Level, Violation

NO_REPLY = Check("no reply", "RFC 5321 4.2")
NO_CLOSE = Check("no close", "RFC 5321 4.1.1.10")
TOO_FEW = Check("fewer replies than recipients", "RFC 2033 4.2")
EXCESS = Check("reply to nothing", "RFC 5321 4.2")
CLOSED = Check("closed without a word", "RFC 5321 4.1.1.10")

SESSION_CHECKS = (NO_REPLY, TOO_FEW, NO_CLOSE, EXCESS, CLOSED)

#: Behind them a client has to wait (RFC 2920 3.1), and if it does not, it is refused.
_LAST_OF_GROUP = (*HELLOS, "DATA", "VRFY", "EXPN", "TURN", "QUIT", "NOOP", "AUTH")


#: The server closes behind them (RFC 5321 4.2.3).
_LAST_WORDS = (221, 421)


class Model:
    """Judges one session, from the greeting on.

    A breach that is tolerated is not among ``violations``. The model goes on behind it
    where it still knows what the session's state is: a fault of form or text, or one
    refusal instead of another. Behind all else it ``is_lost``, as it is behind a BDAT
    of which nobody knows whether octets follow.

    Args:
        lmtp: the server speaks LMTP.
        secure: the session is inside TLS from the start.
        tolerated: names of rules whose breach is known already, see
            ``model_catalogue``; unknown ones are ignored.
        secrets: what no reply may hold: a password, and its base64. They are hidden in
            ``transcript`` and ``violations``.

    Raises:
        TypeError: tolerated or secrets is one str or bytes.
        ValueError: a secret is empty.
    """

    def __init__(
        self,
        *,
        lmtp: bool = False,
        secure: bool = False,
        tolerated: Collection[str] = (),
        secrets: Collection[bytes] = (),
    ) -> None:
        if isinstance(tolerated, str):
            raise TypeError(f"tolerated must be names of rules, got {tolerated!r}")
        if isinstance(secrets, (bytes, str)):
            raise TypeError("secrets must be several bytes, got one value")
        if not all(secrets):
            raise ValueError("each of the secrets must have an octet, one has none")
        self.state = ModelState(lmtp=lmtp, secure=secure)
        #: What was wrong: one at most, for behind the first nothing is sure.
        self.violations: list[Violation] = []
        #: The messages that were accepted.
        self.deliveries: list[Delivery] = []
        #: What both have said, ``C: `` and ``S: ``, a line each.
        self.transcript: list[str] = []
        #: The codes of the replies, in order.
        self.codes: list[int] = []
        #: A tolerated breach, or a chunk that can be read in two ways, has left the
        #: state open: nothing more is judged.
        self.is_lost = False
        self._tolerated = frozenset(tolerated)
        # The longest first, so that none is hidden in part.
        self._secrets = sorted(secrets, key=len, reverse=True)
        self._unread = bytearray()
        self._unparsed = bytearray()
        self._replies: deque[SeenReply] = deque()
        self._last: SeenReply | None = None
        self._unit: Unit | None = Unit(Line(b""), GREETING)
        self._answered: Unit = self._unit
        # What a reply that does not fit would come from.
        self._suspicion: Check | None = None
        # The client has not waited where it has to.
        self._is_out_of_turn = False
        # The reply to a line of which nobody knows whether it was one or several.
        self._doubtful: tuple[Unit, SeenReply] | None = None

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
        if self._replies and self._replies[0].code == 421 and not self.is_over:
            # It may come without being asked (RFC 5321 3.8).
            self._note(self._replies.popleft())
            self.state.mode = "over"
        if closed:
            self._take_last_words()
        if self._replies:
            self._check_excess(self._replies.popleft())
        if self._doubtful is not None:
            self._judge_code(*self._doubtful, None)
        if closed:
            self._check_closed()
        elif self.is_over:
            self._blame(NO_CLOSE, "the connection's end", "none")
        elif self.awaits_reply and self._unit and self._unit.line.may_be_chunk:
            # The server waits for octets, perhaps to refuse them.
            self.is_lost = True
        elif self.awaits_reply and self._unit:
            self._blame_silence(self._unit)
        if self._unparsed:
            self._blame(FORM, "CRLF", repr(bytes(self._unparsed)))
        self._suspicion = self._doubtful = None
        return self.violations

    def _blame_silence(self, unit: Unit) -> None:
        seen = len(unit.replies)
        if seen:
            self._blame(TOO_FEW, f"{unit.due} replies, one a recipient", str(seen))
        else:
            self._blame(NO_REPLY, "a reply", "none")

    def _check_excess(self, reply: SeenReply) -> None:
        spoken = self._answered.spoken
        form = find_form(self.state, None, spoken, reply)
        if self.state.mode == "content" and looks_like_end(bytes(self._unread)):
            self._suspicion = CONTENT
        if form is not None and self._suspicion is None:
            self._find(form)
        else:
            self._blame(self._suspicion or EXCESS, "no further reply", str(reply))

    def _take_last_words(self) -> None:
        # A server that loses patience, or its place in the input, says a last word to
        # what it has not read to its end.
        while self._replies and not self._replies[0].is_positive and not self.is_over:
            self._note(self._replies.popleft())

    def _check_closed(self) -> None:
        last = self._last
        waits = self._may_go_on or not self._unread
        if not self.is_over and waits and (last is None or last.is_positive):
            self._blame(CLOSED, "221 or 421", "none")
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
            self._unit, self._answered = None, unit
            self._settle(unit)
            self.is_lost = unit.is_ambiguous or self._may_be_out_of_step(unit)
            self._is_out_of_turn &= bool(self._unread)

    def _next_unit(self) -> Unit | None:
        unit = take_unit(self._unread, self.state)
        if unit is not None:
            self.transcript.append(f"C: {self._hide(unit.octets)!r}")
            # It may be read or refused, and nobody knows whether a chunk follows.
            self.is_lost = unit.line.has_blanks_around_size
        return unit

    # Judging.

    def _judge(self, unit: Unit, reply: SeenReply) -> None:
        unit.replies.append(reply)
        self._note(reply)
        spoken = self._answered.spoken + unit.spoken
        self._find(find_form(self.state, unit, spoken, reply), is_sure=reply.is_sure)
        if unit.line.has_bare_newline and reply.code // 100 == 2:
            # If another reply comes, there was more than one command.
            self._suspicion, self._doubtful = LINE_END, (unit, reply)
        elif reply.code != 421 and not self._is_excused(unit, reply):
            self._judge_code(unit, reply, self._suspicion)
        for finding in (
            find_length(reply),
            find_enhanced(self.state, unit, reply),
            find_offer(self.state, unit, reply),
            find_secret(self._secrets, reply),
        ):
            self._find(finding, is_sure=True)

    def _judge_code(
        self, unit: Unit, reply: SeenReply, suspicion: Check | None
    ) -> None:
        rule, code = unit.rule, reply.code
        refusal = find_refusal(self.state, unit, reply)
        # Data that is executed is hardly ever a command that anybody knows.
        is_other = suspicion is not None and refusal and refusal.check is UNKNOWN
        if refusal is not None and not is_other:
            self._find(refusal, is_sure=rule.does_alike(code))
        elif refusal is not None or not rule.allows(code):
            is_sure = suspicion is None and rule.does_alike(code)
            self._blame(
                *(suspicion or rule, " ".join(rule.codes), str(reply)),
                level=None if suspicion else rule.level_of(code),
                unit=unit,
                is_sure=is_sure,
            )

    def _is_excused(self, unit: Unit, reply: SeenReply) -> bool:
        """Say whether the client has done something for which all is refused."""
        is_last = not self._may_go_on or unit.line.verb in _LAST_OF_GROUP
        # And so is all behind it, up to the end of the group.
        self._is_out_of_turn |= bool(self._unread) and is_last
        return reply.code >= 400 and (unit.line.is_long or self._is_out_of_turn)

    @property
    def _may_go_on(self) -> bool:
        return "PIPELINING" in self.state.offered

    def _may_be_out_of_step(self, unit: Unit) -> bool:
        # A server that refuses a group may want nothing but RSET from then on.
        is_refused = not unit.is_accepted and unit.due > 0
        return self._is_out_of_turn and is_refused and not self._may_go_on

    def _note(self, reply: SeenReply) -> None:
        self._last = reply
        self.codes.append(reply.code)
        self.transcript.append(f"S: {self._hide(str(reply).encode()).decode()}")

    def _hide(self, octets: bytes) -> bytes:
        for secret in self._secrets:
            octets = octets.replace(secret, b"[secret]")
        return octets

    def _find(self, finding: Finding | None, *, is_sure: bool = False) -> None:
        if finding is not None:
            self._blame(finding.check, finding.expected, finding.seen, is_sure=is_sure)

    def _blame(
        self,
        rule: Check | Rule,
        expected: str,
        seen: str,
        *,
        level: Level | None = None,
        unit: Unit | None = None,
        is_sure: bool = False,
    ) -> None:
        """Note a breach; if it is tolerated, go on only where the state is sure."""
        if self._is_done:
            return
        if rule.name in self._tolerated:
            self.is_lost = not is_sure
            return
        violation = Violation(
            rule=rule.name,
            section=rule.section,
            sent=self._hide((unit or self._unit or self._answered).command),
            expected=expected,
            seen=self._hide(seen.encode()).decode(),
            level=level or rule.level,
        )
        self.violations.append(violation)

    # Moving on.

    def _settle(self, unit: Unit) -> None:
        state, dropped = self.state, b""
        if any(reply.code in _LAST_WORDS for reply in unit.replies):
            state.mode = "over"
        elif unit.rule is GREETING:
            state.mode, state.refused = "command", unit.replies[0].code != 220
        elif state.mode == "auth":
            move_by_auth_line(state, unit.line, unit.replies[0])
        elif unit.content is None:
            move_by_command(state, unit.line, unit.replies[0])
            if unit.line.verb == "STARTTLS" and unit.replies[0].is_positive:
                # RFC 3207 6: what came in plain text is not said inside TLS.
                dropped = bytes(self._unread)
                self._unread.clear()
        elif state.mode == "content":
            state.mode = "command"
            self._end_message(unit, unit.content)
        else:
            self._settle_chunk(unit, unit.content)
        # Who replies where no reply is due does so before all else.
        if self._suspicion is not FOR_NOBODY:
            self._suspicion = suspicion_of(unit, dropped) or self._suspicion

    def _settle_chunk(self, unit: Unit, content: bytes) -> None:
        state = self.state
        assert unit.line.chunk is not None
        last = unit.line.chunk[1]
        if not unit.is_accepted:
            move_by_refused_chunk(state, last=last)
            return
        state.chunks, state.content = "open", state.content + content
        if last:
            self._end_message(unit, state.content)

    def _end_message(self, unit: Unit, content: bytes) -> None:
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
