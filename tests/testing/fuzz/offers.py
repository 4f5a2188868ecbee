"""Offers of servers that are not there."""

from __future__ import annotations

import attrs

from smtpsession.testing.fuzz.offer import Offer

PLAIN = Offer(
    hello="EHLO",
    keywords={},
    begins_tls=False,
    sender="a@a.example",
    recipients=("postmaster", "a@planted.example"),
    has_user=False,
    is_concurrent=False,
)
KEYWORDS = {
    **{"PIPELINING": "", "SIZE": "65536", "8BITMIME": "", "CHUNKING": ""},
    **{"BINARYMIME": "", "AUTH": "PLAIN LOGIN", "STARTTLS": "", "SMTPUTF8": ""},
}
FULL = attrs.evolve(PLAIN, keywords=KEYWORDS, has_user=True, is_concurrent=True)
