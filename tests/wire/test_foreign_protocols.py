"""Other protocols are told from our own by how a line begins."""

import pytest

from smtpsession.errors import ForeignProtocolError
from smtpsession.wire.commands import (
    VERBS,
    BadArgument,
    Help,
    Noop,
    Vrfy,
    parse_command,
)
from smtpsession.wire.foreign_protocols import BINARY_OCTETS, is_foreign


@pytest.mark.parametrize(
    "line",
    [
        b"POST / HTTP/1.1",
        b"GET / HTTP/1.1",
        b"CONNECT s:25 HTTP/1.1",
        b"PUT /x HTTP/1.1",
        b"HEAD / HTTP/1.0",
        b"OPTIONS * HTTP/1.1",
        b"DELETE / HTTP/1.1",
        b"TRACE / HTTP/1.1",
        b"PATCH / HTTP/1.1",
        b"PRI * HTTP/2.0",
        b"get / HTTP/1.1",
        b"Post / http/1.0",
        b"get /",
        b"PROPFIND / HTTP/1.1",
        b"propfind / http/1.1",
        b"DESCRIBE rtsp://s/ RTSP/1.0",
        b"INVITE sip:b@s.example SIP/2.0",
        b"REQMOD icap://s/ ICAP/1.0",
        b"Host: s",
        b"Host:s",
        b"host:",
        b"X_Own-Field:<s>",
        b"From:<a@c.example>",
        b"Mail-From:<a@c.example>",
        b"Content-Length:\t99",
        b"Label: value",
        b"X1-Label: value",
        b"x: value",
        b"HELP: me",
        b"SSH-2.0-OpenSSH_9.2",
        b"\x03\x00\x00\x2f\x2a\xe0\x00\x00\x00\x00\x00Cookie: mstshash=a",
        b"\x05\x01\x00",
        b"\x16\x03\x01\x02\x00",
        b"\x80\x9e\x01\x03",
        b"\xff\xf4\xff\xfdNOOP",
        b"<script>alert(1)</script>",
        b"{}",
        b"\0",
        b".",
    ],
)
def test_foreign_protocol(line: bytes) -> None:
    with pytest.raises(ForeignProtocolError) as caught:
        parse_command(line)
    assert caught.value.closes


def test_no_verb_begins_with_an_octet_of_a_binary_protocol() -> None:
    assert not {verb[0] for verb in VERBS} & BINARY_OCTETS
    for octet in BINARY_OCTETS:
        with pytest.raises(ForeignProtocolError):
            parse_command(bytes([octet]) + b"EHLO c.example")


def test_a_known_verb_is_no_foreign_protocol() -> None:
    assert parse_command(b"HELP x HTTP/1.1") == Help("x HTTP/1.1")
    assert isinstance(parse_command(b"NOOP / HTTP/1.1"), Noop)


@pytest.mark.parametrize("line", [b"HELP <script>", b"VRFY <script>", b"EHLO <script>"])
def test_markup_in_an_argument_is_no_foreign_protocol(line: bytes) -> None:
    event = parse_command(line)
    assert isinstance(event, (Help, Vrfy, BadArgument))


def test_octets_of_a_binary_protocol_are_controls_and_what_is_beyond_ascii() -> None:
    controls = {octet for octet in range(0x20) if octet not in b"\t\r\n"}
    assert controls | set(range(0x7F, 0x100)) == BINARY_OCTETS


@pytest.mark.parametrize(
    "line",
    [
        *(b"", b"XCLIENT", b"mailfrom:<a@c>", b"FOO bar:baz", b" NOOP", b"\tNOOP"),
        *(b"XYZZY  HTTP/1.1", b" / HTTP/1.1"),
    ],
)
def test_what_is_only_unknown(line: bytes) -> None:
    assert not is_foreign(line)
