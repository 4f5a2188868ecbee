"""A whole server says the same however the network cuts what its client sends."""

from __future__ import annotations

import hashlib

import attrs
import trio
import trio.testing
from hypothesis import given, settings
from hypothesis import strategies as st
from trio.testing import MockClock

from smtpsession import Config, Handler, Message, Session, serve_stream
from smtpsession.testing.strategies import (
    chunkings,
    proxy_headers_v1,
    proxy_headers_v2,
)
from tests.framing.hostile_connections import connections, is_cut_dependent
from tests.framing.hostile_octets import one_of


class Telling(Handler):
    """Says of each message what it has read, a part of it octet by octet."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self.clients: list[tuple[str, int]] = []

    async def on_connect(self, session: Session) -> None:
        self.clients.append((session.remote_address, session.remote_port))

    async def on_data(self, session: Session, message: Message) -> str:
        first = await message.read(1)
        content = first + b"".join([chunk async for chunk in message])
        self.messages.append(content)
        return f"#MESSAGE {hashlib.sha256(content).hexdigest()[:16]}"


async def serve(
    pieces: list[bytes], config: Config
) -> tuple[bytes, list[bytes], list[tuple[str, int]]]:
    """Send the pieces one by one and then no more; give all that came back."""
    handler = Telling()
    ours, theirs = trio.testing.memory_stream_pair()
    received = b""
    async with trio.open_nursery() as nursery:

        async def run() -> None:
            await serve_stream(handler, theirs, config=config)

        nursery.start_soon(run)
        for piece in pieces:
            await trio.testing.wait_all_tasks_blocked()
            try:
                await ours.send_all(piece)
            except trio.BrokenResourceError:
                break
        await trio.testing.wait_all_tasks_blocked()
        await ours.send_eof()
        async for some in ours:
            received += some
    return received, handler.messages, handler.clients


PLAIN = Config(hostname="mx.test", auth_methods=[])
NORMALIZING = Config(hostname="mx.test", bare_newline="normalize", auth_methods=[])
BEHIND_PROXY = attrs.evolve(PLAIN, proxy_protocol=["unix"], proxy_unknown="accept")
EARLY = attrs.evolve(PLAIN, greeting_delay=5)
CONNECTIONS = connections.filter(lambda octets: not is_cut_dependent(octets))


@settings(max_examples=min(30, settings().max_examples))
@given(octets=CONNECTIONS, config=st.sampled_from([PLAIN, NORMALIZING]), data=st.data())
async def test_any_cut_comes_to_the_same(
    octets: bytes, config: Config, data: st.DataObject, autojump_clock: MockClock
) -> None:
    whole = await serve([octets], config)
    assert await serve(data.draw(chunkings(octets)), config) == whole
    assert await serve([octets[i : i + 1] for i in range(len(octets))], config) == whole


@settings(max_examples=min(30, settings().max_examples))
@given(
    header=one_of(proxy_headers_v1(), proxy_headers_v2()),
    octets=CONNECTIONS,
    data=st.data(),
)
async def test_a_proxy_header_in_front_changes_no_more_than_the_client(
    header: bytes, octets: bytes, data: st.DataObject, autojump_clock: MockClock
) -> None:
    bare, messages, _ = await serve([octets], PLAIN)
    pieces = data.draw(chunkings(header + octets))
    outcome = await serve(pieces, BEHIND_PROXY)
    assert outcome[:2] == (bare, messages)
    assert await serve([header + octets], BEHIND_PROXY) == outcome
    assert await serve([header, octets], BEHIND_PROXY) == outcome


@settings(max_examples=min(30, settings().max_examples))
@given(octets=CONNECTIONS, data=st.data())
async def test_who_speaks_before_the_greeting_is_refused_in_any_cut(
    octets: bytes, data: st.DataObject, autojump_clock: MockClock
) -> None:
    refused = await serve([octets], EARLY)
    assert refused[0].startswith(b"554 5.5.0")
    assert refused[0].count(b"\r\n") == 1
    assert await serve(data.draw(chunkings(octets)), EARLY) == refused
