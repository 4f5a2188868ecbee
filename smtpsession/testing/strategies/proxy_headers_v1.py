"""Headers of the PROXY protocol, version 1 (HAProxy's proxy-protocol.txt, 2.1)."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

from smtpsession.testing.strategies.arguments import check_flags
from smtpsession.testing.strategies.proxy_endpoints import IPV4, IPV6, PORTS

#: Longest line in octets, CRLF included.
MAX_LINE_OCTETS: Final = 107


def _unknown_line(rest: str, *ignored: object) -> str:
    return f"PROXY UNKNOWN{rest}"


_tcp4: Final = st.builds("PROXY TCP4 {} {} {} {}".format, IPV4, IPV4, PORTS, PORTS)
_tcp6: Final = st.builds("PROXY TCP6 {} {} {} {}".format, IPV6, IPV6, PORTS, PORTS)
_unknown_rests: Final = st.sampled_from(
    [
        *("", " ", " ::1 ::1 25 25", " what ever", " \0\x7f"),
        " ".ljust(MAX_LINE_OCTETS - len("PROXY UNKNOWN\r\n"), "x"),
    ]
)
# As many choices as the others make, or this would be what all shrinks to.
_unknown: Final = st.builds(
    _unknown_line,
    _unknown_rests,
    *(IPV4, IPV4, PORTS, PORTS),
)

# Each is no header, with whatever stands for the two addresses and ports.
_BROKEN: Final = (
    *("PROXY TCP4 {0}  {1} 25 25\r\n", "PROXY TCP4 {0}\t{1} 25 25\r\n"),
    *("PROXY TCP4 {0} {1} 25 25 \r\n", "PROXY TCP4 {0} {1} 25 25 25\r\n"),
    *("PROXY TCP4 {0} {1} 25\r\n", "PROXY TCP4 {0} 25 25\r\n", "PROXY TCP4\r\n"),
    *("PROXY TCP4 {0} {1} 65536 25\r\n", "PROXY TCP4 {0} {1} 25 025\r\n"),
    *("PROXY TCP4 {0} {1} -25 25\r\n", "PROXY TCP4 {0} {1} 25 2x\r\n"),
    *("PROXY TCP4 0{0} {1} 25 25\r\n", "PROXY TCP4 {0}.1 {1} 25 25\r\n"),
    *("PROXY TCP4 256.0.2.1 {1} 25 25\r\n", "PROXY TCP4 192.0.2 {1} 25 25\r\n"),
    *("PROXY TCP4 ::1 ::1 25 25\r\n", "PROXY TCP6 ::1 {1} 25 25\r\n"),
    *("PROXY TCP6 fe80::1%eth0 ::1 25 25\r\n", "PROXY TCP6 1::2::3 ::1 25 25\r\n"),
    *("PROXY TCP6 1:2:3 ::1 25 25\r\n", "PROXY UDP4 {0} {1} 25 25\r\n"),
    *("proxy TCP4 {0} {1} 25 25\r\n", " PROXY TCP4 {0} {1} 25 25\r\n"),
    *("PROXY tcp4 {0} {1} 25 25\r\n", "PROXY UNKNOWNX\r\n", "PROXY \r\n", "PROXY\r\n"),
    *("PROXY TCP4 {0} {1} 25 25\n", "PROXY TCP4 {0} {1} 25 25\rx\r\n"),
    *("PROXY UNKNOWN a\nb\r\n", "PROXY UNKNOWN a\rb\r\n", "PROXY UNKNOWN\n\r\n"),
    "PROXY UNKNOWN " + "x" * MAX_LINE_OCTETS + "\r\n",
    "PROXY TCP4 {0} {1} 25 \u0662\u0665\r\n",
)


def proxy_headers_v1(*, valid: bool = True) -> st.SearchStrategy[bytes]:
    r"""Lines that a proxy puts before all else: TCP4, TCP6 and UNKNOWN.

    They shrink to ``PROXY TCP4 192.0.2.1 192.0.2.1 25 25\r\n``.

    Args:
        valid: False gives lines that are no header, and that no receiver may take for
            one (section 2.1).

    Raises:
        TypeError: valid is no bool.
    """
    check_flags(valid=valid)
    if valid:
        return st.one_of(_tcp4, _tcp6, _unknown).map(
            lambda line: line.encode("latin-1") + b"\r\n"
        )
    return st.builds(str.format, st.sampled_from(_BROKEN), IPV4, IPV4).map(str.encode)
