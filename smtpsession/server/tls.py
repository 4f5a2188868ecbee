"""TLS for sessions: the handshake and the facts that it gives."""

from __future__ import annotations

import re
import ssl
import weakref
from typing import Any

import attrs
import trio

from smtpsession.session.tls_options import TLSOptions

_SERVER_NAME = re.compile(r"[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*")
_server_names: weakref.WeakKeyDictionary[ssl.SSLObject, str | None]
_server_names = weakref.WeakKeyDictionary()
_watched: weakref.WeakSet[ssl.SSLContext] = weakref.WeakSet()


@attrs.frozen(kw_only=True)
class TLSFacts:
    """What a session learns from its handshake."""

    options: TLSOptions
    servername: str | None
    peer_certificate: dict[str, Any] | None


def watch_server_names(context: ssl.SSLContext) -> None:
    """Note the server name (SNI) of each handshake that uses *context*.

    A callback that the context has already is still called. Renegotiation, which only
    costs the server, is switched off.
    """
    if context in _watched:
        return
    _watched.add(context)
    context.options |= ssl.OP_NO_RENEGOTIATION
    inner: Any = context.sni_callback

    def note(
        tls: ssl.SSLObject, name: str | None, initial: ssl.SSLContext
    ) -> int | None:
        _server_names[tls] = name
        return None if inner is None else inner(tls, name, initial)

    context.sni_callback = note


async def shake_hands(
    transport: trio.abc.Stream, context: ssl.SSLContext
) -> trio.SSLStream[trio.abc.Stream]:
    """Begin TLS as server over *transport*.

    Raises:
        trio.BrokenResourceError: the handshake failed; close the transport.
    """
    stream = trio.SSLStream(transport, context, server_side=True)
    await stream.do_handshake()
    return stream


def tls_facts(stream: trio.SSLStream[Any]) -> TLSFacts:
    """Give the facts of a finished handshake."""
    cipher = stream.cipher()
    # What the callback for server names got; trio has no public name for it.
    tls: ssl.SSLObject = stream._ssl_object  # pyright: ignore[reportPrivateUsage]
    return TLSFacts(
        options=TLSOptions(cipher[0] if cipher else "", stream.version() or ""),
        servername=_checked_name(_server_names.get(tls)),
        peer_certificate=stream.getpeercert() or None,
    )


def _checked_name(name: str | None) -> str | None:
    """Give the name if it is one (RFC 6066 3); a client may send anything."""
    if name is None or len(name) > 255 or _SERVER_NAME.fullmatch(name) is None:
        return None
    return name
