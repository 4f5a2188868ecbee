"""Which replies are legal to which command: one table, to be read from top to bottom.

For each verb the first rule whose condition holds says which codes may come. ``2yz``
stands for a class; ``!503`` says that this code may not come although its class may:
where the order of commands is right, nobody may say that it is wrong. 421 may always
come (RFC 5321 3.8); ``Model`` sees to that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs

from smtpsession.testing.model_lines import HELLOS, PARAMETERS, Line, is_base64
from smtpsession.testing.model_state import ModelState
from smtpsession.testing.model_violation import Level

_When = Callable[[ModelState, Line], bool]

REFUSED = ("4yz", "5yz")
#: For another reason than the order of commands.
OTHERWISE_REFUSED = ("4yz", "5yz", "!503")


@attrs.frozen
class Rule:
    """What may be said to a command in a situation."""

    name: str
    section: str
    when: _When
    codes: tuple[str, ...]
    level: Level = "MUST"

    def allows(self, code: int) -> bool:
        """Say whether *code* may come."""
        return f"!{code}" not in self.codes and (
            str(code) in self.codes or f"{code // 100}yz" in self.codes
        )

    @property
    def may_refuse(self) -> bool:
        """Some negative code may come."""
        return any(code[0] in "45" for code in self.codes)


# Situations.


def _always(state: ModelState, line: Line) -> bool:
    return True


def _is_bad(state: ModelState, line: Line) -> bool:
    return line.syntax == "bad"


def _has_argument(state: ModelState, line: Line) -> bool:
    return bool(line.argument)


def _is_refused(state: ModelState, line: Line) -> bool:
    return state.refused and line.verb != "QUIT"


def _has_bare_newline(state: ModelState, line: Line) -> bool:
    return line.has_bare_newline


def _is_of_other_protocol(state: ModelState, line: Line) -> bool:
    return (line.verb == "LHLO") is not state.lmtp


def _before_hello(state: ModelState, line: Line) -> bool:
    return state.hello is None


def _in_transaction(state: ModelState, line: Line) -> bool:
    return state.in_transaction


def _outside(state: ModelState, line: Line) -> bool:
    return not state.in_transaction


def _behind_chunk(state: ModelState, line: Line) -> bool:
    return state.chunks != "none"


def _has_nobody(state: ModelState, line: Line) -> bool:
    return not state.recipients


def _has_nobody_in_lmtp(state: ModelState, line: Line) -> bool:
    return state.lmtp and not state.recipients


def _is_binary(state: ModelState, line: Line) -> bool:
    return state.body == "BINARYMIME"


def _has_foreign_parameter(state: ModelState, line: Line) -> bool:
    return any(
        not any(keyword in state.offered for keyword in PARAMETERS[name])
        for name in line.parameters
        if name in PARAMETERS
    )


def _is_secure(state: ModelState, line: Line) -> bool:
    return state.secure


def _is_authenticated(state: ModelState, line: Line) -> bool:
    return state.authenticated


# Before a hello, and behind HELO, nobody has said what there is.


def _is_not_offered(state: ModelState, line: Line) -> bool:
    return state.hello in ("EHLO", "LHLO") and line.verb not in state.offered


def _has_foreign_mechanism(state: ModelState, line: Line) -> bool:
    if state.hello == "HELO":
        return False
    mechanism = line.argument.partition(b" ")[0].decode("latin-1").upper()
    return mechanism not in state.offered.get("AUTH", "").split()


def _is_offered(state: ModelState, line: Line) -> bool:
    return line.verb in state.offered


def _is_private(state: ModelState, line: Line) -> bool:
    return line.verb.startswith("X")


def _is_cancel(state: ModelState, line: Line) -> bool:
    return line.octets == b"*"


def _is_no_base64(state: ModelState, line: Line) -> bool:
    return not is_base64(line.octets)


# The table.

_PARAMETER = Rule(
    "parameter that is not offered",
    "RFC 5321 4.1.1.11",
    _has_foreign_parameter,
    REFUSED,
    "SHOULD",
)
_IN_EVERY_STATE = (
    Rule("bare CR or LF in a command", "RFC 5321 2.3.8", _has_bare_newline, REFUSED),
    Rule("behind a refusing greeting", "RFC 5321 3.1", _is_refused, REFUSED),
)
_HELLO = (
    Rule("hello of the other protocol", "RFC 2033 4.1", _is_of_other_protocol, REFUSED),
    Rule("hello without a name", "RFC 5321 4.1.1.1", _is_bad, REFUSED),
    Rule("hello", "RFC 5321 4.1.4", _always, ("250", *OTHERWISE_REFUSED)),
)

RULES: dict[str, tuple[Rule, ...]] = {
    **dict.fromkeys(HELLOS, _HELLO),
    "MAIL": (
        Rule("bad sender", "RFC 5321 4.1.1.2", _is_bad, REFUSED),
        Rule("MAIL before hello", "RFC 5321 4.1.4", _before_hello, REFUSED, "SHOULD"),
        Rule("MAIL in a transaction", "RFC 5321 4.1.4", _in_transaction, REFUSED),
        Rule("MAIL behind a refused chunk", "RFC 3030 2", _behind_chunk, REFUSED),
        _PARAMETER,
        Rule("MAIL", "RFC 5321 4.3.2", _always, ("250", *OTHERWISE_REFUSED)),
    ),
    "RCPT": (
        Rule("bad recipient", "RFC 5321 4.1.1.3", _is_bad, REFUSED),
        Rule("RCPT before MAIL", "RFC 5321 3.3", _outside, REFUSED),
        Rule("RCPT behind a chunk", "RFC 3030 2", _behind_chunk, REFUSED),
        _PARAMETER,
        Rule("RCPT", "RFC 5321 4.3.2", _always, ("250", "251", *OTHERWISE_REFUSED)),
    ),
    "DATA": (
        Rule("DATA outside of a transaction", "RFC 5321 3.3", _outside, REFUSED),
        Rule("DATA behind a chunk", "RFC 3030 2", _behind_chunk, REFUSED),
        Rule("DATA for binary content", "RFC 3030 3", _is_binary, REFUSED),
        Rule("DATA in LMTP for nobody", "RFC 2033 4.2", _has_nobody_in_lmtp, REFUSED),
        # 354 is legal; the message must be refused then.
        Rule("DATA for nobody", "RFC 2920 3.1", _has_nobody, ("354", *REFUSED)),
        Rule("DATA", "RFC 5321 4.3.2", _always, ("354", *OTHERWISE_REFUSED)),
    ),
    "BDAT": (
        Rule("BDAT without a size", "RFC 3030 2", _is_bad, REFUSED),
        Rule("BDAT outside of a transaction", "RFC 3030 2", _outside, REFUSED),
        Rule("BDAT for nobody", "RFC 3030 2", _has_nobody, REFUSED),
        Rule("BDAT", "RFC 3030 2", _always, ("250", *OTHERWISE_REFUSED)),
    ),
    "RSET": (
        Rule(
            "RSET with an argument", "RFC 5321 4.1.1.5", _has_argument, ("250", "5yz")
        ),
        # 530 where TLS must come first (RFC 3207 4).
        Rule("RSET", "RFC 5321 4.1.1.5", _always, ("250", "530")),
    ),
    # 554 where it is not the last of its group (RFC 2920 3.1).
    "NOOP": (Rule("NOOP", "RFC 5321 4.1.1.9", _always, ("250", "554")),),
    "QUIT": (
        Rule(
            "QUIT with an argument", "RFC 5321 4.1.1.10", _has_argument, ("221", "5yz")
        ),
        Rule("QUIT", "RFC 5321 4.1.1.10", _always, ("221",)),
    ),
    "VRFY": (Rule("VRFY", "RFC 5321 4.3.2", _always, ("250", "251", "252", *REFUSED)),),
    "EXPN": (Rule("EXPN", "RFC 5321 4.3.2", _always, ("250", "252", *REFUSED)),),
    "HELP": (Rule("HELP", "RFC 5321 4.3.2", _always, ("211", "214", *REFUSED)),),
    "STARTTLS": (
        Rule("STARTTLS with an argument", "RFC 3207 4", _has_argument, REFUSED),
        Rule("STARTTLS inside TLS", "RFC 3207 4.2", _is_secure, REFUSED),
        Rule("STARTTLS is not offered", "RFC 3207 4", _is_not_offered, REFUSED),
        Rule("STARTTLS", "RFC 3207 4", _always, ("220", *REFUSED)),
    ),
    "AUTH": (
        Rule("AUTH in a transaction", "RFC 4954 4", _in_transaction, REFUSED),
        Rule("AUTH behind a chunk", "RFC 4954 4", _behind_chunk, REFUSED),
        Rule("AUTH a second time", "RFC 4954 4", _is_authenticated, REFUSED),
        Rule(
            "mechanism that is not offered",
            "RFC 4954 4",
            _has_foreign_mechanism,
            REFUSED,
        ),
        Rule("AUTH", "RFC 4954 4", _always, ("235", "334", *OTHERWISE_REFUSED)),
    ),
    "XCLIENT": (
        Rule("XCLIENT is not offered", "XCLIENT_README", _is_not_offered, REFUSED),
        Rule("XCLIENT in a transaction", "XCLIENT_README", _in_transaction, REFUSED),
        Rule("XCLIENT", "XCLIENT_README", _always, ("220", *REFUSED)),
    ),
}
_UNKNOWN = (
    Rule(
        "extension of the server's own",
        "RFC 5321 2.2.2",
        _is_offered,
        ("2yz", *REFUSED),
    ),
    Rule("private command", "RFC 5321 4.1.5", _is_private, ("2yz", *REFUSED)),
    Rule("unknown command", "RFC 5321 4.2.4", _always, REFUSED),
)
_AUTH_LINE = (
    Rule("AUTH is cancelled", "RFC 4954 4", _is_cancel, ("5yz",)),
    Rule("response that is no base64", "RFC 4954 4", _is_no_base64, ("5yz",)),
    Rule("response inside AUTH", "RFC 4954 4", _always, ("235", "334", *REFUSED)),
)
_END = (
    Rule("end of a message for nobody", "RFC 2920 3.1", _has_nobody, REFUSED),
    Rule("end of a message", "RFC 5321 4.3.2", _always, ("250", *OTHERWISE_REFUSED)),
)
GREETING = Rule("greeting", "RFC 5321 3.1", _always, ("220", *REFUSED))


def _first(rules: Sequence[Rule], state: ModelState, line: Line) -> Rule:
    return next(rule for rule in rules if rule.when(state, line))


def rule_for_command(state: ModelState, line: Line) -> Rule:
    """Give the rule for a command line."""
    rules = RULES.get(line.verb, _UNKNOWN)
    return _first((*_IN_EVERY_STATE, *rules), state, line)


def rule_for_auth_line(state: ModelState, line: Line) -> Rule:
    """Give the rule for a response of the client inside AUTH."""
    return _first(_AUTH_LINE, state, line)


def rule_for_end(state: ModelState) -> Rule:
    """Give the rule for the end of the content behind DATA."""
    return _first(_END, state, Line(b"."))
