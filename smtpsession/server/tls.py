"""TLS for sessions: the handshake and the facts that it gives.

Theory of operation: a context has one callback for server names, though several
servers may use the context. So the callback, installed once, looks up what the server
of this very handshake has chosen.
"""

from __future__ import annotations

import contextlib
import re
import ssl
import weakref
from typing import Any

import attrs
import trio

from smtpsession.server.tls_choice import TLSChoice
from smtpsession.session.tls_options import TLSOptions

_SERVER_NAME = re.compile(r"[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*")
_server_names: weakref.WeakKeyDictionary[ssl.SSLObject, str | None]
_server_names = weakref.WeakKeyDictionary()
#: What the server of a handshake has chosen.
_choices: weakref.WeakKeyDictionary[ssl.SSLObject, TLSChoice]
_choices = weakref.WeakKeyDictionary()


@attrs.frozen(kw_only=True)
class TLSFacts:
    """What a session learns from its handshake."""

    options: TLSOptions
    servername: str | None
    peer_certificate: dict[str, Any] | None
    channel_bindings: dict[str, bytes] = attrs.field(repr=False)


class _NameCallback:
    """Notes the server name of each handshake, and chooses the context for it."""

    def __init__(self, inner: Any) -> None:
        #: The callback that the context had before, or None.
        self._inner = inner

    def __call__(
        self, tls: ssl.SSLObject, name: str | None, initial: ssl.SSLContext
    ) -> int | None:
        _server_names[tls] = name
        if self._inner is not None:
            said: int | None = self._inner(tls, name, initial)
            if said is not None:
                return said
        choice = _choices.get(tls)
        if choice is None or tls.context is not initial:
            return None
        context = choice.for_name(name)
        if context is None:
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        if context is not initial:
            tls.context = context
        return None


def watch_server_names(context: ssl.SSLContext) -> None:
    """Note the server name (SNI) of each handshake that uses *context*.

    A callback that the context has already is still called; if it refuses the name or
    chooses a context, that is what counts.
    """
    inner: Any = context.sni_callback
    if not isinstance(inner, _NameCallback):
        context.sni_callback = _NameCallback(inner)


async def shake_hands(
    transport: trio.abc.Stream, choice: TLSChoice
) -> trio.SSLStream[trio.abc.Stream]:
    """Begin TLS as server over *transport*.

    Raises:
        trio.BrokenResourceError: the handshake failed; close the transport.
    """
    # Each time, since a program may set another callback while the server runs.
    watch_server_names(choice.context)
    stream = trio.SSLStream(transport, choice.context, server_side=True)
    _choices[_tls_of(stream)] = choice
    await finish_handshake(stream)
    return stream


async def finish_handshake(stream: trio.SSLStream[Any]) -> None:
    """Make the handshake of *stream* if it has not been made.

    Raises:
        trio.BrokenResourceError: the handshake failed; close the transport.
    """
    try:
        await stream.do_handshake()
    except trio.BrokenResourceError as error:
        # A client that has closed need not be told that it has.
        if not isinstance(error.__cause__, ssl.SSLEOFError):
            await _send_alert(stream)
        raise


async def _send_alert(stream: trio.SSLStream[Any]) -> None:
    # Trio keeps to itself the alert that tells the client why (RFC 8446 6.2).
    alert = stream._outgoing.read()  # pyright: ignore[reportPrivateUsage]
    with contextlib.suppress(trio.BrokenResourceError, trio.ClosedResourceError):
        if alert:
            await stream.transport_stream.send_all(alert)


def failure_text(error: trio.BrokenResourceError) -> str:
    """Say for the log why a handshake failed, in OpenSSL's fixed words."""
    cause = error.__cause__ or error
    reason = cause.reason if isinstance(cause, ssl.SSLError) else None
    return f"{type(cause).__name__} {reason}" if reason else type(cause).__name__


def tls_facts(stream: trio.SSLStream[Any]) -> TLSFacts:
    """Give the facts of a finished handshake."""
    cipher = stream.cipher()
    return TLSFacts(
        options=TLSOptions(
            cipher[0] if cipher else "",
            stream.version() or "",
            stream.selected_alpn_protocol(),
        ),
        servername=_checked_name(_server_names.get(_tls_of(stream))),
        peer_certificate=stream.getpeercert() or None,
        channel_bindings=channel_bindings(stream),
    )


def channel_bindings(stream: trio.SSLStream[Any]) -> dict[str, bytes]:
    """Give what binds authentication to this TLS connection, by type (RFC 5929).

    Returns:
        ``tls-unique`` up to TLS 1.2; nothing for TLS 1.3, which does not have it
        (RFC 8446 C.5), nor for a resumed session, which need not differ from another
        one in it (RFC 7627 1).
    """
    if stream.version() == "TLSv1.3" or stream.session_reused:
        return {}
    unique = stream.get_channel_binding("tls-unique")
    return {"tls-unique": unique} if unique else {}


def with_waiting_records(
    stream: trio.SSLStream[Any], data: bytes, octets: int
) -> bytes:
    """Give *data*, just received, with what other TLS records hold that are here.

    A receive gives one record at a time, and some clients put each line into a record
    of its own.

    Args:
        stream: a TLS stream.
        data: what it has just given.
        octets: how many octets there may be in all.
    """
    tls = _tls_of(stream)
    pieces = [data]
    left = octets - len(data)
    # Whatever else OpenSSL has to say it says again at the next receive.
    with contextlib.suppress(ssl.SSLError):
        while left > 0 and (piece := tls.read(left)):
            pieces.append(piece)
            left -= len(piece)
    return b"".join(pieces)


def _tls_of(stream: trio.SSLStream[Any]) -> ssl.SSLObject:
    # What the callback for server names gets; trio has no public name for it.
    return stream._ssl_object  # pyright: ignore[reportPrivateUsage]


def _checked_name(name: str | None) -> str | None:
    """Give the name if it is one (RFC 6066 3); a client may send anything."""
    if name is None or len(name) > 255 or _SERVER_NAME.fullmatch(name) is None:
        return None
    return name
