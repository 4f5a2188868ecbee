"""Lines of other protocols that clients speak by mistake, or to do harm."""

from __future__ import annotations

import re

# What another protocol's first line looks like: the verbs of HTTP in any case, as ours
# are, a request line of its relatives, SSH, a header field, or an octet that begins
# neither a word nor white space (TLS, Telnet, markup). A path that follows its verb
# without a space is a mistake in our own protocol.
_FOREIGN = re.compile(
    rb"(?i:GET|POST|PUT|HEAD|OPTIONS|DELETE|TRACE|CONNECT|PATCH|PRI) "
    rb"|[A-Za-z]+ [^ ]+ (?i:HTTP|ICAP|RTSP|SIP)/[0-9]"
    rb"|SSH-[0-9]"
    rb"|(?!(?i:MAILFROM|RCPTTO):)[A-Za-z][A-Za-z0-9_-]*:"
    rb"|[^A-Za-z \t]",
)
#: Octets that no verb begins with, nor any other text in ASCII: of a binary protocol,
#: such as TLS (0x16), RDP (0x03) or SOCKS (0x04, 0x05).
BINARY_OCTETS = frozenset(range(256)) - frozenset(b"\t\r\n" + bytes(range(0x20, 0x7F)))


def is_foreign(line: bytes) -> bool:
    """Say whether *line*, whose verb nobody here knows, is another protocol's."""
    return _FOREIGN.match(line) is not None
