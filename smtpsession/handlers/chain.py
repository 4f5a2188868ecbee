"""Several handlers as one."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any

from smtpsession.authentication import Authentication
from smtpsession.handler import Handler, HookResult, HookResults, SessionT
from smtpsession.message import Message
from smtpsession.session.session import Session
from smtpsession.wire.addresses import Address
from smtpsession.wire.replies import Reply

if TYPE_CHECKING:
    import trio


class Chain(Handler[SessionT]):
    """Asks several handlers one after the other, as if they were one.

    A refusal is final: those behind it are not asked. Of several answers that accept
    the last one is given. ``on_auth``, ``on_verify``, ``on_expand``, ``on_help``,
    ``on_unknown`` and ``on_error`` are answered by the first handler that has an
    answer. ``on_close`` is told in reverse order. One handler alone takes the message.

    Args:
        handlers: in the order in which they are asked.

    Raises:
        TypeError: one of them is no ``Handler``.
        ValueError: there is none, or more than one overrides ``on_data``, or their
            session classes do not go together.
    """

    def __init__(self, *handlers: Handler[Any]) -> None:
        given: Any
        for given in handlers:
            if not isinstance(given, Handler):
                raise TypeError(f"a Chain is made of Handler objects, got {given!r}")
        if not handlers:
            raise ValueError("a Chain needs at least one handler")
        self._handlers = handlers
        self.session_class = _session_class(handlers)
        self.overridden_hooks = frozenset[str]().union(
            *(handler.overridden_hooks for handler in handlers)
        )
        takers = self._of("on_data")
        if len(takers) > 1:
            names = ", ".join(type(handler).__name__ for handler in takers)
            raise ValueError(f"only one handler can override on_data, got {names}")

    def __repr__(self) -> str:
        return f"Chain({', '.join(map(repr, self._handlers))})"

    async def on_connect(self, session: SessionT) -> HookResult:
        """Ask until one refuses."""
        return await self._ask("on_connect", session)

    async def on_secure(self, session: SessionT, stream: trio.SSLStream[Any]) -> Any:
        """Ask until one refuses."""
        return await self._ask("on_secure", session, stream)

    async def on_hello(self, session: SessionT, name: str) -> HookResult:
        """Ask until one refuses."""
        return await self._ask("on_hello", session, name)

    async def on_auth(self, session: SessionT, auth: Authentication) -> Any:
        """Ask until one knows the user."""
        for handler in self._of("on_auth"):
            # Whom the client may act as is for the one to decide that lets it in.
            attempt = auth.for_another()
            user = await handler.on_auth(session, attempt)
            if user is not None and user is not False:
                auth.consider_as(attempt)
                return user
        return None

    async def on_mail_from(self, session: SessionT, address: Address) -> HookResult:
        """Ask until one refuses."""
        return await self._ask("on_mail_from", session, address)

    async def on_rcpt_to(self, session: SessionT, address: Address) -> HookResult:
        """Ask until one refuses."""
        return await self._ask("on_rcpt_to", session, address)

    async def on_data(self, session: SessionT, message: Message) -> HookResults:
        """Hand the message to the one that takes it."""
        said: HookResults = await self._first("on_data", session, message)
        return said

    async def on_reset(self, session: SessionT) -> None:
        """Tell all."""
        await self._tell("on_reset", session, self._of("on_reset"))

    async def on_close(self, session: SessionT) -> None:
        """Tell all, the last one first."""
        await self._tell("on_close", session, self._of("on_close")[::-1])

    async def on_verify(self, session: SessionT, argument: str) -> HookResult:
        """Ask until one has an answer."""
        said: HookResult = await self._first("on_verify", session, argument)
        return said

    async def on_expand(self, session: SessionT, argument: str) -> HookResult:
        """Ask until one has an answer."""
        said: HookResult = await self._first("on_expand", session, argument)
        return said

    async def on_help(self, session: SessionT, topic: str) -> HookResult:
        """Ask until one has an answer."""
        said: HookResult = await self._first("on_help", session, topic)
        return said

    async def on_unknown(self, session: SessionT, line: str) -> HookResult:
        """Ask until one has an answer."""
        said: HookResult = await self._first("on_unknown", session, line)
        return said

    async def on_error(self, session: SessionT, exception: Exception) -> HookResult:
        """Ask until one has an answer."""
        said: HookResult = await self._first("on_error", session, exception)
        return said

    def around_session(self, session: SessionT) -> AbstractAsyncContextManager[Any]:
        """Enter all contexts, the first one outermost."""
        return self._around(session)

    @asynccontextmanager
    async def _around(self, session: Session) -> AsyncGenerator[None, None]:
        async with contextlib.AsyncExitStack() as stack:
            for handler in self._handlers:
                await stack.enter_async_context(handler.around_session(session))
            yield

    def _of(self, hook: str) -> list[Handler[Any]]:
        return [h for h in self._handlers if hook in h.overridden_hooks]

    async def _ask(self, hook: str, *arguments: Any) -> HookResult:
        said: HookResult = None
        for handler in self._of(hook):
            answer = await getattr(handler, hook)(*arguments)
            if isinstance(answer, Reply) and not answer.is_positive:
                return answer
            said = said if answer is None else answer
        return said

    async def _first(self, hook: str, *arguments: Any) -> Any:
        for handler in self._of(hook):
            answer = await getattr(handler, hook)(*arguments)
            if answer is not None:
                return answer
        return None

    async def _tell(
        self, hook: str, session: Session, handlers: list[Handler[Any]]
    ) -> None:
        errors: list[Exception] = []
        for handler in handlers:
            try:
                await getattr(handler, hook)(session)
            except Exception as error:
                errors.append(error)
        if errors:
            raise ExceptionGroup(f"{hook} failed", errors)


def _session_class(handlers: tuple[Handler[Any], ...]) -> type[Any]:
    """Give the session class that is all of those that the handlers ask for."""
    classes = {handler.session_class for handler in handlers}
    for one in classes:
        if all(issubclass(one, other) for other in classes):
            return one
    names = ", ".join(sorted(one.__name__ for one in classes))
    raise ValueError(
        f"the session class of one handler must be a subclass of all others,"
        f" got {names}"
    )
