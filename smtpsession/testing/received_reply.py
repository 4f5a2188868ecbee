"""Replies as a client reads them from the wire (RFC 5321 4.2)."""

from __future__ import annotations

import re

import attrs

# Reply-line = *( Reply-code "-" [ textstring ] CRLF ) Reply-code [ SP textstring ]
_LINE = re.compile(rb"([2-5][0-5][0-9])(?:([ -])([\t\x20-\x7e]*))?")
# RFC 2034 4: the text of each line begins with the enhanced status code.
_ENHANCED = re.compile(r"([245]\.[0-9]{1,3}\.[0-9]{1,3})(?: |\Z)")


@attrs.frozen
class ReceivedReply:
    """One reply of a server, as a client sees it."""

    #: The reply code.
    code: int
    #: The text of each line, without codes.
    lines: tuple[str, ...]
    #: The enhanced status code (RFC 3463); None if the reply has none.
    enhanced: str | None = None

    @property
    def text(self) -> str:
        """All lines, joined by a space."""
        return " ".join(self.lines)

    @property
    def is_positive(self) -> bool:
        """The command was accepted, or accepted so far (2yz and 3yz)."""
        return self.code < 400

    @property
    def wire_lines(self) -> list[str]:
        """The lines with their codes, ``250-SIZE 1000`` for example."""
        last = len(self.lines) - 1
        return [
            f"{self.code}{' ' if number == last else '-'}"
            + " ".join(filter(None, [self.enhanced, line]))
            for number, line in enumerate(self.lines)
        ]

    def __str__(self) -> str:
        return "\n".join(self.wire_lines)


class ReplyReader:
    """Finds replies in octets, however those are cut."""

    def __init__(self) -> None:
        self._octets = b""
        self._code = 0
        self._texts: list[str] = []

    @property
    def has_octets(self) -> bool:
        """Something was received behind the last whole reply."""
        return bool(self._octets or self._texts)

    def receive_data(self, data: bytes) -> None:
        """Take received octets."""
        self._octets += data

    def next_reply(self) -> ReceivedReply | None:
        """Give the next reply; None while it is not whole.

        Raises:
            ValueError: what was received is no reply.
        """
        while b"\r\n" in self._octets:
            line, _, self._octets = self._octets.partition(b"\r\n")
            if self._take_line(line):
                texts, self._texts = self._texts, []
                return _reply(self._code, texts)
        return None

    def _take_line(self, line: bytes) -> bool:
        """Take one line; True if it is the last one of its reply."""
        match = _LINE.fullmatch(line)
        if match is None:
            raise ValueError(f"a reply line must begin with a code, got {line!r}")
        code = int(match[1])
        if self._texts and code != self._code:
            raise ValueError(
                f"the lines of a reply must have one code, got {self._code} and {code}"
            )
        self._code = code
        self._texts.append((match[3] or b"").decode("ascii"))
        return match[2] != b"-"


def _reply(code: int, texts: list[str]) -> ReceivedReply:
    found = [_ENHANCED.match(text) for text in texts]
    enhanced = {match and match[1] for match in found}
    if len(enhanced) == 1:
        [one] = enhanced
        if one is not None and one[0] == str(code)[0]:
            bare = [text[len(one) + 1 :] for text in texts]
            return ReceivedReply(code, tuple(bare), one)
    return ReceivedReply(code, tuple(texts))
