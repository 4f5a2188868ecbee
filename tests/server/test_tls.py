"""Handshakes of the server, and the facts that they give."""

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trio
import trio.testing
import trustme

from smtpsession import TLSOptions
from smtpsession.server.server_names import ServerNames
from smtpsession.server.tls import (
    TLSFacts,
    channel_bindings,
    failure_text,
    finish_handshake,
    shake_hands,
    tls_facts,
    watch_server_names,
    with_waiting_records,
)
from smtpsession.server.tls_choice import TLSChoice
from tests.server import handshakes
from tests.server.handshakes import VERSIONS, SSLStream, dns_names

AUTHORITY = trustme.CA()
CLIENT = AUTHORITY.issue_cert("client@c.example")

#: What a context calls with the connection, the server's name and itself.
SNICallback = Callable[[ssl.SSLObject, str | None, ssl.SSLContext], int | None]


def server_context(sni_callback: SNICallback | None = None) -> ssl.SSLContext:
    context = handshakes.server_context(AUTHORITY, "mx.example", "other.example")
    context.sni_callback = sni_callback
    return context


def client_context(version: ssl.TLSVersion | None = None) -> ssl.SSLContext:
    return handshakes.client_context(AUTHORITY, version=version)


def choice(context: ssl.SSLContext) -> TLSChoice:
    return TLSChoice(context=context)


async def secured(
    server: ssl.SSLContext, client: ssl.SSLContext, name: str | None = "mx.example"
) -> tuple[SSLStream, SSLStream]:
    return await handshakes.secured(choice(server), client, name)


async def facts(
    server: ssl.SSLContext, client: ssl.SSLContext, name: str | None = "mx.example"
) -> TLSFacts:
    stream, _ = await secured(server, client, name)
    return tls_facts(stream)


def without_name() -> ssl.SSLContext:
    context = client_context()
    context.check_hostname = False
    return context


# Cipher suite and version.


@pytest.mark.parametrize(
    ("version", "name"),
    [(ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")],
)
async def test_the_version_and_the_cipher_suite_are_those_in_use(
    version: ssl.TLSVersion, name: str
) -> None:
    client = client_context(version)
    server_stream, client_stream = await secured(server_context(), client)
    options = tls_facts(server_stream).options
    assert options == TLSOptions(client_stream.cipher()[0], name)
    assert options.name.startswith("TLS_") == (name == "TLSv1.3")


async def test_what_one_end_sends_the_other_receives() -> None:
    server, client = await secured(server_context(), client_context())
    async with trio.open_nursery() as nursery:
        nursery.start_soon(server.send_all, b"220 mx.example ESMTP\r\n")
        assert await client.receive_some() == b"220 mx.example ESMTP\r\n"
        nursery.start_soon(client.send_all, b"QUIT\r\n")
        assert await server.receive_some() == b"QUIT\r\n"


# The server's name.


@pytest.mark.parametrize("name", ["mx.example", "other.example"])
async def test_the_name_that_the_client_asked_for_is_noted(name: str) -> None:
    assert (await facts(server_context(), client_context(), name)).servername == name


async def test_a_client_may_ask_for_no_name() -> None:
    assert (await facts(server_context(), without_name(), None)).servername is None


@pytest.mark.parametrize("watched", [False, True])
async def test_a_stream_of_ones_own_gives_the_name_if_its_context_is_watched(
    *, watched: bool
) -> None:
    server_end, client_end = trio.testing.memory_stream_pair()
    server = server_context()
    if watched:
        watch_server_names(server)
    own = SSLStream(server_end, server, server_side=True)
    over = SSLStream(client_end, client_context(), server_hostname="mx.example")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(finish_handshake, own)
        nursery.start_soon(over.do_handshake)
    assert tls_facts(own).servername == ("mx.example" if watched else None)


async def test_each_session_has_its_own_name() -> None:
    server = server_context()
    one, _ = await secured(server, client_context(), "mx.example")
    two, _ = await secured(server, client_context(), "other.example")
    three, _ = await secured(server, without_name(), None)
    assert [tls_facts(stream).servername for stream in (one, two, three)] == [
        "mx.example",
        "other.example",
        None,
    ]


@pytest.mark.parametrize("times", [1, 2, 2_000])
async def test_ones_own_callback_is_called_once_for_any_number_of_servers(
    times: int,
) -> None:
    names: list[str | None] = []

    def callback(tls: ssl.SSLObject, name: str | None, initial: ssl.SSLContext) -> None:
        assert initial is server
        names.append(name)

    server = server_context(callback)
    for _ in range(times):
        watch_server_names(server)
    assert (await facts(server, client_context())).servername == "mx.example"
    assert names == ["mx.example"]


async def test_ones_own_callback_chooses_the_certificate() -> None:
    special = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    special.issue_cert("special.example").configure_cert(context)

    def choose(tls: ssl.SSLObject, name: str | None, initial: ssl.SSLContext) -> None:
        if name == "special.example":
            tls.context = context

    server = server_context(choose)
    client = client_context()
    special.configure_trust(client)
    stream, peer = await secured(server, client, "special.example")
    assert tls_facts(stream).servername == "special.example"
    assert ("DNS", "special.example") in peer.getpeercert()["subjectAltName"]


async def test_ones_own_callback_may_refuse_a_name() -> None:
    def refuse(tls: ssl.SSLObject, name: str | None, initial: ssl.SSLContext) -> int:
        names.append(name)
        return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME

    names: list[str | None] = []

    server = server_context(refuse)
    async with failing(server) as client_end:
        client = trio.SSLStream(
            client_end, client_context(), server_hostname="mx.example"
        )
        with pytest.raises(trio.BrokenResourceError):
            await client.do_handshake()
    assert names == ["mx.example"]


# The context for a name.


@pytest.mark.parametrize("version", VERSIONS)
async def test_the_name_chooses_the_certificate(version: ssl.TLSVersion) -> None:
    one, wild = (
        handshakes.server_context(AUTHORITY, name) for name in ("1.test", "*.w.test")
    )
    names = ServerNames({"1.test": one, "*.w.test": wild})
    some = TLSChoice(context=server_context(), names=names)
    client = client_context(version)
    client.check_hostname = False
    for asked, certificate in (
        ("1.test", ["1.test"]),
        ("a.w.test", ["*.w.test"]),
        ("a.b.w.test", ["mx.example", "other.example"]),
        (None, ["mx.example", "other.example"]),
    ):
        stream, peer = await handshakes.secured(some, client, asked)
        assert dns_names(peer) == certificate
        assert tls_facts(stream).servername == asked


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_strict_server_refuses_other_names_by_an_alert(
    version: ssl.TLSVersion,
) -> None:
    server = server_context()
    names = ServerNames({"mx.example": server})
    strict = TLSChoice(context=server, names=names, strict=True)
    client = client_context(version)
    reason = await handshakes.refused(strict, client, "other.example")
    assert reason == "TLSV1_UNRECOGNIZED_NAME"
    client.check_hostname = False
    for asked in ("mx.example", None):
        stream, _ = await handshakes.secured(strict, client, asked)
        assert tls_facts(stream).servername == asked


async def test_servers_with_the_same_context_have_names_of_their_own() -> None:
    server, one = server_context(), handshakes.server_context(AUTHORITY, "1.test")
    client = client_context()
    client.check_hostname = False
    with_name = TLSChoice(context=server, names=ServerNames({"1.test": one}))
    for some, certificate in (
        (with_name, ["1.test"]),
        (choice(server), ["mx.example", "other.example"]),
        (with_name, ["1.test"]),
    ):
        _, peer = await handshakes.secured(some, client, "1.test")
        assert dns_names(peer) == certificate


async def test_a_context_that_ones_own_callback_chooses_goes_before_the_name() -> None:
    own, one = (
        handshakes.server_context(AUTHORITY, name, "1.test") for name in ("own", "one")
    )

    def choose(tls: ssl.SSLObject, name: str | None, initial: ssl.SSLContext) -> None:
        if name == "1.test":
            tls.context = own

    # Strict: what the callback has chosen is known to be wanted.
    names = ServerNames({"one": one})
    some = TLSChoice(context=server_context(choose), names=names, strict=True)
    for asked, certificate in (("1.test", "own"), ("one", "one")):
        _, peer = await handshakes.secured(some, client_context(), asked)
        assert certificate in dns_names(peer)


async def test_a_callback_that_is_set_later_takes_no_name_away() -> None:
    server, names = server_context(), list[str | None]()
    some = TLSChoice(context=server, names=ServerNames({"mx.example": server}))
    await handshakes.secured(some, client_context(), "mx.example")
    server.sni_callback = lambda tls, name, initial: names.append(name)
    stream, _ = await handshakes.secured(some, client_context(), "mx.example")
    assert tls_facts(stream).servername == "mx.example"
    assert names == ["mx.example"]


# The application's protocol.


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("ours", "theirs", "agreed"),
    [
        (["a", "b"], ["b"], "b"),
        (["a"], ["http/1.1"], None),
        (["a"], None, None),
        (None, ["a"], None),
    ],
)
async def test_the_protocol_that_both_know_is_noted(
    version: ssl.TLSVersion,
    ours: list[str] | None,
    theirs: list[str] | None,
    agreed: str | None,
) -> None:
    server, client = server_context(), client_context(version)
    for context, protocols in ((server, ours), (client, theirs)):
        if protocols is not None:
            context.set_alpn_protocols(protocols)
    assert (await facts(server, client)).options.alpn == agreed


# What binds authentication to the connection.


async def test_up_to_tls_1_2_there_is_tls_unique() -> None:
    client = client_context(ssl.TLSVersion.TLSv1_2)
    server_stream, client_stream = await secured(server_context(), client)
    unique = client_stream.get_channel_binding("tls-unique")
    assert unique
    assert channel_bindings(server_stream) == {"tls-unique": unique}
    other, _ = await secured(server_context(), client)
    assert channel_bindings(other)["tls-unique"] != unique


async def test_tls_1_3_has_no_tls_unique() -> None:
    stream, _ = await secured(server_context(), client_context())
    assert channel_bindings(stream) == {}


async def test_a_resumed_session_has_no_tls_unique() -> None:
    server, client = server_context(), client_context(ssl.TLSVersion.TLSv1_2)
    _, first = await secured(server, client)
    stream, _ = await handshakes.secured(
        choice(server), client, "mx.example", resumed=first
    )
    assert stream.session_reused
    assert channel_bindings(stream) == {}


async def test_before_the_handshake_nothing_can_be_bound() -> None:
    server_end, _ = trio.testing.memory_stream_pair()
    stream = SSLStream(server_end, server_context(), server_side=True)
    with pytest.raises(trio.NeedHandshakeError):
        channel_bindings(stream)


# The client's certificate.


def asking_context() -> ssl.SSLContext:
    server = server_context()
    AUTHORITY.configure_trust(server)
    server.verify_mode = ssl.CERT_OPTIONAL
    return server


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_client_certificate_is_given_as_python_gives_it(
    version: ssl.TLSVersion,
) -> None:
    client = client_context()
    client.maximum_version = version
    CLIENT.configure_cert(client)
    certificate = (await facts(asking_context(), client)).peer_certificate
    assert certificate is not None
    assert certificate["subjectAltName"] == (("email", "client@c.example"),)


async def test_a_client_may_have_no_certificate() -> None:
    assert (await facts(asking_context(), client_context())).peer_certificate is None


async def test_a_certificate_that_nobody_asked_for_is_none() -> None:
    client = client_context()
    CLIENT.configure_cert(client)
    assert (await facts(server_context(), client)).peer_certificate is None


async def test_a_certificate_that_the_chosen_context_does_not_verify_is_none() -> None:
    """Python gives an empty dict for it, which would look like a certificate."""
    unverifying = server_context()
    AUTHORITY.configure_trust(unverifying)

    def choose(tls: ssl.SSLObject, name: str | None, initial: ssl.SSLContext) -> None:
        tls.context = unverifying

    server = asking_context()
    server.sni_callback = choose
    client = client_context()
    CLIENT.configure_cert(client)
    stream, _ = await secured(server, client)
    assert stream.getpeercert() == {}
    assert tls_facts(stream).peer_certificate is None


async def test_a_certificate_of_another_authority_is_refused() -> None:
    async with failing(asking_context()) as client_end:
        client = client_context()
        client.maximum_version = ssl.TLSVersion.TLSv1_2
        trustme.CA().issue_cert("mallory@c.example").configure_cert(client)
        over = trio.SSLStream(client_end, client, server_hostname="mx.example")
        with pytest.raises(trio.BrokenResourceError):
            await over.do_handshake()


# Handshakes that fail.


@asynccontextmanager
async def failing(server: ssl.SSLContext) -> AsyncIterator[trio.abc.Stream]:
    """Give the client's end of a handshake that has to break on the server's end."""
    server_end, client_end = trio.testing.memory_stream_pair()

    async def accept() -> None:
        with pytest.raises(trio.BrokenResourceError) as caught:
            await shake_hands(server_end, choice(server))
        assert isinstance(caught.value.__cause__, ssl.SSLError)
        await trio.aclose_forcefully(server_end)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(accept)
        yield client_end
        await trio.aclose_forcefully(client_end)


@pytest.mark.parametrize(
    "octets",
    [
        b"EHLO c\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x00\x05hello",
        b"\0" * 99,
    ],
)
async def test_what_is_no_tls_breaks_the_handshake(octets: bytes) -> None:
    """Nobody is told anything but an alert, and that only if OpenSSL makes one."""
    async with failing(server_context()) as client_end:
        await client_end.send_all(octets)
        received = b""
        while data := await client_end.receive_some():
            received += data
        assert not received or (received[0], len(received)) == (21, 7)


async def test_a_client_that_closes_breaks_the_handshake() -> None:
    async with failing(server_context()) as client_end:
        await client_end.aclose()


async def test_a_client_that_only_sends_no_more_is_not_told_so() -> None:
    server_end, client_end = trio.testing.memory_stream_pair()
    await client_end.send_eof()
    with pytest.raises(trio.BrokenResourceError):
        await shake_hands(server_end, choice(server_context()))
    await server_end.aclose()
    assert await client_end.receive_some() == b""


async def test_a_client_that_does_not_wait_for_the_alert_breaks_nothing() -> None:
    server_end, client_end = trio.testing.memory_stream_pair()
    await client_end.send_all(b"\x16\x03\x01\x00\x05hello")
    await client_end.aclose()
    with pytest.raises(trio.BrokenResourceError) as raised:
        await shake_hands(server_end, choice(server_context()))
    assert failure_text(raised.value) == "SSLError UNEXPECTED_MESSAGE"


def test_the_log_names_what_openssl_does_not() -> None:
    assert failure_text(trio.BrokenResourceError()) == "BrokenResourceError"


async def test_a_client_that_does_not_trust_the_server_breaks_the_handshake() -> None:
    stranger = ssl.create_default_context()
    stranger.maximum_version = ssl.TLSVersion.TLSv1_2
    async with failing(server_context()) as client_end:
        over = trio.SSLStream(client_end, stranger, server_hostname="mx.example")
        with pytest.raises(trio.BrokenResourceError):
            await over.do_handshake()


async def test_without_a_common_version_there_is_no_handshake() -> None:
    server = server_context()
    server.minimum_version = ssl.TLSVersion.TLSv1_3
    client = client_context()
    client.maximum_version = ssl.TLSVersion.TLSv1_2
    async with failing(server) as client_end:
        over = trio.SSLStream(client_end, client, server_hostname="mx.example")
        with pytest.raises(trio.BrokenResourceError) as caught:
            await over.do_handshake()
    assert isinstance(caught.value.__cause__, ssl.SSLError)


async def test_a_client_that_says_nothing_is_waited_for_until_cancelled(
    autojump_clock: trio.testing.MockClock,
) -> None:
    server_end, _ = trio.testing.memory_stream_pair()
    with trio.move_on_after(30) as scope:
        await shake_hands(server_end, choice(server_context()))
    assert scope.cancelled_caught


async def test_before_the_handshake_there_are_no_facts() -> None:
    server_end, _ = trio.testing.memory_stream_pair()
    stream: Any = trio.SSLStream(server_end, server_context(), server_side=True)
    with pytest.raises(trio.NeedHandshakeError):
        tls_facts(stream)


async def test_over_a_socket_it_is_the_same() -> None:
    server = server_context()
    seen: list[TLSFacts] = []

    async def handle(stream: trio.SocketStream) -> None:
        async with await shake_hands(stream, choice(server)) as secure:
            seen.append(tls_facts(secure))
            await secure.send_all(b"hi")

    async with trio.open_nursery() as nursery:
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        nursery.start_soon(trio.serve_listeners, handle, listeners)
        port = listeners[0].socket.getsockname()[1]
        client = await trio.open_ssl_over_tcp_stream(
            "127.0.0.1", port, ssl_context=without_name()
        )
        assert await client.receive_some() == b"hi"
        await client.aclose()
        nursery.cancel_scope.cancel()
    assert seen[0].options.version == "TLSv1.3"


# Records that are here already.


async def test_small_records_are_taken_together() -> None:
    server, client = await secured(server_context(), client_context())
    for number in range(100):
        await client.send_all(b"line %d\r\n" % number)
    first = await server.receive_some(65_536)
    assert first == b"line 0\r\n"
    together = with_waiting_records(server, bytes(first), 100)
    assert together == b"".join(b"line %d\r\n" % n for n in range(100))[:100]
    rest = with_waiting_records(
        server, bytes(await server.receive_some(65_536)), 65_536
    )
    assert (together + rest).endswith(b"line 99\r\n")
    # None is left, and the next one is waited for as ever.
    await client.send_all(b"later")
    assert await server.receive_some(10) == b"later"
    assert with_waiting_records(server, b"later", 10) == b"later"


async def test_the_end_behind_a_record_is_still_the_end() -> None:
    server, client = await secured(server_context(), client_context())
    await client.send_all(b"last")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(client.aclose)
        first = await server.receive_some(65_536)
        await trio.testing.wait_all_tasks_blocked()
        assert with_waiting_records(server, bytes(first), 65_536) == b"last"
        assert await server.receive_some(65_536) == b""
        await server.aclose()
