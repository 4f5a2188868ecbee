"""The GS2 header, in front of the client's first message (RFC 5801 4)."""

from __future__ import annotations

import re
from typing import Final

import attrs

from smtpsession.auth.client_text import parse_name
from smtpsession.errors import AuthenticationFailedError

# RFC 5801 4 and RFC 5802 7:
#
#   gs2-header  = gs2-cbind-flag "," [ authzid ] ","
#   gs2-cbind-flag = ("p=" cb-name) / "n" / "y"
#   cb-name     = 1*(ALPHA / DIGIT / "." / "-")
#   authzid     = "a=" saslname
#   saslname    = 1*(value-safe-char / "=2C" / "=3D")
#   value-safe-char = any character of UTF-8 except NUL, "=" and ","
#
#: For use within a pattern; UTF-8 is checked by decode_saslname.
SASLNAME: Final = rb"(?:[^\0=,]|=2C|=3D)+"
# Groups: header, flag, name of the channel binding, authzid, everything behind.
_HEADER_AND_REST: Final = re.compile(
    rb"((n|y|p=([A-Za-z0-9.\-]+)),(?:a=(" + SASLNAME + rb"))?,)(.*)", re.DOTALL
)


@attrs.frozen(kw_only=True)
class GS2Header:
    """What the client says of channel binding, and whom it wants to act as."""

    #: The header as it was sent.
    octets: bytes
    #: The client binds to the channel by this name; None when not.
    binding_name: str | None
    #: The client could bind to the channel, but believes that the server cannot.
    is_server_thought_unable: bool
    #: "" for nobody else.
    authorization_id: str


def parse_gs2_header(octets: bytes) -> tuple[GS2Header, bytes]:
    """Return the GS2 header and what follows it.

    Raises:
        AuthenticationFailedError: the header is malformed.
    """
    match = _HEADER_AND_REST.fullmatch(octets)
    if match is None:
        raise AuthenticationFailedError
    header, flag, binding_name, saslname, rest = match.groups()
    parsed = GS2Header(
        octets=header,
        binding_name=None if binding_name is None else binding_name.decode(),
        is_server_thought_unable=flag == b"y",
        authorization_id="" if saslname is None else decode_saslname(saslname),
    )
    return parsed, rest


def decode_saslname(octets: bytes) -> str:
    """Return the name that a well-formed saslname stands for (RFC 5801 4).

    Raises:
        AuthenticationFailedError: it stands for no name.
    """
    # In this order: the other way round, "=3D2C" would become a comma.
    return parse_name(octets.replace(b"=2C", b",").replace(b"=3D", b"="))
