"""Contexts by the server name that a client asks for (SNI, RFC 6066 3)."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Iterator, Mapping

from smtpsession.wire.domains import ascii_domain, parse_domain


class ServerNames(Mapping[str, ssl.SSLContext]):
    """A mapping that does not change, of host names in lower case and A-labels.

    Args:
        contexts: maps ``mx.example.org``, or ``*.example.org`` for all names with
            exactly one more label, to contexts.

    Raises:
        TypeError: this is no mapping of str to ``ssl.SSLContext``.
        ValueError: a name is no host name, or stands there twice.
    """

    def __init__(self, contexts: Mapping[str, ssl.SSLContext]) -> None:
        _require_mapping(contexts)
        self._contexts: dict[str, ssl.SSLContext] = {}
        for name, context in contexts.items():
            key = _host_name(name)
            _require_context(name, context)
            if key in self._contexts:
                raise ValueError(f"sni must have each name once, got {key} twice")
            self._contexts[key] = context

    def __getitem__(self, name: str) -> ssl.SSLContext:
        return self._contexts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._contexts)

    def __len__(self) -> int:
        return len(self._contexts)

    def __hash__(self) -> int:
        return hash(frozenset(self._contexts.items()))

    def __repr__(self) -> str:
        return f"ServerNames({self._contexts!r})"

    def find(self, name: str) -> ssl.SSLContext | None:
        """Give the context for the name that a client sent, or None.

        A name that is listed itself goes before a wildcard.
        """
        name = name.lower()
        _, _, parent = name.partition(".")
        return self._contexts.get(name) or self._contexts.get(f"*.{parent}")


def _require_mapping(contexts: object) -> None:
    if not isinstance(contexts, Mapping):
        raise TypeError(f"sni must map names to contexts, got {contexts!r}")


def _host_name(name: object) -> str:
    if not isinstance(name, str):
        raise TypeError(f"sni must have str as names, got {name!r}")
    base = name.removeprefix("*.")
    try:
        domain = ascii_domain(parse_domain(base, lenient=True))
    except ValueError as error:
        raise ValueError(
            "sni must have names like mx.example.org or *.example.org,"
            f" got {name!r}: {error}"
        ) from error
    if _is_address(domain):
        # RFC 6066 3: clients send host names only.
        raise ValueError(f"sni must have host names and no addresses, got {name!r}")
    return domain if base == name else f"*.{domain}"


def _require_context(name: str, context: object) -> None:
    if not isinstance(context, ssl.SSLContext):
        raise TypeError(f"sni must have a SSLContext for {name!r}, got {context!r}")


def _is_address(domain: str) -> bool:
    try:
        ipaddress.IPv4Address(domain)
    except ValueError:
        return False
    return True
