"""What all connections of one server share."""

from __future__ import annotations

import contextlib
import secrets
import ssl
from collections.abc import Mapping
from typing import Any

import attrs
import trio

from smtpsession.handler import Handler
from smtpsession.server.config import Config
from smtpsession.server.connection import Connection
from smtpsession.server.endpoints import endpoints
from smtpsession.server.hook_failures import log_error
from smtpsession.server.reverse_lookup import ReverseLookup
from smtpsession.server.session_places import Place, SessionPlaces
from smtpsession.server.tls_choice import TLSChoice
from smtpsession.session.session import Session
from smtpsession.wire import replies
from smtpsession.wire.commands import (
    Ehlo,
    Expn,
    Helo,
    Help,
    Lhlo,
    Mail,
    Rcpt,
    Rset,
    Unknown,
    Vrfy,
)
from smtpsession.wire.events import Event
from smtpsession.wire.replies import Reply

#: The events that a hook decides.
_EVENTS_OF: dict[str, tuple[type[Event], ...]] = {
    "on_hello": (Helo, Ehlo, Lhlo),
    "on_mail_from": (Mail,),
    "on_rcpt_to": (Rcpt,),
    "on_reset": (Helo, Ehlo, Lhlo, Rset),
    "on_verify": (Vrfy,),
    "on_expand": (Expn,),
    "on_help": (Help,),
    "on_unknown": (Unknown,),
}


class ServerState:
    """Handler, options and live connections of one server.

    Args:
        handler: receives the events of all sessions.
        config: the options.

    Raises:
        TypeError: handler is no instance of ``Handler``, or config no ``Config``.
    """

    def __init__(self, handler: Handler[Any], config: Config) -> None:
        _require_types(handler, config)
        self.handler = handler
        self.config = config
        hooks = handler.overridden_hooks
        authenticates = "on_auth" in hooks
        if config.auth_required and not authenticates:
            raise ValueError(
                "auth_required needs a handler with an on_auth hook, or nobody gets in"
            )
        self.settings = config.dialogue_settings(authenticates=authenticates)
        self.asks = {e for hook in hooks for e in _EVENTS_OF.get(hook, ())}
        self.connections: set[Connection] = set()
        self._places = SessionPlaces(config.limits)
        self._draining = False
        self._emptied = trio.Event()
        self._lookup = ReverseLookup(config.resolver, config.timeouts.lookup)
        # A session class whose fields need arguments fails here, not at a client.
        self._new_session()
        #: What new handshakes use; None without TLS.
        self.tls = TLSChoice.of(config)

    async def handle(self, stream: trio.abc.Stream) -> None:
        """Serve one session over *stream* and close it."""
        place = self._places.offer()
        try:
            session = self._new_session(stream)
            connection = Connection(self, session, stream, place)
        except Exception as error:
            log_error("-", "a session could not be made", error)
            with contextlib.suppress(Exception):
                await trio.aclose_forcefully(stream)
            return
        refusal = self._refusal(place)
        if refusal is not None:
            connection.refuse(refusal)
        self.connections.add(connection)
        try:
            await connection.run()
        finally:
            self.connections.discard(connection)
            place.free()
            if not self.connections:
                self._emptied.set()

    async def name_of(self, address: str) -> str:
        """Give the host name of a client, or ``[address]``."""
        if not self.config.reverse_lookup:
            return f"[{address}]"
        return await self._lookup.name_of(address)

    def reload_tls(
        self, tls: ssl.SSLContext | None, sni: Mapping[str, ssl.SSLContext] | None
    ) -> None:
        """Change what new handshakes use; see ``Server.reload_tls``."""
        current = self.tls
        if current is None:
            raise ValueError("this server has no TLS to reload: it needs Config.tls")
        if tls is None and sni is None:
            self.tls = current.renewed()
            return
        changed = attrs.evolve(
            self.config,
            tls=current.context if tls is None else tls,
            sni=current.names if sni is None else sni,
        )
        self.tls = TLSChoice.of(changed)

    async def drain(self, grace: float) -> None:
        """End all sessions: idle ones now, others within *grace* seconds."""
        self._draining = True
        for connection in tuple(self.connections):
            connection.drain()
        with trio.move_on_after(grace):
            await self._wait_until_empty()
        for connection in tuple(self.connections):
            connection.kill()
        await self._wait_until_empty()

    async def _wait_until_empty(self) -> None:
        while self.connections:
            if self._emptied.is_set():
                self._emptied = trio.Event()
            await self._emptied.wait()

    def _new_session(self, stream: trio.abc.Stream | None = None) -> Session:
        session: Session = self.handler.session_class(
            id=secrets.token_hex(8),
            server_name=self.config.hostname,
            disabled_commands=self.config.disabled_commands,
            lmtp=self.config.lmtp,
            **({} if stream is None else endpoints(stream)),
        )
        return session

    def _refusal(self, place: Place) -> Reply | None:
        """Give what a new connection is refused with at once, or None."""
        if self._draining:
            return replies.SHUTTING_DOWN
        return None if place.take() else replies.TOO_MANY_SESSIONS


def _require_types(handler: object, config: object) -> None:
    if not isinstance(handler, Handler):
        hint = " (the class; pass an instance)" if isinstance(handler, type) else ""
        raise TypeError(f"handler must be a Handler, got {handler!r}{hint}")
    if not isinstance(config, Config):
        raise TypeError(f"config must be a Config, got {config!r}")
