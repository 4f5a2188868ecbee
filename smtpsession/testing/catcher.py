"""A server in a thread that catches messages, for suites that know nothing of Trio.

Theory of operation: the thread runs Trio and owns all sessions. What tests look at
are the messages, and those are guarded by a condition. A message is there before its
client has its 250, so that whoever has sent one finds it.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import Any, TypeAlias

import attrs
import trio

from smtpsession import Config, Handler, Session
from smtpsession.handler import HookResult
from smtpsession.testing.failures import Failures, When
from smtpsession.testing.plain_errors import plain_errors
from smtpsession.testing.received_message import ReceivedMessage
from smtpsession.testing.recording import RecordingHandler
from smtpsession.testing.server import open_server

#: So many messages, or one of which this is true.
Wanted: TypeAlias = int | Callable[[ReceivedMessage], bool]


@attrs.frozen
class _Running:
    """What the thread says once it serves."""

    address: tuple[str, int]
    token: trio.lowlevel.TrioToken
    stop: trio.Event


class _Inbox(RecordingHandler):
    """Tells the waiting tests about each message."""

    def __init__(self, inner: Handler[Any]) -> None:
        super().__init__(inner)
        self.news = threading.Condition()
        self.errors: list[Exception] = []

    async def on_error(self, session: Session, exception: Exception) -> HookResult:
        self.errors.append(exception)
        return await super().on_error(session, exception)

    def _keep(self, message: ReceivedMessage) -> None:
        with self.news:
            super()._keep(message)
            self.news.notify_all()


class Catcher:
    """Catches messages on a free port of this machine; a context manager.

    Args:
        handler: has the say; None accepts all.
        config: the options; None takes options that never make a test wait.
        host: address to bind.

    Raises:
        TypeError: an argument is of the wrong type.
    """

    def __init__(
        self,
        handler: Handler[Any] | None = None,
        config: Config | None = None,
        *,
        host: str = "127.0.0.1",
    ) -> None:
        self._failures = Failures(handler)
        self._inbox = _Inbox(self._failures)
        self._config = config
        self._bound_host = host
        self._thread = threading.Thread(
            target=self._run, name="smtpsession catcher", daemon=True
        )
        self._running: Future[_Running] = Future()
        self._end: BaseException | None = None

    def __repr__(self) -> str:
        if not self._thread.is_alive():
            return "Catcher()"
        return f"<Catcher on {self.host}:{self.port}>"

    @property
    def host(self) -> str:
        """The address that it listens on."""
        return self._started().address[0]

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self._started().address[1]

    @property
    def messages(self) -> list[ReceivedMessage]:
        """The messages that were accepted since the start or the last ``clear``."""
        with self._inbox.news:
            return list(self._inbox.messages)

    def start(self) -> Catcher:
        """Start to listen.

        Returns:
            The catcher itself.

        Raises:
            OSError: the address cannot be bound.
            RuntimeError: it was started before.
        """
        self._thread.start()
        self._started()
        return self

    def close(self) -> None:
        """Drain, and wait until everything is over.

        Raises:
            BaseException: what has ended the server.
            ExceptionGroup: hooks of the handler have failed.
        """
        self._stop()
        self._raise_errors()

    def _stop(self) -> None:
        running = self._started()
        with contextlib.suppress(trio.RunFinishedError):
            running.token.run_sync_soon(running.stop.set)
        self._thread.join()

    def _raise_errors(self) -> None:
        if self._end is not None:
            raise self._end
        if self._inbox.errors:
            text = "hooks of the catcher's handler failed"
            raise ExceptionGroup(text, self._inbox.errors)

    def __enter__(self) -> Catcher:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop()
        # What the test says matters more.
        if error is None:
            self._raise_errors()

    def wait_for(
        self, wanted: Wanted = 1, timeout: float = 5.0
    ) -> list[ReceivedMessage]:
        """Wait for messages; those that have come count, too.

        Args:
            wanted: so many messages, or a function that is true of one.
            timeout: how long, in seconds.

        Returns:
            All messages; those of which the function is true.

        Raises:
            TimeoutError: they have not come; it tells which have.
            BaseException: what has ended the server.
            TypeError, ValueError: nothing can be waited for like this.
        """
        _require_wanted(wanted)
        with self._inbox.news:
            self._inbox.news.wait_for(lambda: self._has(wanted), timeout)
            if self._found(wanted):
                return self._found(wanted)
            if self._end is not None:
                raise self._end
            raise TimeoutError(
                f"waited {timeout} s for {wanted} and got {self._inbox.messages}"
            )

    def refuse(
        self,
        place: str,
        code: int,
        text: str,
        *,
        enhanced: str | None = None,
        when: When = None,
        times: int | None = None,
    ) -> None:
        """Refuse from now on, as ``Failures.refuse`` does."""
        self._failures.refuse(
            place, code, text, enhanced=enhanced, when=when, times=times
        )

    def clear(self) -> None:
        """Forget the messages and what was to be refused, between two tests."""
        with self._inbox.news:
            self._inbox.clear()
            self._failures.clear()

    def _has(self, wanted: Wanted) -> bool:
        return bool(self._found(wanted)) or self._end is not None

    def _found(self, wanted: Wanted) -> list[ReceivedMessage]:
        messages = list(self._inbox.messages)
        if isinstance(wanted, int):
            return messages if len(messages) >= wanted else []
        return [message for message in messages if wanted(message)]

    def _started(self) -> _Running:
        if self._thread.ident is None:
            raise RuntimeError("the catcher has not been started")
        return self._running.result()

    def _run(self) -> None:
        try:
            with plain_errors():
                trio.run(self._serve)
        except BaseException as error:
            if not self._running.done():
                self._running.set_exception(error)
            with self._inbox.news:
                self._end = error
                self._inbox.news.notify_all()

    async def _serve(self) -> None:
        host = self._bound_host
        async with open_server(self._inbox, self._config, host=host) as server:
            stop = trio.Event()
            token = trio.lowlevel.current_trio_token()
            self._running.set_result(_Running(server.addresses[0], token, stop))
            await stop.wait()


def _require_wanted(wanted: Any) -> None:
    if isinstance(wanted, int) and not isinstance(wanted, bool):
        if wanted < 1:
            raise ValueError(f"wanted must be at least 1 message, got {wanted}")
    elif not callable(wanted):
        raise TypeError(f"wanted must be an int or a function, got {wanted!r}")
