"""IP addresses in the one spelling that is compared, counted and shown."""

from __future__ import annotations

import ipaddress


def parse_ip(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Give the address: IPv4 for IPv4-mapped IPv6, and IPv6 without its zone.

    As a str it is IPv4, or IPv6 in its short form (RFC 5952).

    Raises:
        ValueError: text is no IP address.
    """
    if ":" not in text:
        return ipaddress.IPv4Address(text)
    # A zone means nothing on another machine.
    address = ipaddress.IPv6Address(text.partition("%")[0])
    return address.ipv4_mapped or address
