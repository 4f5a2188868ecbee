"""Ports for programs that cannot say which free port they took."""

from __future__ import annotations

import random
import socket

# Below those that the kernel hands out: one of them could become the port of an
# outgoing connection before the program listens.
PORTS = range(20_000, 32_000)


def find_free_port() -> int:
    """Return a TCP port of 127.0.0.1 on which nobody listens.

    Raises:
        RuntimeError: fifty ports in a row were taken.
    """
    for port in random.sample(PORTS, 50):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError(f"no free port found from {PORTS.start} to {PORTS.stop}")
