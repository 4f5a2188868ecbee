"""What a client says in SCRAM (RFC 5802 7)."""

from __future__ import annotations

import re
from typing import Final

import attrs

from smtpsession.auth.client_text import decode_text
from smtpsession.auth.gs2_header import (
    SASLNAME,
    GS2Header,
    decode_saslname,
    parse_gs2_header,
)
from smtpsession.errors import AuthenticationFailedError
from smtpsession.wire.strict_base64 import decode_base64

# RFC 5802 7:
#
#   nonce      = "r=" c-nonce [s-nonce]
#   c-nonce    = printable ASCII except ","
#   extensions = attr-val *("," attr-val)
#   attr-val   = ALPHA "=" value
#   value      = 1*(any character of UTF-8 except NUL and ",")
#
# An attribute that RFC 5802 5.1 has a place for is no extension: out of its place it
# is refused. So is "m", which announces an extension that must be understood.
_NONCE: Final = rb"[!-+\--~]+"
_EXTENSIONS: Final = rb"(?:,[bdf-hj-loqtuw-zA-Z]=[^\0,]+)*"

#   client-first-message-bare = [reserved-mext ","] username "," nonce ["," extensions]
#   username = "n=" saslname
#
# Groups: username, nonce.
_CLIENT_FIRST_BARE: Final = re.compile(
    rb"n=(" + SASLNAME + rb"),r=(" + _NONCE + rb")" + _EXTENSIONS
)

#   client-final-message = client-final-message-without-proof "," proof
#   client-final-message-without-proof = channel-binding "," nonce ["," extensions]
#   channel-binding = "c=" base64
#   proof = "p=" base64
#
# Groups: all but the proof, channel binding, nonce, proof.
_CLIENT_FINAL: Final = re.compile(
    rb"(c=([A-Za-z0-9+/=]+),r=(" + _NONCE + rb")" + _EXTENSIONS + rb")"
    rb",p=([A-Za-z0-9+/=]+)"
)


@attrs.frozen(kw_only=True)
class ClientFirst:
    """client-first-message: who wants in."""

    header: GS2Header
    #: The message without its GS2 header, as it was sent.
    bare: bytes = attrs.field(repr=False)
    username: str
    nonce: bytes


@attrs.frozen(kw_only=True)
class ClientFinal:
    """client-final-message: the proof of the password."""

    #: The message without the proof, as it was sent.
    without_proof: bytes = attrs.field(repr=False)
    #: GS2 header and channel binding, in base64.
    channel_binding: bytes = attrs.field(repr=False)
    nonce: bytes
    proof: bytes = attrs.field(repr=False)


def parse_client_first(octets: bytes) -> ClientFirst:
    """Return what the client says at first.

    Raises:
        AuthenticationFailedError: the message is malformed, its attributes are out of
            order, or it demands an extension.
    """
    decode_text(octets)
    header, bare = parse_gs2_header(octets)
    match = _CLIENT_FIRST_BARE.fullmatch(bare)
    if match is None:
        raise AuthenticationFailedError
    username = decode_saslname(match[1])
    return ClientFirst(header=header, bare=bare, username=username, nonce=match[2])


def parse_client_final(octets: bytes) -> ClientFinal:
    """Return what the client says at last.

    Raises:
        AuthenticationFailedError: the message is malformed, or its attributes are out
            of order.
    """
    decode_text(octets)
    match = _CLIENT_FINAL.fullmatch(octets)
    if match is None:
        raise AuthenticationFailedError
    without_proof, channel_binding, nonce, encoded_proof = match.groups()
    try:
        proof = decode_base64(encoded_proof)
    except ValueError:
        raise AuthenticationFailedError from None
    return ClientFinal(
        without_proof=without_proof,
        channel_binding=channel_binding,
        nonce=nonce,
        proof=proof,
    )
