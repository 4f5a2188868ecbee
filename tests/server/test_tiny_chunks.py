"""Thousands of tiny chunks in one block: other sessions have their turn meanwhile."""

from __future__ import annotations

import trio

from smtpsession import Config
from tests.server.recorder import Recorder
from tests.server.smtp_client import open_session

CHUNKS = 1_000


async def test_others_have_their_turn_between_two_chunks() -> None:
    handler = Recorder()
    turns = 0
    async with (
        open_session(handler, Config(hostname="mx.test")) as client,
        trio.open_nursery() as nursery,
    ):

        async def count_turns() -> None:
            nonlocal turns
            while not handler.contents:
                turns += 1
                await trio.lowlevel.checkpoint()

        await client.open_transaction()
        await client.send(b"BDAT 1\r\nx" * CHUNKS + b"BDAT 0 LAST\r\n")
        nursery.start_soon(count_turns)
        replies = [await client.reply() for _ in range(CHUNKS + 1)]
        assert {reply[:3] for reply in replies} == {"250"}
    assert handler.contents == [b"x" * CHUNKS]
    assert turns > CHUNKS / 2
