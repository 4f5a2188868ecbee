"""A handler around another one, or around none, that sees every hook first."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

from smtpsession import Address, Authentication, Handler, Message, Session
from smtpsession.handler import HOOKS, HookResult, HookResults

if TYPE_CHECKING:
    import trio


class OuterHandler(Handler[Any]):
    """Passes every hook on; a subclass overrides ``_called`` to do more.

    Args:
        inner: has the say; None accepts all, and does not offer AUTH.

    Raises:
        TypeError: inner is no ``Handler``.
    """

    def __init__(self, inner: Handler[Any] | None = None) -> None:
        given: Any = inner
        if given is not None and not isinstance(given, Handler):
            raise TypeError(f"inner must be a Handler or None, got {given!r}")
        self._inner = Handler[Any]() if inner is None else inner
        self.session_class = self._inner.session_class
        # To override on_auth is to offer AUTH.
        self.overridden_hooks = HOOKS - {"on_auth"} | self._inner.overridden_hooks

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._inner!r})"

    async def _called(self, hook: str, session: Session, *arguments: Any) -> Any:
        """Answer a hook."""
        return await self._pass_on(hook, session, *arguments)

    async def _pass_on(self, hook: str, session: Session, *arguments: Any) -> Any:
        return await getattr(self._inner, hook)(session, *arguments)

    async def on_connect(self, session: Session) -> HookResult:
        """Pass on."""
        said: HookResult = await self._called("on_connect", session)
        return said

    async def on_secure(self, session: Session, stream: trio.SSLStream[Any]) -> Any:
        """Pass on."""
        return await self._called("on_secure", session, stream)

    async def on_hello(self, session: Session, name: str) -> HookResult:
        """Pass on."""
        said: HookResult = await self._called("on_hello", session, name)
        return said

    async def on_auth(self, session: Session, auth: Authentication) -> Any:
        """Pass on."""
        return await self._called("on_auth", session, auth)

    async def on_mail_from(self, session: Session, address: Address) -> HookResult:
        """Pass on."""
        said: HookResult = await self._called("on_mail_from", session, address)
        return said

    async def on_rcpt_to(self, session: Session, address: Address) -> HookResult:
        """Pass on."""
        said: HookResult = await self._called("on_rcpt_to", session, address)
        return said

    async def on_data(self, session: Session, message: Message) -> HookResults:
        """Pass on."""
        said: HookResults = await self._called("on_data", session, message)
        return said

    async def on_reset(self, session: Session) -> None:
        """Pass on."""
        await self._called("on_reset", session)

    async def on_close(self, session: Session) -> None:
        """Pass on."""
        await self._called("on_close", session)

    async def on_verify(self, session: Session, argument: str) -> HookResult:
        """Pass on."""
        said: HookResult = await self._called("on_verify", session, argument)
        return said

    async def on_expand(self, session: Session, argument: str) -> HookResult:
        """Pass on."""
        said: HookResult = await self._called("on_expand", session, argument)
        return said

    async def on_help(self, session: Session, topic: str) -> HookResult:
        """Pass on."""
        said: HookResult = await self._called("on_help", session, topic)
        return said

    async def on_unknown(self, session: Session, line: str) -> HookResult:
        """Pass on."""
        said: HookResult = await self._called("on_unknown", session, line)
        return said

    async def on_error(self, session: Session, exception: Exception) -> HookResult:
        """Pass on."""
        said: HookResult = await self._called("on_error", session, exception)
        return said

    def around_session(self, session: Session) -> AbstractAsyncContextManager[Any]:
        """Pass on."""
        return self._inner.around_session(session)
