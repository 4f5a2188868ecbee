"""Somebody who sees what goes in and what comes out, and knows nothing of the server.

As a client that counts its replies, or a filter in front of a server, it says which
octets are commands, content, chunks and responses inside AUTH, by the words of the
RFCs. Where a reply says what it answers, that has to be what the observer has read.
Both must have read the same to the last octet, and then no smuggling is possible.
"""

from __future__ import annotations

import base64
import hashlib
import re

import attrs

from tests.framing import naive_content, naive_lines
from tests.framing.naive_lines import Line

COMMAND_OCTETS = 2048
AUTH_OCTETS = 12_288 + 2

_TOLD = re.compile(r"#(\S+)(?: ([0-9a-f]{16})\b)?")


@attrs.frozen
class Said:
    """One reply, as it was seen."""

    code: int
    text: str


def read_output(output: bytes) -> list[Said]:
    """Cut what a server sends into replies (RFC 5321 4.2)."""
    said: list[Said] = []
    texts: list[str] = []
    for line in output.decode("ascii").split("\r\n")[:-1]:
        texts.append(line[4:])
        if line[3:4] == " ":
            said.append(Said(int(line[:3]), "\n".join(texts)))
            texts = []
    assert output.endswith(b"\r\n")
    assert not texts
    return said


def digest(octets: bytes) -> str:
    return hashlib.sha256(octets).hexdigest()[:16]


@attrs.frozen(kw_only=True)
class View:
    """What there is to be seen, and what the server is known to be."""

    input: bytes
    output: bytes
    closes: bool
    lmtp: bool = False
    normalizes: bool = False
    nul: bool = True
    message_octets: int = 1_000_000


class Disagreement(Exception):
    """The server has read something else than the observer."""


class _End(Exception):
    """There is nothing more to be seen."""


class Observer:
    """Follows one connection."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._left = view.input
        self._said = read_output(view.output)
        #: Contents of the messages that were accepted, once for each reply.
        self.messages: list[bytes] = []
        # The server is known to close behind the last reply.
        self._may_close = self._must_close = False
        self._reset()

    def observe(self) -> list[bytes]:
        """Follow it to its end, and give the messages that were accepted.

        Raises:
            Disagreement: the server has read something else.
        """
        self._require(self._said.pop(0).code == 220, "no greeting")
        try:
            if naive_lines.is_binary(self._left):
                self._reply_to("", closes=True)
            while True:
                self._read_command()
        except _End:
            self._require(not self._said, "more replies than commands")
            self._require(
                self._may_close or not self._view.closes, "closed for nothing"
            )
        return self.messages

    def _require(self, holds: bool, what: str) -> None:
        if not holds:
            raise Disagreement(f"{what}: {self._said[:2]} before {self._left[:60]!r}")

    def _reset(self) -> None:
        self._in_mail = self._is_binary = False
        self._recipients = 0
        # Content of the chunks so far; None behind a refused one.
        self._content: bytes | None = b""

    # Replies.

    def _reply_to(
        self, verb: str, octets: bytes | None = None, *, closes: bool = False
    ) -> Said:
        """Take the reply to something, which may tell what that was."""
        if self._must_close or not self._said:
            # Only a server that has closed owes an answer.
            self._require(self._view.closes and self._may_close, "no reply")
            raise _End
        reply = self._said.pop(0)
        told = _TOLD.search(reply.text)
        if told is not None:
            self._require(told[1] == verb, f"answered {told[1]}, not {verb}")
            if told[2] and octets is not None:
                self._require(told[2] == digest(octets), f"other octets of {verb}")
        waits = reply.code == 554 and "5.5.0" in reply.text and bool(self._left)
        self._must_close = closes
        self._may_close = closes or waits or reply.code in (221, 421)
        if reply.code in (221, 421):
            self._must_close = True
        return reply

    def _refusal_of(self, verb: str, *, closes: bool = False) -> None:
        reply = self._reply_to(verb, closes=closes)
        self._require(reply.code >= 400, f"{verb} was not refused")

    # Lines.

    def _take_line(self, limit: int, auth_limit: int = 0) -> Line:
        if self._must_close:
            self._require(self._view.closes, "not closed")
            raise _End
        line = naive_lines.take_line(self._left, limit, auth_limit)
        if line.fault == "missing":
            raise _End
        self._left = line.rest
        return line

    def _read_command(self) -> None:
        line = self._take_line(COMMAND_OCTETS, AUTH_OCTETS)
        if line.fault:
            self._refusal_of("", closes=line.fault != "too long")
            return
        lmtp = self._view.lmtp
        verbs = naive_lines.LMTP_VERBS if lmtp else naive_lines.SMTP_VERBS
        command = naive_lines.split_command(line.text, verbs)
        if command is None:
            self._read_unknown(line.text)
            return
        verb, argument = command
        if verb == "BDAT":
            self._read_bdat(argument)
        else:
            self._note(verb, argument, self._reply_to(verb, argument))

    def _read_unknown(self, line: bytes) -> None:
        kind, what = naive_lines.describe_unknown(line)
        closes = kind == "bad chunk" or what == "foreign"
        reply = self._reply_to("?", closes=closes)
        self._require(reply.code >= 400 or kind == "unknown", "took what is no command")

    def _note(self, verb: str, argument: bytes, reply: Said) -> None:
        is_good = reply.code < 400
        if verb == "DATA" and reply.code == 354:
            self._require(not argument and self._recipients > 0, "DATA was taken")
            self._read_message()
        elif verb == "AUTH" and reply.code == 334:
            word = argument.split(b" ")[-1] if b" " in argument else b"="
            self._read_exchange(b"" if word == b"=" else base64.b64decode(word), reply)
        elif verb == "QUIT" and is_good:
            self._require(reply.code == 221, "no farewell")
        elif verb == "MAIL" and is_good:
            self._require(not self._in_mail, "MAIL within a mail transaction")
            self._reset()
            self._in_mail = True
            self._is_binary = b"BODY=BINARYMIME" in argument.upper().split(b" ")
        elif verb == "RCPT" and is_good:
            self._require(self._in_mail, "RCPT was taken")
            self._recipients += 1
        elif verb in ("EHLO", "HELO", "LHLO", "RSET", "STARTTLS") and is_good:
            self._reset()
        else:
            self._require(reply.code not in (354, 334), f"{verb} begins something")

    # Content.

    def _judge(self, content: bytes, *, ended: bool) -> tuple[bytes, str | None]:
        if self._is_binary:
            return content, None
        view = self._view
        good, _, fault = naive_content.judge(
            content, normalizes=view.normalizes, nul=view.nul, ended=ended
        )
        return good, fault

    def _read_message(self) -> None:
        stuffed, rest = naive_content.split_message(self._left)
        if rest is None:
            raise _End
        self._left = rest
        self._take_verdict(naive_content.unstuff(stuffed))
        self._reset()

    def _take_verdict(self, content: bytes) -> None:
        """Take the replies to a message, one or one for each recipient."""
        good, fault = self._judge(content, ended=True)
        # What is over the limit is dropped, and the message refused.
        kept = good[: self._view.message_octets]
        codes: list[int] = []
        for _ in range(self._recipients if self._view.lmtp else 1):
            closes = fault == "bare newline"
            codes.append(self._reply_to("MESSAGE", kept, closes=closes).code)
            self._must_close = False
        self._must_close = self._may_close
        if fault is not None or kept != good:
            self._require(min(codes, default=500) >= 400, "took what is to be refused")
        elif 250 in codes:
            self.messages.append(good)

    def _read_bdat(self, argument: bytes) -> None:
        size = naive_lines.chunk_size(argument)
        is_unknown = bool(self._said) and self._said[0].code == 502
        if size is None or is_unknown:
            # Content of an unknown size follows, or content that nobody wants.
            self._refusal_of("BDAT", closes=True)
            return
        octets, is_last = size
        if self._is_hopeless(octets):
            self._refuse_all(is_last)
            return
        if len(self._left) < octets:
            raise _End
        chunk, self._left = self._left[:octets], self._left[octets:]
        if not is_last:
            self._take_chunk(chunk)
        elif self._content is None or not self._in_mail:
            self._refuse_all(is_last, closes=False)
        else:
            self._take_last_chunk(self._content + chunk)

    def _is_hopeless(self, announced: int) -> bool:
        limit = self._view.message_octets
        so_far = len(self._content or b"")
        return so_far + announced > limit + max(limit, 1_048_576)

    def _refuse_all(self, is_last: bool, *, closes: bool = True) -> None:
        each = self._recipients if is_last and self._view.lmtp and self._in_mail else 1
        for _ in range(each):
            self._must_close = False
            self._refusal_of("BDAT", closes=closes)
        if is_last and self._in_mail:
            self._reset()

    def _take_chunk(self, chunk: bytes) -> None:
        taken = None if self._content is None else self._content + chunk
        certain = naive_content.without_last_cr(taken or b"")
        fault = None if taken is None else self._judge(certain, ended=False)[1]
        is_open = taken is not None and self._recipients > 0
        closes = is_open and fault == "bare newline"
        reply = self._reply_to("BDAT", closes=False)
        if closes and reply.code == 550:
            self._must_close = self._may_close = True
        if reply.code < 400:
            self._require(is_open and fault is None, "took a chunk")
            self._content = taken
        elif self._recipients > 0:
            self._content = None

    def _take_last_chunk(self, content: bytes) -> None:
        if not self._recipients and not self._view.lmtp:
            self._refusal_of("BDAT")
            return
        if self._view.lmtp and not self._recipients:
            self._reset()
            return
        first = self._said[0].text if self._said else ""
        if "#BDAT" in first:
            # The chunk was refused, and was never read as content.
            self._refuse_all(True, closes=False)
            return
        self._take_verdict(content)
        self._reset()

    # AUTH.

    def _read_exchange(self, response: bytes, reply: Said) -> None:
        while reply.code == 334:
            told = base64.b64decode(reply.text).decode()
            self._require(told == digest(response), "other octets of a response")
            line = self._take_line(AUTH_OCTETS)
            if line.fault:
                self._refusal_of("AUTH", closes=line.fault != "too long")
                return
            kind, _ = naive_lines.describe_response(line.text)
            if kind != "response":
                self._refusal_of("AUTH")
                return
            response = base64.b64decode(line.text)
            reply = self._reply_to("AUTH")
