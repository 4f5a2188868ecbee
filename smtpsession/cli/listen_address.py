"""What ``--listen`` names, and the listeners that it becomes."""

from __future__ import annotations

import abc
import contextlib
import errno
import ipaddress
import re
from collections.abc import AsyncGenerator, Sequence
from typing import Any

import attrs
import trio

from smtpsession import open_unix_listener
from smtpsession.cli.command_error import CommandError, os_error_text

_TCP = re.compile(
    r"(?:\[(?P<ipv6>[^\[\]]+)\]|(?P<host>[^:\[\]/\s]+)):(?P<port>[0-9]{1,5})"
)
#: What the system's own words leave open.
_HINTS = {
    errno.EACCES: "ports below 1024 need a privilege",
    errno.EADDRINUSE: "another program listens there",
}


class ListenAddress(abc.ABC):
    """One value of ``--listen``."""

    @staticmethod
    def parse(text: str) -> ListenAddress:
        """Parse ``HOST:PORT``, ``[IPV6]:PORT`` or ``unix:PATH``.

        Raises:
            ValueError: it is none of these.
        """
        if text.startswith("unix:") and text != "unix:":
            return UnixAddress(text.removeprefix("unix:"))
        match = _TCP.fullmatch(text) if text.isascii() else None
        if match is None or int(match["port"]) > 65535:
            raise ValueError(
                f"must be HOST:PORT, [IPV6]:PORT or unix:PATH, got {text!r}"
            )
        if match["ipv6"]:
            ipaddress.IPv6Address(match["ipv6"])
        return TCPAddress(match["ipv6"] or match["host"], int(match["port"]))

    @abc.abstractmethod
    async def open(self) -> Sequence[trio.SocketListener]:
        """Listen there; a host name may stand for several addresses.

        Raises:
            OSError: that cannot be done.
        """


@attrs.frozen
class TCPAddress(ListenAddress):
    """A host name or address, and a port."""

    host: str
    port: int

    async def open(self) -> Sequence[trio.SocketListener]:
        """Listen on each address of the host."""
        return await trio.open_tcp_listeners(self.port, host=self.host)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Only this machine reaches it; the host is an address."""
        return ipaddress.ip_address(self.host).is_loopback


@attrs.frozen
class UnixAddress(ListenAddress):
    """The path of a Unix socket."""

    path: str
    #: Permissions of the socket; by default only its owner can connect to it.
    mode: int = 0o600

    async def open(self) -> Sequence[trio.SocketListener]:
        """Listen on the socket."""
        return [await open_unix_listener(self.path, mode=self.mode)]

    def __str__(self) -> str:
        return f"unix:{self.path}"


def bound_address(listener: trio.SocketListener) -> TCPAddress | UnixAddress:
    """Give the address that a listener is bound to."""
    name: tuple[Any, ...] | str = listener.socket.getsockname()
    if isinstance(name, tuple):
        return TCPAddress(name[0], name[1])
    return UnixAddress(name)


@contextlib.asynccontextmanager
async def open_listeners(
    addresses: Sequence[ListenAddress],
) -> AsyncGenerator[list[trio.SocketListener], None]:
    """Listen on all addresses, or on none; the listeners are closed at the end.

    Raises:
        CommandError: one of them cannot be listened on.
    """
    async with contextlib.AsyncExitStack() as stack:
        listeners: list[trio.SocketListener] = []
        for address in addresses:
            try:
                opened = await address.open()
            except OSError as error:
                raise CommandError(_refusal(address, error)) from error
            for listener in opened:
                listeners.append(await stack.enter_async_context(listener))
        yield listeners


def _refusal(address: ListenAddress, error: OSError) -> str:
    hint = _HINTS.get(error.errno or 0) if isinstance(address, TCPAddress) else None
    text = f"cannot listen on {address}: {os_error_text(error)}"
    return f"{text} ({hint})" if hint else text
