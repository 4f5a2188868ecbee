"""The reply to a hello: who we are and what we offer (RFC 5321 4.1.1.1)."""

from __future__ import annotations

from smtpsession.dialogue.settings import Settings
from smtpsession.extensions.extension import Extension
from smtpsession.session.session import Session
from smtpsession.wire.replies import Reply


def offered(extension: Extension, session: Session) -> str | None:
    """Give the line that offers *extension* now, or None when it is not available."""
    if extension.verb and extension.verb in session.disabled_commands:
        return None
    return extension.offer(session)


def offers(settings: Settings, session: Session, verb: str) -> bool:
    """Say whether the extension that brings the command *verb* is offered now."""
    return any(
        extension.verb == verb and offered(extension, session) is not None
        for extension in settings.extensions
    )


def hello_reply(settings: Settings, session: Session, said: Reply) -> Reply:
    """Build the positive reply to the hello that the session has just noted.

    Args:
        settings: the server's name and extensions.
        session: the session after the hello.
        said: the positive answer; its text stands behind the server's name.
    """
    first = f"{settings.hostname} {said.text}".rstrip()
    if session.opening_command == "HELO":
        return Reply(250, first)
    lines = (offered(extension, session) for extension in settings.extensions)
    return Reply(250, [first, *(line for line in lines if line)])
