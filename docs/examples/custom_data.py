"""Data of one's own on the session: counts, times and a score, shared by all hooks."""

import time

import attrs

from smtpsession import Address, Authentication, Handler, Message, Session


def spam_score(sender: Address) -> float:
    """Say how much a sender smells of spam."""
    return 5.0 if sender.domain == "spam.example" else 0.0


@attrs.define(slots=False, eq=False)
class Visit(Session):
    """A session with this application's own fields, typed."""

    received_at: float = 0.0
    authenticated_at: float | None = None
    message_count: int = 0
    tags: list[str] = attrs.field(factory=list)
    priority: str = "normal"
    score: float = 0.0


class Visits(Handler[Visit]):
    """Fills the fields as the session goes on, and tells them at its end."""

    session_class = Visit

    async def on_connect(self, session: Visit) -> None:
        """Begin."""
        session.received_at = time.monotonic()

    async def on_auth(self, session: Visit, auth: Authentication) -> object:
        """Let everybody in whose password is the name, reversed."""
        secret = auth.username[::-1]
        if not await auth.verify(secret):
            return None
        session.authenticated_at = time.monotonic()
        return {"user": auth.username}

    async def on_mail_from(self, session: Visit, address: Address) -> None:
        """Judge the sender."""
        session.score = spam_score(address)
        if session.score >= 5:
            session.tags.append("suspicious")
            session.priority = "low"

    async def on_data(self, session: Visit, message: Message) -> str:
        """Count the message."""
        async for _ in message:
            pass
        seconds = time.monotonic() - session.received_at
        session.message_count += 1
        return f"accepted after {seconds:.3f} s, score {session.score}"

    async def on_close(self, session: Visit) -> None:
        """Tell what came together."""
        known = "yes" if session.authenticated_at is not None else "no"
        print(
            f"total messages: {session.message_count}, authenticated: {known},"
            f" priority: {session.priority}, tags: {','.join(session.tags) or '-'}",
            flush=True,
        )
