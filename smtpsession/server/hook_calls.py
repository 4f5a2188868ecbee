"""Calling hooks so that nothing that they do reaches another session."""

from __future__ import annotations

import inspect
import math
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

import attrs
import trio

from smtpsession.authentication import Authentication
from smtpsession.errors import ClientGone
from smtpsession.extensions.extension import Extension
from smtpsession.handler import (
    Handler,
    HookResult,
    checked_entry,
    checked_result,
)
from smtpsession.message import Message
from smtpsession.server.hook_failures import (
    failure_reply,
    leaves_of,
    log_error,
    raise_what_is_not_ours,
    rejection_in,
)
from smtpsession.session.session import Session
from smtpsession.wire import replies
from smtpsession.wire.replies import Reply

T = TypeVar("T")


@attrs.frozen
class User:
    """Whom ``on_auth`` has let in."""

    user: Any = attrs.field(repr=False)


def _checked_user(hook: str, result: object) -> User | Reply:
    # What is meant to refuse, or was not awaited, must let nobody in.
    if result is None or result is False:
        return replies.AUTH_FAILED
    if isinstance(result, (Reply, BaseException)) or inspect.isawaitable(result):
        hint = " (await it)" if inspect.isawaitable(result) else ""
        raise TypeError(
            f"{hook} must return the user, or None to refuse, and may raise Reject;"
            f" got a {type(result).__name__}{hint}"
        )
    return User(result)


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
        return await self._call(hook, checked_result, *arguments)

    async def ask_message(self, message: Message) -> HookResult | list[HookResult]:
        """Call ``on_data``; with LMTP it may answer for each recipient.

        Raises:
            ClientGone: as ``ask`` does.
        """
        if not self._session.lmtp:
            return await self.ask("on_data", message)
        return await self._call("on_data", self._checked_results, message)

    async def ask_user(self, authentication: Authentication) -> User | Reply:
        """Call ``on_auth``.

        Returns:
            Who is in, or a refusing reply.

        Raises:
            ClientGone: as ``ask`` does.
        """
        said = await self._call("on_auth", _checked_user, authentication)
        if isinstance(said, User):
            return said
        failed = said is replies.HOOK_FAILED or said.is_positive
        return replies.AUTH_FAILED_FOR_NOW if failed else said

    async def ask_extension(self, extension: Extension, argument: str) -> HookResult:
        """Have an extension answer its own command, as if it were a hook.

        Raises:
            ClientGone: as ``ask`` does.
        """
        return await self._call(
            *("on_command", checked_result, argument), function=extension.on_command
        )

    async def _call(
        self,
        hook: str,
        check: Callable[[str, object], T],
        *arguments: Any,
        function: Any = None,
    ) -> T | Reply:
        function = function or getattr(self._handler, hook)
        # A hook can be called while another one waits for the client.
        outer, outer_left = self._scope, self._left
        scope = self._deadline()
        try:
            with scope:
                return check(hook, await function(self._session, *arguments))
        except BaseException as error:
            raise_what_is_not_ours(self._id, error)
            return await self._failed(hook, error)
        finally:
            self._scope, self._left = outer, outer_left
        assert scope.cancelled_caught
        log_error(self._id, f"{hook} timed out")
        return replies.HOOK_FAILED

    def _checked_results(
        self, hook: str, result: object
    ) -> HookResult | list[HookResult]:
        """Give the answers of ``on_data`` in LMTP, one for all or one for each."""
        if not isinstance(result, (list, tuple)):
            return checked_result(hook, result)
        results = cast("list[object] | tuple[object, ...]", result)
        recipients = len(self._session.envelope.rcpt_to)
        if len(results) != recipients:
            log_error(
                self._id,
                f"{hook} answered for {len(results)} of {recipients} recipients",
            )
        return [self._checked_entry(hook, entry) for entry in results]

    def _checked_entry(self, hook: str, entry: object) -> HookResult:
        try:
            return checked_entry(hook, entry)
        except (TypeError, ValueError) as error:
            log_error(self._id, f"{hook} failed", error)
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

    async def _failed(self, hook: str, error: BaseException) -> Reply:
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
