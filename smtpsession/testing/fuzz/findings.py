"""What a search finds, and how far it is."""

from __future__ import annotations

from typing import Final, Literal

import attrs

from smtpsession.testing.fuzz.plans import Plan
from smtpsession.testing.fuzz.runner import Said
from smtpsession.testing.model_rules import RULES
from smtpsession.testing.model_violation import Violation

#: What makes two breaches the same, see ``key_of``.
Key = tuple[str, str]

#: Rules whose breach may have many causes; each is known with the verb it came at.
BROAD: Final = frozenset(
    {"no reply", "reply to nothing", "closed without a word", "no close"}
)
#: Rules that only show where a reply is listened for which is not due.
IN_EXCESS: Final = frozenset(
    {
        *("reply to nothing", "content is executed", "chunk is executed"),
        *("plain text is executed inside TLS", "bare CR or LF ends a command"),
        *("part of a long line is executed", "reply to a last chunk for nobody"),
    }
)


@attrs.frozen
class Finding:
    """A rule that the server breaks, and how."""

    violation: Violation
    #: The shortest plan that shows it.
    plan: Plan
    said: tuple[Said, ...]
    #: Draws the plan that has found it.
    seed: int
    #: It came again each time.
    is_confirmed: bool


@attrs.define
class Progress:
    """How far a search is."""

    seconds: float = 0.0
    plans: int = 0
    steps: int = 0
    findings: list[Finding] = attrs.field(factory=list[Finding])
    #: What the search does: it looks, or it makes a breach short.
    doing: Literal["looking", "shrinking"] = "looking"
    #: Plans that ended at a breach that was known already.
    hindered: int = 0


def key_of(violation: Violation) -> Key:
    """Say what makes two breaches the same."""
    if violation.rule not in BROAD:
        return violation.rule, ""
    return violation.rule, verb_of(violation)


def verb_of(violation: Violation) -> str:
    """Give the verb that a rule was broken at; "" where nobody knows it.

    What is no verb may be anything, and as long as a line can be.
    """
    verb = violation.sent.partition(b" ")[0].decode("latin-1").upper()
    return verb if verb in RULES else ""


def gone(why: str) -> Violation:
    """Give the breach of a server that takes no connection any more."""
    return Violation(
        rule="server is gone",
        section="RFC 5321 4.5.1",
        sent=b"",
        expected="a connection",
        seen=why,
    )


def other_segments(whole: str, cut: str) -> Violation:
    """Give the breach of a server whose replies depend on segments.

    Args:
        whole: the codes of its replies where each step was one segment.
        cut: those where it was several.
    """
    return Violation(
        rule="segments change the replies",
        section="RFC 9293 2.2",
        sent=b"the same octets in other segments",
        expected=whole,
        seen=cut,
    )
