"""Commands that follow their grammar (RFC 5321 4.1.1), as small values."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import attrs
from hypothesis import strategies as st

from smtpsession.testing.strategies.addresses import addresses
from smtpsession.testing.strategies.arguments import check_flags, check_words, choose
from smtpsession.testing.strategies.auth_exchanges import AUTH_ARGUMENTS
from smtpsession.testing.strategies.domains import address_literals, domains
from smtpsession.testing.strategies.parameters import (
    PARAMETER_EXTENSIONS,
    USUAL_EXTENSIONS,
    parameters,
)

#: Commands that any server of SMTP answers, and the same of LMTP (RFC 2033 4.1).
_SMTP: Final = ("EHLO", "HELO", "MAIL", "RCPT", "DATA", "RSET", "NOOP", "HELP")
_LOOKUPS: Final = ("VRFY", "EXPN")
_END: Final = ("QUIT",)
#: Commands of service extensions, or behind which more than a command is to come.
_ON_REQUEST: Final = ("BDAT", "STARTTLS", "AUTH", "XCLIENT", "XFORWARD")

#: Attributes, with values that each may have (Postfix's XCLIENT_README).
_WHO: Final[Mapping[str, Sequence[str]]] = {
    "NAME": ("a.example", "[UNAVAILABLE]", "[TEMPUNAVAIL]"),
    "ADDR": ("192.0.2.1", "IPV6:2001:db8::1", "[UNAVAILABLE]"),
    "PORT": ("1025", "[UNAVAILABLE]"),
    "PROTO": ("SMTP", "ESMTP"),
    "HELO": ("a.example", "a+2Bb", "[UNAVAILABLE]"),
}
_XCLIENT: Final = {**_WHO, "LOGIN": ("user", "[UNAVAILABLE]")}
#: And those of what stands before (Postfix's XFORWARD_README).
_XFORWARD: Final = {**_WHO, "IDENT": ("4F2", "a+2Bb"), "SOURCE": ("LOCAL", "REMOTE")}

#: All verbs of SMTP that can be asked for.
SMTP_VERBS: Final = (*_SMTP, *_LOOKUPS, *_END, *_ON_REQUEST)
#: All verbs of LMTP that can be asked for.
LMTP_VERBS: Final = ("LHLO", *SMTP_VERBS[2:])


@attrs.frozen
class ClientCommand:
    """One command of a client (RFC 5321 4.1.1)."""

    #: In upper case.
    verb: str
    #: What stands behind the verb and a space; "" for nothing.
    argument: str = ""

    def to_bytes(self) -> bytes:
        """Give the command line, CRLF included."""
        line = f"{self.verb} {self.argument}" if self.argument else self.verb
        return line.encode() + b"\r\n"


def commands(
    *,
    lmtp: bool = False,
    verbs: Collection[str] | None = None,
    extensions: Collection[str] = USUAL_EXTENSIONS,
    smtp_utf8: bool = False,
) -> st.SearchStrategy[ClientCommand]:
    """Commands that follow their grammar, whatever their order.

    Args:
        lmtp: the verbs of LMTP (RFC 2033 4.1).
        verbs: only these; for None, all of RFC 5321 4.1.1, or of LMTP. BDAT, which
            then announces no octets, STARTTLS, AUTH, XCLIENT and XFORWARD come only
            when they are named.
        extensions: whose parameters MAIL and RCPT have, see ``parameters``.
        smtp_utf8: addresses and names that need SMTPUTF8, too (RFC 6531).

    Raises:
        TypeError: an option is of another type.
        ValueError: a verb or an extension is unknown, or there are no verbs.
    """
    check_flags(lmtp=lmtp, smtp_utf8=smtp_utf8)
    check_words("extensions", extensions, PARAMETER_EXTENSIONS)
    known = LMTP_VERBS if lmtp else SMTP_VERBS
    chosen = choose("verbs", verbs, known)
    if verbs is None:
        chosen = tuple(verb for verb in known if verb not in _ON_REQUEST)
    arguments = _arguments(extensions, smtp_utf8)
    return st.one_of(
        [st.builds(ClientCommand, st.just(verb), arguments[verb]) for verb in chosen]
    )


def _arguments(
    extensions: Collection[str], smtp_utf8: bool
) -> Mapping[str, st.SearchStrategy[str]]:
    nothing = st.just("")
    names = domains() | address_literals()
    words = st.sampled_from(["a", "a b", "<a@a.example>", "."])
    if smtp_utf8:
        words |= st.sampled_from(["\u00e9", "\u65e5\u672c"])
    senders = addresses(smtp_utf8=smtp_utf8, allow_null=True)
    recipients = addresses(smtp_utf8=smtp_utf8, allow_postmaster=True)
    return {
        **dict.fromkeys(("EHLO", "HELO", "LHLO"), names),
        "MAIL": st.builds(
            _with_path, st.just("FROM"), senders, parameters(extensions=extensions)
        ),
        "RCPT": st.builds(
            _with_path,
            st.just("TO"),
            recipients,
            parameters(command="RCPT", extensions=extensions),
        ),
        **dict.fromkeys(("DATA", "RSET", "QUIT", "STARTTLS"), nothing),
        **dict.fromkeys(("NOOP", "HELP"), nothing | words),
        **dict.fromkeys(("VRFY", "EXPN"), words),
        "BDAT": st.sampled_from(["0", "0 LAST"]),
        "AUTH": st.sampled_from(["PLAIN", "LOGIN", "PLAIN =", *AUTH_ARGUMENTS]),
        "XCLIENT": _attributes(_XCLIENT),
        "XFORWARD": _attributes(_XFORWARD),
    }


def _attributes(names: Mapping[str, Sequence[str]]) -> st.SearchStrategy[str]:
    values = {name: st.sampled_from(given) for name, given in names.items()}
    chosen = st.fixed_dictionaries({}, optional=values).filter(bool)
    return chosen.map(
        lambda drawn: " ".join(f"{name}={value}" for name, value in drawn.items())
    )


def _with_path(direction: str, address: str, behind: str) -> str:
    return f"{direction}:<{address}>" + (f" {behind}" if behind else "")
