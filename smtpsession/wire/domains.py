"""Domains (RFC 5321 4.1.2, IDNA2008) and address literals (RFC 5321 4.1.3)."""

from __future__ import annotations

import ipaddress
import unicodedata
from typing import Final

import idna

from smtpsession.wire import grammar

#: Longest domain in octets, as sent and as A-labels (RFC 5321 4.5.3.1.2).
MAX_DOMAIN_OCTETS: Final = 255


def parse_domain(text: str, *, lenient: bool = False) -> str:
    """Return the domain *text* in lower case (RFC 5321 4.1.2, RFC 6531 3.3).

    U-labels stay U-labels; they must be in NFC and valid under IDNA2008.
    Only U+002E separates labels, none of the other full stops of Unicode.

    Args:
        text: a domain as it was sent, no address literal.
        lenient: let underscores and one trailing dot pass; the dot is dropped.

    Raises:
        ValueError: text is no domain, or longer than 255 octets.
    """
    if lenient:
        text = text.removesuffix(".")
    _check_size(text)
    domain = ".".join([_parse_label(label, lenient) for label in text.split(".")])
    if not domain.isascii():
        # Making A-labels is also what checks the U-labels against IDNA2008.
        _check_size(ascii_domain(domain))
    return domain


def ascii_domain(domain: str) -> str:
    """Return *domain* with every U-label as an A-label, in lower case (RFC 5890).

    Two domains are the same exactly when this form of them is equal.

    Args:
        domain: what `parse_domain` or `parse_address_literal` returned.

    Raises:
        ValueError: domain is neither.
    """
    if domain.isascii():
        return domain.lower()
    return ".".join([_a_label(label) for label in domain.split(".")])


def parse_address_literal(text: str) -> str:
    """Return the address literal *text* in its canonical spelling (RFC 5321 4.1.3).

    Args:
        text: an address literal with its brackets.

    Returns:
        ``[192.0.2.1]`` or ``[IPv6:2001:db8::1]``, the latter as RFC 5952 has it.

    Raises:
        ValueError: text is no literal of an IPv4 or IPv6 address.
    """
    match = grammar.ADDRESS_LITERAL.fullmatch(text)
    if match is None:
        raise ValueError(f"address literal must be [IPv4] or [IPv6:IPv6], got {text!r}")
    ipv4, ipv6 = match.groups()
    if ipv4 is not None:
        return f"[{ipaddress.IPv4Address(ipv4)}]"
    return f"[IPv6:{_spell_ipv6(ipaddress.IPv6Address(ipv6))}]"


def _spell_ipv6(address: ipaddress.IPv6Address) -> str:
    # Python releases differ in how they spell an address that holds an IPv4 one.
    if address.ipv4_mapped is not None:
        return f"::ffff:{address.ipv4_mapped}"
    return str(address)


def _parse_label(label: str, lenient: bool) -> str:
    if not label.isascii():
        return _lower_u_label(label)
    pattern = grammar.LENIENT_LABEL if lenient else grammar.LABEL
    if pattern.fullmatch(label) is None:
        raise ValueError(
            "domain label must be 1 to 63 letters, digits and inner hyphens,"
            f" got {label!r}"
        )
    return label.lower()


def _lower_u_label(label: str) -> str:
    # Checked before lower(), which turns U+212A (KELVIN SIGN) into an ASCII "k".
    if not unicodedata.is_normalized("NFC", label):
        raise ValueError(f"domain label must be in NFC, got {label!r}")
    # Normalised again, since "J" with caron is one character in lower case only.
    return unicodedata.normalize("NFC", label.lower())


def _a_label(label: str) -> str:
    if label.isascii():
        return label
    # idna.encode() would take U+3002, U+FF0E and U+FF61 for dots; alabel() does not.
    return idna.alabel(label).decode("ascii")


def _check_size(domain: str) -> None:
    octets = len(domain.encode())
    if octets > MAX_DOMAIN_OCTETS:
        raise ValueError(
            f"domain must be at most {MAX_DOMAIN_OCTETS} octets, got {octets}"
        )
