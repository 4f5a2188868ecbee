"""TLS, deadlines and closing, as a client notices them."""

from __future__ import annotations

import logging
import socket
import ssl
import struct
from typing import Any

import attrs
import pytest
import trio
import trio.testing
import trustme

from smtpsession import (
    Config,
    Handler,
    Limits,
    Reject,
    Server,
    Timeouts,
    TLSOptions,
    serve,
    serve_stream,
)
from tests.server.recorder import Recorder
from tests.server.smtp_client import SMTPClient, open_session


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def server_context(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("mx.test").configure_cert(context)
    return context


@pytest.fixture(scope="module")
def client_context(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def with_tls(context: ssl.SSLContext, **options: Any) -> Config:
    return Config(hostname="mx.test", tls=context, **options)


async def test_starttls_forgets_everything_and_is_silent(
    server_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    handler = Recorder()
    async with open_session(handler, with_tls(server_context)) as client:
        assert "250 STARTTLS" in await client.ask("EHLO plain")
        session = handler.sessions[0]
        session.user = "somebody"
        assert await client.ask("STARTTLS") == "220 2.0.0 ready to start TLS"
        await client.start_tls(client_context)
        assert await client.ask("MAIL FROM:<a@c>") == (
            "503 5.5.1 bad sequence of commands"
        )
        assert session.user is None
        assert session.host_name_appears_as is None
        assert session.opening_command is None
        assert "STARTTLS" not in await client.ask("EHLO inside")
        assert session.secure
        assert isinstance(session.tls_options, TLSOptions)
        assert session.tls_options.version == "TLSv1.3"
        assert session.servername == "mx.test"
        assert session.transmission_type == "ESMTPS"
        assert await client.ask("STARTTLS") == "503 5.5.1 TLS is already active"
        assert (await client.deliver(b"secret\r\n"))[:3] == "250"
        assert await client.codes("QUIT") == ["221"]
    assert ("secure", "TLSv1.3") in handler.events
    assert handler.contents == [b"secret\r\n"]


async def test_octets_behind_starttls_are_never_executed(
    server_context: ssl.SSLContext,
) -> None:
    handler = Recorder()
    async with open_session(handler, with_tls(server_context)) as client:
        await client.ask("EHLO c")
        await client.send(b"STARTTLS\r\nMAIL FROM:<evil@c>\r\n")
        assert await client.reply() == "554 5.5.0 protocol synchronization"
        assert await client.reply() == ""
    assert not [event for event in handler.events if event[0] == "mail"]


async def test_earlier_replies_leave_before_the_220_of_starttls(
    server_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    async with open_session(Handler(), with_tls(server_context)) as client:
        await client.ask("EHLO c")
        await client.send(b"RSET\r\n" * 50 + b"STARTTLS\r\n")
        assert [(await client.reply())[:3] for _ in range(51)] == ["250"] * 50 + ["220"]
        await client.start_tls(client_context)
        assert await client.codes("EHLO c") == ["250"]


async def test_plain_text_instead_of_a_handshake_is_closed_without_a_word(
    server_context: ssl.SSLContext, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "smtpsession")
    async with open_session(Handler(), with_tls(server_context)) as client:
        await client.codes("EHLO c", "STARTTLS")
        await client.send(b"EHLO again\r\nMAIL FROM:<a@c>\r\n")
        data = b""
        while chunk := await client.stream.receive_some():
            data += chunk
    assert b"250" not in data
    assert b"421" not in data
    assert any("TLS handshake failed" in r.getMessage() for r in caplog.records)


@pytest.mark.parametrize("implicit", [False, True])
async def test_a_slow_handshake_is_closed_at_its_deadline(
    autojump_clock: trio.testing.MockClock,
    server_context: ssl.SSLContext,
    implicit: bool,
) -> None:
    config = with_tls(server_context, implicit_tls=implicit)
    async with open_session(Handler(), config, greeting=False) as client:
        if not implicit:
            await client.reply()
            await client.codes("EHLO c", "STARTTLS")
        await client.send(b"\x16")
        start = trio.current_time()
        assert await client.stream.receive_some() == b""
        assert trio.current_time() - start == pytest.approx(30)


async def test_implicit_tls_comes_before_the_greeting(
    server_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    handler = Recorder()
    config = with_tls(server_context, implicit_tls=True)
    async with open_session(handler, config, greeting=False) as client:
        await client.start_tls(client_context)
        assert await client.reply() == "220 mx.test ESMTP"
        assert "STARTTLS" not in await client.ask("EHLO c")
        assert handler.events[:3] == ["enter", "connect", ("secure", "TLSv1.3")]
        assert handler.sessions[0].transmission_type == "ESMTPS"


def no() -> None:
    raise Reject(554, "weak cipher", enhanced="5.7.0")


def fail() -> None:
    raise RuntimeError("deliberate")


@pytest.mark.parametrize(
    ("say", "expected"),
    [
        (no, "554 {}weak cipher"),
        (fail, "421 {}mx.test local error, try again later"),
    ],
)
@pytest.mark.parametrize("implicit", [False, True])
async def test_on_secure_refuses_and_closes(
    server_context: ssl.SSLContext,
    client_context: ssl.SSLContext,
    implicit: bool,
    say: Any,
    expected: str,
) -> None:
    handler = Recorder(secure=say)
    config = with_tls(server_context, implicit_tls=implicit)
    async with open_session(handler, config, greeting=False) as client:
        if not implicit:
            await client.reply()
            await client.codes("EHLO c", "STARTTLS")
        await client.start_tls(client_context)
        enhanced = "" if implicit else "5.7.0 " if say is no else "4.3.0 "
        assert await client.reply() == expected.format(enhanced)
        assert await client.reply() == ""
    assert handler.events[-2:] == ["close", "leave"]


async def test_tls_that_is_cut_off_is_no_end_of_a_message(
    server_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    handler = Recorder()
    async with open_session(handler, with_tls(server_context)) as client:
        await client.codes("EHLO c", "STARTTLS")
        await client.start_tls(client_context)
        await client.open_content()
        await client.send(b"half")
        await trio.aclose_forcefully(client.stream.transport_stream)
        await trio.testing.wait_all_tasks_blocked()
    assert handler.contents == []
    assert handler.events[-3:] == [("reset", "a@c", 1), "close", "leave"]


async def test_tls_is_required_before_mail(
    server_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    config = with_tls(server_context, require_tls=True)
    async with open_session(Handler(), config) as client:
        refused = await client.codes("EHLO c", "MAIL FROM:<a@c>", "RSET", "VRFY x")
        assert refused == ["250", "530", "530", "530"]
        assert await client.codes("NOOP", "HELP", "STARTTLS") == ["250", "214", "220"]
        await client.start_tls(client_context)
        assert (await client.deliver(b"a\r\n"))[:3] == "250"


async def test_an_idle_tls_session_gets_its_421(
    autojump_clock: trio.testing.MockClock,
    server_context: ssl.SSLContext,
    client_context: ssl.SSLContext,
) -> None:
    async with open_session(Handler(), with_tls(server_context)) as client:
        await client.codes("EHLO c", "STARTTLS")
        await client.start_tls(client_context)
        assert (await client.reply())[:9] == "421 4.4.2"
        assert await client.reply() == ""


async def test_a_client_that_does_not_take_the_last_reply_is_cut_off(
    autojump_clock: trio.testing.MockClock,
) -> None:
    """Closing has its own deadline, so that nobody can hold a session open."""
    ours, theirs = trio.testing.lockstep_stream_pair()
    timeouts = Timeouts(command=10, close=5)
    handler = Recorder()

    async def serve() -> None:
        config = Config(hostname="mx.test", timeouts=timeouts)
        await serve_stream(handler, theirs, config=config)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(serve)
        client = SMTPClient(ours)
        await client.reply()
        assert await client.codes("EHLO c") == ["250"]
    assert trio.current_time() == pytest.approx(15)
    assert handler.events[-2:] == ["close", "leave"]


ONE_ERROR = Config(
    hostname="mx.test", reverse_lookup=False, limits=Limits(errors_hard=1)
)


async def thrown_out(nursery: trio.Nursery, handler: Recorder) -> SMTPClient:
    """Give a client on a real socket that has just read a last reply."""

    async def run(task_status: trio.TaskStatus[Server]) -> None:
        await serve(handler, 0, config=ONE_ERROR, task_status=task_status)

    server: Server = await nursery.start(run)
    client = SMTPClient(await trio.open_tcp_stream(*server.addresses[0]))
    await client.reply()
    assert await client.ask("XYZZY") == "421 4.7.0 mx.test too many errors"
    assert await client.reply() == ""
    return client


async def test_a_client_that_resets_behind_the_last_reply_does_no_harm(
    nursery: trio.Nursery,
) -> None:
    handler = Recorder()
    client = await thrown_out(nursery, handler)
    reset_on_close = struct.pack("ii", 1, 0)
    client.stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset_on_close)
    client.stream.socket.close()
    await trio.testing.wait_all_tasks_blocked()
    assert handler.events[-2:] == ["close", "leave"]
    nursery.cancel_scope.cancel()


async def test_a_client_that_sends_on_behind_the_last_reply_is_cut_off(
    nursery: trio.Nursery,
) -> None:
    client = await thrown_out(nursery, Recorder())
    with pytest.raises(trio.BrokenResourceError):
        await client.send(b"x" * 50_000_000)
    await client.stream.aclose()
    nursery.cancel_scope.cancel()


@pytest.mark.parametrize("is_polite", [True, False])
async def test_the_last_reply_inside_tls_is_not_overtaken_by_a_reset(
    nursery: trio.Nursery,
    server_context: ssl.SSLContext,
    client_context: ssl.SSLContext,
    is_polite: bool,
) -> None:
    config = attrs.evolve(ONE_ERROR, tls=server_context, implicit_tls=True)
    handler = Recorder()

    async def run(task_status: trio.TaskStatus[Server]) -> None:
        await serve(handler, 0, config=config, task_status=task_status)

    server: Server = await nursery.start(run)
    client = SMTPClient(await trio.open_tcp_stream(*server.addresses[0]))
    await client.start_tls(client_context)
    await client.reply()
    await client.send(b"XYZZY\r\n" + (b"" if is_polite else b"x" * 500_000))
    await trio.testing.wait_all_tasks_blocked()
    assert await client.reply() == "421 4.7.0 mx.test too many errors"
    assert await client.reply() == ""
    await client.stream.aclose()
    await trio.testing.wait_all_tasks_blocked()
    assert handler.events[-2:] == ["close", "leave"]
    assert not server.sessions
    nursery.cancel_scope.cancel()


async def test_a_tls_stream_from_outside_has_the_deadline_of_a_handshake(
    autojump_clock: trio.testing.MockClock, server_context: ssl.SSLContext
) -> None:
    ours, theirs = trio.testing.memory_stream_pair()
    tls = trio.SSLStream(theirs, server_context, server_side=True)
    await serve_stream(Handler(), tls, config=Config(hostname="mx.test"))
    assert trio.current_time() == pytest.approx(30)
    assert await ours.receive_some() == b""


class Stubborn(trio.abc.Stream):
    """Cannot be closed without a complaint."""

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        await trio.lowlevel.checkpoint()

    async def wait_send_all_might_not_block(self) -> None:
        await trio.lowlevel.checkpoint()

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        await trio.lowlevel.checkpoint()
        return b""

    async def aclose(self) -> None:
        raise OSError(5, "deliberate")


async def test_a_stream_that_cannot_be_closed_ends_its_session_only() -> None:
    handler = Recorder()
    await serve_stream(handler, Stubborn())
    assert handler.events[-2:] == ["close", "leave"]


async def test_a_server_name_that_is_none_is_not_handed_on(
    server_context: ssl.SSLContext, client_context: ssl.SSLContext
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    handler = Recorder()
    async with open_session(handler, with_tls(server_context)) as client:
        await client.codes("EHLO c", "STARTTLS")
        await client.start_tls(context, "a\nforged.example")
        assert await client.codes("EHLO c") == ["250"]
        assert handler.sessions[0].servername is None
