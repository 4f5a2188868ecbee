"""What the hooks of one connection find on its session, from accept to close."""

from __future__ import annotations

import ssl
from contextlib import AsyncExitStack
from typing import Any

import trio
import trio.testing
import trustme

from smtpsession import (
    DSN,
    Address,
    Authentication,
    Config,
    Handler,
    Message,
    Session,
    TLSOptions,
)
from tests.server.smtp_client import SMTPClient, open_session

AUTHORITY = trustme.CA()
CLIENT_AUTHORITY = trustme.CA()


def server_context() -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    AUTHORITY.issue_cert("mx.test").configure_cert(context)
    CLIENT_AUTHORITY.configure_trust(context)
    context.verify_mode = ssl.CERT_OPTIONAL
    return context


def client_context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    AUTHORITY.configure_trust(context)
    CLIENT_AUTHORITY.issue_cert("client@example.org").configure_cert(context)
    return context


class Facts(Handler):
    """Asks a question of the session in every hook."""

    def __init__(self, question: Any) -> None:
        self._question = question
        self.answers: list[Any] = []

    def ask(self, session: Session, hook: str) -> None:
        self.answers.append((hook, self._question(session)))

    async def on_connect(self, session: Session) -> None:
        self.ask(session, "connect")

    async def on_secure(self, session: Session, stream: Any) -> None:
        self.ask(session, "secure")

    async def on_hello(self, session: Session, name: str) -> None:
        self.ask(session, "hello")

    async def on_auth(self, session: Session, auth: Authentication) -> Any:
        self.ask(session, "auth")
        return {"id": 123, "email": auth.username}

    async def on_mail_from(self, session: Session, address: Address) -> None:
        self.ask(session, "mail")

    async def on_rcpt_to(self, session: Session, address: Address) -> None:
        self.ask(session, "rcpt")

    async def on_data(self, session: Session, message: Message) -> None:
        await message.read()
        self.ask(session, "data")

    async def on_reset(self, session: Session) -> None:
        self.ask(session, "reset")

    async def on_close(self, session: Session) -> None:
        self.ask(session, "close")


INSECURE = Config(hostname="mx.test", allow_insecure_auth=True)
AUTH = "AUTH PLAIN AHVzZXIAcGFzcw=="


async def test_one_object_serves_every_hook_of_a_connection() -> None:
    handler = Facts(lambda session: session)
    async with open_session(handler) as client:
        await client.deliver(b"hello\r\n")
        await client.ask("QUIT")
    hooks = [hook for hook, _ in handler.answers]
    assert hooks == ["connect", "hello", "mail", "rcpt", "data", "close"]
    assert len({id(session) for _, session in handler.answers}) == 1


async def test_tls_facts_are_there_once_tls_is_and_not_before() -> None:
    handler = Facts(lambda session: (session.secure, session.tls_options))
    config = Config(hostname="mx.test", tls=server_context())
    async with open_session(handler, config) as client:
        await client.ask("EHLO c")
        await client.ask("STARTTLS")
        await client.start_tls(client_context())
        await client.ask("EHLO c")
        await client.ask("QUIT")
    answers = dict(handler.answers)
    assert answers["connect"] == (False, None)
    options = TLSOptions("TLS_AES_256_GCM_SHA384", "TLSv1.3")
    assert answers["secure"] == answers["hello"] == (True, options)


async def test_hello_facts_follow_the_last_hello() -> None:
    def question(session: Session) -> Any:
        return (
            session.opening_command,
            session.host_name_appears_as,
            session.transmission_type,
        )

    handler = Facts(question)
    async with open_session(handler) as client:
        await client.ask("HELO first.example")
        await client.ask("MAIL FROM:<a@c>")
        await client.ask("EHLO second.example")
        await client.ask("MAIL FROM:<a@c>")
    mails = [answer for hook, answer in handler.answers if hook == "mail"]
    assert handler.answers[0] == ("connect", (None, None, "SMTP"))
    assert mails == [
        ("HELO", "first.example", "SMTP"),
        ("EHLO", "second.example", "ESMTP"),
    ]


async def test_the_user_is_what_on_auth_returned() -> None:
    handler = Facts(lambda session: (session.user, session.transmission_type))
    async with open_session(handler, INSECURE) as client:
        await client.ask("EHLO c")
        assert (await client.ask(AUTH))[:3] == "235"
        await client.ask("MAIL FROM:<a@c>")
        await client.ask("RSET")
        await client.ask("QUIT")
    user = {"id": 123, "email": "user"}
    assert dict(handler.answers) == {
        "connect": (None, "SMTP"),
        "hello": (None, "SMTP"),
        "auth": (None, "ESMTP"),
        "mail": (user, "ESMTPA"),
        "reset": (user, "ESMTPA"),
        "close": (user, "ESMTPA"),
    }


async def test_the_envelope_fills_up_command_by_command() -> None:
    def question(session: Session) -> Any:
        envelope = session.envelope
        sender = envelope.mail_from
        return (
            session.transaction,
            None if sender is None else (sender.address, sender.args),
            [recipient.address for recipient in envelope.rcpt_to],
        )

    handler = Facts(question)
    async with open_session(handler) as client:
        await client.ask("EHLO c")
        await client.ask("MAIL FROM:<a@c.example> SIZE=12345")
        await client.ask("RCPT TO:<b@s.example>")
        await client.ask("RCPT TO:<c@s.example>")
        await client.ask("DATA")
        await client.ask(".")
        await client.ask("QUIT")
    sender = ("a@c.example", {"SIZE": "12345"})
    assert handler.answers[2:] == [
        # A hook decides about what is not in the envelope yet.
        ("mail", (1, None, [])),
        ("rcpt", (1, sender, [])),
        ("rcpt", (1, sender, ["b@s.example"])),
        ("data", (1, sender, ["b@s.example", "c@s.example"])),
        ("close", (2, None, [])),
    ]


async def test_parameters_of_mail_are_in_the_envelope() -> None:
    def question(session: Session) -> Any:
        envelope = session.envelope
        return (
            envelope.body_type,
            envelope.smtp_utf8,
            envelope.require_tls,
            envelope.dsn,
        )

    handler = Facts(question)
    config = Config(hostname="mx.test", extensions=["REQUIRETLS"])
    async with open_session(handler, config) as client:
        await client.ask("EHLO c")
        await client.ask("MAIL FROM:<a@c>")
        await client.ask("RSET")
        await client.ask("MAIL FROM:<a@c> BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=QQ1")
    mails = [answer for hook, answer in handler.answers if hook == "mail"]
    assert mails == [
        ("7bit", False, False, DSN()),
        ("8BITMIME", True, False, DSN(ret="HDRS", envid="QQ1")),
    ]


async def test_the_greeting_waits_for_on_connect() -> None:
    class Slow(Handler):
        async def on_connect(self, session: Session) -> None:
            steps.append("asked")
            await decided.wait()
            steps.append("decided")

    steps: list[str] = []
    decided = trio.Event()
    async with AsyncExitStack() as stack:
        opened = open_session(Slow(), greeting=False)
        client: SMTPClient = await stack.enter_async_context(opened)
        await trio.testing.wait_all_tasks_blocked()
        assert steps == ["asked"]
        decided.set()
        assert (await client.reply())[:3] == "220"
        assert steps == ["asked", "decided"]


class SecureFacts(Handler):
    """Looks at TLS with its own eyes."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    async def on_secure(self, session: Session, stream: trio.SSLStream[Any]) -> None:
        certificate: Any = stream.getpeercert()
        names = [name for _, name in certificate["subjectAltName"]]
        self.seen.append((stream.version(), session.servername, names))
        assert session.peer_certificate == certificate
        assert session.tls_options is not None
        assert session.tls_options.name in str(stream.cipher())


async def test_on_secure_gets_the_stream_with_its_facts() -> None:
    handler = SecureFacts()
    config = Config(hostname="mx.test", tls=server_context())
    async with open_session(handler, config) as client:
        await client.ask("STARTTLS")
        await client.start_tls(client_context())
        assert (await client.ask("EHLO c"))[:3] == "250"
    implicit = Config(hostname="mx.test", tls=server_context(), implicit_tls=True)
    async with open_session(handler, implicit, greeting=False) as client:
        await client.start_tls(client_context())
        assert (await client.reply())[:3] == "220"
    assert handler.seen == [("TLSv1.3", "mx.test", ["client@example.org"])] * 2
