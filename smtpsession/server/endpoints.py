"""The two ends of a stream, as facts for the session."""

from __future__ import annotations

import socket
from typing import Any, cast

import trio

from smtpsession.wire.ip_addresses import parse_ip

#: The transport peer of an Internet socket whose peer has gone before it was asked for;
#: unlike the peer of a Unix socket it is no one to trust.
GONE = ("unknown", 0)


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
        return {"transport_peer": GONE}
    remote_address, local_address = str(parse_ip(remote[0])), str(parse_ip(local[0]))
    return {
        "remote_address": remote_address,
        "remote_port": remote[1],
        "local_address": local_address,
        "local_port": local[1],
        "transport_peer": (remote_address, remote[1]),
    }
