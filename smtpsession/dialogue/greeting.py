"""The greeting: the first reply of a session (RFC 5321 3.1)."""

from __future__ import annotations

from smtpsession.dialogue.settings import Settings
from smtpsession.wire.replies import Reply, printable


def greeting(settings: Settings, said: Reply | str | None) -> Reply:
    """Build the greeting, or give the reply that stands in its place and ends.

    Args:
        settings: the server's name and banner.
        said: text behind the server's name instead of the banner, None for the
            banner, or a Reply; one with 221 or a code of 400 or more refuses.

    Returns:
        A 220 reply, or the refusing one.
    """
    if isinstance(said, Reply):
        if said.code == 221 or not said.is_positive:
            return said
        text = said.text
    else:
        text = settings.banner if said is None else printable(said)
    protocol = "LMTP" if settings.lmtp else "ESMTP"
    return Reply(220, f"{settings.hostname} {protocol} {text}".rstrip())
