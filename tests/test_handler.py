"""The contract: what a class may override, and what its hooks may give back."""

import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from typing import Any

import attrs
import pytest
import trio

from smtpsession import Handler, Reject, Reply, Session
from smtpsession.handler import HOOKS, checked_entry, checked_result, reply_from


def define(name: str, value: object, *bases: type) -> type[Handler]:
    """Define ``class Inbox(*bases, Handler)`` with one attribute."""
    return type("Inbox", (*bases, Handler), {name: value})


async def hook(self: Any, *arguments: Any) -> None:
    """Stand for any hook."""


# What the definition of a class refuses.


@pytest.mark.parametrize("name", sorted(HOOKS))
def test_every_hook_must_be_async(name: str) -> None:
    def plain(self: Handler, *arguments: object) -> None: ...

    with pytest.raises(TypeError, match=rf"Inbox\.{name} must be an async def functi"):
        define(name, plain)
    assert define(name, hook).overridden_hooks == {name}


@pytest.mark.parametrize("value", [None, 5, "on_data", print, lambda self, *a: None])
def test_what_is_no_async_function_is_no_hook(value: object) -> None:
    with pytest.raises(TypeError, match=r"Inbox\.on_data must be an async def"):
        define("on_data", value)


def test_an_async_generator_is_no_hook() -> None:
    async def stream(self: Handler, *arguments: object) -> AsyncIterator[None]:
        yield

    with pytest.raises(TypeError, match=r"Inbox\.on_data must be an async def"):
        define("on_data", stream)


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [
        ("on_rcpt", "on_rcpt_to"),
        ("on_mail", "on_mail_from"),
        ("on_recpt_to", "on_rcpt_to"),
        ("on_ehlo", "on_hello"),
        ("on_dataa", "on_data"),
        ("on_disconnect", "on_connect"),
        ("on_xyzzy", "on_"),
    ],
)
def test_a_misspelt_hook_is_refused_with_the_nearest_name(
    misspelt: str, meant: str
) -> None:
    with pytest.raises(
        TypeError, match=rf"Inbox\.{misspelt} is no hook.* mean {meant}"
    ):
        define(misspelt, hook)


def test_names_that_do_not_begin_like_a_hook_are_free() -> None:
    assert define("data", 5).overridden_hooks == frozenset()
    assert define("_on_data", 5).overridden_hooks == frozenset()
    assert define("once", hook).overridden_hooks == frozenset()


def test_a_mixin_that_is_no_handler_is_checked_too() -> None:
    class Misspelt:
        on_rcpt = hook

    class Plain:
        def on_data(self, *arguments: object) -> None: ...

    with pytest.raises(TypeError, match=r"Inbox\.on_rcpt is no hook; .* on_rcpt_to\?"):
        define("attribute", 5, Misspelt)
    with pytest.raises(TypeError, match=r"Inbox\.on_data must be an async def"):
        define("attribute", 5, Plain)


def test_an_override_covers_what_a_mixin_does_wrong() -> None:
    class Plain:
        def on_data(self, *arguments: object) -> None: ...

    assert define("on_data", hook, Plain).overridden_hooks == {"on_data"}


@pytest.mark.parametrize("static", [False, True], ids=["method", "staticmethod"])
def test_around_session_must_give_a_context_manager(static: bool) -> None:
    async def generator(self: Handler, *arguments: Session) -> AsyncIterator[None]:
        yield

    for function in (hook, generator):
        value = staticmethod(function) if static else function
        with pytest.raises(
            TypeError, match=r"Inbox\.around_session .*decorate it with"
        ):
            define("around_session", value)


@pytest.mark.parametrize(
    "session_class", [None, 5, "Session", dict, Handler, Session(id="1")]
)
def test_session_class_must_be_a_class_of_sessions(session_class: object) -> None:
    with pytest.raises(TypeError, match=r"Inbox\.session_class must be a subclass of "):
        define("session_class", session_class)


def test_fields_of_a_session_class_must_have_defaults() -> None:
    @attrs.define(slots=False, eq=False, kw_only=True)
    class Visit(Session):
        score: float

    with pytest.raises(TypeError, match=r"session_class Visit .* default: .*'score'"):
        define("session_class", Visit)


# What it accepts, and that it is called.


def test_the_base_class_overrides_nothing() -> None:
    assert Handler.overridden_hooks == frozenset()
    assert Handler().session_class is Session


def test_overridden_hooks_count_those_of_all_bases() -> None:
    class Logging:
        on_close = hook

    class First(Handler):
        async def on_data(self, session: Session, message: object) -> None: ...

    class Second(Logging, First):
        async def on_hello(self, session: Session, name: str) -> None: ...

        @asynccontextmanager
        async def around_session(self, session: Session) -> AsyncIterator[None]:
            yield

    assert First.overridden_hooks == {"on_data"}
    assert Second.overridden_hooks == {
        "on_data",
        "on_hello",
        "on_close",
        "around_session",
    }
    assert Handler.overridden_hooks == frozenset()


def test_a_class_of_ones_own_sessions_is_kept() -> None:
    @attrs.define(slots=False, eq=False)
    class Mine(Session):
        count: int = 0

    class Inbox(Handler[Mine]):
        session_class = Mine

    class Outbox(Inbox):
        pass

    assert Inbox.session_class is Mine
    assert Outbox.session_class is Mine


def test_class_keywords_reach_other_bases() -> None:
    seen: dict[str, object] = {}

    class Registered:
        def __init_subclass__(cls, *, queue: str, **kwargs: object) -> None:
            super().__init_subclass__(**kwargs)
            seen["queue"] = queue

    class Inbox(Handler, Registered, queue="inbound"):
        async def on_data(self, session: Session, message: object) -> None: ...

    assert seen == {"queue": "inbound"}
    assert Inbox.overridden_hooks == {"on_data"}


async def test_a_static_hook_is_called_without_self() -> None:
    class Inbox(Handler):
        @staticmethod
        async def on_hello(session: Session, name: str) -> str:  # pyright: ignore
            return f"{session.id} {name}"

    assert Inbox.overridden_hooks == {"on_hello"}
    assert await Inbox().on_hello(Session(id="1"), "c") == "1 c"


async def test_a_decorator_that_stays_async_makes_a_hook() -> None:
    def shouting(function: Callable[..., Awaitable[str]]) -> Callable[..., Any]:
        @functools.wraps(function)
        async def wrapper(*arguments: object) -> str:
            return (await function(*arguments)).upper()

        return wrapper

    class Inbox(Handler):
        @shouting
        async def on_hello(self, session: Session, name: str) -> str:
            return f"hi {name}"

    assert Inbox.overridden_hooks == {"on_hello"}
    assert await Inbox().on_hello(Session(id="1"), "c") == "HI C"


async def test_a_decorator_that_hands_the_coroutine_on_makes_a_hook() -> None:
    def counted(function: Callable[..., Awaitable[str]]) -> Callable[..., Any]:
        @functools.wraps(function)
        def wrapper(*arguments: object) -> Awaitable[str]:
            calls.append(function.__name__)
            return function(*arguments)

        return wrapper

    calls: list[str] = []

    class Inbox(Handler):
        @counted
        async def on_hello(self, session: Session, name: str) -> str:
            return f"hi {name}"

    assert await Inbox().on_hello(Session(id="1"), "c") == "hi c"
    assert calls == ["on_hello"]


async def test_a_decorator_that_makes_a_plain_function_async_makes_a_hook() -> None:
    def in_thread(function: Callable[..., str]) -> Callable[..., Any]:
        @functools.wraps(function)
        async def wrapper(*arguments: object) -> str:
            return await trio.to_thread.run_sync(function, *arguments)

        return wrapper

    class Inbox(Handler):
        @in_thread
        def on_hello(self, session: Session, name: str) -> str:
            return f"hi {name}"

    assert Inbox.overridden_hooks == {"on_hello"}
    assert await Inbox().on_hello(Session(id="1"), "c") == "hi c"


def test_a_decorator_that_hides_nothing_async_makes_no_hook() -> None:
    def broken(function: Callable[..., str]) -> Callable[..., Any]:
        @functools.wraps(function)
        def wrapper(*arguments: object) -> str:
            return function(*arguments)

        return wrapper

    with pytest.raises(TypeError, match=r"Inbox\.on_hello must be an async def"):
        define("on_hello", broken(lambda *arguments: "hi"))


async def test_a_plain_function_may_give_the_context_around_a_session() -> None:
    class Inbox(Handler):
        def around_session(self, session: Session) -> nullcontext[str]:
            return nullcontext(session.id)

    async with Inbox().around_session(Session(id="1")) as given:
        assert given == "1"
    assert Inbox.overridden_hooks == {"around_session"}


# The base class accepts.


@pytest.mark.parametrize("name", sorted(HOOKS))
async def test_every_hook_of_the_base_class_accepts(name: str) -> None:
    arguments = () if name in {"on_connect", "on_close", "on_reset"} else ("x",)
    assert await getattr(Handler(), name)(Session(id="1"), *arguments) is None


async def test_the_context_of_the_base_class_does_nothing() -> None:
    async def fail_inside() -> None:
        async with Handler().around_session(Session(id="1")) as given:
            assert given is None
            raise KeyError

    with pytest.raises(KeyError):
        await fail_inside()


# What hooks give back.


@pytest.mark.parametrize(
    "result", [None, "", "queued as 42", Reply(250, "x"), Reply(550, "x")]
)
def test_a_hook_may_return_none_a_text_or_a_final_reply(result: object) -> None:
    assert checked_result("on_data", result) is result


@pytest.mark.parametrize(
    "result", [True, 250, b"OK", ["OK"], Reject(550, "no"), Reply(354, "go on")]
)
def test_what_else_a_hook_returns_is_refused(result: object) -> None:
    with pytest.raises(TypeError, match="on_data must return None, a str or a final"):
        checked_result("on_data", result)


def test_what_was_meant_is_said() -> None:
    with pytest.raises(TypeError, match=r"got Reject\(550, 'no', None\) \(raise it\)$"):
        checked_result("on_rcpt_to", Reject(550, "no"))
    forgotten = hook(None)
    with pytest.raises(TypeError, match=r"got <coroutine .*> \(await it\)$"):
        checked_result("on_rcpt_to", forgotten)
    forgotten.close()


@pytest.mark.parametrize("entry", [None, "kept", Reply(250, "OK"), Reply(452, "full")])
def test_an_entry_for_one_recipient_is_what_a_hook_may_return(entry: Any) -> None:
    assert checked_entry("on_data", entry) is entry


def test_an_entry_for_one_recipient_may_be_a_rejection() -> None:
    entry = Reject(550, "no such user", enhanced="5.1.1")
    assert checked_entry("on_data", entry) == Reply(550, "no such user", "5.1.1")
    entry.code, entry.enhanced = 250, "2.0.0"
    with pytest.raises(TypeError, match="on_data must refuse with a code of 400"):
        checked_entry("on_data", entry)


@pytest.mark.parametrize("entry", [7, b"OK", ["OK"], RuntimeError("x"), "550 no"])
def test_what_else_an_entry_is_is_refused(entry: object) -> None:
    with pytest.raises(TypeError, match="on_data must return"):
        checked_entry("on_data", entry)


def test_a_rejection_stands_for_its_reply() -> None:
    assert reply_from(Reject(452, "full", enhanced="4.2.2")) == Reply(
        452, "full", "4.2.2"
    )
    assert reply_from(Reject(550, "no")).to_bytes() == b"550 5.0.0 no\r\n"


def test_a_mixin_behind_handler_is_refused_because_it_would_be_hidden() -> None:
    class Mixin:
        async def on_close(self, session: Session) -> None: ...

    with pytest.raises(TypeError, match=r"Mixin\.on_close is hidden by Handler"):
        type("Inbox", (Handler, Mixin), {})

    class Inbox(Mixin, Handler):
        pass

    assert Inbox.overridden_hooks == {"on_close"}


def test_a_hook_with_other_arguments_is_refused_when_the_class_is_defined() -> None:
    async def too_few(self: Any, session: Session) -> None: ...

    async def too_many(self: Any, session: Session, message: Any, x: int) -> None: ...

    for hook in (too_few, too_many):
        with pytest.raises(
            TypeError, match=r"Inbox\.on_data must take \(self, session"
        ):
            type("Inbox", (Handler,), {"on_data": hook})

    async def open_minded(self: Any, *arguments: Any, extra: int = 0) -> None: ...

    assert issubclass(type("Inbox", (Handler,), {"on_data": open_minded}), Handler)


@pytest.mark.parametrize("name", ["onConnect", "handle_DATA", "around_sesion"])
def test_names_that_were_meant_to_be_hooks_are_refused(name: str) -> None:
    async def hook(self: Any, session: Session) -> None: ...

    with pytest.raises(TypeError, match=rf"Inbox\.{name} is no hook; did you mean"):
        type("Inbox", (Handler,), {name: hook})


def test_the_nearest_hook_is_named_whatever_the_case() -> None:
    async def hook(self: Any, session: Session) -> None: ...

    with pytest.raises(TypeError, match="did you mean on_data"):
        type("Inbox", (Handler,), {"handle_DATA": hook})


@pytest.mark.parametrize("text", ["550 no", "250 OK", "451-later", "250"])
def test_a_text_that_looks_like_a_reply_is_refused(text: str) -> None:
    with pytest.raises(TypeError, match=r"without a code"):
        checked_result("on_rcpt_to", text)
    assert checked_result("on_data", "2 of 3 kept") == "2 of 3 kept"
