"""A server on a real port, for as long as a test needs it."""

from __future__ import annotations

import functools
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import trio

from smtpsession import Config, Handler, Limits, Server, Timeouts, serve
from smtpsession.testing.plain_errors import plain_errors


def config_for_tests() -> Config:
    """Give options that never make a test wait, with the name ``mx.test``."""
    return Config(
        hostname="mx.test",
        reverse_lookup=False,
        limits=Limits(errors_soft=None, errors_hard=None, junk_commands=None),
        # For clients that stay connected at the end.
        timeouts=Timeouts(close=0.2),
    )


@asynccontextmanager
async def open_server(
    handler: Handler[Any], config: Config | None = None, *, host: str = "127.0.0.1"
) -> AsyncGenerator[Server, None]:
    """Serve on a free port, and give the server; it has drained at the end.

    Args:
        handler: receives the events of all sessions.
        config: the options; None takes options that never make a test wait.
        host: address to bind.

    Raises:
        OSError: the address cannot be bound.
        TypeError: an argument is of the wrong type.
    """
    config = config_for_tests() if config is None else config
    with plain_errors():
        async with trio.open_nursery() as nursery:
            start = functools.partial(serve, handler, 0, host=host, config=config)
            server: Server = await nursery.start(start)
            yield server
            await server.drain(0)
