"""What the model finds wrong, as a value and as the failure of a test."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import attrs

#: How binding the rule is (RFC 2119).
Level = Literal["MUST", "SHOULD"]


@attrs.frozen(kw_only=True)
class Violation:
    """One breach of one rule."""

    #: The rule in a few words.
    rule: str
    #: Where it is written, for example ``RFC 5321 4.1.4``.
    section: str
    #: What the client had sent: a command line, or the end of some content.
    sent: bytes
    #: What the server may say to that.
    expected: str
    #: What it has said.
    seen: str
    level: Level = "MUST"

    def __str__(self) -> str:
        return (
            f"{self.rule} ({self.section}, {self.level}):"
            f" to {self.sent!r} expected {self.expected}, seen {self.seen}"
        )


class ViolationError(AssertionError):
    """A server has broken a rule.

    Args:
        violation: which one.
        transcript: what both sides have said up to there, a line each.
    """

    def __init__(self, violation: Violation, transcript: Sequence[str]) -> None:
        super().__init__("\n".join([str(violation), *transcript]))
        self.violation = violation
        self.transcript = tuple(transcript)
