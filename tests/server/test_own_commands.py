"""A command that a service extension of one's own brings."""

from __future__ import annotations

import logging
from typing import Any

import pytest
import trio

from smtpsession import Config, Extension, Handler, Reject, Reply, Session
from tests.server.smtp_client import open_session


class Echo(Extension):
    """A command with every kind of answer."""

    keyword = "X-ECHO"
    verb = "XECHO"

    def offer(self, session: Session) -> str | None:
        return None if session.host_name_appears_as == "stranger" else self.keyword

    async def on_command(self, session: Session, argument: str) -> Reply | str | None:
        match argument:
            case "text":
                return "said"
            case "reply":
                return Reply(252, "perhaps", "2.1.5")
            case "refuse":
                raise Reject(450, "not now", enhanced="4.2.0")
            case "fail":
                raise RuntimeError(argument)
            case "hang":
                await trio.sleep_forever()
        return None


def config(**options: Any) -> Config:
    return Config(hostname="mx.test", extensions=[Echo()], **options)


@pytest.mark.parametrize(
    ("argument", "reply"),
    [
        ("", "250 2.0.0 OK"),
        (" text", "250 2.0.0 said"),
        (" reply", "252 2.1.5 perhaps"),
        (" refuse", "450 4.2.0 not now"),
        (" fail", "451 4.3.0 local error, try again later"),
        (" hang", "451 4.3.0 local error, try again later"),
        (" \x07", "501 5.5.4 syntax error in arguments"),
    ],
)
async def test_the_answer_is_the_extensions(
    argument: str, reply: str, autojump_clock: trio.testing.MockClock
) -> None:
    async with open_session(Handler(), config()) as client:
        assert await client.ask(f"xecho{argument}") == reply
        assert await client.ask("NOOP") == "250 2.0.0 OK"


async def test_a_failure_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        async with open_session(Handler(), config()) as client:
            await client.ask("XECHO fail")
    assert "on_command failed" in caplog.text


async def test_it_goes_inside_a_mail_transaction_and_between_two_chunks() -> None:
    async with open_session(Handler(), config()) as client:
        await client.open_transaction()
        assert await client.ask("XECHO text") == "250 2.0.0 said"
        await client.send(b"BDAT 2\r\nhiXECHO text\r\nBDAT 2 LAST\r\nho")
        replies = [await client.reply() for _ in range(3)]
    assert replies == [
        "250 2.0.0 OK",
        "250 2.0.0 said",
        "250 2.0.0 message accepted",
    ]


async def test_where_it_is_not_offered_it_is_not_there() -> None:
    async with open_session(Handler(), config()) as client:
        await client.ask("EHLO stranger")
        assert (await client.ask("XECHO text"))[:9] == "502 5.5.1"
    disabled = config(disabled_commands=["XECHO"])
    async with open_session(Handler(), disabled) as client:
        assert "X-ECHO" not in await client.ask("EHLO c")
        assert (await client.ask("XECHO text"))[:9] == "502 5.5.1"
    async with open_session(Handler()) as client:
        assert (await client.ask("XECHO text"))[:9] == "500 5.5.2"


def extension(**attributes: Any) -> Extension:
    kind: type[Extension] = type("Own", (Extension,), {"keyword": "X-OWN"} | attributes)
    return kind()


async def answer(self: Any, session: Session, argument: str) -> None:
    """Accept."""


def plain(self: Any, session: Session, argument: str) -> None:
    """Accept, but not as a coroutine."""


@pytest.mark.parametrize(
    ("attributes", "error", "words"),
    [
        ({"verb": "XOWN"}, ValueError, "X-OWN has verb, so it needs on_command"),
        ({"on_command": answer}, ValueError, "X-OWN has on_command, so it needs verb"),
        ({"verb": "XOWN", "on_command": plain}, TypeError, "must be an async def"),
        ({"verb": "xown", "on_command": answer}, ValueError, "got 'xown'"),
        ({"verb": "X OWN", "on_command": answer}, ValueError, "got 'X OWN'"),
        ({"verb": 7, "on_command": answer}, ValueError, "got 7"),
        ({"verb": "MAIL", "on_command": answer}, ValueError, "another one's already"),
        ({"verb": "LHLO", "on_command": answer}, ValueError, "another one's already"),
    ],
)
def test_what_does_not_go_is_said_at_once(
    attributes: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        Config(extensions=[extension(**attributes)])


def test_two_extensions_cannot_have_one_verb() -> None:
    one = extension(verb="XOWN", on_command=answer)
    other = extension(keyword="X-OTHER", verb="XOWN", on_command=answer)
    with pytest.raises(ValueError, match="verb XOWN of extension X-OTHER"):
        Config(extensions=[one, other])
