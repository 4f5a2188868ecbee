"""A reader of everything that a client sends: tiny, slow, and plainly right.

It has the whole input as one bytes object, cuts one unit after the other off its
front, and says what they are. Nothing here is shared with what it judges.
"""

from __future__ import annotations

from collections.abc import Callable

import attrs

from tests.framing import naive_content, naive_lines

#: What a unit is, and what there is to say about it.
Unit = tuple[object, ...]


@attrs.frozen(kw_only=True)
class Plan:
    """What a server does with what it reads; the same for whoever reads."""

    command_octets: int = 2048
    auth_octets: int = 12_288
    normalizes: bool = False
    nul: bool = True
    lmtp: bool = False
    #: Content of chunks is any octets (RFC 3030 3).
    binary: bool = False
    #: Each DATA of these numbers is refused.
    refused: frozenset[int] = frozenset()
    #: The chunk of each BDAT of these numbers is dropped.
    skipped: frozenset[int] = frozenset()
    #: How many challenges follow an AUTH.
    challenges: int = 1


class NaiveReader:
    """Reads one input.

    Args:
        octets: all of it.
        plan: what the server does.
    """

    def __init__(self, octets: bytes, plan: Plan) -> None:
        self._left = octets
        self._plan = plan
        self._units: list[Unit] = []
        self._is_over = False
        self._datas = self._chunks = 0
        # The content of the message that chunks have brought so far.
        self._message: bytes | None = None

    def read(self) -> list[Unit]:
        """Say what units there are."""
        if naive_lines.is_binary(self._left):
            return [("bad line", "foreign")]
        while not self._is_over:
            self._read_command()
        return self._units

    def _say(self, *unit: object) -> None:
        self._units.append(unit)

    def _end(self, *unit: object) -> None:
        self._say(*unit)
        self._is_over = True

    def _take_line(self, limit: int, auth_limit: int = 0) -> bytes | None:
        """Take a line; None if there is none that can be understood."""
        line = naive_lines.take_line(self._left, limit, auth_limit)
        self._left = line.rest
        if line.fault == "missing":
            self._end("lost")
        elif line.fault in ("overflow", "bare newline"):
            self._end("bad line", line.fault)
        elif line.fault:
            self._say("bad line", line.fault)
        return None if line.fault else line.text

    def _read_command(self) -> None:
        plan = self._plan
        line = self._take_line(plan.command_octets, plan.auth_octets + 2)
        if line is None:
            return
        verbs = naive_lines.LMTP_VERBS if plan.lmtp else naive_lines.SMTP_VERBS
        command = naive_lines.split_command(line, verbs)
        if command is None:
            kind, what = naive_lines.describe_unknown(line)
            is_end = kind == "bad chunk" or what == "foreign"
            (self._end if is_end else self._say)(kind, what)
            return
        verb, argument = command
        self._say("command", verb, argument)
        act = _AFTER.get(verb)
        if act is not None:
            act(self, argument)

    def _read_data(self, argument: bytes) -> None:
        if argument or self._message is not None:
            # Within a message of chunks there is no other.
            return
        self._datas += 1
        if self._datas - 1 in self._plan.refused:
            return
        stuffed, rest = naive_content.split_message(self._left)
        if rest is None:
            stuffed = naive_content.without_beginning_of_end(stuffed)
        content = naive_content.unstuff(stuffed)
        self._say_content(content, ended=rest is not None)
        self._left = rest or b""

    def _say_content(
        self, content: bytes, *, ended: bool, before: bytes = b"", end: str = "message"
    ) -> None:
        """Say what of the content is new, what is wrong first, and how it ends."""
        good, first, gravest = self._judge(content, ended=ended)
        known = naive_content.without_last_cr(before)
        known_good, known_fault, _ = self._judge(known, ended=False)
        if good[len(known_good) :]:
            self._say("content", good[len(known_good) :])
        if first is not None and known_fault is None:
            self._say("fault", first)
        if ended or end == "chunk":
            self._say(f"end of {end}", gravest)
        else:
            self._end("lost")

    def _judge(
        self, content: bytes, *, ended: bool
    ) -> tuple[bytes, str | None, str | None]:
        plan = self._plan
        return naive_content.judge(
            content, normalizes=plan.normalizes, nul=plan.nul, ended=ended
        )

    def _read_chunk(self, argument: bytes) -> None:
        size = naive_lines.chunk_size(argument)
        if size is None:
            self._is_over = True
            return
        octets, is_last = size
        self._chunks += 1
        is_whole = len(self._left) >= octets
        chunk, self._left = self._left[:octets], self._left[octets:]
        if self._chunks - 1 in self._plan.skipped:
            if is_whole:
                self._say("skipped")
            else:
                self._end("lost")
            return
        before = self._message or b""
        if self._plan.binary:
            self._say_binary(chunk, is_whole=is_whole, is_last=is_last)
        else:
            self._say_chunk(before, before + chunk, is_whole, is_last)
        self._message = None if is_last else before + chunk

    def _say_binary(self, chunk: bytes, *, is_whole: bool, is_last: bool) -> None:
        if chunk:
            self._say("content", chunk)
        if is_whole:
            self._say("end of message" if is_last else "end of chunk", None)
        else:
            self._end("lost")

    def _say_chunk(
        self, before: bytes, content: bytes, is_whole: bool, is_last: bool
    ) -> None:
        if is_whole and is_last:
            self._say_content(content, ended=True, before=before)
            return
        content = naive_content.without_last_cr(content)
        end = "chunk" if is_whole else "message"
        self._say_content(content, ended=False, before=before, end=end)

    def _give_up_message(self, argument: bytes) -> None:
        if not argument:
            self._message = None

    def _read_responses(self, argument: bytes) -> None:
        if not naive_lines.begins_auth(argument):
            return
        for _ in range(self._plan.challenges):
            text = self._take_line(self._plan.auth_octets + 2)
            if text is None:
                return
            kind, what = naive_lines.describe_response(text)
            self._say(kind, what)
            if kind != "response":
                return


_AFTER: dict[str, Callable[[NaiveReader, bytes], None]] = {
    "DATA": NaiveReader._read_data,
    "BDAT": NaiveReader._read_chunk,
    "RSET": NaiveReader._give_up_message,
    "AUTH": NaiveReader._read_responses,
}
