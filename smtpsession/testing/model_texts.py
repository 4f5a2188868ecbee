"""What the model looks for in the text of a reply: form, enhanced codes, secrets."""

from __future__ import annotations

import re
from collections.abc import Collection

from smtpsession.testing.model_checks import Check, Finding
from smtpsession.testing.model_lines import HELLOS
from smtpsession.testing.model_replies import SeenReply
from smtpsession.testing.model_rules import GREETING
from smtpsession.testing.model_state import ModelState
from smtpsession.testing.model_units import Unit

FORM = Check("form of a reply", "RFC 5321 4.2")
ECHO = Check("octets of the client in a reply", "RFC 5321 4.2")
LENGTH = Check("long line of a reply", "RFC 5321 4.5.3.1.5", "SHOULD")
NO_ENHANCED = Check("no enhanced status code", "RFC 2034 4")
OTHER_CLASS = Check("enhanced status code of another class", "RFC 2034 4")
TWO_ENHANCED = Check("two enhanced status codes in a reply", "RFC 2034 4")
SECRET = Check("secret in a reply", "RFC 4954 9", "SHOULD")

TEXT_CHECKS = (FORM, ECHO, LENGTH, NO_ENHANCED, OTHER_CLASS, TWO_ENHANCED, SECRET)

_UNPRINTABLE = re.compile(rb"[^\t -~]+")
_CONTROL = re.compile(rb"[^\t -~\x80-\xff]+")
_GREET = re.compile(rb"[^\r\n\x80-\xff]+")
_ENHANCED = re.compile(r"([245])\.[0-9]{1,3}\.[0-9]{1,3}(?![^ ])")


def find_form(
    state: ModelState, unit: Unit | None, spoken: bytes, reply: SeenReply
) -> Finding | None:
    """Judge the form of a reply.

    Args:
        state: before the reply.
        unit: what it is a reply to; None if to nothing.
        spoken: what the client has said lately.
        reply: the reply.
    """
    octets = _behind_greet(reply) if _is_hello(unit, reply) else reply.octets
    strange = _strange(octets, utf8=_may_use_utf8(state, unit))
    fault = reply.fault or (
        f"more than printable ASCII in {reply.octets!r}" if strange else ""
    )
    if not fault:
        return None
    within_lines = spoken.replace(b"\r\n", b" ")
    echoed = any(octets in within_lines for octets in strange)
    if not reply.code:
        # Perhaps the end of a line that was cut in two.
        echoed = echoed or b"\n" + reply.octets in spoken
    expected = "a reply" if reply.fault else "printable ASCII"
    return Finding(ECHO if echoed else FORM, expected, fault)


def _is_hello(unit: Unit | None, reply: SeenReply) -> bool:
    is_hello = unit is not None and unit.line.verb in ("EHLO", "LHLO")
    return is_hello and reply.code == 250


def _behind_greet(reply: SeenReply) -> bytes:
    """Leave out what a hello may be greeted with: ASCII but CR and LF (4.1.1.1)."""
    greet, line_end, lines = reply.octets.partition(b"\r\n")
    return _GREET.sub(b"", greet) + line_end + lines


def _strange(octets: bytes, *, utf8: bool) -> list[bytes]:
    lines = octets.split(b"\r\n")
    pattern = _CONTROL if utf8 and _is_utf8(octets) else _UNPRINTABLE
    return [run for line in lines for run in pattern.findall(line)]


def _is_utf8(octets: bytes) -> bool:
    try:
        octets.decode()
    except UnicodeDecodeError:
        return False
    return True


def _may_use_utf8(state: ModelState, unit: Unit | None) -> bool:
    # RFC 6531 3.7.4: where the client has said that it understands that.
    said_now = unit is not None and b"SMTPUTF8" in unit.line.argument.upper().split()
    return "SMTPUTF8" in state.offered and (state.smtputf8 or said_now)


def find_length(reply: SeenReply) -> Finding | None:
    """Judge the length of a reply's lines; the code, hyphen and CRLF count."""
    longest = max(len(line) for line in reply.octets.split(b"\r\n")) + 2
    if longest <= 512:
        return None
    return Finding(LENGTH, "512 octets at most", f"{longest} octets: {reply.code}")


def find_enhanced(state: ModelState, unit: Unit, reply: SeenReply) -> Finding | None:
    """Judge the enhanced status codes, where they were promised (RFC 2034 4)."""
    if "ENHANCEDSTATUSCODES" not in state.offered or reply.code // 100 == 3:
        return None
    if unit.line.verb in HELLOS or _is_greeting(unit, reply):
        return None
    found = [_ENHANCED.match(line) for line in reply.lines]
    first = found[0]
    digit = str(reply.code)[0]
    if first is None or None in found:
        return Finding(NO_ENHANCED, f"{reply.code} {digit}.n.n", str(reply))
    if first[1] != digit:
        return Finding(OTHER_CLASS, f"{reply.code} {digit}.n.n", str(reply))
    if len({each and each[0] for each in found}) > 1:
        return Finding(TWO_ENHANCED, f"{first[0]} in each line", str(reply))
    return None


def _is_greeting(unit: Unit, reply: SeenReply) -> bool:
    # XCLIENT is answered by the greeting of another session.
    return unit.rule is GREETING or (unit.line.verb == "XCLIENT" and reply.is_positive)


def find_secret(secrets: Collection[bytes], reply: SeenReply) -> Finding | None:
    """Look for what nobody but the client may know."""
    if not any(secret in reply.octets for secret in secrets):
        return None
    return Finding(SECRET, "a text without it", str(reply))
