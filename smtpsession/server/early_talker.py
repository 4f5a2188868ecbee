"""Early talkers: clients that speak before the greeting has been sent.

A client should wait for the greeting (RFC 5321 4.3.1). One that does not sends
commands without reading the replies, as programs do that send spam.
"""

from __future__ import annotations

import select
from typing import TYPE_CHECKING

import trio

from smtpsession.errors import ClientGone

if TYPE_CHECKING:
    from smtpsession.dialogue.dialogue import Dialogue
    from smtpsession.server.peer_io import PeerIO


async def speaks_early(io: PeerIO, dialogue: Dialogue, delay: float | None) -> bool:
    """Say whether octets came before the greeting; they are not read as commands.

    A client inside TLS is never asked.

    Args:
        io: the stream of a session that has sent nothing.
        dialogue: the dialogue of the session; what it has received counts, too.
        delay: seconds to wait, which end when octets come. None: do not wait, and
            look only where that is possible, which is at a socket.

    Raises:
        ClientGone: the client has closed while we waited.
    """
    if io.is_tls:
        return False
    if not dialogue.is_idle:
        return True
    if delay is None and not has_input(io.stream):
        return False
    data = await io.receive_unasked(delay)
    if data == b"" and delay is not None:
        raise ClientGone
    # A client that will send nothing may still want to read the greeting.
    return bool(data)


def has_input(stream: trio.abc.Stream) -> bool:
    """Say whether a receive would give something at once: octets, an end, an error.

    False for a stream that is no socket, because only the kernel can tell.
    """
    if not isinstance(stream, trio.SocketStream):
        return False
    poll = select.poll()
    poll.register(stream.socket.fileno(), select.POLLIN)
    return bool(poll.poll(0))
