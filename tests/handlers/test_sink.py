"""SinkHandler accepts, counts and keeps nothing."""

from smtpsession.handlers import SinkHandler
from tests.server.smtp_client import open_session


async def test_accepted_messages_and_their_octets_are_counted() -> None:
    handler = SinkHandler()
    async with open_session(handler) as client:
        assert (await client.deliver(b"one\r\n")).startswith("250 ")
        assert (await client.deliver(b"..two\r\n")).startswith("250 ")
    assert (handler.messages, handler.octets) == (2, len(b"one\r\n.two\r\n"))


async def test_a_refused_message_is_not_counted() -> None:
    handler = SinkHandler()
    async with open_session(handler) as client:
        assert (await client.deliver(b"bare\nnewline\r\n")).startswith("55")
    assert (handler.messages, handler.octets) == (0, 0)
