"""How the model reads on: what the client has sent, one unit after the other.

A unit is what is answered as one: a command line, a chunk with its command, a response
inside AUTH, the content of a message.
"""

from __future__ import annotations

import base64
import binascii

import attrs

from smtpsession.testing.model_lines import Line, sloppy_line
from smtpsession.testing.model_replies import SeenReply
from smtpsession.testing.model_rules import (
    RULES,
    Rule,
    rule_for_auth_line,
    rule_for_command,
    rule_for_end,
)
from smtpsession.testing.model_state import ModelState


@attrs.define
class Unit:
    """What the client has sent that is answered as one."""

    line: Line
    rule: Rule
    #: All its octets, as they were sent.
    octets: bytes = b""
    #: Replies that are due to it.
    due: int = 1
    #: Content, of a message or of a chunk; None if it has none.
    content: bytes | None = None
    #: The server has said that it knows such a command.
    is_offered: bool = True
    replies: list[SeenReply] = attrs.field(factory=list[SeenReply])

    @property
    def command(self) -> bytes:
        """The line as it was sent, without its CRLF; a dot for the end of content."""
        if self.content is not None and self.line.chunk is None:
            return self.line.octets
        return self.octets.partition(b"\r\n")[0]

    @property
    def is_accepted(self) -> bool:
        """Some reply to it is positive."""
        return any(reply.is_positive for reply in self.replies)

    @property
    def is_ambiguous(self) -> bool:
        """It was refused, and nobody knows whether it has a chunk behind it.

        The server may not know what a chunk is, or may read a size where there is none:
        octets are content for one server, and commands for another. Or a recipient was
        accepted for a message that has failed, and may have a reply in LMTP.
        """
        if self.rule.name == "RCPT behind a refused chunk":
            return self.is_accepted
        is_chunk = bool(self.content) and not self.is_offered
        return not self.is_accepted and (is_chunk or self.line.may_be_chunk)

    @property
    def spoken(self) -> bytes:
        """What a server may repeat: the octets, and what base64 in AUTH stands for."""
        words = self.octets.split() if self.content is None else []
        return b" ".join([self.octets, *map(_decoded, words)])


def _decoded(word: bytes) -> bytes:
    try:
        return base64.b64decode(word, validate=True)
    except binascii.Error:
        return b""


def take_unit(octets: bytearray, state: ModelState) -> Unit | None:
    """Take the next unit from the front of *octets*; None if there is no whole one."""
    if state.mode == "content":
        return _take_message(octets, state)
    end = octets.find(b"\r\n")
    if end < 0:
        return None
    line = Line(bytes(octets[:end]))
    if state.mode == "auth":
        rule = rule_for_auth_line(state, line)
        return Unit(line, rule, _taken(octets, end + 2))
    if line.chunk is not None:
        return _take_chunk(octets, state, line)
    line, rule = _read_command(state, line)
    return Unit(line, rule, _taken(octets, end + 2))


def _read_command(state: ModelState, line: Line) -> tuple[Line, Rule]:
    # Nobody has to refuse blanks and NUL in the wrong places, but everybody may.
    sloppy = sloppy_line(line)
    if line.verb in RULES or sloppy.verb not in RULES or sloppy.has_bare_newline:
        return line, rule_for_command(state, line)
    return sloppy, rule_for_command(state, sloppy).or_refused()


def _take_message(octets: bytearray, state: ModelState) -> Unit | None:
    # RFC 5321 4.5.2: a line of one dot ends it, and nothing else.
    end = (b"\r\n" + octets).find(b"\r\n.\r\n")
    if end < 0:
        return None
    lines = bytes(octets[:end]).split(b"\r\n")
    content = b"\r\n".join(line.removeprefix(b".") for line in lines)
    return Unit(
        line=Line(b"."),
        rule=rule_for_end(state),
        octets=_taken(octets, end + 3),
        due=_due_at_end(state),
        content=content,
    )


def _take_chunk(octets: bytearray, state: ModelState, line: Line) -> Unit | None:
    # RFC 3030 2: so many octets follow, whatever becomes of them.
    assert line.chunk is not None
    size, last = line.chunk
    start = len(line.octets) + 2
    if len(octets) < start + size:
        return None
    whole = _taken(octets, start + size)
    return Unit(
        line=line,
        rule=rule_for_command(state, line),
        octets=whole,
        due=_due_at_end(state) if last else 1,
        content=whole[start:],
        is_offered="CHUNKING" in state.offered,
    )


def _due_at_end(state: ModelState) -> int:
    """Replies to the end of a message; in LMTP one a recipient (RFC 2033 4.2)."""
    if not state.lmtp:
        return 1
    if state.chunks == "failed":
        return state.failed_recipients
    return len(state.recipients) if state.in_transaction else 1


def _taken(octets: bytearray, count: int) -> bytes:
    taken = bytes(octets[:count])
    del octets[:count]
    return taken
