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

from smtpsession import Config, Handler, Server, serve_listeners
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
            async with open_listeners(self.listen) as listeners:
                bound = [bound_address(listener) for listener in listeners]
                if self.port_file is not None:
                    _write_ports(self.port_file, bound)
                _announce(bound)
                return await self._serve(listeners, signals)

    async def _serve(
        self, listeners: Sequence[trio.SocketListener], signals: AsyncIterator[int]
    ) -> bool:
        drained = False
        async with trio.open_nursery() as nursery:
            start = partial(serve_listeners, config=self.config)
            server: Server = await nursery.start(start, self.handler, listeners)
            await anext(signals)
            logger.info(
                "draining %d sessions for at most %g seconds; a second signal ends"
                " them at once",
                len(server.sessions),
                self.grace,
            )
            nursery.start_soon(_cancel_at_next, signals, nursery.cancel_scope)
            await server.drain(self.grace)
            drained = True
            nursery.cancel_scope.cancel()
        return drained


async def _cancel_at_next(signals: AsyncIterator[int], scope: trio.CancelScope) -> None:
    await anext(signals)
    scope.cancel()


def _announce(bound: Sequence[TCPAddress | UnixAddress]) -> None:
    for address in bound:
        if isinstance(address, TCPAddress) and not address.is_loopback:
            print(
                f"smtpsession: warning: {address} can be reached from other machines",
                file=sys.stderr,
            )
        print(f"listening on {address}", flush=True)


def _write_ports(path: str, bound: Sequence[TCPAddress | UnixAddress]) -> None:
    """Write the ports so that whoever finds the file finds all of them in it."""
    ports = [address.port for address in bound if isinstance(address, TCPAddress)]
    unfinished = f"{path}.{secrets.token_hex(4)}"
    try:
        with open(unfinished, "x", encoding="ascii") as file:
            file.writelines(f"{port}\n" for port in ports)
        os.replace(unfinished, path)
    except OSError as error:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(unfinished)
        text = f"cannot write the port file {path}: {os_error_text(error)}"
        raise CommandError(text) from error
