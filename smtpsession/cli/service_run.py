"""A server from its first listener to the signal that ends it."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import signal
import sys
from collections.abc import AsyncIterator, Generator, Sequence
from functools import partial
from typing import Any

import attrs
import trio

from smtpsession import Config, Handler, Server, serve_listeners
from smtpsession.cli.command_error import FAILURE, CommandError, os_error_text
from smtpsession.cli.listen_address import (
    ListenAddress,
    TCPAddress,
    UnixAddress,
    bound_address,
    open_listeners,
)

logger = logging.getLogger("smtpsession")

#: What ends the server.
SIGNALS = (signal.SIGTERM, signal.SIGINT)


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
        with (
            signals_around() as around,
            trio.open_signal_receiver(*SIGNALS) as signals,
        ):
            async with open_listeners(self.listen) as listeners:
                bound = [bound_address(listener) for listener in listeners]
                if self.port_file is not None:
                    _write_ports(self.port_file, bound)
                _announce(bound)
                drained = await self._serve(listeners, signals)
            # What the receiver has not taken comes once more when it is closed.
            around.is_over = True
        return drained

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


class SignalsAround:
    """SIGTERM and SIGINT just before and just after the server takes them itself."""

    def __init__(self) -> None:
        #: The server has ended: what comes now has nothing to end any more.
        self.is_over = False

    def handle(self, number: int, frame: object) -> None:
        """End the program if the server has not begun."""
        if not self.is_over:
            raise SystemExit(FAILURE)


@contextlib.contextmanager
def signals_around() -> Generator[SignalsAround, None, None]:
    """Handle signals that come outside of Trio's signal receiver in the block."""
    around = SignalsAround()
    before = [signal.signal(number, around.handle) for number in SIGNALS]
    try:
        yield around
    finally:
        for number, handler in zip(SIGNALS, before, strict=True):
            signal.signal(number, handler)


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
