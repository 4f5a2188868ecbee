"""XCLIENT over a stream: the hooks see another client's session begin."""

from __future__ import annotations

from typing import Any

from smtpsession import Authentication, Config, Handler, Reject, Reply, Session
from tests.server.smtp_client import open_session


class Watcher(Handler):
    """Writes down whose session begins and ends, and knows one user."""

    def __init__(self, *refused: str) -> None:
        self.events: list[Any] = []
        self._refused = refused

    async def on_connect(self, session: Session) -> None:
        self.events.append(("connect", session.remote_address, session.user))
        if session.remote_address in self._refused:
            raise Reject(550, "not you", enhanced="5.7.1")

    async def on_auth(self, session: Session, auth: Authentication) -> str | None:
        self.events.append(("auth", auth.method, auth.username, auth.password))
        secret = "secret" if auth.username == "bob" else None
        return auth.username if await auth.verify(secret) else None

    async def on_mail_from(self, session: Session, address: Any) -> str:
        return f"hello {session.user} at {session.client_hostname}"

    async def on_close(self, session: Session) -> None:
        self.events.append(("close", session.remote_address))


async def resolver(address: str) -> str | None:
    return {"192.0.2.9": "nine.example"}.get(address)


def trusting(**options: Any) -> Config:
    # A stream in memory has no address, as a Unix socket has none.
    return Config(
        hostname="mx.test",
        xclient=["unix", "192.0.2.0/24"],
        resolver=resolver,
        **options,
    )


async def test_the_session_begins_anew_as_the_clients() -> None:
    handler = Watcher()
    async with open_session(handler, trusting()) as client:
        hello = await client.ask("EHLO proxy")
        assert "XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT" in hello
        said = await client.ask("XCLIENT ADDR=192.0.2.9 LOGIN=bob")
        assert said == "220 mx.test ESMTP"
        assert (await client.ask("EHLO c")).startswith("250")
        said = await client.ask("MAIL FROM:<a@c>")
        assert said == "250 2.1.0 hello bob at nine.example"
        await client.ask("QUIT")
    assert handler.events == [
        ("connect", "", None),
        ("auth", "XCLIENT", "bob", None),
        ("connect", "192.0.2.9", "bob"),
        ("close", "192.0.2.9"),
    ]


async def test_an_unknown_login_changes_nothing() -> None:
    handler = Watcher()
    async with open_session(handler, trusting()) as client:
        await client.ask("EHLO proxy")
        said = await client.ask("XCLIENT ADDR=192.0.2.9 LOGIN=eve")
        assert said.startswith("535 5.7.8 ")
        said = await client.ask("MAIL FROM:<a@c>")
        assert said == "250 2.1.0 hello None at "


async def test_a_client_that_is_not_wanted_is_refused_as_at_accept() -> None:
    handler = Watcher("192.0.2.66")
    async with open_session(handler, trusting()) as client:
        said = await client.ask("XCLIENT ADDR=192.0.2.66")
        assert said == "550 5.7.1 not you"
        assert await client.reply() == ""
    assert handler.events[-1] == ("close", "192.0.2.66")


async def test_the_hook_may_word_the_second_greeting_too() -> None:
    class Greeter(Handler):
        async def on_connect(self, session: Session) -> Reply | str:
            return f"hello {session.remote_address}"

    async with open_session(Greeter(), trusting()) as client:
        said = await client.ask("XCLIENT ADDR=192.0.2.9 NAME=a.example")
        assert said == "220 mx.test ESMTP hello 192.0.2.9"


async def test_a_handler_without_hooks_gets_the_clients_address_all_the_same() -> None:
    async with open_session(Handler(), trusting()) as client:
        assert (await client.ask("XCLIENT ADDR=192.0.2.9"))[:3] == "220"
        assert (await client.ask("XCLIENT LOGIN=bob"))[:9] == "535 5.7.8"
        assert (await client.ask("XCLIENT ADDR=[UNAVAILABLE]"))[:3] == "220"
