"""Attacks by the sequence of commands, and by what are no commands.

Wait for a later issue, or stand elsewhere:

- early talkers: tests/server/test_early_talker.py.
- an AUTH response that looks like a command: AUTH.
- commands in a BDAT payload: tests/standards/test_chunking.py, T-BDAT-2.
"""

import pytest

from smtpsession.wire.commands import Mail
from tests.standards.run_dialogue import (
    MAIL,
    P0,
    P1,
    Conversation,
    converse,
    in_one_segment,
    make_settings,
)

HTTP = b"POST / HTTP/1.1\r\nHost: s\r\nContent-Length: 99\r\n\r\n"


@pytest.mark.parametrize(
    "octets",
    [
        HTTP,
        b"GET / HTTP/1.1\r\n",
        b"CONNECT s.example:25 HTTP/1.1\r\n",
        b"PUT / HTTP/1.1\r\n",
        b"HEAD / HTTP/1.1\r\n",
        b"OPTIONS * HTTP/1.1\r\n",
        b"DELETE / HTTP/1.1\r\n",
        b"PRI * HTTP/2.0\r\n",
        b"\x16\x03\x01\x02\x00\r\n",
        b"\x80\x9e\x01\x03\r\n",
        b"SSH-2.0-x\r\n",
        b"Label: value\r\n",
        b"<script>alert(1)</script>\r\n",
        b"get / HTTP/1.1\r\nHost:x\r\n\r\n",
        b"Host:x\r\n",
        b"INVITE sip:b@s.example SIP/2.0\r\n",
        b"\x03\x00\x00\x13\x0e\xe0\r\n",
    ],
)
@pytest.mark.parametrize("after", [P0, P1])
def test_foreign_protocol(octets: bytes, after: bytes) -> None:
    octets += b"EHLO x\r\n" + MAIL
    outcome = converse(octets, after=after)
    assert outcome.codes == ["421 4.7.0"]
    assert outcome.is_over
    assert Mail not in outcome.kinds
    (reply,) = outcome.replies
    assert not any(word in reply.lines[0] for word in ("HTTP", "script", "Label"))


@pytest.mark.parametrize("octets", [b"\x16", b"\x16\x03\x01\x02\x00", b"\x03\x00\x00"])
def test_binary_protocol_is_answered_before_a_line_ends(octets: bytes) -> None:
    conversation = Conversation()
    conversation.send(octets)
    (reply,) = conversation.take_replies()
    assert str(reply) == "421 4.7.0"
    assert conversation.dialogue.is_over


@pytest.mark.parametrize(
    "octets",
    [
        b"<script>\r\n",
        b"HELP <script>\r\n",
        b"VRFY <script>\r\n",
        b"EXPN <script>\r\n",
        b"EHLO <script>\r\n",
        b"XYZZY <script>\r\n",
        b"MAIL FROM:<script>\r\n",
        b"MAIL FROM:<a@c.example> script\r\n",
        b"EHLO script.example\r\n",
        b"NOOP script\r\n",
    ],
)
def test_nothing_is_reflected(octets: bytes) -> None:
    conversation = Conversation()
    conversation.send(P1)
    conversation.take_replies()
    conversation.send(octets)
    (reply,) = conversation.take_replies()
    assert not any("script" in line.lower() for line in reply.lines)


@pytest.mark.parametrize(
    ("octets", "reply"),
    [
        (b"XYZZY\r\n", "500 5.5.2"),
        (b"TURN\r\n", "500 5.5.2"),
        (b"ETRN x\r\n", "500 5.5.2"),
        (b"DEBUG\r\n", "500 5.5.2"),
        (b"WIZ\r\n", "500 5.5.2"),
        (b" NOOP\r\n", "500 5.5.2"),
        (b"\tNOOP\r\n", "500 5.5.2"),
        (b"NOOP\x0b\r\n", "500 5.5.2"),
        (b"\r\n", "500 5.5.2"),
        (b"MAIL  FROM:<a@c.example>\r\n", "501 5.5.4"),
        (b"MAIL FROM :<a@c.example>\r\n", "501 5.5.4"),
        (b"MAIL\r\n", "501 5.5.4"),
        (b"RCPT\r\n", "501 5.5.4"),
        (b"MAILFROM:<a@c.example>\r\n", "500 5.5.2"),
    ],
)
def test_what_is_no_command_leaves_the_session_open(octets: bytes, reply: str) -> None:
    outcome = converse(octets + MAIL)
    assert outcome.codes == [reply, "250 2.1.0"]


def test_octets_behind_quit_are_not_read() -> None:
    outcome = in_one_segment(b"QUIT\r\n" + MAIL)
    assert outcome.codes == ["221 2.0.0"]
    assert outcome.is_over
    assert Mail not in outcome.kinds


def test_garbage_ends_by_the_error_limit() -> None:
    settings = make_settings(limits=None)
    garbage = b"".join(bytes([65 + i % 26, i % 10 + 48, 13, 10]) for i in range(200))
    assert set(converse(garbage, settings=settings, cuts=[7]).codes) == {"500 5.5.2"}


def test_disabled_commands_are_502_and_not_offered() -> None:
    conversation = Conversation()
    conversation.session.disabled_commands = frozenset({"vrfy", "starttls"})
    conversation.send(P1 + b"VRFY x\r\nSTARTTLS\r\n")
    hello, vrfy, starttls = conversation.take_replies()
    assert "STARTTLS" not in hello.lines
    assert [str(vrfy), str(starttls)] == ["502 5.5.1"] * 2
