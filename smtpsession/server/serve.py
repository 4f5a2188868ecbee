"""Entry points: serve a port, listeners, or one stream."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping, Sequence
from typing import Any, cast

import trio

from smtpsession.handler import Handler
from smtpsession.server.config import Config
from smtpsession.server.server_state import ServerState
from smtpsession.session.session import Session

#: The port of SMTP.
SMTP_PORT = 25


class Server:
    """A running server; what ``nursery.start(serve, ...)`` gives."""

    def __init__(
        self,
        state: ServerState,
        listeners: Sequence[trio.abc.Listener[Any]],
        accepting: trio.CancelScope,
    ) -> None:
        self._state = state
        self._accepting = accepting
        #: The bound ``(host, port)`` pairs; a Unix socket gives ``(path, 0)``.
        self.addresses: list[tuple[str, int]] = [
            _address(listener)
            for listener in listeners
            if isinstance(listener, trio.SocketListener)
        ]

    @property
    def sessions(self) -> list[Session]:
        """The sessions that are alive now."""
        return [connection.session for connection in self._state.connections]

    def reload_tls(
        self,
        tls: ssl.SSLContext | None = None,
        *,
        sni: Mapping[str, ssl.SSLContext] | None = None,
    ) -> None:
        """Have new handshakes use other certificates; sessions with TLS go on.

        Without arguments the files of all contexts are read again, which
        ``tls_context`` has made. It is all or nothing: an error changes nothing.

        Args:
            tls: instead of ``Config.tls``; None keeps the current one.
            sni: instead of ``Config.sni``; None keeps the current one.

        Raises:
            OSError: a file cannot be read.
            ValueError: a file cannot be used, a context cannot be read again, a new
                one is not what ``Config`` would take, or the server has no TLS.
            TypeError: an argument is of the wrong type.
        """
        self._state.reload_tls(tls, sni)

    async def drain(self, grace: float = 30) -> None:
        """Stop accepting, end all sessions, and let ``serve`` return.

        Sessions without an open mail transaction get 421 4.3.2 at once. Open mail
        transactions may finish.

        Args:
            grace: after so many seconds those still open get 421 and are closed.
        """
        self._accepting.cancel()
        await self._state.drain(grace)


async def serve(
    handler: Handler[Any],
    port: int = 2525,
    *,
    host: str | None = "127.0.0.1",
    config: Config | None = None,
    task_status: trio.TaskStatus[Server] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Serve SMTP on a TCP port until cancelled or drained.

    Args:
        handler: receives the events of all sessions.
        port: TCP port; 0 takes a free one, see ``Server.addresses``.
        host: address to bind; None binds all.
        config: the options; None takes the defaults.
        task_status: reports the ``Server`` once it listens.

    Raises:
        OSError: the address cannot be bound.
        ValueError: there is no such port, or it is not for LMTP; AUTH is required and
            nobody could get in.
        TypeError: an argument is of the wrong type.
    """
    state = ServerState(handler, Config() if config is None else config)
    _require_place(host, port)
    _check_port(port, state.config)
    _check_way_in(state.config)
    try:
        listeners = await trio.open_tcp_listeners(port, host=host)
    except OSError as error:
        error.add_note(f"smtpsession cannot listen on {host}:{port}")
        raise
    await _serve(state, listeners, task_status)


async def serve_listeners(
    handler: Handler[Any],
    listeners: Sequence[trio.abc.Listener[Any]],
    *,
    config: Config | None = None,
    task_status: trio.TaskStatus[Server] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Serve SMTP on listeners that are open already; they are closed at the end.

    Args:
        handler: receives the events of all sessions.
        listeners: any Trio listeners.
        config: the options; None takes the defaults.
        task_status: reports the ``Server`` once it accepts.

    Raises:
        ValueError: there are no listeners, or LMTP is not for TCP port 25.
        TypeError: an argument is of the wrong type.
    """
    state = ServerState(handler, Config() if config is None else config)
    _require_listeners(listeners)
    for listener in listeners:
        inner = getattr(listener, "transport_listener", listener)
        if isinstance(inner, trio.SocketListener):
            _check_port(_address(inner)[1], state.config)
    await _serve(state, listeners, task_status)


async def serve_stream(
    handler: Handler[Any], stream: trio.abc.Stream, *, config: Config | None = None
) -> None:
    """Serve one session over any Trio stream, and close it.

    Args:
        handler: receives the events of the session.
        stream: the transport; a ``trio.SSLStream`` makes a secure session.
        config: the options; None takes the defaults.

    Raises:
        TypeError: an argument is of the wrong type.
    """
    state = ServerState(handler, Config() if config is None else config)
    _require_stream(stream)
    await state.handle(stream)


async def _serve(
    state: ServerState,
    listeners: Sequence[trio.abc.Listener[Any]],
    task_status: trio.TaskStatus[Server],
) -> None:
    async with trio.open_nursery() as sessions:
        with trio.CancelScope() as accepting:
            async with trio.open_nursery() as accept_loops:
                await accept_loops.start(_accept, state, listeners, sessions)
                task_status.started(Server(state, listeners, accepting))


async def _accept(
    state: ServerState,
    listeners: Sequence[trio.abc.Listener[Any]],
    sessions: trio.Nursery,
    *,
    task_status: trio.TaskStatus[Any],
) -> None:
    await trio.serve_listeners(
        state.handle,
        list(listeners),
        handler_nursery=sessions,
        task_status=task_status,
    )


def _require_place(host: object, port: object) -> None:
    if not isinstance(port, int) or isinstance(port, bool):
        raise TypeError(f"port must be an int, got {port!r}")
    if not 0 <= port <= 65_535:
        raise ValueError(f"port must be within 0 to 65535, got {port}")
    if not isinstance(host, str | None):
        raise TypeError(f"host must be a str or None, got {host!r}")


def _require_stream(stream: object) -> None:
    if not isinstance(stream, trio.abc.Stream):
        raise TypeError(f"stream must be a Trio stream, got {stream!r}")


def _require_listeners(listeners: Any) -> None:
    if not isinstance(listeners, Sequence) or not all(
        isinstance(listener, trio.abc.Listener)
        for listener in cast("Sequence[object]", listeners)
    ):
        raise TypeError(
            f"listeners must be a sequence of Trio listeners, got {listeners!r}"
        )
    if not listeners:
        raise ValueError("listeners must not be empty")


def _check_way_in(config: Config) -> None:
    # Listeners and streams of one's own may bring TLS with them; a port does not.
    is_open = config.tls is not None or config.allow_insecure_auth or config.xclient
    if config.auth_required and not is_open:
        raise ValueError(
            "auth_required needs tls, because AUTH is offered inside TLS only, or"
            " allow_insecure_auth"
        )


def _check_port(port: int, config: Config) -> None:
    # RFC 2033 5: a client that takes it for SMTP would misread its replies.
    if config.lmtp and port == SMTP_PORT:
        raise ValueError(f"LMTP must not be served on TCP port {SMTP_PORT}")


def _address(listener: trio.SocketListener) -> tuple[str, int]:
    name: Any = listener.socket.getsockname()
    if listener.socket.family == socket.AF_UNIX:
        return str(name), 0
    return str(name[0]), int(name[1])
