"""A handler for tests that writes down which hooks were called, and how."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from smtpsession import Address, Handler, Message, Reject, Session


class Recorder(Handler):
    """Records events; ``when`` maps a hook to what it does or returns."""

    def __init__(self, **when: Callable[[], Any]) -> None:
        self.events: list[Any] = []
        self.when = when
        self.contents: list[bytes] = []
        self.sessions: list[Session] = []

    def _do(self, hook: str, *facts: Any) -> Any:
        self.events.append((hook, *facts) if facts else hook)
        return self.when.get(hook, lambda: None)()

    @asynccontextmanager
    async def around_session(self, session: Session) -> AsyncIterator[None]:
        self.events.append("enter")
        try:
            yield
        finally:
            self.events.append("leave")

    async def on_connect(self, session: Session) -> Any:
        self.sessions.append(session)
        return self._do("connect")

    async def on_secure(self, session: Session, stream: Any) -> Any:
        return self._do("secure", stream.version())

    async def on_hello(self, session: Session, name: str) -> Any:
        return self._do("hello", name)

    async def on_mail_from(self, session: Session, address: Address) -> Any:
        return self._do("mail", address.address)

    async def on_rcpt_to(self, session: Session, address: Address) -> Any:
        return self._do("rcpt", address.address)

    async def on_data(self, session: Session, message: Message) -> Any:
        said = self._do("data")
        self.contents.append(await message.read())
        return said

    async def on_reset(self, session: Session) -> None:
        sender = session.envelope.mail_from
        self._do("reset", sender and sender.address, session.transaction)

    async def on_close(self, session: Session) -> None:
        self._do("close")

    async def on_verify(self, session: Session, argument: str) -> Any:
        return self._do("verify", argument)

    async def on_expand(self, session: Session, argument: str) -> Any:
        return self._do("expand", argument)

    async def on_help(self, session: Session, topic: str) -> Any:
        return self._do("help", topic)

    async def on_unknown(self, session: Session, line: str) -> Any:
        return self._do("unknown", line)


def refuse(code: int, text: str = "no") -> Any:
    def do() -> None:
        raise Reject(code, text)

    return do


def fail() -> None:
    raise RuntimeError("deliberate")
