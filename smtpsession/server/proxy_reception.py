"""Learns who the client is from the proxy in front (PROXY protocol).

Nothing is sent before the header is complete and valid. Where it is neither, or does
not come from a trusted proxy, nothing is sent at all.
"""

from __future__ import annotations

import contextlib
import enum
import logging
from typing import Any, cast

import trio

from smtpsession.errors import ProxyHeaderError
from smtpsession.server.config import Config
from smtpsession.server.peer_io import seconds_or_inf
from smtpsession.server.session_log import escaped, logger
from smtpsession.session.session import Session
from smtpsession.wire.proxy_header import ProxyHeader
from smtpsession.wire.proxy_header_reader import ProxyHeaderReader

#: Most octets of what is no header that the log shows.
LOGGED_OCTETS = 64


class Reception(enum.Enum):
    """For whom a connection is."""

    #: For nobody: the stream is to be closed without a word.
    REFUSED = enum.auto()
    #: For a client of the proxy.
    CLIENT = enum.auto()
    #: For the proxy itself, for example to see whether the server is alive.
    PROXY = enum.auto()


async def learn_from_proxy(
    stream: trio.abc.Stream, session: Session, config: Config
) -> Reception:
    """Read the header in front of a session, and note in the session what it says.

    What follows the header stays in the stream. A refusal is logged.

    Args:
        stream: the transport.
        session: knows the transport's own ends.
        config: whom to trust, and for how long to wait.
    """
    if not config.proxy_protocol.trusts(session.transport_peer[0]):
        _log(logging.WARNING, session, "this is no trusted proxy")
        return Reception.REFUSED
    reader = ProxyHeaderReader()
    try:
        header = await _receive(_below_tls(stream), reader, config.timeouts.proxy)
        if header.is_unknown and config.proxy_unknown == "refuse":
            raise ProxyHeaderError("the proxy does not say who the client is")
    except ProxyHeaderError as error:
        # Whoever has said nothing may just have looked whether the port is open.
        level = logging.WARNING if reader.received else logging.INFO
        _log(level, session, str(error), reader.received)
        return Reception.REFUSED
    is_own = header.is_local or _names_its_own_ends(header, session)
    _note(header, session)
    return Reception.PROXY if is_own else Reception.CLIENT


async def _receive(
    stream: Any, reader: ProxyHeaderReader, seconds: float | None
) -> ProxyHeader:
    with trio.move_on_after(seconds_or_inf(seconds)):
        while True:
            try:
                data = await stream.receive_some(reader.wanted)
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                data = b""
            header = reader.feed(data)
            if header is not None:
                return header
    raise ProxyHeaderError(f"no complete header within {seconds} seconds")


def _below_tls(stream: trio.abc.Stream) -> Any:
    """Give what the header comes in: it precedes a handshake that is not yet made."""
    inner: Any = stream
    while isinstance(inner, trio.SSLStream):
        tls: Any = cast("Any", inner)
        try:
            tls.version()
        except trio.NeedHandshakeError:
            inner = tls.transport_stream
        else:
            return tls
    return inner


def _names_its_own_ends(header: ProxyHeader, session: Session) -> bool:
    """Say whether the header tells of the very connection that it came in.

    A proxy of version 1, which has no LOCAL, does so when it speaks for itself
    (PROXY protocol 2.1).
    """
    source = header.source_address, header.source_port
    destination = header.destination_address, header.destination_port
    local = session.local_address, session.local_port
    return (
        bool(header.source_address)
        and source == session.transport_peer
        and destination == local
    )


def _note(header: ProxyHeader, session: Session) -> None:
    session.proxy = header
    if header.names_client:
        session.remote_address = header.source_address
        session.remote_port = header.source_port
        session.local_address = header.destination_address
        session.local_port = header.destination_port


def _log(level: int, session: Session, why: str, received: bytes = b"") -> None:
    address, port = session.transport_peer
    facts = f"peer={address or 'local'} port={port}"
    if received:
        shown = received[:LOGGED_OCTETS].decode("latin-1")
        facts += f" received={escaped(shown)}"
    # A logging filter or handler of the user's that fails has nobody to tell.
    with contextlib.suppress(Exception):
        logger.log(level, "session %s: no PROXY header: %s %s", session.id, why, facts)
