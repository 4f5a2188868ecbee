"""Names of clients by reverse DNS: capped, cached, checked, replaceable."""

from __future__ import annotations

import re
import socket
from collections import OrderedDict

import trio

from smtpsession.server.config import Resolver

#: Addresses that are remembered, and for how many seconds.
CACHED_ADDRESSES = 4096
CACHE_SECONDS = 300.0
#: Threads that wait for the system's resolver at one time. They are apart from
#: trio's own, so that a dead name server never stops a handler's file access.
RESOLVER_THREADS = 16

# RFC 1123 2.1, and the underscores that are out there. A name that is all digits and
# dots would pass for an address, one with a hyphen in front for an option.
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOSTNAME = re.compile(rf"(?![0-9.]*\Z){_LABEL}(?:\.{_LABEL})*")


class ReverseLookup:
    """Looks up the names of clients.

    Args:
        resolver: asked for the name of an address; None asks the system's.
        seconds: how long one look-up may take, or None.
    """

    def __init__(self, resolver: Resolver | None, seconds: float | None) -> None:
        self._limiter = trio.CapacityLimiter(RESOLVER_THREADS)
        self._resolve = self._system_name if resolver is None else resolver
        self._seconds = float("inf") if seconds is None else seconds
        self._cache: OrderedDict[str, tuple[float, str]] = OrderedDict()

    async def name_of(self, address: str) -> str:
        """Give the host name of *address*, or ``[address]`` without a usable one."""
        cached = self._cache.get(address)
        if cached is not None and cached[0] > trio.current_time():
            return cached[1]
        name = await self._ask(address)
        self._cache.pop(address, None)
        self._cache[address] = trio.current_time() + CACHE_SECONDS, name
        if len(self._cache) > CACHED_ADDRESSES:
            self._cache.popitem(last=False)
        return name

    async def _ask(self, address: str) -> str:
        try:
            with trio.move_on_after(self._seconds):
                name = await self._resolve(address)
                return _checked(name) or f"[{address}]"
        except Exception:
            # A resolver that fails, in whatever way, knows no name.
            return f"[{address}]"
        return f"[{address}]"

    async def _system_name(self, address: str) -> str | None:
        name, _ = await trio.to_thread.run_sync(
            socket.getnameinfo,
            (address, 0),
            socket.NI_NAMEREQD,
            limiter=self._limiter,
            abandon_on_cancel=True,
        )
        return name


def _checked(name: object) -> str | None:
    """Give a name that is safe everywhere, lower-case, or None: the DNS may lie."""
    # Not ASCII by lower() only: that makes an ASCII "k" of U+212A (KELVIN SIGN).
    if not isinstance(name, str) or not name.isascii():
        return None
    lower = name.rstrip(".").lower()
    return lower if len(lower) <= 255 and _HOSTNAME.fullmatch(lower) else None
