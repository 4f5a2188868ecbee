"""Networks whose word about other clients is taken: proxies, and mail servers."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from typing import Any, Final, TypeAlias

import attrs

from smtpsession.wire.ip_addresses import parse_ip

IPNetwork: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

#: Stands for peers without an address, such as those of a Unix socket.
UNIX: Final = "unix"

# An address, and the length of the prefix; no netmask, which is easily mistaken.
_CIDR: Final = re.compile(r"([0-9A-Fa-f:.]+)(?:/([0-9]{1,3}))?")
_MAPPED: Final = ipaddress.IPv6Network("::ffff:0:0/96")


@attrs.frozen
class TrustedNetworks:
    """Whom to trust; empty trusts nobody, and is false.

    Args:
        networks: IP networks.
        unix: peers without an address are trusted, too.
    """

    networks: tuple[IPNetwork, ...] = ()
    unix: bool = False

    @classmethod
    def of(
        cls, values: Iterable[str | IPNetwork] | TrustedNetworks, *, option: str
    ) -> TrustedNetworks:
        """Read what an option was given.

        Args:
            values: networks such as ``"10.0.0.0/8"``, single addresses, networks of
                ``ipaddress``, and "unix" for peers without an address.
            option: its name, for errors.

        Raises:
            TypeError: values is no sequence of these.
            ValueError: a text is no network; it is named.
        """
        if isinstance(values, TrustedNetworks):
            return values
        if isinstance(values, (str, bytes)) or not hasattr(values, "__iter__"):
            raise TypeError(
                f"{option} must be a sequence of networks such as ['10.0.0.0/8'],"
                f" got {values!r}"
            )
        given = list(values)
        networks = [_network(value, option) for value in given if value != UNIX]
        return cls(tuple(networks), len(networks) < len(given))

    def __bool__(self) -> bool:
        return bool(self.networks) or self.unix

    @property
    def trusts_everybody(self) -> bool:
        """One of the networks is all of IPv4 or all of IPv6."""
        return any(network.prefixlen == 0 for network in self.networks)

    def trusts(self, address: str) -> bool:
        """Say whether a peer's address is in one of the networks.

        Args:
            address: of the socket; "" if it has none. What is no address is not
                trusted.
        """
        if not address:
            return self.unix
        try:
            parsed = parse_ip(address)
        except ValueError:
            return False
        return any(parsed in network for network in self.networks)


def _network(value: Any, option: str) -> IPNetwork:
    if isinstance(value, (ipaddress.IPv4Network, ipaddress.IPv6Network)):
        return _unmapped(value)
    if not isinstance(value, str):
        raise TypeError(f"{option} must hold networks as str, got {value!r}")
    match = _CIDR.fullmatch(value)
    if match is None:
        raise ValueError(_no_network(option, value))
    try:
        address = ipaddress.ip_address(match[1])
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        raise ValueError(_no_network(option, value)) from None
    if network.network_address != address:
        raise ValueError(
            f"{option}: {value} has host bits set; the network is {network}, the"
            f" single address {address}"
        )
    return _unmapped(network)


def _no_network(option: str, value: str) -> str:
    return (
        f"{option} must hold networks such as 10.0.0.0/8 or 2001:db8::/32, single"
        f' addresses, or "{UNIX}", got {value!r}'
    )


def _unmapped(network: IPNetwork) -> IPNetwork:
    """Give IPv4 for IPv4-mapped IPv6, as peers' addresses are."""
    if isinstance(network, ipaddress.IPv4Network) or not network.subnet_of(_MAPPED):
        return network
    first = int(network.network_address) & 0xFFFFFFFF
    return ipaddress.IPv4Network((first, network.prefixlen - 96))
