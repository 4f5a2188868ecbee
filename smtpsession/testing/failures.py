"""Failures by script: refusals, delays and lost connections."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeAlias

import attrs
import trio

from smtpsession import Address, Handler, Message, Reject, Reply, Session
from smtpsession.errors import ClientGone
from smtpsession.handler import HookResult, HookResults
from smtpsession.testing.outer_handler import OuterHandler

#: Whom a failure is for: an address or a name, or a function that says so; None is all.
When: TypeAlias = str | Callable[[Any], bool] | None

#: The end of the content, where no hook is called.
_MESSAGE = "message"
#: Where something can fail: in a hook, or behind it.
_PLACES = {
    "CONNECT": "on_connect",
    "STARTTLS": "on_secure",
    "HELO": "on_hello",
    "EHLO": "on_hello",
    "LHLO": "on_hello",
    "AUTH": "on_auth",
    "MAIL": "on_mail_from",
    "RCPT": "on_rcpt_to",
    "DATA": "on_data",
    "MESSAGE": _MESSAGE,
    "VRFY": "on_verify",
    "EXPN": "on_expand",
    "HELP": "on_help",
}


@attrs.define
class _Rule:
    """One failure: where, for whom, how often, and what happens."""

    place: str
    act: Callable[[], Awaitable[None]]
    when: When
    left: float

    def takes(self, facts: Iterable[Any]) -> bool:
        """Say whether it happens now, and count it."""
        if self.left < 1 or not any(self._is_meant(fact) for fact in facts):
            return False
        self.left -= 1
        return True

    def _is_meant(self, fact: Any) -> bool:
        if self.when is None:
            return True
        if not isinstance(self.when, str):
            return bool(self.when(fact))
        return _name_of(fact).casefold() == self.when.casefold()


class Failures(OuterHandler):
    """Fails as it was told to, and otherwise does what the inner handler does.

    The places are the verbs CONNECT, STARTTLS, EHLO (or HELO, LHLO: any hello), AUTH,
    MAIL, RCPT, DATA, VRFY, EXPN and HELP, and MESSAGE for the end of the content; in
    LMTP a refusal there is for one recipient. What was told first happens first.
    NOOP, RSET and QUIT are answered without asking any hook, so nothing fails there.

    Without an inner handler it stands before another one in a
    ``smtpsession.handlers.Chain``; for DATA, MESSAGE and AUTH it has to be the outer
    handler.

    Args:
        inner: has the say where nothing fails; None accepts all.

    Raises:
        TypeError: inner is no ``Handler``.
    """

    def __init__(self, inner: Handler[Any] | None = None) -> None:
        super().__init__(inner)
        self._rules: list[_Rule] = []
        # A Chain has room for one handler with on_data.
        if "on_data" not in self._inner.overridden_hooks:
            self.overridden_hooks -= {"on_data"}

    def refuse(
        self,
        place: str,
        code: int,
        text: str,
        *,
        enhanced: str | None = None,
        when: When = None,
        times: int | None = None,
    ) -> Failures:
        """Refuse.

        Args:
            place: where, see the class.
            code: reply code, 400 to 599; 421 closes the connection.
            text: one line of printable ASCII for people.
            enhanced: enhanced status code (RFC 3463); None gives ``x.0.0``.
            when: whom: an address, the name in a hello, the name of a user; or a
                function of the ``Address`` (MAIL; each recipient at RCPT, DATA and
                MESSAGE), the ``Session`` (CONNECT, STARTTLS) or the str (others).
            times: how often; None is always.

        Returns:
            The handler itself.

        Raises:
            TypeError: an argument has the wrong type.
            ValueError: an argument is out of range.
        """
        Reject(code, text, enhanced=enhanced)

        async def act() -> None:
            raise Reject(code, text, enhanced=enhanced)

        return self._add(place, act, when, times)

    def delay(
        self,
        place: str,
        seconds: float,
        *,
        when: When = None,
        times: int | None = None,
    ) -> Failures:
        """Answer later.

        Args:
            place: where, see the class.
            seconds: how much later, on Trio's clock.
            when: as in ``refuse``.
            times: how often; None is always.

        Returns:
            The handler itself.

        Raises:
            TypeError: an argument has the wrong type.
            ValueError: an argument is out of range.
        """
        if not 0 <= seconds < math.inf:
            raise ValueError(f"seconds must be 0 or more, got {seconds}")

        async def act() -> None:
            await trio.sleep(seconds)

        return self._add(place, act, when, times)

    def disconnect(
        self, place: str, *, when: When = None, times: int | None = None
    ) -> Failures:
        """Close the connection without a word.

        Args:
            place: where, see the class.
            when: as in ``refuse``.
            times: how often; None is always.

        Returns:
            The handler itself.

        Raises:
            TypeError: an argument has the wrong type.
            ValueError: an argument is out of range.
        """

        async def act() -> None:
            # The session then ends as if its client had gone.
            raise ClientGone

        return self._add(place, act, when, times)

    def clear(self) -> None:
        """Let nothing fail any more."""
        self._rules.clear()

    async def on_data(self, session: Session, message: Message) -> HookResults:
        """Fail at DATA, have the message handled, fail at its end."""
        recipients = session.envelope.rcpt_to
        await self._fail("on_data", recipients)
        said: HookResults = await self._pass_on("on_data", session, message)
        # What is refused at the end has to be read first.
        async for _ in message:
            pass
        if not session.lmtp:
            await self._fail(_MESSAGE, recipients)
            return said
        answers = _for_each(recipients, said)
        for number, address in enumerate(recipients[: len(answers)]):
            try:
                await self._fail(_MESSAGE, [address])
            except Reject as refusal:
                answers[number] = refusal
        return answers

    async def _called(self, hook: str, session: Session, *arguments: Any) -> Any:
        # The stream of on_secure is nothing to choose by.
        fact: Any = session if hook == "on_secure" else [*arguments, session][0]
        await self._fail(hook, [fact.username if hook == "on_auth" else fact])
        return await self._pass_on(hook, session, *arguments)

    async def _fail(self, place: str, facts: list[Any]) -> None:
        for rule in tuple(self._rules):
            if rule.place == place and rule.takes(facts):
                await rule.act()

    def _add(
        self,
        place: str,
        act: Callable[[], Awaitable[None]],
        when: When,
        times: int | None,
    ) -> Failures:
        hook = _PLACES.get(place.upper())
        if hook is None:
            raise ValueError(f"place must be in {[*_PLACES]}, got {place!r}")
        if times is not None and times < 1:
            raise ValueError(f"times must be at least 1 or None, got {times}")
        if not (when is None or isinstance(when, str) or callable(when)):
            raise TypeError(f"when must be a str, a function or None, got {when!r}")
        self._rules.append(_Rule(hook, act, when, math.inf if times is None else times))
        self.overridden_hooks |= {"on_data" if hook == _MESSAGE else hook}
        return self


def _for_each(
    recipients: list[Address], said: HookResults
) -> list[HookResult | Reject]:
    if said is None or isinstance(said, (str, Reply)):
        return [said] * len(recipients)
    return list(said)


def _name_of(fact: Any) -> str:
    if isinstance(fact, Address):
        return fact.address
    return fact.remote_address if isinstance(fact, Session) else str(fact)
