"""A server from its first listener to the signal that ends it."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import signal
import sys
from collections.abc import AsyncIterator, Generator, Iterable, Sequence
from functools import partial
from typing import Any

import attrs
import trio

from smtpsession import Config, Handler, Server, serve_listeners
from smtpsession.cli.auth_file import reload_users
from smtpsession.cli.certificates import file_error_text
from smtpsession.cli.command_error import FAILURE, CommandError, os_error_text
from smtpsession.cli.listen_address import (
    ListenAddress,
    TCPAddress,
    UnixAddress,
    bound_address,
    open_listeners,
)
from smtpsession.handlers.password_file import PasswordFileHandler
from smtpsession.server.tls_choice import TLSChoice

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
    #: Who may authenticate, from a file; None without one.
    users: PasswordFileHandler | None = None

    async def run(self) -> bool:
        """Serve until SIGTERM or SIGINT, then drain.

        SIGHUP has the files for TLS read again, and that of the users; where there are
        none to read, it is left as it was.

        Returns:
            True if the sessions were drained, False if a second signal ended them.

        Raises:
            CommandError: it cannot listen, or not write the port file.
        """
        reloads = self._has_tls_files() or self.users is not None
        numbers = (*SIGNALS, signal.SIGHUP) if reloads else SIGNALS
        with (
            signals_around(numbers) as around,
            trio.open_signal_receiver(*numbers) as signals,
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
            await self._next_end(signals, server)
            logger.info(
                "draining %d sessions for at most %g seconds; a second signal ends"
                " them at once",
                len(server.sessions),
                self.grace,
            )
            scope = nursery.cancel_scope
            nursery.start_soon(self._cancel_at_next, signals, server, scope)
            await server.drain(self.grace)
            drained = True
            scope.cancel()
        return drained

    def _has_tls_files(self) -> bool:
        choice = TLSChoice.of(self.config)
        return choice is not None and choice.is_reloadable

    async def _next_end(self, signals: AsyncIterator[int], server: Server) -> None:
        """Wait for a signal that ends the server."""
        while await anext(signals) not in SIGNALS:
            if self._has_tls_files():
                _reload_tls(server)
            if self.users is not None:
                reload_users(self.users)

    async def _cancel_at_next(
        self, signals: AsyncIterator[int], server: Server, scope: trio.CancelScope
    ) -> None:
        await self._next_end(signals, server)
        scope.cancel()


class SignalsAround:
    """Signals just before and just after the server takes them itself."""

    def __init__(self) -> None:
        #: The server has ended: what comes now has nothing to end any more.
        self.is_over = False

    def handle(self, number: int, frame: object) -> None:
        """End the program if the server has not begun."""
        if number in SIGNALS and not self.is_over:
            raise SystemExit(FAILURE)


@contextlib.contextmanager
def signals_around(
    numbers: Iterable[signal.Signals] = SIGNALS,
) -> Generator[SignalsAround, None, None]:
    """Handle signals that come outside of Trio's signal receiver in the block."""
    around = SignalsAround()
    before = {number: signal.signal(number, around.handle) for number in numbers}
    try:
        yield around
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _reload_tls(server: Server) -> None:
    try:
        server.reload_tls()
    except Exception as error:
        # The files and a program's own password function: the service goes on.
        text = "the files for TLS are not used, the old ones still are: %s"
        logger.error(text, file_error_text(error))
    else:
        logger.info("the files for TLS were read again")


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
