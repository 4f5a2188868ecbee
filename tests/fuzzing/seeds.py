"""What a run begins with where there is no corpus yet, and words of the protocol."""

from __future__ import annotations

from collections.abc import Mapping

from tests.framing.attacks import ATTACKS, ENDS, EVIL, STUMPS
from tests.wire.proxy_octets import (
    BLOCK,
    CHECKED,
    LINE,
    LOCAL,
    NO_HEADERS,
    block,
    tcp4,
    tlv,
)

_OPTIONS = (b"\0\0\x05", b"\x01\x11\x02", b"\x36\x20\x07", b"\x0f\x02\x01")
_PATHS = (
    *(b"<a@b.example>", b"<>", b"<postmaster>", b'<"a b\\"c"@[192.0.2.1]>', b"a@b_c."),
    *(b"<@a.example,@b.example:c@d.example> SIZE=1 BODY=8BITMIME", b"<a@[IPv6:::1]>"),
    *("<\u00e9@\u00fc.example> SMTPUTF8 ENVID=+41".encode(), b"<a..b@c.example>"),
)
_PARAMETERS = b"SIZE=1 BODY=7BIT SMTPUTF8 RET=FULL ENVID=a+2B NOTIFY=NEVER AUTH=<>"

# What is too long, which no fuzzer makes of short inputs.
_LONG = b"a" * 256
_TOO_LONG_PATHS = (b"<%s@b.example>" % _LONG, b"<a@%s>" % b".".join([b"b" * 63] * 5))
_TLVS = (
    *(tlv(2, b"\xff"), tlv(5, bytes(129)), tlv(0x20, bytes(4)), tlv(0x30, b"\xe9")),
    *(tlv(2, b"a") * 2, tlv(4, b"x"), tlv(0xE0, b"x"), b"\xe0\x00", tlv(3, b"x")),
    *(tlv(0x20, bytes(5) + tlv(0x21, b"TLSv1.3")), tlv(3, bytes(4)), b"\xe0\x00\x05a"),
    tlv(0x20, bytes(5) + tlv(0x22, b"a") + tlv(0x26, b"b")),
)

SEEDS: Mapping[str, tuple[bytes, ...]] = {
    "command_stream": (
        *tuple(
            options + attack
            for options in _OPTIONS
            for attack in ATTACKS
            if 2 < len(attack) < 400
        ),
        b"\x00\x00\x05AUTH X " + b"A" * 3000 + b"\r\n",
        b"\x00\x00\x05NOOP " + b"A" * 3000 + b"\r\n",
    ),
    "content": tuple(
        option + b"body" + end + EVIL
        for option in (b"\0", b"\x0d", b"\x07")
        for end in ENDS
    ),
    "chunks": tuple(
        options + bytes([len(stump)]) + stump + bytes([64 | len(stump)]) + stump
        for options in _OPTIONS
        for stump in STUMPS
    ),
    "auth_lines": (
        *(b"AAAA\r\n*\r\n", b"=\r\n", b"AA==\r\nQUIT\r\n", b"*\n", b"A" * 70 + b"\r\n"),
        *(b"AAAA\r\n" * 3 + b"NOOP\r\n", b"AB==\r\n", b"\r\n"),
    ),
    "dialogue": tuple(
        options + attack
        for options in (*_OPTIONS, b"\x04\0\0", b"\x06\x01\x05", b"\x07\0\x09")
        for attack in ATTACKS
        if 2 < len(attack) < 300
    ),
    "dot_stuffing": (b"", b".", b"a\r\n.\r\nb", b"..\r\n", b"a\r\n", *ENDS),
    "proxy_header": (
        *(LINE, BLOCK, CHECKED, LOCAL, b"PROXY UNKNOWN\r\n", LINE + EVIL),
        *(b"PROXY TCP6 ::1 ::ffff:192.0.2.1 1 2\r\n", block(0x31, bytes(216))),
        tcp4(tlv(2, b"a"), tlv(0x20, bytes(5)), tlv(5, b"x"), checksum=True),
        *(tcp4(tlvs) for tlvs in _TLVS),
        tcp4(checksum=True) + tlv(3, bytes(4)),
        *(header for header in NO_HEADERS.values() if len(header) < 300),
    ),
    "reply": (
        *(
            b"250 2.1.0 OK\r\n",
            b"250-a\r\n250-b\r\n250 c\r\n",
            b"250\r\n",
            b"hello\r\n",
        ),
        *(b"550-5.1.1 a\r\n550 5.1.1 b\r\n", b"250-2.1.0 a\r\n250 2.1.5 b\r\n", b"25"),
    ),
    "address": (*_PATHS, *_TOO_LONG_PATHS),
    "command_line": (
        *(b"MAIL FROM:" + path for path in _PATHS),
        *(b"RCPT TO:" + path for path in _PATHS),
        b"EHLO " + _LONG,
        *(b"EHLO a.example", b"HELO [192.0.2.1]", b"LHLO [IPv6:::1]", b"DATA", b"QUIT"),
        *(b"BDAT 5 LAST", b"AUTH PLAIN AGEAYg==", b"AUTH X =", b"VRFY a b", b"HELP"),
        *(b"XCLIENT NAME=a ADDR=192.0.2.1 PORT=25", b"XFORWARD IDENT=1 SOURCE=LOCAL"),
        *(
            b"GET / HTTP/1.1",
            b"Host: x",
            b"SSH-2",
            b"XYZZY a",
            b"\tBDAT 5",
            b"STARTTLS",
        ),
    ),
    "parameters": (_PARAMETERS, b"SIZE", b"A=1  B", b"A==", b"A=1 a=1", b"A=1 A=2"),
    "proxy_attributes": (
        *(b"NAME=a.example ADDR=192.0.2.1 PORT=25 PROTO=ESMTP HELO=b LOGIN=c+2Bd",),
        *(
            b"ADDR=IPV6:2001:db8::1 DESTADDR=IPv6:::1 DESTPORT=25",
            b"IDENT=a SOURCE=LOCAL",
        ),
        *(b"NAME=[UNAVAILABLE] REVERSE_NAME=[TEMPUNAVAIL]", b"HELO=<a> b", b"PORT=x"),
        *(b"", b"NAME=1.2.3.4", b"PORT=65536", b"ADDR=1.2.3", b"SOURCE=ELSEWHERE"),
        *(b"PROTO=" + b"a" * 65, b"NAME=a NAME=b", b"LOGIN=\x07", b"IDENT=a b"),
        *(
            b"HELO=+00",
            b"LOGIN=+07",
            b"NAME=" + b"a" * 256,
            b"ADDR=IPV6:::ffff:1.2.3.4",
        ),
    ),
    "trusted_networks": (
        *(b"10.0.0.0/8", b"::1", b"2001:db8::/32", b"unix", b"::ffff:10.0.0.0/104"),
        *(b"10.0.0.1/8", b"::ffff:1.2.3.4", b"1.2.3", b"fe80::1%eth0", b"0.0.0.0/0"),
    ),
    "encodings": (
        *(
            b"a.example",
            "\u00fc.example".encode(),
            b"[192.0.2.1]",
            b"[IPv6:::1]",
            b"a_b.",
        ),
        *(
            b"2030-01-01T00:00:00Z",
            b"2016-12-31T23:59:60Z",
            *(
                b"2030-01-01T01:00:00.5+01:00",
                b"0001-01-01T00:00:00+01:00",
                b"[IPv6:::ffff:1.2.3.4]",
            ),
            *(b"2016-12-30T23:58:60Z", b"a" * 300, _LONG[:63] + b".b" * 100, b"a+07b"),
        ),
        *(b"a+2Bb", rb"\x{FC}a", b"AGEAYg==", b"AA==", b"xn--bcher-kva.example"),
    ),
}

#: For libFuzzer's -dict: what an input does not become by chance.
WORDS = (
    *("\r\n", "\r\n.\r\n", "\r\n..", "\n.\n", "\r", "\n", ".", "\0", "*\r\n", "=\r\n"),
    *("MAIL FROM:<a@b.example>", "RCPT TO:<a@b.example>", "DATA\r\n", "BDAT ", " LAST"),
    *("EHLO a\r\n", "HELO a\r\n", "LHLO a\r\n", "RSET\r\n", "NOOP\r\n", "QUIT\r\n"),
    *("AUTH PLAIN ", "AUTH LOGIN\r\n", "STARTTLS\r\n", "VRFY ", "EXPN ", "HELP "),
    *("XCLIENT ", "XFORWARD ", "BODY=BINARYMIME", "BODY=8BITMIME", "SMTPUTF8", "SIZE="),
    *(
        "NAME=",
        "ADDR=",
        "IPV6:",
        "PORT=",
        "PROTO=",
        "HELO=",
        "LOGIN=",
        "SOURCE=",
        "IDENT=",
    ),
    *(
        "[UNAVAILABLE]",
        "[TEMPUNAVAIL]",
        "<>",
        "<postmaster>",
        "@a,@b:",
        "[IPv6:",
        "xn--",
    ),
    *("PROXY ", "TCP4 ", "TCP6 ", "UNKNOWN", "\r\n\r\n\0\r\nQUIT\n", "::ffff:", "/128"),
    *(
        "GET / HTTP/1.1",
        "SSH-2.0",
        "Host: ",
        " SIP/2.0",
        "250-",
        "250 ",
        "2.1.0 ",
        "unix",
    ),
    *("+2B", "\\x{FC}", "T23:59:60Z", "+01:00", "AA==", "\u00e9", "\u2028", "\u212a"),
    *("unix", "IDENT="),
)


def dictionary() -> str:
    """Give the words in the format of libFuzzer."""
    return "".join(
        '"' + "".join(f"\\x{octet:02x}" for octet in word.encode()) + '"\n'
        for word in WORDS
    )
