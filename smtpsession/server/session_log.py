"""One log line per session that tells its whole story, safely escaped."""

from __future__ import annotations

import logging
from typing import Any

from smtpsession.session.session import Session

logger = logging.getLogger("smtpsession")

#: Longest value in a log line, in characters before they are escaped.
MAX_LOGGED = 256


def escaped(text: str) -> str:
    """Give *text*, or the start of a long one, as printable ASCII without spaces."""
    cut = text if len(text) <= MAX_LOGGED else text[: MAX_LOGGED - 3] + "..."
    return "".join(c if "!" <= c <= "~" and c not in '\\"' else _escape(c) for c in cut)


def _escape(character: str) -> str:
    return (
        character.encode("unicode_escape").decode("ascii")
        if (character not in ' "')
        else f"\\x{ord(character):02x}"
    )


class SessionStory:
    """Counts what the closing line of a session reports."""

    __slots__ = ("accepted", "ending", "level", "octets", "refused", "started")

    def __init__(self, started: float) -> None:
        #: ``trio.current_time()`` at accept.
        self.started = started
        #: Messages that were accepted, and those whose content was refused.
        self.accepted = 0
        self.refused = 0
        #: Octets of accepted content.
        self.octets = 0
        #: Why the session ended.
        self.ending = "closed"
        #: Level of the line; None writes none.
        self.level: int | None = logging.INFO

    def log(self, session: Session, now: float) -> None:
        """Write the line."""
        if self.level is None or not logger.isEnabledFor(self.level):
            return
        facts: dict[str, Any] = {
            "client": session.remote_address or "local",
            "port": session.remote_port,
            "proxy": session.transport_peer[0] if session.proxy else None,
            "name": session.client_hostname,
            "hello": session.host_name_appears_as,
            "type": session.transmission_type,
            "tls": session.tls_options.version if session.tls_options else None,
            "accepted": self.accepted,
            "refused": self.refused,
            "octets": self.octets,
            "seconds": f"{now - self.started:.3f}",
            "end": self.ending,
        }
        story = " ".join(
            f"{name}={escaped(str(value))}"
            for name, value in facts.items()
            if value not in (None, "")
        )
        logger.log(self.level, "session %s: %s", session.id, story)
