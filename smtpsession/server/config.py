"""All options of a server, checked when they are given."""

from __future__ import annotations

import functools
import inspect
import math
import re
import secrets
import socket
import ssl
from collections.abc import Awaitable, Callable, Collection, Iterable
from typing import Any, Literal, TypeAlias, get_args

import attrs

from smtpsession.auth.mechanism import Mechanism
from smtpsession.dialogue.auth_policy import AuthPolicy
from smtpsession.dialogue.limits import Limits
from smtpsession.dialogue.settings import Settings
from smtpsession.extensions.extension import Extension
from smtpsession.server.auth_methods import chosen_mechanisms, default_mechanisms
from smtpsession.server.extension_choice import (
    BUILT_IN_KEYWORDS,
    chosen_extensions,
    offered_extensions,
)
from smtpsession.server.server_names import ServerNames
from smtpsession.server.timeouts import Timeouts, check_seconds
from smtpsession.server.tls_checks import check_contexts
from smtpsession.wire.bare_newlines import BareNewlinePolicy, NULPolicy
from smtpsession.wire.commands import LMTP_VERBS, VERBS
from smtpsession.wire.trusted_networks import IPNetwork, TrustedNetworks

#: Gives the name of an address, or None; may raise OSError.
Resolver = Callable[[str], Awaitable[str | None]]

#: What becomes of a client that its proxy cannot name.
ProxyUnknownPolicy: TypeAlias = Literal["refuse", "accept"]

_HOSTNAME = re.compile(r"[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*")


_CAN_BE_DISABLED = {verb.decode() for verb in {*VERBS, *LMTP_VERBS}} - {
    "QUIT",
    "RSET",
    "NOOP",
}


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


def _proxies(values: Iterable[str | IPNetwork] | TrustedNetworks) -> TrustedNetworks:
    return TrustedNetworks.of(values, option="proxy_protocol")


def _xclient(values: Iterable[str | IPNetwork] | TrustedNetworks) -> TrustedNetworks:
    return TrustedNetworks.of(values, option="xclient")


def _xforward(values: Iterable[str | IPNetwork] | TrustedNetworks) -> TrustedNetworks:
    return TrustedNetworks.of(values, option="xforward")


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


def _disabled(instance: Config, attribute: Any, value: frozenset[str]) -> None:
    own = {extension.verb for extension in instance.extensions if extension.verb}
    _known(_CAN_BE_DISABLED | own)(instance, attribute, value)


def _hidden(instance: Config, attribute: Any, value: frozenset[str]) -> None:
    own = {extension.keyword.upper() for extension in instance.extensions}
    _known(BUILT_IN_KEYWORDS | own)(instance, attribute, value)


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
    #: The server speaks LMTP (RFC 2033) instead of SMTP.
    lmtp: bool = attrs.field(default=False, validator=_a(bool))
    #: Certificate and key; without it there is no TLS.
    tls: ssl.SSLContext | None = attrs.field(
        default=None, validator=attrs.validators.optional(_a(ssl.SSLContext))
    )
    #: Other contexts by the server name that a client asks for (SNI): names, or
    #: wildcards such as ``*.example.org``; all other names get ``tls``.
    sni: ServerNames = attrs.field(
        factory=lambda: ServerNames({}), converter=ServerNames
    )
    #: Refuse names that are not in ``sni``; a client that asks for none is served.
    strict_sni: bool = attrs.field(default=False, validator=_a(bool))
    #: TLS begins before the greeting (RFC 8314) instead of by STARTTLS.
    implicit_tls: bool = attrs.field(default=False, validator=_a(bool))
    #: 530 to everything that RFC 3207 4 does not allow before TLS.
    require_tls: bool = attrs.field(default=False, validator=_a(bool))
    #: How clients may authenticate, in the order in which it is offered: names of
    #: built-in mechanisms, or ``Mechanism`` classes of one's own; kept as classes.
    auth_methods: tuple[type[Mechanism], ...] = attrs.field(
        factory=default_mechanisms, converter=chosen_mechanisms
    )
    #: 530 to everything that RFC 4954 6 does not allow before AUTH.
    auth_required: bool = attrs.field(default=False, validator=_a(bool))
    #: Offer AUTH without TLS, too: passwords then travel readable.
    allow_insecure_auth: bool = attrs.field(default=False, validator=_a(bool))
    #: Networks whose clients may say by XCLIENT whom they speak for; empty is off.
    xclient: TrustedNetworks = attrs.field(factory=TrustedNetworks, converter=_xclient)
    #: Networks whose clients may say by XFORWARD where a message came from; empty is
    #: off.
    xforward: TrustedNetworks = attrs.field(
        factory=TrustedNetworks, converter=_xforward
    )
    #: Verbs that are answered with 502 and not offered.
    disabled_commands: frozenset[str] = attrs.field(
        factory=frozenset[str],
        converter=_verbs,
        validator=_disabled,
    )
    #: Service extensions on top of the usual ones: names of built-in ones, or
    #: ``Extension`` objects of one's own; kept as ``Extension`` objects.
    extensions: tuple[Extension, ...] = attrs.field(
        factory=tuple[Extension, ...], converter=chosen_extensions
    )
    #: Keywords of service extensions that are taken away.
    hidden_extensions: frozenset[str] = attrs.field(
        factory=frozenset[str], converter=_keywords, validator=_hidden
    )
    #: Networks of the proxies in front, such as ``"10.0.0.0/8"``; "unix" stands for
    #: peers without an address. Each connection then has to begin with a header of
    #: the PROXY protocol, and to come from one of them. Empty is off.
    proxy_protocol: TrustedNetworks = attrs.field(
        factory=TrustedNetworks, converter=_proxies
    )
    #: A header that does not say who the client is: "refuse" it, or "accept" it with
    #: the proxy's own address.
    proxy_unknown: ProxyUnknownPolicy = attrs.field(
        default="refuse", validator=_one_of(*get_args(ProxyUnknownPolicy))
    )
    #: Ask the DNS for the name of each client.
    reverse_lookup: bool = attrs.field(default=True, validator=_a(bool))
    #: Asked instead of the system's resolver.
    resolver: Resolver | None = attrs.field(
        default=None,
        validator=attrs.validators.optional(attrs.validators.is_callable()),
    )
    #: Seconds to wait before the greeting; a client that speaks meanwhile is refused.
    #: Without a delay that holds for what has come by then. Never with TLS from the
    #: start.
    greeting_delay: float | None = attrs.field(default=None, validator=check_seconds)
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
        check_contexts(self.tls, self.sni, strict_sni=self.strict_sni)
        if self.auth_required and not (self.auth_methods or self.xclient):
            raise ValueError("auth_required needs auth_methods, or nobody gets in")
        self._check_greeting_delay()
        resolver: object = self.resolver
        if resolver is not None and not _is_async(resolver):
            raise TypeError(f"resolver must be an async function, got {resolver!r}")

    def _check_greeting_delay(self) -> None:
        delay, longest = self.greeting_delay, self.timeouts.command
        if delay is not None and delay >= (math.inf if longest is None else longest):
            raise ValueError(
                f"greeting_delay must be less than timeouts.command ({longest}),"
                f" got {delay}"
            )

    @classmethod
    def mx(cls, **options: Any) -> Config:
        """Give the options of a server that receives mail from the Internet.

        They are ``strict_pipelining``, and ``limits`` of 50 sessions per source and
        1,000 MAIL commands per session.

        Args:
            options: options on top of these; each replaces the preset's whole.

        Raises:
            TypeError: an unknown option, or a value of the wrong type.
            ValueError: a value that the option cannot have.
        """
        preset: dict[str, Any] = {
            "strict_pipelining": True,
            "limits": Limits(sessions_per_source=50, transactions=1_000),
        }
        return cls(**(preset | options))

    @classmethod
    def submission(cls, **options: Any) -> Config:
        """Give the options of a server where people's programs submit mail (RFC 6409).

        They are ``auth_required`` and ``require_tls``, so *tls* has to be among the
        options; with ``implicit_tls=True`` it is a server of RFC 8314.

        Args:
            options: options on top of these; each replaces the preset's whole.

        Raises:
            TypeError: an unknown option, or a value of the wrong type.
            ValueError: a value that the option cannot have.
        """
        preset: dict[str, Any] = {"auth_required": True, "require_tls": True}
        return cls(**(preset | options))

    @classmethod
    def for_lmtp(cls, **options: Any) -> Config:
        """Give the options of a server that takes deliveries by LMTP (RFC 2033).

        They are ``lmtp``, and no ``reverse_lookup``, because the client is a mail
        server nearby.

        Args:
            options: options on top of these; each replaces the preset's whole.

        Raises:
            TypeError: an unknown option, or a value of the wrong type.
            ValueError: a value that the option cannot have.
        """
        preset: dict[str, Any] = {"lmtp": True, "reverse_lookup": False}
        return cls(**(preset | options))

    def auth_policy(self) -> AuthPolicy:
        """Give how clients of this server may authenticate; new secrets each time."""
        return AuthPolicy(
            mechanisms={mechanism.name: mechanism for mechanism in self.auth_methods},
            hostname=self.hostname,
            random=secrets.token_bytes,
            server_key=secrets.token_bytes(32),
            allow_insecure=self.allow_insecure_auth,
        )

    def dialogue_settings(self, *, authenticates: bool = False) -> Settings:
        """Give what the dialogues of this server need to know.

        Args:
            authenticates: there is somebody who knows the users.
        """
        auth = self.auth_policy() if authenticates else None
        hidden = self.hidden_extensions
        xclient = TrustedNetworks() if "XCLIENT" in hidden else self.xclient
        xforward = TrustedNetworks() if "XFORWARD" in hidden else self.xforward
        return Settings(
            hostname=self.hostname,
            banner=self.banner,
            extensions=offered_extensions(
                self.extensions,
                limits=self.limits,
                tls=self.tls is not None,
                hidden=hidden,
                auth=auth,
                xclient=xclient,
                xforward=xforward,
            ),
            limits=self.limits,
            require_tls=self.require_tls,
            auth_required=self.auth_required,
            auth=auth,
            xclient=xclient,
            xforward=xforward,
            lmtp=self.lmtp,
            strict_pipelining=self.strict_pipelining,
            bare_newline=self.bare_newline,
            nul=self.nul,
            lenient_addresses=self.lenient_addresses,
        )
