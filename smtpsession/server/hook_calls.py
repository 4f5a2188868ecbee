"""Calling hooks so that nothing that they do reaches another session."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from typing import Any

import trio

from smtpsession.errors import ClientGone
from smtpsession.handler import Handler, HookResult, checked_result
from smtpsession.server.hook_failures import (
    failure_reply,
    leaves_of,
    log_error,
    raise_what_is_not_ours,
    rejection_in,
)
from smtpsession.session.session import Session
from smtpsession.wire import replies


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
        self._id = session.id
        self._seconds = math.inf if seconds is None else seconds
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
        except BaseException as error:
            raise_what_is_not_ours(self._id, error)
            return await self._failed(hook, error)
        assert scope.cancelled_caught
        log_error(self._id, f"{hook} timed out")
        return replies.HOOK_FAILED

    async def tell(self, hook: str, *, seconds: float | None) -> None:
        """Call a hook that has no say, shielded from cancellation, for *seconds*."""
        function: Callable[[Session], Awaitable[None]] = getattr(self._handler, hook)
        seconds = math.inf if seconds is None else seconds
        scope = trio.move_on_after(seconds, shield=True)
        try:
            with scope:
                await function(self._session)
        except BaseException as error:
            raise_what_is_not_ours(self._id, error)
            log_error(self._id, f"{hook} failed", error)
        if scope.cancelled_caught:
            log_error(self._id, f"{hook} timed out")

    def pause(self) -> None:
        """Stop the clock of the running hook: it waits for the client."""
        self._left = self._scope.deadline - trio.current_time()
        self._scope.deadline = math.inf

    def resume(self) -> None:
        """Let the clock of the running hook go on."""
        self._scope.deadline = trio.current_time() + self._left

    def _deadline(self) -> trio.CancelScope:
        self._scope = trio.move_on_after(self._seconds)
        return self._scope

    async def _failed(self, hook: str, error: BaseException) -> HookResult:
        if any(isinstance(leaf, ClientGone) for leaf in leaves_of(error)):
            raise ClientGone from error
        refusal = rejection_in(error)
        if refusal is not None:
            return refusal
        log_error(self._id, f"{hook} failed", error)
        asked = "on_error" in self._handler.overridden_hooks
        if not asked or not isinstance(error, Exception):
            return replies.HOOK_FAILED
        try:
            with self._deadline():
                result = await self._handler.on_error(self._session, error)
                return failure_reply(checked_result("on_error", result))
        except BaseException as second:
            raise_what_is_not_ours(self._id, second)
            refusal = rejection_in(second)
            if refusal is None:
                log_error(self._id, "on_error failed", second)
            return refusal or replies.HOOK_FAILED
        log_error(self._id, "on_error timed out")
        return replies.HOOK_FAILED
