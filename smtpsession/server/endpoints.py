"""The two ends of a stream, as facts for the session."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any, cast

import trio


def endpoints(stream: trio.abc.Stream) -> dict[str, Any]:
    """Give addresses and ports of *stream* as arguments of ``Session``.

    What is no socket, or not one of IPv4 or IPv6, has none.
    """
    inner: Any = stream
    while isinstance(inner, trio.SSLStream):
        inner = cast("Any", inner).transport_stream
    if not isinstance(inner, trio.SocketStream):
        return {}
    if inner.socket.family not in (socket.AF_INET, socket.AF_INET6):
        return {}
    try:
        local = inner.socket.getsockname()
        remote = inner.socket.getpeername()
    except OSError:
        return {}
    remote_address, local_address = _normal(remote[0]), _normal(local[0])
    return {
        "remote_address": remote_address,
        "remote_port": remote[1],
        "local_address": local_address,
        "local_port": local[1],
        "transport_peer": (remote_address, remote[1]),
    }


def _normal(address: str) -> str:
    """Give IPv4 for IPv4-mapped IPv6, and the short form without a zone (RFC 5952)."""
    if ":" not in address:
        return address
    parsed = ipaddress.IPv6Address(address.partition("%")[0])
    return str(parsed.ipv4_mapped or parsed)
