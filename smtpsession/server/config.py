"""All options of a server, checked when they are given."""

from __future__ import annotations

import functools
import inspect
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Collection, Iterable
from typing import Any, get_args

import attrs

from smtpsession.dialogue.limits import Limits
from smtpsession.dialogue.settings import Settings
from smtpsession.extensions.eightbitmime import EightBitMIME
from smtpsession.extensions.enhanced_status_codes import EnhancedStatusCodes
from smtpsession.extensions.extension import Extension
from smtpsession.extensions.pipelining import Pipelining
from smtpsession.extensions.size import Size
from smtpsession.extensions.smtputf8 import SMTPUTF8
from smtpsession.extensions.starttls import StartTLSExtension
from smtpsession.server.timeouts import Timeouts
from smtpsession.wire.bare_newlines import BareNewlinePolicy, NULPolicy
from smtpsession.wire.commands import VERBS

#: Gives the name of an address, or None; may raise OSError.
Resolver = Callable[[str], Awaitable[str | None]]

_HOSTNAME = re.compile(r"[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*")
_KEYWORDS = frozenset(
    {
        *(Pipelining.keyword, Size.keyword, EightBitMIME.keyword, SMTPUTF8.keyword),
        *(EnhancedStatusCodes.keyword, StartTLSExtension.keyword),
    }
)


def _own_hostname() -> str:
    name = socket.gethostname()
    return name if _HOSTNAME.fullmatch(name) and len(name) <= 255 else "localhost"


def _words(option: str, values: Any) -> frozenset[str]:
    is_one = isinstance(values, str) or not hasattr(values, "__iter__")
    words: list[Any] = [None] if is_one else list(values)
    if not all(isinstance(word, str) for word in words):
        raise TypeError(f"{option} must be several str, got {values!r}")
    return frozenset(word.upper() for word in words)


def _verbs(values: Iterable[str]) -> frozenset[str]:
    return _words("disabled_commands", values)


def _keywords(values: Iterable[str]) -> frozenset[str]:
    return _words("hidden_extensions", values)


def _is_async(function: object) -> bool:
    inner = function.func if isinstance(function, functools.partial) else function
    # An object with an async __call__ is as good.
    call = vars(type(inner)).get("__call__")
    return any(map(inspect.iscoroutinefunction, (inner, call)))


def _hostname(instance: object, attribute: Any, value: object) -> None:
    if not isinstance(value, str):
        raise TypeError(f"hostname must be a str, got {value!r}")
    if len(value) > 255 or not _HOSTNAME.fullmatch(value):
        raise ValueError(f"hostname must be a domain name in ASCII, got {value!r}")


def _banner(instance: object, attribute: Any, value: object) -> None:
    if not isinstance(value, str):
        raise TypeError(f"banner must be a str, got {value!r}")
    if not value.isascii() or (value and not value.isprintable()) or len(value) > 200:
        raise ValueError(
            f"banner must be at most 200 printable ASCII characters, got {value!r}"
        )


def _one_of(*choices: str) -> Callable[[object, Any, object], None]:
    def check(instance: object, attribute: Any, value: object) -> None:
        if not isinstance(value, str):
            raise TypeError(f"{attribute.name} must be a str, got {value!r}")
        if value not in choices:
            raise ValueError(f"{attribute.name} must be in {choices}, got {value!r}")

    return check


def _known(known: Collection[str]) -> Callable[[object, Any, frozenset[str]], None]:
    def check(instance: object, attribute: Any, value: frozenset[str]) -> None:
        unknown = sorted(value - frozenset(known))
        if unknown:
            raise ValueError(
                f"{attribute.name} may name {', '.join(sorted(known))};"
                f" got {', '.join(unknown)}"
            )

    return check


def _a(kind: type) -> Any:
    def check(instance: object, attribute: Any, value: object) -> None:
        if not isinstance(value, kind):
            raise TypeError(
                f"{attribute.name} must be a {kind.__name__}, got {value!r}"
            )

    return check


@attrs.frozen(kw_only=True)
class Config:
    """Options of a server; every session of it has the same.

    Raises:
        TypeError: an unknown option, or a value of the wrong type.
        ValueError: a value that the option cannot have.
    """

    #: The name of this server in the greeting, in replies and in trace fields.
    hostname: str = attrs.field(factory=_own_hostname, validator=_hostname)
    #: Text behind ``ESMTP`` in the greeting.
    banner: str = attrs.field(default="", validator=_banner)
    #: Certificate and key; without it there is no TLS.
    tls: ssl.SSLContext | None = attrs.field(
        default=None, validator=attrs.validators.optional(_a(ssl.SSLContext))
    )
    #: TLS begins before the greeting (RFC 8314) instead of by STARTTLS.
    implicit_tls: bool = attrs.field(default=False, validator=_a(bool))
    #: 530 to everything that RFC 3207 4 does not allow before TLS.
    require_tls: bool = attrs.field(default=False, validator=_a(bool))
    #: Verbs that are answered with 502 and not offered.
    disabled_commands: frozenset[str] = attrs.field(
        factory=frozenset[str],
        converter=_verbs,
        validator=_known({v.decode() for v in VERBS} - {"QUIT", "RSET", "NOOP"}),
    )
    #: Keywords of service extensions that are taken away.
    hidden_extensions: frozenset[str] = attrs.field(
        factory=frozenset[str],
        converter=_keywords,
        validator=_known(_KEYWORDS),
    )
    #: Ask the DNS for the name of each client.
    reverse_lookup: bool = attrs.field(default=True, validator=_a(bool))
    #: Asked instead of the system's resolver.
    resolver: Resolver | None = attrs.field(
        default=None,
        validator=attrs.validators.optional(attrs.validators.is_callable()),
    )
    #: 554 and close when octets wait behind a command that must end its group.
    strict_pipelining: bool = attrs.field(default=False, validator=_a(bool))
    #: Content with a bare CR or LF: "reject" it, or "normalize" a bare LF to CRLF.
    bare_newline: BareNewlinePolicy = attrs.field(
        default="reject", validator=_one_of(*get_args(BareNewlinePolicy))
    )
    #: Content with NUL: "reject" it, or "accept" it unchanged.
    nul: NULPolicy = attrs.field(
        default="reject", validator=_one_of(*get_args(NULPolicy))
    )
    #: Accept addresses that are common but not RFC 5321's.
    lenient_addresses: bool = attrs.field(default=False, validator=_a(bool))
    limits: Limits = attrs.field(factory=Limits, validator=_a(Limits))
    timeouts: Timeouts = attrs.field(factory=Timeouts, validator=_a(Timeouts))

    def __attrs_post_init__(self) -> None:
        if self.tls is None and (self.implicit_tls or self.require_tls):
            option = "implicit_tls" if self.implicit_tls else "require_tls"
            raise ValueError(f"{option} needs tls, an ssl.SSLContext")
        if self.tls is not None and self.tls.protocol is ssl.PROTOCOL_TLS_CLIENT:
            raise ValueError(
                "tls must be a context for servers, for example"
                " ssl.create_default_context(ssl.Purpose.CLIENT_AUTH),"
                " got one for clients"
            )
        resolver: object = self.resolver
        if resolver is not None and not _is_async(resolver):
            raise TypeError(f"resolver must be an async function, got {resolver!r}")

    def dialogue_settings(self) -> Settings:
        """Give what the dialogues of this server need to know."""
        return Settings(
            hostname=self.hostname,
            banner=self.banner,
            extensions=tuple(self._extensions()),
            limits=self.limits,
            require_tls=self.require_tls,
            strict_pipelining=self.strict_pipelining,
            bare_newline=self.bare_newline,
            nul=self.nul,
            lenient_addresses=self.lenient_addresses,
        )

    def _extensions(self) -> list[Extension]:
        known: list[Extension] = [
            Pipelining(),
            Size(self.limits.message_octets),
            EightBitMIME(),
            SMTPUTF8(),
            EnhancedStatusCodes(),
        ]
        if self.tls is not None:
            known.append(StartTLSExtension())
        hidden = self.hidden_extensions
        if "8BITMIME" in hidden:
            hidden |= {"SMTPUTF8"}  # RFC 6531 3.1: SMTPUTF8 asks for 8BITMIME
        return [extension for extension in known if extension.keyword not in hidden]
