"""The attributes of XCLIENT and XFORWARD, which tell whom a proxy speaks for.

No RFC has them; the syntax is that of Postfix's XCLIENT_README and XFORWARD_README:

    xclient-command  = "XCLIENT" 1*( SP name "=" value )
    xforward-command = "XFORWARD" 1*( SP name "=" value )
    value            = xtext

Either command is parsed as a whole: one bad attribute, and none of them counts.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Final

from smtpsession.errors import ArgumentSyntaxError
from smtpsession.wire import grammar
from smtpsession.wire.domains import parse_domain
from smtpsession.wire.xtext import unquote_xtext

#: What one attribute says; None: the proxy does not know.
ProxyAttribute = str | int | None

#: Longest value in octets, as sent.
MAX_VALUE_OCTETS: Final = 255
#: Longest name of a protocol in XFORWARD, in characters.
MAX_PROTOCOL_CHARACTERS: Final = 64

_UNAVAILABLE: Final = frozenset({"[UNAVAILABLE]", "[TEMPUNAVAIL]"})
_PRINTABLE: Final = re.compile(r"[ -~]+")
_PORT: Final = re.compile(r"[0-9]{1,5}")
_IPV4: Final = re.compile(r"[0-9]+(?:\.[0-9]+){3}")
_IPV6: Final = re.compile(r"(?ai:IPV6):([0-9A-Fa-f:.]+)")
_NUMBERS_AND_DOTS: Final = re.compile(r"[0-9.]+")
# Whatever could end, or begin something in, a trace field or a line of a log.
_MEDDLES: Final = re.compile(r'[^!-~]|[<>()\\";@]')


def parse_xclient(argument: bytes) -> dict[str, ProxyAttribute]:
    """Return the attributes in the argument of XCLIENT.

    Args:
        argument: what follows the verb, without CRLF.

    Returns:
        Values by upper-case name, as many as were sent: NAME, REVERSE_NAME (domains
        in lower case), ADDR, DESTADDR (IPv4, or IPv6 in its shortest spelling; an
        IPv4-mapped one is IPv4), PORT, DESTPORT (int), PROTO, HELO, LOGIN. None
        stands for ``[UNAVAILABLE]`` and ``[TEMPUNAVAIL]``.

    Raises:
        ArgumentSyntaxError: there is no attribute, or one is unknown, malformed or
            comes twice.
    """
    return _parse(argument, _XCLIENT)


def parse_xforward(argument: bytes) -> dict[str, ProxyAttribute]:
    """Return the attributes in the argument of XFORWARD.

    Args:
        argument: what follows the verb, without CRLF.

    Returns:
        As from ``parse_xclient``, with the names NAME, ADDR, PORT, PROTO, HELO, IDENT
        and SOURCE (``LOCAL`` or ``REMOTE``).

    Raises:
        ArgumentSyntaxError: there is no attribute, or one is unknown, malformed or
            comes twice.
    """
    return _parse(argument, _XFORWARD)


_ParseValue = Callable[[str], ProxyAttribute]


def _parse(
    argument: bytes, parsers: Mapping[str, _ParseValue]
) -> dict[str, ProxyAttribute]:
    attributes: dict[str, ProxyAttribute] = {}
    try:
        for attribute in argument.decode("ascii").split(" "):
            if attribute:
                name, value = _parse_attribute(attribute, parsers)
                if name in attributes:
                    raise ValueError(f"{name} must be given once, got it twice")
                attributes[name] = value
    except ValueError as error:
        raise ArgumentSyntaxError(str(error)) from error
    if not attributes:
        raise ArgumentSyntaxError("attributes must be at least one, got none")
    return attributes


def _parse_attribute(
    attribute: str, parsers: Mapping[str, _ParseValue]
) -> tuple[str, ProxyAttribute]:
    name, _, value = attribute.partition("=")
    name = name.upper()
    parse = parsers.get(name)
    if parse is None:
        known = ", ".join(parsers)
        raise ValueError(f"attribute must be one of {known}, got {attribute!r}")
    if not 0 < len(value) <= MAX_VALUE_OCTETS:
        raise ValueError(
            f"{name} must have 1 to {MAX_VALUE_OCTETS} octets, got {len(value)}"
        )
    text = _decode(value)
    return name, None if text.upper() in _UNAVAILABLE else parse(text)


def _decode(value: str) -> str:
    """Return what *value* stands for; the attribute's parser sees to controls."""
    if grammar.XTEXT.fullmatch(value) is not None:
        return unquote_xtext(value)
    # Postfix before 2.3 does not encode, and others still do not.
    return _printable(value)


def _printable(text: str) -> str:
    if _PRINTABLE.fullmatch(text) is None:
        raise ValueError(f"attribute must be printable ASCII, got {text!r}")
    return text


def _harmless(text: str) -> str:
    return _MEDDLES.sub("?", text)


def _host(text: str) -> str:
    if _NUMBERS_AND_DOTS.fullmatch(text) is not None:
        raise ValueError(f"host name must not look like an address, got {text!r}")
    return parse_domain(_printable(text), lenient=True)


def _address(text: str) -> str:
    ipv6 = _IPV6.fullmatch(text)
    if ipv6 is not None:
        address = ipaddress.IPv6Address(ipv6[1])
        return str(address.ipv4_mapped or address)
    if _IPV4.fullmatch(text) is None:
        raise ValueError(f"address must be IPv4 or IPV6:IPv6, got {text!r}")
    return str(ipaddress.IPv4Address(text))


def _port(text: str) -> int:
    if _PORT.fullmatch(text) is None or int(text) > 65_535:
        raise ValueError(f"port must be a number up to 65535, got {text!r}")
    return int(text)


def _protocol(text: str) -> str:
    if len(text) > MAX_PROTOCOL_CHARACTERS:
        raise ValueError(
            f"PROTO must be at most {MAX_PROTOCOL_CHARACTERS} characters,"
            f" got {len(text)}"
        )
    return _harmless(_printable(text))


def _identifier(text: str) -> str:
    return _harmless(_printable(text))


def _one_of(*words: str) -> _ParseValue:
    def parse(text: str) -> str:
        word = text.upper()
        if word not in words:
            raise ValueError(f"attribute must be one of {words}, got {text!r}")
        return word

    return parse


_XCLIENT: Final[Mapping[str, _ParseValue]] = {
    "NAME": _host,
    "REVERSE_NAME": _host,
    "ADDR": _address,
    "PORT": _port,
    "PROTO": _one_of("SMTP", "ESMTP", "LMTP"),
    "HELO": _harmless,
    "LOGIN": _printable,
    "DESTADDR": _address,
    "DESTPORT": _port,
}
_XFORWARD: Final[Mapping[str, _ParseValue]] = {
    "NAME": _host,
    "ADDR": _address,
    "PORT": _port,
    "PROTO": _protocol,
    "HELO": _harmless,
    "IDENT": _identifier,
    "SOURCE": _one_of("LOCAL", "REMOTE"),
}
#: All attributes of XFORWARD.
XFORWARD_NAMES: Final = tuple(_XFORWARD)
