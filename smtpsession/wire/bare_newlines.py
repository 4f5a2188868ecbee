"""What content may hold besides CRLF lines: the policy for bare CR, bare LF and NUL.

Only CRLF.CRLF ends a message, whatever the policy. The policy decides whether
a message that another server could read differently is handed on at all.
"""

from __future__ import annotations

import functools
import io
import re
from typing import Literal

BareNewlinePolicy = Literal["reject", "normalize"]
NULPolicy = Literal["reject", "accept"]
#: What is wrong with a content.
Fault = Literal["bare newline", "NUL"]

#: Which line ends a content may have had so far, as ``_newlines.newlines`` tells them.
_CLEAN: dict[BareNewlinePolicy, tuple[str | tuple[str, ...] | None, ...]] = {
    "reject": (None, "\r\n"),
    "normalize": (None, "\r\n", "\n", ("\n", "\r\n")),
}


class ContentFilter:
    """Applies the policy to the blocks of one message.

    No block may end between CR and LF; those of ``DotStuffingDecoder`` do not.

    Args:
        bare_newline: "reject" finds fault with each CR or LF outside of CRLF;
            "normalize" makes a bare LF a CRLF and finds fault with a bare CR only.
        nul: "reject" finds fault with NUL, "accept" hands it on.
    """

    __slots__ = (
        "_clean",
        "_faults",
        "_newlines",
        "_normalizer",
        "_reject_nul",
        "discarded_octets",
        "fault",
        "first_fault",
    )

    def __init__(
        self,
        bare_newline: BareNewlinePolicy = "reject",
        nul: NULPolicy = "reject",
    ) -> None:
        self._normalizer = _LineNormalizer() if bare_newline == "normalize" else None
        self._reject_nul = nul == "reject"
        # It notes which of CR, LF and CRLF it has seen, at four times the speed of
        # counting them; what it decodes to is not needed.
        self._newlines = io.IncrementalNewlineDecoder(None, translate=False)
        self._clean = _CLEAN[bare_newline]
        self._faults = _faults(bare_newline, nul)
        #: What is wrong, or None while the content is clean. A bare newline behind
        #: a NUL takes its place, because it is the graver fault.
        self.fault: Fault | None = None
        #: What was wrong first, where the content that is handed on ends.
        self.first_fault: Fault | None = None
        #: Octets from the first fault on.
        self.discarded_octets = 0

    def apply(self, block: bytes) -> bytes:
        """Take a block of content.

        Returns:
            What is to be handed on: all before the first fault, then nothing.
        """
        if self.fault is not None:
            self.discarded_octets += len(block)
            if self.fault == "NUL":
                self.fault = self._fault_in(block) or self.fault
            return b""
        fault = self._fault_in(block)
        if fault is not None:
            self.fault = fault
            block = self._before_first_fault(block)
        return block if self._normalizer is None else self._normalizer.apply(block)

    def end(self) -> bytes:
        """Give what is still to be handed on at the end of content that is no lines.

        Content of DATA ends with a line end, and nothing is left then.
        """
        if self._normalizer is None or self.fault is not None:
            return b""
        return self._normalizer.end()

    def _fault_in(self, block: bytes) -> Fault | None:
        self._newlines.decode(block.decode("latin-1"), final=True)
        if self._newlines.newlines not in self._clean:
            return "bare newline"
        return "NUL" if self._reject_nul and b"\0" in block else None

    def _before_first_fault(self, block: bytes) -> bytes:
        found = self._faults.search(block)
        assert found is not None, "noted a fault that cannot be found"
        self.first_fault = "NUL" if found[0] == b"\0" else "bare newline"
        self.discarded_octets = len(block) - found.start()
        return block[: found.start()]


@functools.cache
def _faults(bare_newline: BareNewlinePolicy, nul: NULPolicy) -> re.Pattern[bytes]:
    patterns = [rb"\r(?!\n)"]
    if bare_newline == "reject":
        patterns.append(rb"(?<!\r)\n")
    if nul == "reject":
        patterns.append(rb"\x00")
    return re.compile(b"|".join(patterns))


class _LineNormalizer:
    """Ends every line with CRLF and drops a lone dot that touches a bare LF.

    A receiver that takes a bare LF for a line end could read such a dot as the end
    of the message.
    """

    __slots__ = ("_after_bare_lf", "_held", "_line_start")

    def __init__(self) -> None:
        self._line_start = True
        self._after_bare_lf = False
        self._held = b""  # a dot at the start of a line, before what follows it

    def apply(self, block: bytes) -> bytes:
        if self._held or b"\n." in block or (self._line_start and block[:1] == b"."):
            return self._without_lone_dots(block)
        if block:
            self._line_start = block.endswith(b"\n")
        lf = block.rfind(b"\n")
        if lf >= 0:
            self._after_bare_lf = block[lf - 1 : lf] != b"\r"
        return block.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")

    def end(self) -> bytes:
        """Give a dot at the end that has no line end, unless it touches a bare LF."""
        held, self._held = self._held, b""
        return b"" if self._after_bare_lf else held

    def _without_lone_dots(self, block: bytes) -> bytes:
        *lines, rest = (self._held + block).split(b"\n")
        self._held = b""
        kept: list[bytes] = []
        for line in lines:
            bare = not line.endswith(b"\r")
            text = line if bare else line[:-1]
            lone_dot = text == b"." and self._line_start
            if not (lone_dot and (bare or self._after_bare_lf)):
                kept += text, b"\r\n"
            self._line_start = True
            self._after_bare_lf = bare
        if self._line_start and rest == b".":
            self._held = rest
        elif rest:
            kept.append(rest)
            self._line_start = False
        return b"".join(kept)
