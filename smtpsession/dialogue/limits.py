"""How much a client may ask of one session."""

from __future__ import annotations

from typing import Any

import attrs

#: Shortest command line that every server must take (RFC 5321 4.5.3.1.4), in octets.
MIN_COMMAND_OCTETS = 512
#: Fewest recipients that every server must take (RFC 5321 4.5.3.1.8).
MIN_RECIPIENTS = 100


def _count(lowest: int, *, optional: bool = True) -> Any:
    def check(
        instance: object, attribute: attrs.Attribute[int | None], value: object
    ) -> None:
        if value is None and optional:
            return
        if not isinstance(value, int) or isinstance(value, bool):
            wanted = "an int or None" if optional else "an int"
            raise TypeError(f"{attribute.name} must be {wanted}, got {value!r}")
        if value < lowest:
            raise ValueError(f"{attribute.name} must be at least {lowest}, got {value}")

    return check


@attrs.frozen(kw_only=True)
class Limits:
    """Limits of one session and of the server; None means no limit.

    Raises:
        TypeError: an unknown limit, or a value that is no int.
        ValueError: a value below what RFC 5321 4.5.3.1 demands of every server.
    """

    #: Largest message in octets, dots unstuffed; above it 552 5.3.4.
    message_octets: int | None = attrs.field(default=26_214_400, validator=_count(1))
    #: Most recipients in one mail transaction; above it 452 4.5.3.
    recipients: int | None = attrs.field(
        default=1_000, validator=_count(MIN_RECIPIENTS)
    )
    #: Longest command line in octets, CRLF included; above it 500 5.5.2.
    command_octets: int = attrs.field(
        default=2_048, validator=_count(MIN_COMMAND_OCTETS, optional=False)
    )
    #: Longest response in octets inside AUTH, without CRLF, and longest AUTH command;
    #: above it 500 5.5.6. RFC 4954 4 asks for 12,288.
    auth_octets: int = attrs.field(
        default=12_288, validator=_count(MIN_COMMAND_OCTETS, optional=False)
    )
    #: Errors from which on each answer is delayed by a second.
    errors_soft: int | None = attrs.field(default=10, validator=_count(1))
    #: Errors after which the session ends with 421 4.7.0.
    errors_hard: int | None = attrs.field(default=20, validator=_count(1))
    #: Commands that do nothing (NOOP, RSET, VRFY, HELP, ...) between two messages,
    #: after which each further one counts as an error.
    junk_commands: int | None = attrs.field(default=100, validator=_count(1))
    #: Failed attempts to authenticate in one session; after the last one 421 4.7.0.
    auth_failures: int | None = attrs.field(default=3, validator=_count(1))
    #: Commands before somebody is authenticated, QUIT apart; above it 421 4.7.0.
    unauthenticated_commands: int | None = attrs.field(
        default=None, validator=_count(1)
    )
    #: MAIL commands in one session, refused ones included (RFC 9422); above it
    #: 421 4.7.0.
    transactions: int | None = attrs.field(default=None, validator=_count(1))
    #: Sessions at one time; above it 421 4.7.0.
    sessions: int | None = attrs.field(default=None, validator=_count(1))
    #: Sessions at one time from one address; above it 421 4.7.0.
    sessions_per_source: int | None = attrs.field(default=None, validator=_count(1))
    #: Octets of replies that wait to be sent before no more input is read.
    unread_reply_octets: int = attrs.field(
        default=65_536, validator=_count(512, optional=False)
    )
