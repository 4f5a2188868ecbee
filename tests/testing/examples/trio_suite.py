"""Tests of a handler, in memory and on a port."""

from typing import Any

import trio

from smtpsession import Address, Handler, Reject, Session


class Inbox(Handler):
    """Takes mail for one domain: the program under test."""

    async def on_rcpt_to(self, session: Session, address: Address) -> None:
        if address.domain != "example.org":
            raise Reject(550, "not here", enhanced="5.7.1")


async def test_only_our_domain(smtp_client: Any) -> None:
    async with smtp_client(Inbox()) as client:
        delivery = await client.deliver(
            "a@example.com", ["b@example.org", "c@example.net"], "Subject: x\n\nhello"
        )
    assert [reply.code for reply in delivery.rcpt] == [250, 550]
    assert delivery.accepted


async def test_a_greeting_on_a_port(smtp_server: Any) -> None:
    async with smtp_server(Inbox()) as server:
        stream = await trio.open_tcp_stream(*server.addresses[0])
        assert await stream.receive_some() == b"220 mx.test ESMTP\r\n"
        await stream.aclose()
