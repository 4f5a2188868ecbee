"""The PROXY protocol as a proxy and its client see it (doc/proxy-protocol.txt).

Each header is sent whole, octet by octet, and cut at every place.

Not here: networks that are trusted (tests/wire/test_trusted_networks.py), limits and
log lines (tests/server/test_proxy_reception.py), a real proxy (tests/peers).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from functools import partial

import attrs
import pytest
import trio
import trio.testing

from smtpsession import Config, Server, serve
from tests.server.recorder import Recorder
from tests.server.smtp_client import SMTPClient, open_session
from tests.wire.proxy_octets import BLOCK, CHECKED, LINE, LOCAL, NO_HEADERS, SIGNATURE

CONFIG = Config(hostname="mx.test", reverse_lookup=False, proxy_protocol=["unix"])
CLIENT = ("192.0.2.1", 56324)
OURS = ("198.51.100.2", 25)
NONE = ("", 0)

ACCEPTED = {
    "T-PX-1 line": (LINE, CLIENT, OURS),
    "T-PX-3 block": (BLOCK, CLIENT, OURS),
    "T-PX-4 block with a checksum": (CHECKED, CLIENT, OURS),
    "T-PX-5 LOCAL": (LOCAL, NONE, NONE),
}
every_header = pytest.mark.parametrize(
    ("header", "client", "ours"), ACCEPTED.values(), ids=list(ACCEPTED)
)


async def send_in_pieces(client: SMTPClient, pieces: Iterable[bytes]) -> None:
    """Send each piece when the one before has been taken."""
    for piece in filter(None, pieces):
        await client.send(piece)
        await trio.testing.wait_all_tasks_blocked()


def every_cut(octets: bytes) -> list[list[bytes]]:
    ways = [[octets[:place], octets[place:]] for place in range(len(octets))]
    return [*ways, [bytes([octet]) for octet in octets]]


@every_header
async def test_t_px_1_3_4_5_the_header_says_who_the_client_is(
    header: bytes, client: tuple[str, int], ours: tuple[str, int]
) -> None:
    for pieces in every_cut(header):
        handler = Recorder()
        async with open_session(handler, CONFIG, greeting=False) as talk:
            await send_in_pieces(talk, pieces)
            assert await talk.reply() == "220 mx.test ESMTP"
            assert await talk.codes("EHLO c", "QUIT") == ["250", "221"]
        (session,) = handler.sessions
        assert (session.remote_address, session.remote_port) == client
        assert (session.local_address, session.local_port) == ours
        assert session.transport_peer == NONE
        assert session.proxy is not None


REFUSED = {
    **NO_HEADERS,
    "T-PX-5 length 0x000b": SIGNATURE + bytes.fromhex("2111000b") + BLOCK[16:-1],
}


@pytest.mark.parametrize("octets", REFUSED.values(), ids=list(REFUSED))
async def test_t_px_2_4_5_what_is_no_header_is_closed_and_nothing_sent(
    octets: bytes,
) -> None:
    places = range(0, len(octets), max(1, len(octets) // 40))
    for place in places:
        handler = Recorder()
        async with open_session(handler, CONFIG, greeting=False) as talk:
            # It may be closed before the second piece.
            with contextlib.suppress(trio.BrokenResourceError):
                await send_in_pieces(talk, [octets[:place], octets[place:]])
            assert await talk.reply() == ""
        assert handler.events == []


async def test_t_px_2_silence_is_closed_after_five_seconds(
    autojump_clock: trio.testing.MockClock,
) -> None:
    handler = Recorder()
    async with open_session(handler, CONFIG, greeting=False) as talk:
        assert await talk.reply() == ""
        assert trio.current_time() == pytest.approx(5)
    assert handler.events == []


@pytest.mark.parametrize("header", [LINE, BLOCK])
async def test_h9_the_five_seconds_are_for_the_whole_header(
    header: bytes, autojump_clock: trio.testing.MockClock
) -> None:
    async with open_session(Recorder(), CONFIG, greeting=False) as talk:
        for octet in header[:-1]:
            await talk.send(bytes([octet]))
            await trio.sleep(4.9 / len(header))
        await talk.send(header[-1:])
        assert await talk.reply() == "220 mx.test ESMTP"
    async with open_session(Recorder(), CONFIG, greeting=False) as talk:
        for octet in header[:-1]:
            await talk.send(bytes([octet]))
            await trio.sleep(4.9 / len(header))
        await trio.sleep(0.4)
        with pytest.raises(trio.BrokenResourceError):
            await talk.send(header[-1:])
        assert await talk.reply() == ""


@every_header
async def test_t_px_6_what_follows_in_the_same_segment_is_the_clients(
    header: bytes, client: tuple[str, int], ours: tuple[str, int]
) -> None:
    """It is treated as the same octets are that come without a header in front.

    In memory they are commands, since nobody can see that they are early.
    """

    async def replies(config: Config, octets: bytes) -> list[str]:
        async with open_session(Recorder(), config, greeting=False) as talk:
            await talk.send(octets)
            return [(await talk.reply())[:3] for _ in range(2)]

    plain = Config(hostname="mx.test", reverse_lookup=False)
    behind = b"EHLO c\r\n"
    assert await replies(CONFIG, header + behind) == await replies(plain, behind)


@pytest.mark.parametrize("header", [LINE, CHECKED, LOCAL])
async def test_t_px_6_at_a_socket_what_follows_in_the_same_segment_is_too_early(
    header: bytes, nursery: trio.Nursery
) -> None:
    handler = Recorder()
    config = attrs.evolve(CONFIG, proxy_protocol=["127.0.0.1"])
    server: Server = await nursery.start(partial(serve, handler, 0, config=config))
    async with await trio.open_tcp_stream(*server.addresses[0]) as stream:
        talk = SMTPClient(stream)
        await talk.send(header + b"EHLO c\r\n")
        assert await talk.reply() == "554 5.5.0 protocol synchronization"
        assert await talk.reply() == ""
    await server.drain()


@pytest.mark.parametrize("header", [LINE, CHECKED, LOCAL])
async def test_h3_nothing_is_sent_before_the_last_octet_of_the_header(
    header: bytes,
) -> None:
    heard: list[str] = []
    async with open_session(Recorder(), CONFIG, greeting=False) as talk:

        async def listen() -> None:
            heard.append(await talk.reply())

        async with trio.open_nursery() as nursery:
            nursery.start_soon(listen)
            await send_in_pieces(talk, [bytes([octet]) for octet in header[:-1]])
            assert heard == []
            await talk.send(header[-1:])
    assert heard == ["220 mx.test ESMTP"]


@pytest.mark.parametrize("trusted", [["10.0.0.0/8"], ["0.0.0.0/0", "::/0"]])
@pytest.mark.parametrize("header", [LINE, BLOCK, LOCAL])
async def test_t_px_7_a_valid_header_of_an_untrusted_peer(
    header: bytes, trusted: list[str]
) -> None:
    config = Config(hostname="mx.test", proxy_protocol=trusted)
    handler = Recorder()
    async with open_session(handler, config, greeting=False) as talk:
        await talk.send(header)
        assert await talk.reply() == ""
    assert handler.events == []


@pytest.mark.parametrize(
    ("header", "code"), [(LINE, "500"), (BLOCK, "500"), (LOCAL, "500")]
)
async def test_t_px_7_h1_without_the_option_a_header_is_no_header(
    header: bytes, code: str
) -> None:
    handler = Recorder()
    config = Config(hostname="mx.test", reverse_lookup=False)
    async with open_session(handler, config) as talk:
        await talk.send(header)
        assert (await talk.reply())[:3] == code
        (session,) = handler.sessions
        assert (session.remote_address, session.proxy) == ("", None)
