"""Which replies are legal to which command: one table, to be read from top to bottom.

For each verb the first rule whose condition holds says which codes may come. ``2yz``
stands for a class; ``!503`` says that this code may not come although its class may:
where the order of commands is right, nobody may say that it is wrong. 421 may always
come (RFC 5321 3.8); ``Model`` sees to that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs

from smtpsession.testing.model_lines import HELLOS, Line
from smtpsession.testing.model_situations import (
    always,
    before_hello,
    behind_chunk,
    behind_refused_chunk,
    has_argument,
    has_bare_newline,
    has_failed,
    has_foreign_mechanism,
    has_foreign_parameter,
    has_no_chunking,
    has_nobody,
    has_nobody_in_lmtp,
    has_plain_argument,
    has_trailing_blanks,
    in_transaction,
    is_authenticated,
    is_bad,
    is_basic,
    is_binary,
    is_cancel,
    is_first_chunk_for_nobody,
    is_no_base64,
    is_not_offered,
    is_of_other_protocol,
    is_offered,
    is_private,
    is_refused,
    is_secure,
    is_turn,
    outside,
)
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

    def does_alike(self, code: int) -> bool:
        """Say whether *code*, though it may not come, does what a legal one does.

        A client acts by the first digit (RFC 5321 4.2), except where only one code
        means that the session moves on: TLS, AUTH and QUIT.
        """
        if code >= 400:
            return any(legal[0] in "45" for legal in self.codes)
        is_exact = any(legal in self.codes for legal in ("220", "221", "235"))
        return not is_exact and any(legal[0] == str(code)[0] for legal in self.codes)

    def level_of(self, code: int) -> Level:
        """Say how binding it is that *code* does not come.

        Only codes that are listed SHOULD be sent (RFC 5321 4.2).
        """
        is_alike = code < 400 and self.does_alike(code)
        return "SHOULD" if is_alike or f"!{code}" in self.codes else self.level

    def or_refused(self) -> Rule:
        """Give the rule that allows any refusal besides."""
        codes = [code for code in self.codes if code[0] in "23"]
        return attrs.evolve(self, codes=(*codes, *REFUSED))


# The table.

_PARAMETER = Rule(
    "parameter that is not offered",
    "RFC 5321 4.1.1.11",
    has_foreign_parameter,
    REFUSED,
    "SHOULD",
)
_IN_EVERY_STATE = (
    Rule(
        *(
            "bare CR or LF in a command",
            "RFC 5321 2.3.8",
            has_bare_newline,
            REFUSED,
        ),
        "SHOULD",
    ),
    Rule(
        *("behind a refusing greeting", "RFC 5321 3.1", is_refused, REFUSED),
        "SHOULD",
    ),
)
_HELLO = (
    Rule(
        "hello of the other protocol",
        "RFC 2033 4.1",
        is_of_other_protocol,
        REFUSED,
    ),
    Rule("hello without a name", "RFC 5321 4.1.1.1", is_bad, REFUSED),
    Rule("hello", "RFC 5321 4.1.4", always, ("250", *OTHERWISE_REFUSED)),
)


def _trailing_blanks(*codes: str) -> Rule:
    name, section = "trailing white space", "RFC 5321 4.1.1"
    return Rule(name, section, has_trailing_blanks, codes, "SHOULD")


RULES: dict[str, tuple[Rule, ...]] = {
    **dict.fromkeys(HELLOS, _HELLO),
    "MAIL": (
        Rule("bad sender", "RFC 5321 4.1.1.2", is_bad, REFUSED),
        Rule("MAIL before hello", "RFC 5321 4.1.4", before_hello, REFUSED, "SHOULD"),
        _PARAMETER,
        # Nobody says whether what has failed must be ended by LAST or RSET.
        Rule(
            *("MAIL behind a refused chunk", "RFC 3030 2", behind_refused_chunk),
            ("250", *REFUSED),
        ),
        # Only the client MUST NOT do that, and MAIL clears all buffers (4.1.1.2).
        Rule(
            *("MAIL in a transaction", "RFC 5321 4.1.4", in_transaction, REFUSED),
            "SHOULD",
        ),
        Rule("MAIL", "RFC 5321 4.3.2", always, ("250", *OTHERWISE_REFUSED)),
    ),
    "RCPT": (
        Rule("bad recipient", "RFC 5321 4.1.1.3", is_bad, REFUSED),
        # The state is indeterminate; the message is refused in any case.
        Rule(
            *("RCPT behind a refused chunk", "RFC 3030 2", has_failed),
            ("250", "251", *REFUSED),
        ),
        Rule("RCPT before MAIL", "RFC 5321 3.3", outside, REFUSED),
        # No RFC says it in so many words.
        Rule("RCPT behind a chunk", "RFC 3030 2", behind_chunk, REFUSED, "SHOULD"),
        _PARAMETER,
        Rule("RCPT", "RFC 5321 4.3.2", always, ("250", "251", *OTHERWISE_REFUSED)),
    ),
    "DATA": (
        Rule("DATA outside of a transaction", "RFC 5321 3.3", outside, REFUSED),
        Rule("DATA behind a chunk", "RFC 3030 2", behind_chunk, REFUSED),
        Rule("DATA for binary content", "RFC 3030 3", is_binary, REFUSED),
        Rule("DATA in LMTP for nobody", "RFC 2033 4.2", has_nobody_in_lmtp, REFUSED),
        # 354 is legal; the message must be refused then.
        Rule("DATA for nobody", "RFC 2920 3.1", has_nobody, ("354", *REFUSED)),
        Rule("DATA", "RFC 5321 4.3.2", always, ("354", *OTHERWISE_REFUSED)),
    ),
    "BDAT": (
        Rule("bad size of a chunk", "RFC 3030 2", is_bad, REFUSED),
        Rule("BDAT outside of a transaction", "RFC 3030 2", outside, REFUSED),
        # As with DATA, the message must be refused, but not before its end.
        Rule(
            *("chunk for nobody", "RFC 3030 2", is_first_chunk_for_nobody),
            ("250", *REFUSED),
        ),
        Rule("BDAT for nobody", "RFC 3030 2", has_nobody, REFUSED),
        Rule(
            *("BDAT without CHUNKING", "RFC 3030 2", has_no_chunking),
            ("250", *REFUSED),
        ),
        Rule("BDAT", "RFC 3030 2", always, ("250", *OTHERWISE_REFUSED)),
    ),
    "RSET": (
        Rule(
            "RSET with an argument",
            "RFC 5321 4.1.1.5",
            has_argument,
            ("250", "5yz"),
        ),
        # 530 where TLS must come first (RFC 3207 4).
        _trailing_blanks("250", "530"),
        Rule(
            *("RSET before hello", "RFC 5321 4.1.4", before_hello, ("250", "530")),
            "SHOULD",
        ),
        Rule("RSET", "RFC 5321 4.1.1.5", always, ("250", "530")),
    ),
    "NOOP": (
        Rule(
            "NOOP with an argument",
            "RFC 5321 4.1.1.9",
            has_plain_argument,
            ("250", "554"),
            "SHOULD",
        ),
        Rule(
            *("NOOP with a strange argument", "RFC 5321 4.1.1.9"),
            *(has_argument, ("250", "5yz")),
        ),
        _trailing_blanks("250", "554"),
        Rule(
            *("NOOP before hello", "RFC 5321 4.1.4", before_hello, ("250", "554")),
            "SHOULD",
        ),
        # 554 where it is not the last of its group (RFC 2920 3.1).
        Rule("NOOP", "RFC 5321 4.1.1.9", always, ("250", "554")),
    ),
    "QUIT": (
        Rule(
            "QUIT with an argument",
            "RFC 5321 4.1.1.10",
            has_argument,
            ("221", "5yz"),
        ),
        _trailing_blanks("221"),
        Rule("QUIT", "RFC 5321 4.1.1.10", always, ("221",)),
    ),
    "VRFY": (Rule("VRFY", "RFC 5321 4.3.2", always, ("250", "251", "252", *REFUSED)),),
    "EXPN": (Rule("EXPN", "RFC 5321 4.3.2", always, ("250", "252", *REFUSED)),),
    "HELP": (Rule("HELP", "RFC 5321 4.3.2", always, ("211", "214", *REFUSED)),),
    "STARTTLS": (
        Rule("STARTTLS with an argument", "RFC 3207 4", has_argument, REFUSED),
        # Only the client MUST NOT do that.
        Rule("STARTTLS inside TLS", "RFC 3207 4.2", is_secure, REFUSED, "SHOULD"),
        Rule(
            *("STARTTLS is not offered", "RFC 3207 4", is_not_offered, REFUSED),
            "SHOULD",
        ),
        Rule("STARTTLS", "RFC 3207 4", always, ("220", *REFUSED)),
    ),
    "AUTH": (
        Rule("AUTH in a transaction", "RFC 4954 4", in_transaction, REFUSED),
        Rule("AUTH a second time", "RFC 4954 4", is_authenticated, REFUSED),
        Rule(
            "mechanism that is not offered",
            "RFC 4954 4",
            has_foreign_mechanism,
            REFUSED,
            "SHOULD",
        ),
        Rule(
            *("AUTH behind a refused chunk", "RFC 4954 4", behind_refused_chunk),
            ("235", "334", *REFUSED),
        ),
        Rule("AUTH behind HELO", "RFC 4954 4", is_basic, ("235", "334", *REFUSED)),
        Rule("AUTH", "RFC 4954 4", always, ("235", "334", *OTHERWISE_REFUSED)),
    ),
    "XCLIENT": (
        Rule("XCLIENT is not offered", "XCLIENT_README", is_not_offered, REFUSED),
        Rule("XCLIENT in a transaction", "XCLIENT_README", in_transaction, REFUSED),
        Rule("XCLIENT", "XCLIENT_README", always, ("220", *REFUSED)),
    ),
}
_UNKNOWN = (
    Rule(
        "extension of the server's own",
        "RFC 5321 2.2.2",
        is_offered,
        ("2yz", *REFUSED),
    ),
    # Behind HELO nobody has said what there is.
    Rule("extended turn", "RFC 1985 4", is_turn, ("2yz", *REFUSED)),
    Rule("private command", "RFC 5321 4.1.5", is_private, ("2yz", *REFUSED)),
    # 221 is said, and kept, to clients that speak another protocol.
    Rule("unknown command", "RFC 5321 4.2.4", always, ("221", *REFUSED)),
)
_AUTH_LINE = (
    Rule("AUTH is cancelled", "RFC 4954 4", is_cancel, ("5yz",)),
    Rule("response that is no base64", "RFC 4954 4", is_no_base64, ("5yz",)),
    Rule("response inside AUTH", "RFC 4954 4", always, ("235", "334", *REFUSED)),
)
_END = (
    Rule("end of a message for nobody", "RFC 2920 3.1", has_nobody, REFUSED),
    Rule("end of a message", "RFC 5321 4.3.2", always, ("250", *OTHERWISE_REFUSED)),
)
GREETING = Rule("greeting", "RFC 5321 3.1", always, ("220", *REFUSED))
#: The rules that ``RULES`` does not hold.
OTHER_RULES = (*_IN_EVERY_STATE, *_UNKNOWN, *_AUTH_LINE, *_END, GREETING)


_OF_TRANSACTIONS = ("MAIL", "RCPT", "DATA", "BDAT")


def _first(rules: Sequence[Rule], state: ModelState, line: Line) -> Rule:
    return next(rule for rule in rules if rule.when(state, line))


def rule_for_command(state: ModelState, line: Line) -> Rule:
    """Give the rule for a command line."""
    rules = RULES.get(line.verb, _UNKNOWN)
    rule = _first((*_IN_EVERY_STATE, *rules), state, line)
    # Between chunks a server may want the last one first; it accepts a hello if that
    # is acceptable (RFC 5321 4.1.4).
    is_between = state.chunks == "open" and rule.name == "hello"
    # The state is indeterminate, and RSET must come first (RFC 3030 2).
    is_free = state.needs_rset and rule.name in _OF_TRANSACTIONS
    is_free = is_free or state.chunks == "doubt" or is_between
    return rule.or_refused() if is_free else rule


def rule_for_auth_line(state: ModelState, line: Line) -> Rule:
    """Give the rule for a response of the client inside AUTH."""
    return _first(_AUTH_LINE, state, line)


def rule_for_end(state: ModelState) -> Rule:
    """Give the rule for the end of the content behind DATA."""
    return _first(_END, state, Line(b"."))
