"""How much of a session an event clears."""

from __future__ import annotations

import enum


class ResetScope(enum.IntEnum):
    """What is cleared; each scope includes those before it."""

    #: The envelope: RSET, the end of a message, a new hello.
    TRANSACTION = enum.auto()
    #: And what the hello said.
    HELLO = enum.auto()
    #: And what was learnt without TLS, the user first of all (RFC 3207 4.2).
    TLS = enum.auto()
    #: And who the client is, because a proxy has named another one.
    PROXY = enum.auto()
