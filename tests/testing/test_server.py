import pytest
import trio

from smtpsession import Config, Handler
from smtpsession.testing import open_server


async def greeting_at(address: tuple[str, int]) -> bytes:
    async with await trio.open_tcp_stream(*address) as stream:
        return bytes(await stream.receive_some())


async def test_it_serves_on_a_port_of_its_own() -> None:
    async with open_server(Handler()) as one, open_server(Handler()) as other:
        assert one.addresses != other.addresses
        assert await greeting_at(one.addresses[0]) == b"220 mx.test ESMTP\r\n"


async def test_it_has_drained_at_the_end() -> None:
    async with open_server(Handler(), Config(hostname="other.test")) as server:
        stream = await trio.open_tcp_stream(*server.addresses[0])
        assert await stream.receive_some() == b"220 other.test ESMTP\r\n"

        async def see_the_end() -> None:
            async with stream:
                assert (await stream.receive_some())[:3] == b"421"

        async with trio.open_nursery() as nursery:
            nursery.start_soon(see_the_end)
            await server.drain(0)
    assert server.sessions == []
    with pytest.raises(OSError, match="connect"):
        await trio.open_tcp_stream(*server.addresses[0])


async def test_a_client_that_stays_does_not_hold_up_the_end() -> None:
    async with open_server(Handler()) as server:
        stream = await trio.open_tcp_stream(*server.addresses[0])
        await stream.receive_some()
    assert server.sessions == []
    assert (await stream.receive_some())[:3] == b"421"
    await stream.aclose()


async def test_an_error_of_the_test_stays_what_it_is() -> None:
    with pytest.raises(KeyError):
        async with open_server(Handler()):
            raise KeyError


async def test_an_address_that_cannot_be_bound_is_told() -> None:
    with pytest.raises(OSError, match="assign"):
        async with open_server(Handler(), host="203.0.113.1"):
            pass
