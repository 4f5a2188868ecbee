from typing import Any

import attrs
import pytest

from smtpsession import Handler, Session
from smtpsession.testing import open_client
from smtpsession.testing.outer_handler import OuterHandler
from tests.server.recorder import Recorder


@attrs.define(slots=False)
class Numbered(Session):
    number: int = 7


class NumberedHandler(Handler[Numbered]):
    session_class = Numbered

    async def on_hello(self, session: Numbered, name: str) -> str:
        return f"number {session.number}"


COMMANDS = ["EHLO c", "VRFY a", "EXPN b", "HELP c", "XYZZY", "MAIL FROM:<a@c>", "RSET"]


async def test_every_hook_is_passed_on() -> None:
    alone, inside = Recorder(), Recorder()
    said: list[list[str]] = []
    for handler in (alone, OuterHandler(inside)):
        async with open_client(handler) as client:
            said.append([str(await client.ask(line)) for line in COMMANDS])
            await client.deliver("a@c", "b@d", "x")
    assert said[0] == said[1]
    assert alone.events == inside.events
    assert alone.contents == inside.contents == [b"x\r\n"]


async def test_without_an_inner_handler_it_is_as_if_there_was_none() -> None:
    said: list[list[str]] = []
    for handler in (Handler(), OuterHandler()):
        async with open_client(handler) as client:
            said.append([str(await client.ask(line)) for line in COMMANDS])
    assert said[0] == said[1]


async def test_the_session_is_the_inner_handlers() -> None:
    async with open_client(OuterHandler(NumberedHandler())) as client:
        assert (await client.hello()).text.startswith("mx.test number 7 ")


async def test_failures_are_the_inner_handlers() -> None:
    class Failing(Handler):
        async def on_hello(self, session: Session, name: str) -> None:
            raise RuntimeError("deliberate")

        async def on_error(self, session: Session, exception: Exception) -> str:
            return f"sorry, {exception}"

    async with open_client(OuterHandler(Failing())) as client:
        assert str(await client.hello()) == "451 sorry, deliberate"


@pytest.mark.parametrize("inner", [Handler, "x", 1])
def test_the_inner_handler_is_one(inner: Any) -> None:
    with pytest.raises(TypeError, match="inner must be a Handler or None, got"):
        OuterHandler(inner)


def test_it_says_what_is_inside() -> None:
    assert repr(OuterHandler(OuterHandler())).startswith("OuterHandler(OuterHandler(")
