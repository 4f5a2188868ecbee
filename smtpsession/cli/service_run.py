"""A server from its first listener to the signal that ends it."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Any

import attrs
import trio

from smtpsession import Config, Handler, serve_listeners
from smtpsession.cli.command_error import CommandError, os_error_text
from smtpsession.cli.listen_address import (
    ListenAddress,
    TCPAddress,
    UnixAddress,
    bound_address,
    open_listeners,
)

logger = logging.getLogger("smtpsession")


@attrs.frozen(kw_only=True)
class ServiceRun:
    """What the command ``serve`` was told to run."""

    handler: Handler[Any]
    config: Config
    listen: Sequence[ListenAddress]
    #: Where the bound TCP ports are written; None is nowhere.
    port_file: str | None
    #: How long open mail transactions may finish at the end, in seconds.
    grace: float

    async def run(self) -> bool:
        """Serve until SIGTERM or SIGINT, then drain.

        Returns:
            True if the sessions were drained, False if a second signal ended them.

        Raises:
            CommandError: it cannot listen, or not write the port file.
        """
        with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
            listeners = await open_listeners(self.listen)
            bound = [bound_address(listener) for listener in listeners]
            async with trio.open_nursery() as nursery:
                start = partial(serve_listeners, config=self.config)
                server = await nursery.start(start, self.handler, listeners)
                self._announce(bound)
                await anext(signals)
                forced = trio.CancelScope()
                nursery.start_soon(_force_at_next, signals, nursery.cancel_scope)
                await server.drain(self.grace)
                nursery.cancel_scope.cancel()
        return True
