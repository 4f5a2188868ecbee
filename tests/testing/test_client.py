from typing import Any

import pytest
import trio
import trio.testing

from smtpsession import Config, Handler, Reject, Session
from smtpsession.handlers import SinkHandler
from smtpsession.testing import RecordingHandler, open_client
from tests.testing.certificates import contexts


class Picky(SinkHandler):
    """Refuses what is called bad."""

    async def on_mail_from(self, session: Any, address: Any) -> None:
        self.check(address.local_part)

    async def on_rcpt_to(self, session: Any, address: Any) -> None:
        self.check(address.local_part)

    async def on_data(self, session: Any, message: Any) -> None:
        self.check(session.envelope.mail_from.domain)
        await super().on_data(session, message)

    def check(self, name: str) -> None:
        if name.startswith("bad"):
            raise Reject(550, "no", enhanced="5.7.1")


async def test_it_greets_and_answers() -> None:
    async with open_client(Handler()) as client:
        assert client.greeting is not None
        assert str(client.greeting) == "220 mx.test ESMTP"
        reply = await client.ask("NOOP")
        assert (reply.code, reply.enhanced, reply.lines) == (250, "2.0.0", ("OK",))


async def test_the_config_is_the_servers() -> None:
    config = Config(hostname="other.test", banner="hi")
    async with open_client(Handler(), config) as client:
        assert client.greeting is not None
        assert client.greeting.text == "other.test ESMTP hi"


async def test_the_greeting_can_be_left_to_the_test() -> None:
    handler = RecordingHandler().answer("on_connect", Reject(554, "go away"))
    async with open_client(handler, greeting=False) as client:
        assert client.greeting is None
        assert [reply.code for reply in await client.rest()] == [554]


async def test_groups_of_commands_go_out_as_they_are() -> None:
    async with open_client(Handler()) as client:
        await client.send(b"NOOP\r\nXYZZY\r\nNOOP\r\n")
        assert [reply.code for reply in await client.replies(3)] == [250, 500, 250]


async def test_a_closed_connection_is_the_end_of_replies() -> None:
    async with open_client(Handler()) as client:
        assert (await client.ask("QUIT")).code == 221
        with pytest.raises(EOFError, match="the connection is closed"):
            await client.reply()


async def test_the_session_is_over_after_hang_up() -> None:
    handler = RecordingHandler()
    async with open_client(handler) as client:
        await client.hello()
        await client.hang_up()
        with pytest.raises(EOFError):
            await client.reply()
        assert handler.called == ["on_connect", "on_hello", "on_close"]


async def test_the_session_is_over_behind_the_block() -> None:
    handler = RecordingHandler()
    async with open_client(handler):
        pass
    assert handler.called == ["on_connect", "on_close"]


async def test_the_end_of_sending_is_seen_by_the_server() -> None:
    handler = RecordingHandler()
    async with open_client(handler) as client:
        await client.send(b"NOOP\r\n")
        await client.end_sending()
        assert [reply.code for reply in await client.rest()] == [250]
    assert handler.called == ["on_connect", "on_close"]


async def test_an_error_of_the_test_stays_what_it_is() -> None:
    with pytest.raises(AssertionError, match="mine"):
        async with open_client(Handler()):
            raise AssertionError("mine")


@pytest.mark.parametrize("handler", [Handler, None])
async def test_a_wrong_handler_is_told_at_once(handler: Any) -> None:
    with pytest.raises(TypeError, match="handler must be a Handler"):
        async with open_client(handler):
            pass


async def test_deadlines_pass_under_a_mock_clock(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with open_client(Handler()) as client:
        [last] = await client.rest()
    assert (last.code, last.enhanced) == (421, "4.4.2")
    assert trio.current_time() >= 300


async def test_a_message_is_delivered() -> None:
    handler = RecordingHandler()
    async with open_client(handler) as client:
        content = "Subject: x\n\n.dots\n"
        delivery = await client.deliver("a@c.test", ["b@d.test", "e@f.test"], content)
        assert delivery.accepted
        assert [reply.code for reply in delivery.replies] == [250, 250, 250, 354, 250]
        assert (await client.deliver("", "b@d.test", b"again")).accepted
    [first, second] = handler.messages
    assert first.content == b"Subject: x\r\n\r\n.dots\r\n"
    assert first.recipients == ("b@d.test", "e@f.test")
    assert (second.sender, second.content) == ("", b"again\r\n")
    assert handler.called.count("on_hello") == 1


async def test_parameters_stand_behind_the_sender() -> None:
    handler = RecordingHandler()
    async with open_client(handler) as client:
        await client.deliver("ü@c.test", "b@d.test", "x", parameters="SMTPUTF8")
    assert handler.messages[0].envelope.smtp_utf8


async def test_a_refused_sender_ends_a_delivery() -> None:
    async with open_client(Picky()) as client:
        delivery = await client.deliver("bad@c.test", "b@d.test", "x")
        assert [reply.code for reply in delivery.replies] == [550]
        assert not delivery.accepted


async def test_refused_recipients_end_a_delivery() -> None:
    async with open_client(Picky()) as client:
        delivery = await client.deliver("a@c.test", ["bad@d.test"], "x")
        assert [reply.code for reply in delivery.replies] == [250, 550]
        assert (await client.deliver("a@c.test", ["b@d.test"], "x")).accepted


async def test_refused_data_ends_a_delivery() -> None:
    async with open_client(Picky()) as client:
        delivery = await client.deliver("a@bad.test", ["b@d.test"], "x")
        assert [reply.code for reply in delivery.replies] == [250, 250, 550]
        assert (await client.deliver("a@c.test", ["b@d.test"], "x")).accepted


async def test_lmtp_has_a_reply_for_each_accepted_recipient() -> None:
    handler = RecordingHandler().answer("on_rcpt_to", None, Reject(550, "no"))
    handler.answer("on_data", [None, Reject(452, "full")])
    async with open_client(handler, Config.for_lmtp(hostname="mx.test")) as client:
        to = ["a@d.test", "b@d.test", "c@d.test"]
        delivery = await client.deliver("a@c.test", to, "x")
        assert [reply.code for reply in delivery.message] == [250, 452]
        assert delivery.accepted
        one = await client.deliver("a@c.test", "a@d.test", "x", lmtp=True)
        assert [reply.code for reply in one.message] == [250]
    assert handler.messages[0].recipients == ("a@d.test",)


async def test_tls_begins_by_starttls() -> None:
    server, trusting = contexts()
    handler = RecordingHandler()
    async with open_client(handler, Config(hostname="mx.test", tls=server)) as client:
        await client.hello()
        assert (await client.start_tls(trusting)).code == 220
        assert (await client.deliver("a@c.test", "b@d.test", "x")).accepted
    assert handler.messages[0].session.transmission_type == "ESMTPS"


async def test_the_end_of_sending_inside_tls() -> None:
    server, trusting = contexts()
    async with open_client(Handler(), Config(hostname="mx.test", tls=server)) as client:
        await client.start_tls(trusting)
        await client.send(b"NOOP\r\n")
        await client.end_sending()
        assert [reply.code for reply in await client.rest()] == [250]


async def test_without_tls_starttls_is_refused() -> None:
    async with open_client(Handler()) as client:
        await client.hello()
        assert (await client.start_tls(contexts()[1])).code == 502
        assert (await client.ask("NOOP")).code == 250


async def test_a_handshake_can_fail() -> None:
    server, trusting = contexts()
    async with open_client(Handler(), Config(hostname="mx.test", tls=server)) as client:
        with pytest.raises(trio.BrokenResourceError):
            await client.start_tls(trusting, "other.test")
        assert await client.rest() == []


async def test_replies_before_the_handshake_are_not_lost_silently() -> None:
    server, trusting = contexts()
    async with open_client(Handler(), Config(hostname="mx.test", tls=server)) as client:
        await client.send(b"NOOP\r\nNOOP\r\n")
        await client.reply()
        with pytest.raises(ValueError, match="before the handshake"):
            await client.shake_hands(trusting)


async def test_tls_from_the_start() -> None:
    server, trusting = contexts()
    config = Config(hostname="mx.test", tls=server, implicit_tls=True)
    sessions: list[Session] = []

    class Keep(Handler):
        async def on_connect(self, session: Session) -> None:
            sessions.append(session)

    async with open_client(Keep(), config, tls=trusting) as client:
        assert client.greeting is not None
        assert sessions[0].secure
