"""ESMTP parameters of MAIL and RCPT (RFC 5321 4.1.2)."""

from __future__ import annotations

from smtpsession.errors import ParameterSyntaxError
from smtpsession.wire import grammar

#: Keywords that must not come twice, not even with the same value (RFC 3461 4.5).
_ONLY_ONCE = frozenset({"RET", "ENVID", "NOTIFY", "ORCPT"})


def parse_parameters(text: str) -> dict[str, str | bool]:
    """Return the parameters in *text* by upper-case keyword (RFC 5321 4.1.2).

    What a keyword means, and whether its value is right, is up to its extension.

    Args:
        text: what follows the path: parameters separated by one or more SP.

    Returns:
        The value as it was sent, or True for a keyword without one.

    Raises:
        ParameterSyntaxError: a parameter is malformed, or one keyword came with two
            different values; an exact repetition is tolerated, but not of those of
            RFC 3461.
    """
    parameters: dict[str, str | bool] = {}
    for parameter in text.split(" "):
        if not parameter:
            continue
        match = grammar.ESMTP_PARAMETER.fullmatch(parameter)
        if match is None:
            raise ParameterSyntaxError(
                f"parameter must look like KEYWORD or KEYWORD=value, got {parameter!r}"
            )
        keyword = match[1].upper()
        value: str | bool = match[2] or True
        if keyword in parameters and (
            keyword in _ONLY_ONCE or parameters[keyword] != value
        ):
            raise ParameterSyntaxError(f"{keyword} must have one value, got two")
        parameters[keyword] = value
    return parameters
