"""Limits over all sessions, and session classes that cannot be made."""

from __future__ import annotations

import logging
import ssl
from typing import Any

import attrs
import pytest
import trio
import trio.testing

from smtpsession import Config, Handler, Limits, Server, Session, serve
from smtpsession.server.server_state import ServerState
from tests.server.smtp_client import SMTPClient


async def start(nursery: trio.Nursery, config: Config, handler: Any = None) -> Server:
    async def run(task_status: trio.TaskStatus[Server]) -> None:
        chosen = handler or Handler()
        await serve(chosen, 0, config=config, task_status=task_status)

    server: Server = await nursery.start(run)
    return server


async def connect(server: Server) -> SMTPClient:
    return SMTPClient(await trio.open_tcp_stream(*server.addresses[0]))


def test_where_auth_is_required_somebody_must_know_the_users() -> None:
    config = Config(auth_required=True, allow_insecure_auth=True)
    with pytest.raises(ValueError, match="auth_required needs a handler with an on_au"):
        ServerState(Handler(), config)


@pytest.mark.parametrize("limit", ["sessions", "sessions_per_source"])
async def test_sessions_over_the_limit_get_421_and_free_their_place(limit: str) -> None:
    connected: list[Session] = []

    class Counter(Handler):
        async def on_connect(self, session: Session) -> None:
            connected.append(session)

    limits = Limits(**{limit: 2})
    config = Config(hostname="mx.test", reverse_lookup=False, limits=limits)
    async with trio.open_nursery() as nursery:
        server = await start(nursery, config, Counter())
        first, second = await connect(server), await connect(server)
        assert [(await c.reply())[:3] for c in (first, second)] == ["220", "220"]
        third = await connect(server)
        assert await third.reply() == "421 4.7.0 mx.test too many connections"
        assert await third.reply() == ""
        await third.stream.aclose()
        assert len(connected) == 2
        await first.ask("QUIT")
        assert await first.reply() == ""
        await first.stream.aclose()
        fourth = await connect(server)
        assert (await fourth.reply())[:3] == "220"
        for client in (second, fourth):
            await client.stream.aclose()
        await server.drain()


async def test_over_the_limit_an_implicit_tls_client_is_closed_without_a_word() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    limits = Limits(sessions=1)
    config = Config(tls=context, implicit_tls=True, limits=limits)
    async with trio.open_nursery() as nursery:
        server = await start(nursery, config)
        first = await connect(server)
        await trio.testing.wait_all_tasks_blocked()
        second = await connect(server)
        assert await second.reply() == ""
        for client in (first, second):
            await client.stream.aclose()
        nursery.cancel_scope.cancel()


@attrs.define(slots=False, eq=False, kw_only=True)
class Demanding(Session):
    tenant: str


async def test_a_session_class_with_an_obligatory_field_fails_at_the_start() -> None:
    # A class of handlers that names it is refused when it is defined.
    handler: Handler[Any] = Handler()
    handler.session_class = Demanding
    with pytest.raises(TypeError, match="tenant"):
        await serve(handler, 0)


async def test_a_session_that_cannot_be_made_costs_only_itself(
    caplog: pytest.LogCaptureFixture,
) -> None:
    allowed = 1

    def rent() -> str:
        nonlocal allowed
        allowed -= 1
        if allowed < 0:
            raise RuntimeError("deliberate")
        return "somebody"

    @attrs.define(slots=False, eq=False)
    class Moody(Session):
        tenant: str = attrs.field(factory=rent)

    class Rented(Handler[Moody]):
        session_class = Moody

    state = ServerState(Rented(), Config())
    ours, theirs = trio.testing.memory_stream_pair()
    await state.handle(theirs)
    assert await ours.receive_some() == b""
    assert [r.levelno for r in caplog.records] == [logging.ERROR]


async def test_refused_sessions_take_no_place_of_others() -> None:
    limits = Limits(sessions=3, sessions_per_source=2)
    config = Config(hostname="mx.test", reverse_lookup=False, limits=limits)
    async with trio.open_nursery() as nursery:
        server = await start(nursery, config)
        clients = [await connect(server) for _ in range(6)]
        codes = [(await client.reply())[:3] for client in clients]
        assert codes == ["220", "220", "421", "421", "421", "421"]
        host, port = server.addresses[0]
        other = SMTPClient(
            await trio.open_tcp_stream(host, port, local_address="127.0.0.2")
        )
        assert (await other.reply())[:3] == "220"
        for client in (*clients, other):
            await client.stream.aclose()
        await server.drain()


async def test_who_comes_while_the_server_drains_is_told_so() -> None:
    state = ServerState(Handler(), Config(hostname="mx.test"))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(state.drain, 5)
        await trio.testing.wait_all_tasks_blocked()
        ours, theirs = trio.testing.memory_stream_pair()
        nursery.start_soon(state.handle, theirs)
        client = SMTPClient(ours)
        assert await client.reply() == "421 4.3.2 mx.test service shutting down"
        assert await client.reply() == ""


async def test_two_drains_end_together(autojump_clock: trio.testing.MockClock) -> None:
    state = ServerState(Handler(), Config(hostname="mx.test"))
    ours, theirs = trio.testing.memory_stream_pair()
    client = SMTPClient(ours)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(state.handle, theirs)
        await client.reply()
        await client.open_transaction()
        nursery.start_soon(state.drain, 100)
        nursery.start_soon(state.drain, 100)
        await trio.testing.wait_all_tasks_blocked()
        await client.ask("RSET")
        await trio.aclose_forcefully(ours)
    assert trio.current_time() < 50


async def test_a_server_that_was_empty_before_still_waits_for_the_next_session() -> (
    None
):
    state = ServerState(Handler(), Config(hostname="mx.test"))
    async with trio.open_nursery() as nursery:
        for last in (False, True):
            ours, theirs = trio.testing.memory_stream_pair()
            client = SMTPClient(ours)
            nursery.start_soon(state.handle, theirs)
            await client.reply()
            if not last:
                await client.ask("QUIT")
                assert await client.reply() == ""
                continue
            await client.open_transaction()
            nursery.start_soon(state.drain, 100)
            await trio.testing.wait_all_tasks_blocked()
            assert len(state.connections) == 1
            assert await client.codes("RSET") == ["250"]
            assert (await client.reply())[:3] == "421"
            await trio.aclose_forcefully(ours)
    assert state.connections == set()
