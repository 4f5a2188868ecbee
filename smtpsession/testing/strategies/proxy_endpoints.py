"""Addresses and ports as they stand in headers of the PROXY protocol."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

#: Addresses of documentation (RFC 5737), as text.
IPV4: Final = st.sampled_from(["192.0.2.1", "198.51.100.2"]) | st.ip_addresses(
    network="192.0.2.0/24"
).map(str)
#: Addresses of documentation (RFC 3849), and some with a meaning, as text.
IPV6: Final = st.sampled_from(
    ["2001:db8::1", "::1", "::", "::ffff:192.0.2.1"]
) | st.ip_addresses(network="2001:db8::/32").map(str)
#: Ports.
PORTS: Final = st.sampled_from([25, 56324, 0, 65535]) | st.integers(0, 65_535)
