"""One spelling per address, whoever wrote it."""

import contextlib
import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.wire.ip_addresses import parse_ip


@pytest.mark.parametrize(
    ("text", "spelt"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:0DB8:0:0::0001", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::FFFF:c000:0201", "192.0.2.1"),
        ("::ffff:192.0.2.1%2", "192.0.2.1"),
        ("::192.0.2.1", "::c000:201"),
        ("::", "::"),
    ],
)
def test_spelling(text: str, spelt: str) -> None:
    assert str(parse_ip(text)) == spelt


@pytest.mark.parametrize("text", ["", "localhost", "192.0.2", "1::2::3", "01.2.3.4"])
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError):
        parse_ip(text)


@given(st.ip_addresses())
def test_what_is_spelt_is_read_again(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    parsed = parse_ip(str(address))
    assert parse_ip(str(parsed)) == parsed


@given(st.text())
def test_no_text_raises_anything_else(text: str) -> None:
    with contextlib.suppress(ValueError):
        parse_ip(text)
