"""What the model looks for in what a hello's reply offers (RFC 5321 4.1.1.1)."""

from __future__ import annotations

import re

from smtpsession.testing.model_checks import Check, Finding
from smtpsession.testing.model_replies import SeenReply
from smtpsession.testing.model_state import ModelState
from smtpsession.testing.model_units import Unit

KEYWORD = Check("keyword of a hello's reply", "RFC 5321 4.1.1.1")
STARTTLS = Check("STARTTLS is offered inside TLS", "RFC 3207 4.2")
SIZE = Check("SIZE is no number", "RFC 1870 3")
BINARYMIME = Check("BINARYMIME is offered without CHUNKING", "RFC 3030 3")
PIPELINING = Check("LMTP without PIPELINING", "RFC 2033 5")
ENHANCED = Check("LMTP without ENHANCEDSTATUSCODES", "RFC 2033 5")

OFFER_CHECKS = (KEYWORD, STARTTLS, SIZE, BINARYMIME, PIPELINING, ENHANCED)

_KEYWORD = re.compile(r"[A-Z0-9][A-Z0-9-]*")
_SIZE = re.compile(r"(?:[0-9]{1,20})?")


def find_offer(state: ModelState, unit: Unit, reply: SeenReply) -> Finding | None:
    """Judge what is offered.

    Args:
        state: before the reply.
        unit: a hello.
        reply: the reply to it.
    """
    if unit.line.verb not in ("EHLO", "LHLO") or reply.code != 250:
        return None
    offered = reply.keywords
    bad = [word for word in offered if not _KEYWORD.fullmatch(word)]
    if bad:
        return Finding(KEYWORD, "letters, digits and hyphens", repr(bad[0]))
    if state.secure and "STARTTLS" in offered:
        return Finding(STARTTLS, "no STARTTLS", "STARTTLS")
    size = offered.get("SIZE", "")
    if not _SIZE.fullmatch(size):
        return Finding(SIZE, "a decimal number", repr(size))
    if "BINARYMIME" in offered and "CHUNKING" not in offered:
        return Finding(BINARYMIME, "CHUNKING, or no BINARYMIME", "no CHUNKING")
    return _find_missing(offered) if state.lmtp else None


def _find_missing(offered: dict[str, str]) -> Finding | None:
    for keyword, check in (
        ("PIPELINING", PIPELINING),
        ("ENHANCEDSTATUSCODES", ENHANCED),
    ):
        if keyword not in offered:
            return Finding(check, keyword, " ".join(offered) or "nothing")
    return None
