"""The contract: subclass ``Handler`` and override the hooks that you need."""

from __future__ import annotations

import difflib
import inspect
import re
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import TYPE_CHECKING, Any, Generic

from smtpsession.authentication import Authentication
from smtpsession.errors import Reject
from smtpsession.message import Message
from smtpsession.session.session import Session
from smtpsession.wire.addresses import Address
from smtpsession.wire.replies import Reply

if TYPE_CHECKING:
    import trio
    from typing_extensions import TypeVar

    SessionT = TypeVar("SessionT", bound=Session, default=Session)
else:
    from typing import TypeVar

    SessionT = TypeVar("SessionT", bound=Session)

#: What a hook may give back: the stock reply, its text, or a whole reply.
HookResult = Reply | str | None
#: What ``on_data`` may give back: the same, and in LMTP one answer per recipient.
HookResults = HookResult | Sequence[HookResult | Reject]


class Handler(Generic[SessionT]):
    """Receives every event of every session; all hooks accept unless overridden.

    A hook accepts by returning None (the stock reply), a str (the text of the stock
    positive reply) or a ``Reply``. It refuses by raising ``Reject``. Any other
    exception is answered with 451 4.3.0, logged, and costs nothing but its command.
    """

    #: The class of the sessions; a subclass of ``Session`` types one's own data.
    session_class: type[SessionT] = Session  # type: ignore[assignment]

    #: The hooks that it overrides, which are the only ones that are called.
    overridden_hooks: frozenset[str] = frozenset()

    async def on_connect(self, session: SessionT) -> HookResult:
        """A client has connected; refusal closes (default code 554)."""

    async def on_secure(self, session: SessionT, stream: trio.SSLStream[Any]) -> None:
        """A TLS handshake is done; refusal is 554 and closes."""

    async def on_hello(self, session: SessionT, name: str) -> HookResult:
        """HELO, EHLO or LHLO with the client's name."""

    async def on_auth(self, session: SessionT, auth: Authentication) -> Any:
        """A client wants to authenticate, by whatever mechanism.

        Return the user, any object but None and False, to let it in (235); it then is
        ``session.user``. None and False refuse (535 5.7.8). AUTH is offered to sessions
        inside TLS once this is overridden.
        """

    async def on_mail_from(self, session: SessionT, address: Address) -> HookResult:
        """MAIL; ``session.envelope`` has this command's parameters already."""

    async def on_rcpt_to(self, session: SessionT, address: Address) -> HookResult:
        """RCPT."""

    async def on_data(self, session: SessionT, message: Message) -> HookResults:
        """DATA; 354 goes out at the first read, so refusing before refuses DATA.

        With BDAT it is called at the first chunk. Content that is left unread is
        drained. The positive reply leaves only after this has returned. In LMTP it may
        return a list with one answer per accepted recipient: None, a str, a ``Reply``
        or a ``Reject``.
        """

    async def on_reset(self, session: SessionT) -> None:
        """A mail transaction ends without being accepted; it has no say.

        ``session.envelope`` still is that transaction's and is replaced afterwards.
        """

    async def on_close(self, session: SessionT) -> None:
        """Last, once for every session that reached ``on_connect``; it has no say."""

    async def on_verify(self, session: SessionT, argument: str) -> HookResult:
        """VRFY with its argument; stock reply 252."""

    async def on_expand(self, session: SessionT, argument: str) -> HookResult:
        """EXPN with its argument; stock reply 502."""

    async def on_help(self, session: SessionT, topic: str) -> HookResult:
        """HELP with its topic or ""; stock reply 214."""

    async def on_unknown(self, session: SessionT, line: str) -> HookResult:
        """A line with an unknown verb, control characters escaped; stock reply 500."""

    async def on_error(self, session: SessionT, exception: Exception) -> HookResult:
        """A hook raised something else than ``Reject``; stock reply 451 4.3.0.

        A str is the text of that 451; only a ``Reply`` can accept what has failed.
        """

    def around_session(self, session: SessionT) -> AbstractAsyncContextManager[Any]:
        """Give the context in which the session runs, from before ``on_connect``.

        Override it with ``@contextlib.asynccontextmanager`` to hold a database
        connection or a nursery for as long as the session lives.
        """
        return nullcontext()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        overridden = {
            name: value
            for base in reversed(cls.__mro__[: cls.__mro__.index(Handler)])
            for name, value in vars(base).items()
            if name in HOOKS or _HOOK_LIKE.match(name)
        }
        for name, value in overridden.items():
            _check_hook(cls, name, value)
        cls.overridden_hooks = frozenset(overridden)
        _check_mixins(cls)
        _check_session_class(cls, cls.session_class)


HOOKS = frozenset(name for name in vars(Handler) if name.startswith("on_"))
# Names that were meant to be hooks: here, and in the handlers of other frameworks.
_HOOK_LIKE = re.compile(r"on_|on[A-Z]|around_|handle_[A-Z]")
# Replies of other frameworks' hooks, "550 no": here they would be texts that accept.
_REPLY_LIKE = re.compile(r"[2-5][0-5][0-9](?:[ -]|\Z)")


def _check_hook(cls: type, name: str, value: object) -> None:
    where = f"{cls.__name__}.{name}"
    function: Any = getattr(value, "__func__", value)
    is_async = inspect.iscoroutinefunction
    if name == "around_session":
        if is_async(function) or inspect.isasyncgenfunction(function):
            raise TypeError(
                f"{where} must return an async context manager:"
                f" decorate it with @contextlib.asynccontextmanager"
            )
    elif name not in HOOKS:
        near = difflib.get_close_matches(
            name.lower(), {*HOOKS, "around_session"}, 1, 0
        )[0]
        known = ", ".join(sorted(HOOKS))
        raise TypeError(
            f"{where} is no hook; did you mean {near}? The hooks are {known}"
        )
    elif not is_async(inspect.unwrap(function, stop=is_async)):
        raise TypeError(
            f"{where} must be an async def function without yield, got {value!r}"
        )
    else:
        _check_arguments(where, name, value)


def _check_arguments(where: str, name: str, value: Any) -> None:
    wanted = tuple(inspect.signature(getattr(Handler, name)).parameters)
    wanted = wanted[isinstance(value, staticmethod) :]
    try:
        inspect.signature(getattr(value, "__func__", value)).bind(*wanted)
    except TypeError as error:
        arguments = ", ".join(wanted)
        raise TypeError(f"{where} must take ({arguments}): {error}") from None


def _check_mixins(cls: type) -> None:
    # What stands behind Handler among the bases would never be called.
    for base in cls.__mro__[cls.__mro__.index(Handler) + 1 :]:
        hidden = sorted(name for name in vars(base) if name in HOOKS)
        if hidden:
            raise TypeError(
                f"{base.__name__}.{hidden[0]} is hidden by Handler: name"
                f" {base.__name__} before Handler in the bases of {cls.__name__}"
            )


def _check_session_class(cls: type, value: object) -> None:
    if not (isinstance(value, type) and issubclass(value, Session)):
        raise TypeError(
            f"{cls.__name__}.session_class must be a subclass of Session, got {value!r}"
        )
    # A field without a default would fail only when the first client connects.
    try:
        inspect.signature(value).bind(id="")
    except TypeError as error:
        raise TypeError(
            f"{cls.__name__}.session_class {value.__name__} must be made as Session is,"
            f" and each field of its own must have a default: {error}"
        ) from None


#: Replies that mean a change of state that no hook can make.
_NOT_FROM_HOOKS = frozenset({220, 235, *range(300, 400)})


def checked_result(hook: str, result: object) -> HookResult:
    """Give what a hook returned, or raise TypeError if it is nothing it may return."""
    if isinstance(result, str):
        if _REPLY_LIKE.match(result):
            raise TypeError(
                f"{hook} must return the text of a positive reply without a code, or a"
                f" Reply, and refuse by raising Reject; got {result!r}"
            )
        return result
    if result is None:
        return result
    if isinstance(result, Reply) and result.code not in _NOT_FROM_HOOKS:
        return result
    got = f"{result!r}{_hint(result)}"
    raise TypeError(f"{hook} must return None, a str or a final Reply, got {got}")


def _hint(result: object) -> str:
    if isinstance(result, Reject):
        return " (raise it)"
    return " (await it)" if inspect.isawaitable(result) else ""


def checked_entry(hook: str, entry: object) -> HookResult:
    """Give one recipient's answer of ``on_data``, or raise TypeError."""
    if not isinstance(entry, Reject):
        return checked_result(hook, entry)
    reply = reply_from(entry)
    if reply.is_positive:
        raise TypeError(f"{hook} must refuse with a code of 400 or more, got {reply}")
    return reply


def reply_from(rejection: Reject) -> Reply:
    """Give the reply that a ``Reject`` stands for."""
    return Reply(rejection.code, rejection.text, rejection.enhanced)
