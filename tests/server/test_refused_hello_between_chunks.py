"""A hello that its hook refuses between two chunks decides about nothing else."""

from __future__ import annotations

import pytest

from smtpsession import Config
from tests.server.recorder import Recorder, refuse
from tests.server.smtp_client import open_session


@pytest.mark.parametrize("command", ["RSET", "QUIT"])
async def test_what_gives_the_message_up_afterwards_gets_its_own_answer(
    command: str,
) -> None:
    handler = Recorder()
    async with open_session(handler, Config(hostname="mx.test")) as client:
        await client.open_transaction()
        handler.when["hello"] = refuse(550, "not you")
        assert await client.ask("BDAT 0") == "250 2.0.0 OK"
        assert await client.ask("EHLO other") == "550 not you"
        said = await client.ask(command)
        if command == "QUIT":
            assert said == "221 2.0.0 mx.test bye"
            return
        assert said == "250 2.0.0 OK"
        assert (await client.ask("BDAT 0 LAST"))[:3] == "503"
        assert (await client.ask("MAIL FROM:<a@c>"))[:3] == "250"
    assert handler.events.count(("reset", "a@c", 1)) == 1
