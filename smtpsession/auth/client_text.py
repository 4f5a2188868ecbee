"""Text in the responses of a client (RFC 4422 4).

What cannot be decoded is refused outside of the ``except``: an error must not carry
the client's octets along, not even as its context.
"""

from __future__ import annotations

from typing import Final

from smtpsession.auth.saslprep import saslprep
from smtpsession.errors import AuthenticationFailedError

#: Longest name of a user, and longest password, in octets; 255 must do (RFC 4616 2),
#: and these are as many characters at their longest. SASLprep is slow, and makes some
#: characters many.
MAX_TEXT_OCTETS: Final = 4 * 255


def decode_text(octets: bytes) -> str:
    """Return the text in *octets*, which may be empty.

    Raises:
        AuthenticationFailedError: they are not UTF-8, or hold a NUL.
    """
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise AuthenticationFailedError
    return text


def parse_name(octets: bytes) -> str:
    """Return the name of a user, prepared as a query (RFC 4013).

    Raises:
        AuthenticationFailedError: they are too many, not UTF-8, hold what SASLprep
            prohibits (controls among it), or nothing is left of them.
    """
    if len(octets) > MAX_TEXT_OCTETS:
        raise AuthenticationFailedError
    text = decode_text(octets)
    try:
        name = saslprep(text, stored=False)
    except ValueError:
        name = ""
    if not name:
        raise AuthenticationFailedError
    return name


def parse_authorization_id(octets: bytes) -> str:
    """Return whom the client wants to act as; "" for itself, when there is nothing.

    Raises:
        AuthenticationFailedError: as for the name of a user.
    """
    return parse_name(octets) if octets else ""


def parse_password(octets: bytes) -> str:
    """Return the password as it was sent.

    Raises:
        AuthenticationFailedError: it is empty, too long, not UTF-8, or holds a NUL.
    """
    if len(octets) > MAX_TEXT_OCTETS:
        raise AuthenticationFailedError
    password = decode_text(octets)
    if not password:
        raise AuthenticationFailedError
    return password
