"""A handler that writes down which hooks were called, and answers by a script."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import Any, cast

import attrs

from smtpsession import Address, Handler, Message, Reply, Session
from smtpsession.handler import HOOKS, HookResults
from smtpsession.testing.outer_handler import OuterHandler
from smtpsession.testing.received_message import ReceivedMessage


@attrs.frozen
class HookCall:
    """One call of a hook."""

    #: The name of the hook, ``on_rcpt_to`` for example.
    hook: str
    #: What it was given besides the session.
    arguments: tuple[Any, ...]
    #: The session.
    session: Session = attrs.field(repr=False)


class RecordingHandler(OuterHandler):
    """Records every hook, and each message that was accepted.

    Args:
        inner: has the say where no answer was scripted; None accepts all.

    Raises:
        TypeError: inner is no ``Handler``.
    """

    def __init__(self, inner: Handler[Any] | None = None) -> None:
        super().__init__(inner)
        #: All calls in the order in which they came, of all sessions.
        self.calls: list[HookCall] = []
        #: The messages that were accepted.
        self.messages: list[ReceivedMessage] = []
        self._script: dict[str, deque[Any]] = defaultdict(deque)

    @property
    def called(self) -> list[str]:
        """The names of the hooks that were called, in order."""
        return [call.hook for call in self.calls]

    def calls_of(self, hook: str) -> list[HookCall]:
        """Give the calls of one hook.

        Raises:
            ValueError: there is no such hook.
        """
        _require_hook(hook)
        return [call for call in self.calls if call.hook == hook]

    def answer(self, hook: str, *answers: Any) -> RecordingHandler:
        """Have the next calls of a hook answer so, one after the other.

        Args:
            hook: its name.
            answers: what it returns; an exception is raised. ``on_data`` that raises
                refuses DATA itself, and that returns a refusing ``Reply`` refuses the
                content.

        Returns:
            The handler itself.

        Raises:
            ValueError: there is no such hook.
        """
        _require_hook(hook)
        self._script[hook].extend(answers)
        self.overridden_hooks |= {hook}
        return self

    def clear(self) -> None:
        """Forget all calls and messages."""
        self.calls.clear()
        self.messages.clear()

    async def on_data(self, session: Session, message: Message) -> HookResults:
        """Record the content, and the message if it is accepted."""
        pieces: list[bytes] = []

        async def receive() -> bytes:
            pieces.append(await message.read(65_536))
            return pieces[-1]

        copy = Message(receive)
        said: HookResults = await self._called("on_data", session, copy)
        # As the server does with what is left unread.
        async for _ in copy:
            pass
        recipients = _who_got_it(session.envelope.rcpt_to, said)
        if recipients:
            content = b"".join(pieces)
            self._keep(ReceivedMessage.of(session, content, recipients))
        return said

    def _keep(self, message: ReceivedMessage) -> None:
        self.messages.append(message)

    async def _called(self, hook: str, session: Session, *arguments: Any) -> Any:
        self.calls.append(HookCall(hook, arguments, session))
        if not self._script[hook]:
            return await self._pass_on(hook, session, *arguments)
        answer = self._script[hook].popleft()
        if isinstance(answer, BaseException):
            raise answer
        return answer


def _require_hook(hook: str) -> None:
    if hook not in HOOKS:
        raise ValueError(f"hook must be in {sorted(HOOKS)}, got {hook!r}")


def _who_got_it(recipients: list[Address], said: object) -> list[Address]:
    if not isinstance(said, (list, tuple)):
        return list(recipients) if _accepts(said) else []
    answers = cast("list[object] | tuple[object, ...]", said)
    return [
        address
        for address, answer in zip(recipients, answers, strict=False)
        if _accepts(answer)
    ]


def _accepts(answer: object) -> bool:
    if isinstance(answer, Reply):
        return answer.is_positive
    return answer is None or isinstance(answer, str)
