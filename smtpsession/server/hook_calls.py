"""Calling hooks so that nothing that they do reaches another session."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any, cast

import trio

from smtpsession.errors import ClientGone, Reject
from smtpsession.handler import Handler, HookResult, checked_result, reply_from
from smtpsession.session.session import Session
from smtpsession.wire import replies
from smtpsession.wire.replies import Reply

logger = logging.getLogger("smtpsession")


class HookCalls:
    """Calls the hooks of one session, each under its deadline.

    Args:
        handler: whose hooks are called.
        session: their first argument.
        seconds: deadline of one hook, or None.
    """

    def __init__(
        self, handler: Handler[Any], session: Session, seconds: float | None
    ) -> None:
        self._handler = handler
        self._session = session
        self._seconds = float("inf") if seconds is None else seconds
        self._scope = trio.CancelScope()
        self._left = 0.0

    async def ask(self, hook: str, *arguments: Any) -> HookResult:
        """Call a hook that has a say.

        Returns:
            What it answered: a refusing ``Reply`` where it raised ``Reject``, and
            ``replies.HOOK_FAILED`` or what ``on_error`` says where it failed.

        Raises:
            ClientGone: the client went away under the hook's hands.
        """
        function = getattr(self._handler, hook)
        scope = self._deadline()
        try:
            with scope:
                result = await function(self._session, *arguments)
                return checked_result(hook, result)
        except Exception as error:
            return await self._failed(hook, error)
        assert scope.cancelled_caught
        self._log_timeout(hook)
        return replies.HOOK_FAILED

    async def tell(self, hook: str, *, seconds: float | None) -> None:
        """Call a hook that has no say, shielded from cancellation, for *seconds*."""
        function: Callable[[Session], Awaitable[None]] = getattr(self._handler, hook)
        seconds = float("inf") if seconds is None else seconds
        scope = trio.move_on_after(seconds, shield=True)
        try:
            with scope:
                await function(self._session)
        except Exception:
            logger.exception("session %s: %s failed", self._session.id, hook)
        if scope.cancelled_caught:
            self._log_timeout(hook)

    def pause(self) -> None:
        """Stop the clock of the running hook: it waits for the client."""
        self._left = self._scope.deadline - trio.current_time()
        self._scope.deadline = float("inf")

    def resume(self) -> None:
        """Let the clock of the running hook go on."""
        self._scope.deadline = trio.current_time() + self._left

    def _deadline(self) -> trio.CancelScope:
        self._scope = trio.move_on_after(self._seconds)
        return self._scope

    def _log_timeout(self, hook: str) -> None:
        logger.error("session %s: %s timed out", self._session.id, hook)

    async def _failed(self, hook: str, error: Exception) -> HookResult:
        causes = _leaves(error)
        if any(isinstance(cause, ClientGone) for cause in causes):
            raise ClientGone from error
        if len(causes) == 1 and isinstance(causes[0], Reject):
            return reply_from(causes[0])
        logger.error("session %s: %s failed", self._session.id, hook, exc_info=error)
        if "on_error" not in self._handler.overridden_hooks:
            return replies.HOOK_FAILED
        try:
            with self._deadline():
                result = await self._handler.on_error(self._session, error)
                return _failure(checked_result("on_error", result))
        except Reject as rejection:
            return reply_from(rejection)
        except Exception:
            logger.exception("session %s: on_error failed", self._session.id)
            return replies.HOOK_FAILED
        self._log_timeout("on_error")
        return replies.HOOK_FAILED


def _failure(said: HookResult) -> Reply:
    """Give what is answered when a hook has failed; a text accepts nothing."""
    if isinstance(said, Reply):
        return said
    return replies.HOOK_FAILED if said is None else replies.HOOK_FAILED.with_text(said)


def _leaves(error: BaseException) -> list[BaseException]:
    """Give the exceptions that are no groups inside of *error*."""
    if not isinstance(error, BaseExceptionGroup):
        return [error]
    group = cast("BaseExceptionGroup[BaseException]", error)
    return [leaf for inner in group.exceptions for leaf in _leaves(inner)]
