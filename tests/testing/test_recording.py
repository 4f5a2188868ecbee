from typing import Any

import pytest

from smtpsession import Config, Handler, Message, Reject, Reply, Session
from smtpsession.testing import RecordingHandler, open_client
from tests.testing.certificates import contexts


async def test_hooks_are_recorded_with_their_arguments() -> None:
    handler = RecordingHandler()
    async with open_client(handler) as client:
        await client.ask("EHLO c.test")
        await client.ask("VRFY somebody")
        await client.deliver("a@c.test", "b@d.test", "x")
    assert handler.called == [
        *("on_connect", "on_hello", "on_verify", "on_mail_from", "on_rcpt_to"),
        *("on_data", "on_close"),
    ]
    [call] = handler.calls_of("on_rcpt_to")
    assert [str(argument) for argument in call.arguments] == ["b@d.test"]
    assert handler.calls_of("on_hello")[0].arguments == ("c.test",)
    assert handler.calls_of("on_close")[0].session is call.session


async def test_tls_is_recorded() -> None:
    server, trusting = contexts()
    handler = RecordingHandler()
    async with open_client(handler, Config(hostname="mx.test", tls=server)) as client:
        await client.start_tls(trusting)
        await client.ask("NOOP")
    assert handler.called == ["on_connect", "on_secure", "on_close"]


async def test_answers_come_one_after_the_other() -> None:
    handler = RecordingHandler()
    handler.answer("on_rcpt_to", "first", Reject(450, "second"), Reply(251, "third"))
    async with open_client(handler) as client:
        await client.ask("EHLO c")
        await client.ask("MAIL FROM:<a@c>")
        said = [str(await client.ask("RCPT TO:<b@d>")) for _ in range(4)]
    assert said == [
        "250 2.1.5 first",
        "450 4.0.0 second",
        "251 2.0.0 third",
        "250 2.1.5 recipient OK",
    ]


async def test_an_exception_is_raised_and_recorded() -> None:
    error = RuntimeError("deliberate")
    handler = RecordingHandler().answer("on_hello", error)
    async with open_client(handler) as client:
        assert (await client.hello()).code == 451
    assert handler.calls_of("on_error")[0].arguments == (error,)


@pytest.mark.parametrize(
    ("answer", "codes"),
    [(Reject(550, "no"), [550]), (Reply(550, "no"), [354, 550])],
)
async def test_what_is_refused_is_no_message(answer: Any, codes: list[int]) -> None:
    handler = RecordingHandler().answer("on_data", answer)
    async with open_client(handler) as client:
        delivery = await client.deliver("a@c", "b@d", "x")
    assert [reply.code for reply in delivery.replies[2:]] == codes
    assert handler.messages == []


async def test_a_message_over_the_limit_is_none() -> None:
    handler = RecordingHandler()
    async with open_client(handler) as client:
        await client.deliver("a@c", "b@d", b"x" * 27_000_000)
    assert handler.messages == []


async def test_messages_have_their_whole_content_whoever_reads_it() -> None:
    class Hasty(Handler):
        async def on_data(self, session: Session, message: Message) -> str:
            return (await message.read(3)).decode()

    handler = RecordingHandler(Hasty())
    async with open_client(handler) as client:
        delivery = await client.deliver("a@c", "b@d", b"one two three\r\n")
    assert delivery.message[0].text == "one"
    assert [message.content for message in handler.messages] == [b"one two three\r\n"]


async def test_the_inner_handler_has_the_say() -> None:
    class Inner(Handler):
        async def on_hello(self, session: Session, name: str) -> None:
            raise Reject(550, "no")

    handler = RecordingHandler(Inner()).answer("on_hello", "yes")
    async with open_client(handler) as client:
        assert [(await client.hello()).code for _ in range(2)] == [250, 550]


async def test_everything_can_be_forgotten() -> None:
    handler = RecordingHandler()
    async with open_client(handler) as client:
        await client.deliver("a@c", "b@d", "x")
        handler.clear()
        assert (handler.calls, handler.messages) == ([], [])


async def test_auth_is_offered_once_it_has_an_answer() -> None:
    config = Config(hostname="mx.test", allow_insecure_auth=True)
    handler = RecordingHandler()
    async with open_client(handler, config) as client:
        assert "AUTH" not in (await client.hello()).text
    async with open_client(handler.answer("on_auth", "me"), config) as client:
        assert "AUTH" in (await client.hello()).text
        # Nobody has proven to be anybody, but the answer says so.
        assert (await client.ask("AUTH PLAIN AGEAYg==")).code == 235
    assert handler.calls_of("on_auth")[0].arguments[0].username == "a"


def test_a_hook_that_is_none_is_told() -> None:
    with pytest.raises(ValueError, match=r"hook must be in .*got 'on_rcpt'"):
        RecordingHandler().answer("on_rcpt")
    with pytest.raises(ValueError, match="got 'rcpt'"):
        RecordingHandler().calls_of("rcpt")
