"""The envelope: what one mail transaction collects (RFC 5321 2.3.1)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

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


@attrs.frozen(kw_only=True)
class DeliverBy:
    """By when the message is to be delivered (RFC 2852 4)."""

    #: Seconds from the end of MAIL; negative when the time is over already.
    seconds: int
    #: What happens after that: "N" notifies, "R" returns the message.
    mode: Literal["N", "R"]
    #: The sender wants to know of relays that do not know DELIVERBY.
    trace: bool = False


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
    #: The mailbox that AUTH says is the submitter (RFC 4954 5), "" for ``<>`` and
    #: whenever the client is not authenticated; None when not given.
    auth: str | None = None
    #: RET and ENVID (RFC 3461).
    dsn: DSN = _NO_DSN
    #: BY was given (RFC 2852); None when not.
    deliver_by: DeliverBy | None = None
    #: Priority from -9 to 9 (RFC 6710); None when not given.
    mt_priority: int | None = None
    #: Seconds for which the message is to be held (RFC 4865); None when not given.
    hold_for: int | None = None
    #: Until when it is to be held, in UTC (RFC 4865); None when not given.
    hold_until: datetime | None = None
    #: What extensions of one's own put here, by names of their choice.
    extra: dict[str, Any] = attrs.field(factory=dict[str, Any])
