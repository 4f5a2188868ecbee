"""Every rule that a server may be found to break."""

from __future__ import annotations

from typing import Final

from smtpsession.testing.model_catalogue import CATALOGUE, RuleEntry

_OWN: Final = (
    RuleEntry(
        "segments change the replies",
        "RFC 9293 2.2",
        "MUST",
        "TCP carries a stream of octets, in which segments have no meaning: the same"
        " octets cut elsewhere must be answered by the same replies.",
    ),
    RuleEntry(
        "server is gone",
        "RFC 5321 4.5.1",
        "MUST",
        "Nothing that a client says may end the server for everybody else.",
    ),
    RuleEntry(
        "TLS does not begin",
        "RFC 3207 4",
        "MUST",
        "Behind 220 to STARTTLS the server takes part in a TLS handshake.",
    ),
    RuleEntry(
        "wrong password is taken",
        "RFC 4954 6",
        "MUST",
        "Nobody is authenticated whose credentials are not right.",
    ),
)

#: The rules by name, those of the model and those of the fuzzer.
RULE_BOOK: Final[dict[str, RuleEntry]] = {
    **CATALOGUE,
    **{entry.name: entry for entry in _OWN},
}
