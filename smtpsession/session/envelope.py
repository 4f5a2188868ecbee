"""The envelope: what one mail transaction collects (RFC 5321 2.3.1)."""

from __future__ import annotations

from typing import Literal

import attrs

from smtpsession.wire.addresses import Address

BodyType = Literal["7bit", "8BITMIME", "BINARYMIME"]


@attrs.frozen(kw_only=True)
class DSN:
    """What MAIL asked about delivery status notifications (RFC 3461 4.3, 4.4)."""

    #: "FULL" or "HDRS"; None when not given.
    ret: Literal["FULL", "HDRS"] | None = None
    #: The envelope identifier, xtext decoded; None when not given.
    envid: str | None = None


_NO_DSN = DSN()


@attrs.define(kw_only=True)
class Envelope:
    """Sender, recipients and their parameters; replaced whole, never cleared."""

    #: The sender once MAIL was accepted; None while there is no mail transaction.
    #: The null sender is an ``Address`` whose ``address`` is ``""``.
    mail_from: Address | None = None
    #: The accepted recipients in the order of RCPT, duplicates included.
    rcpt_to: list[Address] = attrs.field(factory=list[Address])
    #: What BODY declared (RFC 6152, RFC 3030).
    body_type: BodyType = "7bit"
    #: SMTPUTF8 was given (RFC 6531).
    smtp_utf8: bool = False
    #: REQUIRETLS was given (RFC 8689).
    require_tls: bool = False
    #: Octets that SIZE declared (RFC 1870); None when not given.
    size: int | None = None
    #: RET and ENVID (RFC 3461).
    dsn: DSN = _NO_DSN
