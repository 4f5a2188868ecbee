"""Whom an option trusts, and what it says about what is no network."""

import contextlib
import ipaddress
import re
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.wire.trusted_networks import TrustedNetworks


def networks(*values: Any) -> TrustedNetworks:
    return TrustedNetworks.of(values, option="xclient")


@pytest.mark.parametrize(
    ("value", "trusted", "others"),
    [
        ("10.0.0.0/8", ["10.0.0.0", "10.255.255.255"], ["11.0.0.0", "9.255.255.255"]),
        ("192.0.2.7", ["192.0.2.7"], ["192.0.2.8", "192.0.2.6"]),
        ("192.0.2.7/32", ["192.0.2.7"], ["192.0.2.8"]),
        (
            "2001:db8::/32",
            ["2001:db8::", "2001:DB8:ffff::1"],
            ["2001:db9::", "10.0.0.1"],
        ),
        ("2001:DB8::/32", ["2001:db8::"], ["2001:db9::"]),
        ("::1", ["::1", "0:0::1"], ["::2", "127.0.0.1", "0.0.0.1"]),
        ("fe80::/10", ["fe80::1", "fe80::1%eth0"], ["ff80::1"]),
        ("127.0.0.1", ["::ffff:127.0.0.1", "127.0.0.1"], ["::127.0.0.1"]),
        ("::ffff:10.0.0.0/104", ["10.1.2.3", "::ffff:10.1.2.3"], ["11.0.0.1", "::1"]),
        ("::ffff:10.0.0.1", ["10.0.0.1"], ["10.0.0.2"]),
        ("::ffff:0:0/96", ["10.0.0.1", "255.255.255.255"], ["::1"]),
        ("0.0.0.0/0", ["0.0.0.0", "255.255.255.255"], ["::", "::1"]),
        ("::/0", ["::", "2001:db8::1"], ["0.0.0.0", "::ffff:10.0.0.1"]),
        (ipaddress.ip_network("10.0.0.0/8"), ["10.0.0.1"], ["11.0.0.1"]),
        (ipaddress.ip_network("2001:db8::/32"), ["2001:db8::1"], ["::1"]),
        (ipaddress.ip_network("::ffff:10.0.0.0/104"), ["10.0.0.1"], ["::1"]),
        ("unix", [""], ["unix", "::1", "127.0.0.1"]),
    ],
)
def test_who_is_trusted(value: Any, trusted: list[str], others: list[str]) -> None:
    chosen = networks(value)
    assert chosen
    assert [address for address in trusted if not chosen.trusts(address)] == []
    assert [address for address in others if chosen.trusts(address)] == []


def test_one_network_of_several_is_enough() -> None:
    chosen = networks("10.0.0.0/8", "unix", "::1")
    assert all(map(chosen.trusts, ("10.0.0.1", "", "::1")))
    assert not chosen.trusts("127.0.0.1")


def test_empty_is_off() -> None:
    for chosen in (networks(), TrustedNetworks()):
        assert not chosen
        assert not any(map(chosen.trusts, ("", "127.0.0.1", "::1")))


@pytest.mark.parametrize(
    "address", ["localhost", "10.0.0", "unknown", "\x00", "10.0.0.1 "]
)
def test_what_is_no_address_is_not_trusted(address: str) -> None:
    assert not networks("0.0.0.0/0", "::/0", "unix").trusts(address)


@given(st.text())
def test_no_address_raises(address: str) -> None:
    networks("0.0.0.0/0", "::/0").trusts(address)


@given(st.ip_addresses(), st.data())
def test_an_address_is_in_each_network_around_it(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address, data: st.DataObject
) -> None:
    length = data.draw(st.integers(0, address.max_prefixlen))
    around = ipaddress.ip_network((address, length), strict=False)
    mapped = getattr(address, "ipv4_mapped", None) is not None
    if not mapped or length >= 96:
        assert networks(str(around)).trusts(str(address))
    assert networks(str(around)) == networks(around)


@pytest.mark.parametrize(
    ("values", "everybody"),
    [
        (["0.0.0.0/0"], True),
        (["10.0.0.0/8", "::/0"], True),
        (["::ffff:0:0/96"], True),
        (["10.0.0.0/8", "unix"], False),
        ([], False),
    ],
)
def test_a_network_of_everybody_is_noticed(
    values: list[str], *, everybody: bool
) -> None:
    assert networks(*values).trusts_everybody == everybody


# What developers get wrong.


@pytest.mark.parametrize("value", ["10.0.0.0/8", b"10.0.0.0/8", 5, None, True])
def test_it_is_a_sequence(value: Any) -> None:
    said = (
        f"xclient must be a sequence of networks such as ['10.0.0.0/8'], got {value!r}"
    )
    with pytest.raises(TypeError, match=re.escape(said)):
        TrustedNetworks.of(value, option="xclient")


@pytest.mark.parametrize(
    "value", [5, b"10.0.0.0/8", None, ("10.0.0.0", 8), ipaddress.ip_address("::1")]
)
def test_it_is_a_sequence_of_texts(value: Any) -> None:
    said = f"xclient must hold networks as str, got {value!r}"
    with pytest.raises(TypeError, match=re.escape(said)):
        networks("10.0.0.0/8", value)


def test_host_bits_are_explained() -> None:
    with pytest.raises(ValueError) as caught:
        networks("10.0.0.1/8")
    assert str(caught.value) == (
        "xclient: 10.0.0.1/8 has host bits set; the network is 10.0.0.0/8, the single"
        " address 10.0.0.1"
    )


@pytest.mark.parametrize(
    "value",
    [
        *("", " ", "localhost", "Unix", "UNIX", "*", "10.0.0.0/", "/8", "10.0.0.0/33"),
        *(
            "::/129",
            "10.0.0",
            "10.0.0.256",
            "10.0.0.0/8 ",
            " 10.0.0.0/8",
            "010.0.0.0/8",
        ),
        *("10.0.0.0/255.0.0.0", "10.0.0.0/-8", "fe80::1%eth0", "10.0.0.0/\u0668"),
        "10.0.0.0/8\n",
    ],
)
def test_what_is_no_network_is_named(value: str) -> None:
    with pytest.raises(ValueError) as caught:
        networks(value)
    assert str(caught.value) == (
        "xclient must hold networks such as 10.0.0.0/8 or 2001:db8::/32, single"
        f' addresses, or "unix", got {value!r}'
    )


@given(st.text())
def test_no_text_raises_anything_else(value: str) -> None:
    with contextlib.suppress(ValueError):
        networks(value)


def test_what_was_read_is_taken_as_it_is() -> None:
    chosen = networks("10.0.0.0/8", "unix")
    assert TrustedNetworks.of(chosen, option="xclient") is chosen


def test_it_does_not_change() -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        networks().unix = True  # type: ignore[misc]
