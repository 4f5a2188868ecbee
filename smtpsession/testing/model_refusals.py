"""Which refusals the model takes for wrong, although a refusal may come there.

It asks only where there is no other reason: a command in its right order and of a form
that everybody understands, and a code that says why it is refused.
"""

from __future__ import annotations

import re

from smtpsession.testing.model_checks import Check, Finding
from smtpsession.testing.model_replies import SeenReply
from smtpsession.testing.model_state import ModelState
from smtpsession.testing.model_units import Unit

UNKNOWN = Check("required command is unknown", "RFC 5321 4.5.1")
SYNTAX = Check("right syntax is called wrong", "RFC 5321 4.2.2", "SHOULD")
RECIPIENTS = Check("fewer than 100 recipients", "RFC 5321 4.5.3.1.8")
SIZE = Check("message of 64 KiB is refused for its size", "RFC 5321 4.5.3.1.7")

REFUSAL_CHECKS = (UNKNOWN, SYNTAX, RECIPIENTS, SIZE)

# Plain enough for every server.
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?"
_DOMAIN = rf"(?:{_LABEL}\.){{1,5}}[A-Za-z]{{2,12}}"
_PATH = rf"[A-Za-z0-9]{{1,64}}@{_DOMAIN}"
_MAIL = re.compile(rf"(?i:MAIL FROM):<(?:{_PATH})?>".encode())
_RCPT = re.compile(rf"(?i:RCPT TO):<(?:{_PATH}|(?i:postmaster))>".encode())
_HELLO = re.compile(rf"(?i:HELO|EHLO|LHLO) {_DOMAIN}".encode())
_BARE = re.compile(rb"(?i:DATA|RSET|NOOP|QUIT)")
#: How each looks, by the name of the rule that holds where its order is right.
_PLAIN = {
    "hello": _HELLO,
    "MAIL": _MAIL,
    "RCPT": _RCPT,
    **dict.fromkeys(("DATA", "RSET", "NOOP", "QUIT"), _BARE),
}
#: Enhanced status codes that speak of syntax (RFC 3463).
_OF_SYNTAX = ("", "1.3", "1.7", "5.0", "5.1", "5.2", "5.4")
_ENHANCED = re.compile(r"[45]\.([0-9]{1,3}\.[0-9]{1,3})")
_RCPTMAX = re.compile(r"\bRCPTMAX=([0-9]{1,6})\b")
_SPEAKS_OF_SIZE = re.compile(r"(?i)\b(?:size|large|big|too much)\b")
#: The least that must be taken, in octets.
_LEAST = 64_000


def find_refusal(state: ModelState, unit: Unit, reply: SeenReply) -> Finding | None:
    """Judge the reason of a refusal.

    Args:
        state: before the reply.
        unit: what it is a reply to.
        reply: the reply.
    """
    for find in (_find_unknown, _find_syntax, _find_recipients, _find_size):
        if (finding := find(state, unit, reply)) is not None:
            return finding
    return None


def _is_plain(unit: Unit) -> bool:
    # What was sent, not what it is taken for.
    octets = unit.octets.removesuffix(b"\r\n") or unit.line.octets
    pattern = _PLAIN.get(unit.rule.name)
    return pattern is not None and pattern.fullmatch(octets) is not None


def _detail(reply: SeenReply) -> str:
    """Subject and detail of the enhanced status code; "" without one."""
    found = _ENHANCED.match(reply.lines[0])
    return found[1] if found else ""


def _find_unknown(state: ModelState, unit: Unit, reply: SeenReply) -> Finding | None:
    if reply.code not in (500, 502) or not _is_plain(unit):
        return None
    return Finding(UNKNOWN, "neither 500 nor 502", str(reply))


def _find_syntax(state: ModelState, unit: Unit, reply: SeenReply) -> Finding | None:
    is_path = unit.rule.name in ("MAIL", "RCPT") and _is_plain(unit)
    if reply.code != 501 or not is_path or _detail(reply) not in _OF_SYNTAX:
        return None
    return Finding(SYNTAX, "no 501", str(reply))


def _find_recipients(state: ModelState, unit: Unit, reply: SeenReply) -> Finding | None:
    if unit.rule.name != "RCPT" or reply.code not in (452, 552):
        return None
    # What reports failures goes to one recipient; and LIMITS says how many (RFC 9422).
    limit = _RCPTMAX.search(state.offered.get("LIMITS", ""))
    may_limit = not state.sender or (limit is not None and int(limit[1]) < 100)
    was_taken = unit.line.path in state.recipients and len(state.recipients) < 100
    if may_limit or not was_taken or _detail(reply) not in ("", "5.3"):
        return None
    return Finding(RECIPIENTS, "a 100th recipient", str(reply))


def _find_size(state: ModelState, unit: Unit, reply: SeenReply) -> Finding | None:
    if unit.content is None or reply.code != 552 or not state.in_transaction:
        return None
    octets = len(state.content) + len(unit.octets)
    offered = state.offered.get("SIZE", "")
    limit = int(offered) if offered.isascii() and offered.isdigit() else 0
    if octets > _LEAST or 0 < limit < _LEAST or not _is_about_size(reply):
        return None
    return Finding(SIZE, f"{_LEAST} octets", f"{reply} to {octets}")


def _is_about_size(reply: SeenReply) -> bool:
    # 552 is also said of a mailbox that is full.
    detail = _detail(reply)
    if detail:
        return detail in ("2.3", "3.4")
    return any(_SPEAKS_OF_SIZE.search(line) for line in reply.lines)
