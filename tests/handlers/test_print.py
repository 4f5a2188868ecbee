"""What PrintHandler shows, and what a hostile message cannot do with it."""

import io
import os
import sys

import pytest
import trio

from smtpsession import Session
from smtpsession.handlers import PrintHandler
from tests.server.smtp_client import open_session


class Printed(PrintHandler):
    """Keeps the session, to know its id."""

    def __init__(self, file: io.StringIO | None = None) -> None:
        super().__init__(file)
        self.sessions: list[Session] = []

    async def on_connect(self, session: Session) -> None:
        self.sessions.append(session)


async def printed(content: bytes) -> list[str]:
    """Give the lines that one message with this content is printed as."""
    file = io.StringIO()
    async with open_session(PrintHandler(file)) as client:
        assert (await client.deliver(content)).startswith("250 ")
    assert file.getvalue().endswith("\n")
    return file.getvalue().removesuffix("\n").split("\n")


async def test_a_block_shows_envelope_and_message() -> None:
    file = io.StringIO()
    handler = Printed(file)
    async with open_session(handler) as client:
        await client.codes("EHLO c.example", "MAIL FROM:<>")
        await client.codes("RCPT TO:<bob@d>", "RCPT TO:<eve@d>", "DATA")
        await client.send(b"Subject: x\r\n\r\n..dot\r\n.\r\n")
        assert (await client.reply()).startswith("250 ")
    (session,) = handler.sessions
    assert file.getvalue() == (
        f"message {session.id}.1, 20 octets\n"
        "  client c.example local\n"
        "  from   <>\n"
        "  to     <bob@d>\n"
        "  to     <eve@d>\n"
        "| Subject: x\n"
        "| \n"
        "| .dot\n"
        "\n"
    )


async def test_control_characters_cannot_steer_the_terminal() -> None:
    lines = await printed(
        b"\x1b[2J\x07\ttab \xe2\x80\xae \xc2\x9b caf\xc3\xa9 \xff\r\n"
    )
    assert lines[-2] == "| \\x1b[2J\\x07\ttab \\u202e \\x9b café \\xff"


async def test_content_cannot_look_like_an_envelope() -> None:
    lines = await printed(b"\r\nmessage 0123456789abcdef.1, 5 octets\r\n")
    assert [line for line in lines if line.startswith("message")] == lines[:1]


async def test_utf8_addresses_are_shown() -> None:
    file = io.StringIO()
    async with open_session(PrintHandler(file)) as client:
        await client.codes("EHLO c", "MAIL FROM:<jürgen@c> SMTPUTF8")
        await client.codes("RCPT TO:<b@d>", "DATA")
        await client.send(b".\r\n")
        assert (await client.reply()).startswith("250 ")
    assert "  from   <jürgen@c>\n" in file.getvalue()


async def test_what_the_encoding_lacks_is_escaped() -> None:
    octets = io.BytesIO()
    file = io.TextIOWrapper(octets, encoding="ascii", newline="")
    async with open_session(PrintHandler(file)) as client:
        await client.deliver("café\r\n".encode())
    assert b"| caf\\xe9\n" in octets.getvalue()


async def test_standard_output_is_looked_up_when_it_prints(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    handler = PrintHandler()
    output = io.StringIO()
    monkeypatch.setattr(sys, "stdout", output)
    async with open_session(handler) as client:
        await client.deliver(b"hello\r\n")
    assert "| hello\n" in output.getvalue()


async def test_messages_of_parallel_sessions_do_not_mix() -> None:
    file = io.StringIO()
    handler = PrintHandler(file)
    async with open_session(handler) as one, open_session(handler) as other:
        await one.open_content()
        await other.open_content()
        await one.send(b"one\r\n")
        await other.send(b"other\r\n.\r\n")
        assert (await other.reply()).startswith("250 ")
        await one.send(b"one\r\n.\r\n")
        assert (await one.reply()).startswith("250 ")
    blocks = [block.split("\n")[4:] for block in file.getvalue().split("\n\n")[:2]]
    assert blocks == [["| other"], ["| one", "| one"]]


async def test_a_reader_that_has_stopped_does_not_stop_other_sessions() -> None:
    reader, writer = os.pipe()
    content = b"more than a pipe holds\r\n" * 10_000
    with os.fdopen(writer, "w") as file, os.fdopen(reader, "rb") as pipe:
        handler = PrintHandler(file)
        async with open_session(handler) as client, open_session(handler) as other:
            await client.open_content()
            await client.send(content + b".\r\n")
            # Its first octet is there: the print has begun, and cannot end.
            assert await trio.to_thread.run_sync(pipe.read, 1) == b"m"
            assert (await other.ask("NOOP")).startswith("250 ")
            await trio.to_thread.run_sync(pipe.read, len(content))
            assert (await client.reply()).startswith("250 ")


async def test_a_broken_file_refuses_the_message_for_now() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    file = os.fdopen(writer, "w")
    async with open_session(PrintHandler(file)) as client:
        assert (await client.deliver(b"hello\r\n")).startswith("451 4.3.0 ")
    with pytest.raises(BrokenPipeError):
        file.close()
