"""The session: all that is known about one connection's dialogue."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs

from smtpsession.session.envelope import Envelope
from smtpsession.session.reset_scope import ResetScope
from smtpsession.session.tls_options import TLSOptions
from smtpsession.session.transmission_type import transmission_type
from smtpsession.wire.proxy_header import ProxyHeader


def _upper(verbs: Iterable[str]) -> frozenset[str]:
    if isinstance(verbs, str):
        raise TypeError(f"disabled_commands must be several verbs, got {verbs!r}")
    return frozenset(verb.upper() for verb in verbs)


@attrs.define(slots=False, eq=False)
class Session:
    """One connection's conversation, from accept to close (RFC 5321 3.1).

    Subclass it with ``@attrs.define(slots=False, eq=False)`` and fields of one's own
    (each with a default) and name the class in ``Handler.session_class``, or just set
    attributes: any name can be set on a session.
    """

    #: 16 hexadecimal characters, unique and random.
    id: str
    #: The client's address, which a proxy may have told: IPv4, or IPv6 in its short
    #: form (RFC 5952); "" if there is none, as with Unix sockets.
    remote_address: str = ""
    #: The client's port; 0 if there is none.
    remote_port: int = 0
    #: The address that the client connected to; "" if there is none.
    local_address: str = ""
    #: The port that the client connected to; 0 if there is none.
    local_port: int = 0
    #: ``(address, port)`` that the socket says, never rewritten by a proxy's word.
    transport_peer: tuple[str, int] = ("", 0)
    #: The client's name in the reverse DNS, or ``[address]``.
    client_hostname: str = ""
    #: The name of this server, ``Config.hostname``.
    server_name: str = ""
    #: TLS is active.
    secure: bool = False
    #: Cipher suite and version; None without TLS.
    tls_options: TLSOptions | None = None
    #: The server name that the client asked for (SNI); None without one.
    servername: str | None = None
    #: The verified client certificate as ``ssl.SSLSocket.getpeercert`` gives it;
    #: None without one.
    peer_certificate: dict[str, Any] | None = None
    #: Channel bindings of the TLS session by name (RFC 5056); empty without any.
    channel_bindings: dict[str, bytes] = attrs.field(
        factory=dict[str, bytes], repr=False
    )
    #: "HELO", "EHLO" or "LHLO"; None before a hello was accepted.
    opening_command: str | None = None
    #: What the client called itself in its hello, as sent; None before it.
    host_name_appears_as: str | None = None
    #: What ``on_auth`` returned; None while nobody is authenticated.
    user: Any = attrs.field(default=None, repr=False)
    #: The current mail transaction, or what the next one will fill.
    envelope: Envelope = attrs.field(factory=Envelope)
    #: Ordinal of the current or next mail transaction; 1 in the first one.
    transaction: int = 1
    #: What a trusted client said by XCLIENT, by upper-case name; None for what it does
    #: not know. ``ADDR:DEFAULT``, ``NAME:DEFAULT`` and ``PORT:DEFAULT`` are its own.
    xclient: dict[str, str | int | None] = attrs.field(
        factory=dict[str, "str | int | None"]
    )
    #: What a trusted client said by XFORWARD for this mail transaction, by upper-case
    #: name; None for what it does not know. Empty while it has said nothing.
    xforward: dict[str, str | int | None] = attrs.field(
        factory=dict[str, "str | int | None"]
    )
    #: The PROXY protocol header that came before the session; None without one.
    proxy: ProxyHeader | None = None
    _disabled_commands: frozenset[str] = attrs.field(
        factory=frozenset[str], converter=_upper, alias="disabled_commands"
    )
    #: The session speaks LMTP (RFC 2033).
    lmtp: bool = False

    @property
    def disabled_commands(self) -> frozenset[str]:
        """Verbs that this session answers with 502 and does not offer.

        It starts as ``Config.disabled_commands``, and a hook may replace it.
        """
        return self._disabled_commands

    @disabled_commands.setter
    def disabled_commands(self, verbs: Iterable[str]) -> None:
        # A converter of attrs would make each change of any other field slower.
        self._disabled_commands = _upper(verbs)

    @property
    def transmission_type(self) -> str:
        """``SMTP``, ``ESMTP``, ``ESMTPSA``, ... (RFC 3848, RFC 6531 4.3)."""
        return transmission_type(
            self.opening_command,
            secure=self.secure,
            authenticated=self.user is not None,
            smtp_utf8=self.envelope.smtp_utf8,
            lmtp=self.lmtp,
        )

    @property
    def in_transaction(self) -> bool:
        """A mail transaction is open: MAIL was accepted, the message was not ended."""
        return self.envelope.mail_from is not None

    def reset(self, scope: ResetScope) -> None:
        """Clear what *scope* says; there is no other code that clears.

        A mail transaction that was open is over: ``transaction`` advances.
        """
        if self.in_transaction:
            self.transaction += 1
        self.envelope = Envelope()
        self.xforward = {}
        if scope >= ResetScope.HELLO:
            self.opening_command = None
            self.host_name_appears_as = None
        if scope >= ResetScope.TLS:
            self.user = None
        if scope >= ResetScope.PROXY:
            self.client_hostname = ""
