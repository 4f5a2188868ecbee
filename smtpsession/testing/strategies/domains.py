"""Domains (RFC 5321 4.1.2) and address literals (RFC 5321 4.1.3).

All of them are reserved for documentation and tests (RFC 2606, RFC 5737, RFC 3849),
so that a handler that looks one up, or sends something there, reaches nobody.
"""

from __future__ import annotations

import ipaddress
import string
from typing import Final

from hypothesis import strategies as st

from smtpsession.testing.strategies.arguments import check_flags, check_number

#: Longest domain in octets (RFC 5321 4.5.3.1.2).
MAX_DOMAIN_OCTETS: Final = 255

_MAX_LABEL_OCTETS: Final = 63
_TOPS: Final = ("example", "test", "invalid", "EXAMPLE")
_SHORTEST: Final = len("a.invalid")

_LET_DIG: Final = string.ascii_lowercase + string.digits + string.ascii_uppercase
# Letters whose every combination is a U-label in NFC (RFC 5892), by script.
_U_ALPHABETS: Final = (
    "\u00fc\u00e9\u00f8\u00df",
    "\u03b1\u03b2",
    "\u0436",
    "\u65e5\u672c",
)


def _text(alphabet: str, *, most: int) -> st.SearchStrategy[str]:
    # Unlike st.text(), this shrinks to the alphabet's first character.
    return st.lists(st.sampled_from(alphabet), min_size=1, max_size=most).map("".join)


_labels: Final = st.one_of(
    _text(_LET_DIG, most=8),
    # RFC 5321 4.1.2: sub-domain = Let-dig [Ldh-str], hyphens inside only.
    st.tuples(
        st.sampled_from(_LET_DIG), _text("-" + _LET_DIG, most=6), st.sampled_from("ab1")
    ).map("".join),
    st.sampled_from(["a" * _MAX_LABEL_OCTETS, "xn--bcher-kva", "192", "a--b", "0"]),
)
_u_labels: Final = st.sampled_from(_U_ALPHABETS).flatmap(
    lambda alphabet: _text(alphabet + "ab", most=8)
)

_literals: Final = st.sampled_from(
    [
        *("[192.0.2.1]", "[IPv6:2001:db8::1]", "[203.0.113.255]", "[IPv6:2001:db8::]"),
        *("[ipv6:2001:DB8::1]", "[IPv6:::ffff:192.0.2.1]", "[IPv6:2001:db8:0:0::1]"),
    ]
)
_networks: Final = st.sampled_from(["192.0.2.0/24", "198.51.100.0/24"])


def domains(
    *, smtp_utf8: bool = False, max_octets: int = MAX_DOMAIN_OCTETS
) -> st.SearchStrategy[str]:
    """Domains that RFC 5321 4.1.2 allows, the longest and upper case included.

    Args:
        smtp_utf8: U-labels, too, as RFC 6531 3.3 allows them.
        max_octets: longest domain, in A-labels as well as in U-labels.

    Raises:
        TypeError: an option is of another type.
        ValueError: max_octets is not from 9 to 255.
    """
    check_flags(smtp_utf8=smtp_utf8)
    check_number("max_octets", max_octets, least=_SHORTEST, most=MAX_DOMAIN_OCTETS)
    usual = ["a.example", "b.example", "A.Example", _longest(max_octets)]
    names = [name for name in usual if len(name) <= max_octets]
    labels = _labels | _u_labels if smtp_utf8 else _labels
    return st.one_of(st.sampled_from(names), _built_domains(labels, max_octets))


def address_literals() -> st.SearchStrategy[str]:
    """Literals of IPv4 and IPv6 addresses with their brackets (RFC 5321 4.1.3)."""
    ipv4 = _networks.flatmap(lambda network: st.ip_addresses(network=network))
    ipv6 = st.ip_addresses(network="2001:db8::/32")
    return st.one_of(
        _literals,
        ipv4.map("[{}]".format),
        ipv6.map("[IPv6:{}]".format),
        ipv6.map(lambda address: f"[IPV6:{address.exploded.upper()}]"),
        ipv4.map(_in_ipv6),
    )


def _longest(max_octets: int) -> str:
    label = "a" * _MAX_LABEL_OCTETS
    room = max_octets - len(".example")
    return ".".join([label] * 4)[:room].rstrip(".") + ".example"


@st.composite
def _built_domains(
    draw: st.DrawFn, labels: st.SearchStrategy[str], max_octets: int
) -> str:
    top = draw(st.sampled_from(_TOPS))
    room = max_octets - len(top)
    fitting: list[str] = []
    for label in draw(st.lists(labels, min_size=1, max_size=5)):
        room -= _most_octets(label) + len(".")
        if room < 0:
            break
        fitting.append(label)
    return ".".join([*(fitting or ["a"]), top])


def _most_octets(label: str) -> int:
    """Give how long the label may be, as it is or as an A-label (RFC 5890)."""
    if label.isascii():
        return len(label)
    return max(len(label.encode()), len(b"xn--" + label.encode("punycode")))


def _in_ipv6(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    return f"[IPv6:::ffff:{address}]"
