"""Names of clients: capped, cached, checked, replaceable."""

import socket
import threading

import pytest
import trio
import trio.testing

from smtpsession.server.reverse_lookup import (
    CACHE_SECONDS,
    CACHED_ADDRESSES,
    RESOLVER_THREADS,
    ReverseLookup,
)


class Zone:
    """A resolver with one answer for every address."""

    def __init__(self, answer: object = None, *, seconds: float = 0) -> None:
        self.answer = answer
        self.seconds = seconds
        self.asked: list[str] = []

    async def __call__(self, address: str) -> str | None:
        self.asked.append(address)
        await trio.sleep(self.seconds)
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer  # type: ignore[return-value]


async def looked_up(answer: object) -> str:
    return await ReverseLookup(Zone(answer), None).name_of("192.0.2.1")


# What the resolver says is checked.


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        ("mail.example.org", "mail.example.org"),
        ("mail.example.org.", "mail.example.org"),
        ("MAIL.Example.ORG", "mail.example.org"),
        ("localhost", "localhost"),
        ("_smtp._tcp.my_box.example", "_smtp._tcp.my_box.example"),
        ("192-0-2-1.example", "192-0-2-1.example"),
        ("1.2.0.192.in-addr.arpa", "1.2.0.192.in-addr.arpa"),
        ("a.1", "a.1"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("a" * 63 + ".example", "a" * 63 + ".example"),
        (".".join(["d" * 63] * 4), ".".join(["d" * 63] * 4)),
    ],
)
async def test_a_host_name_is_given_in_lower_case(answer: str, name: str) -> None:
    assert await looked_up(answer) == name


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "",
        ".",
        "..",
        "a..b",
        ".example",
        "mail example",
        "mail.example\r\nRCPT TO:<x@y>",
        "mail.example\n",
        "mail.example\x00",
        "mail.example\x1b[2J",
        "mail.example);--",
        "<script>",
        "%s%s",
        "../../etc/passwd",
        "[192.0.2.7]",
        "2001:db8::1",
        "user@mail.example",
        "münchen.example",
        "ban\u212a.example",
        "ｍail.example",
        "\udcff.example",
        pytest.param("127.0.0.1", id="a name that looks like an address"),
        "2130706433",
        "-froot.example",
        "mail-.example",
        "mail.-example",
        "a" * 64 + ".example",
        ".".join(["d" * 63] * 4) + "d",
        ".".join(["d" * 63] * 4) + ".d",
        pytest.param(".".join(["d" * 63] * 3 + ["d" * 62, "d"]), id="256 octets"),
        "a." * 5_000 + "example",
    ],
)
async def test_what_is_no_host_name_is_not_given(answer: object) -> None:
    assert await looked_up(answer) == "[192.0.2.1]"


@pytest.mark.parametrize("answer", [b"mail.example", 5, True, ["mail.example"]])
async def test_what_is_no_str_is_not_given(answer: object) -> None:
    assert await looked_up(answer) == "[192.0.2.1]"


@pytest.mark.parametrize(
    "error",
    [
        socket.gaierror(socket.EAI_NONAME, "unknown"),
        OSError("no network"),
        RuntimeError("a bug"),
        ExceptionGroup("many", [OSError("no network"), KeyError("a bug")]),
    ],
    ids=repr,
)
async def test_a_resolver_that_fails_knows_no_name(error: Exception) -> None:
    assert await looked_up(error) == "[192.0.2.1]"


async def test_a_resolver_that_is_not_async_knows_no_name() -> None:
    lookup = ReverseLookup(lambda address: "mail.example", None)  # type: ignore[arg-type, return-value]  # pyright: ignore
    assert await lookup.name_of("192.0.2.1") == "[192.0.2.1]"


async def test_the_resolver_gets_the_address_as_it_is() -> None:
    zone = Zone("mail.example")
    lookup = ReverseLookup(zone, None)
    assert await lookup.name_of("2001:db8::1") == "mail.example"
    assert zone.asked == ["2001:db8::1"]


# Time.


async def test_a_slow_resolver_is_given_up(
    autojump_clock: trio.testing.MockClock,
) -> None:
    zone = Zone("mail.example", seconds=60)
    started = trio.current_time()
    assert await ReverseLookup(zone, 1.5).name_of("192.0.2.1") == "[192.0.2.1]"
    assert trio.current_time() - started == pytest.approx(1.5)


async def test_a_resolver_within_its_time_is_heard(
    autojump_clock: trio.testing.MockClock,
) -> None:
    zone = Zone("mail.example", seconds=1.4)
    assert await ReverseLookup(zone, 1.5).name_of("192.0.2.1") == "mail.example"


async def test_without_a_limit_the_resolver_may_take_long(
    autojump_clock: trio.testing.MockClock,
) -> None:
    zone = Zone("mail.example", seconds=86_400)
    assert await ReverseLookup(zone, None).name_of("192.0.2.1") == "mail.example"


async def test_a_cancelled_look_up_is_not_remembered(
    autojump_clock: trio.testing.MockClock,
) -> None:
    zone = Zone("mail.example", seconds=1)
    lookup = ReverseLookup(zone, 5)
    with trio.move_on_after(0.5) as scope:
        await lookup.name_of("192.0.2.1")
    assert scope.cancelled_caught
    assert await lookup.name_of("192.0.2.1") == "mail.example"


# The cache.


async def test_a_name_is_remembered_for_its_time(
    autojump_clock: trio.testing.MockClock,
) -> None:
    zone = Zone("one.example")
    lookup = ReverseLookup(zone, 1.5)
    assert await lookup.name_of("192.0.2.1") == "one.example"
    zone.answer = "two.example"
    await trio.sleep(CACHE_SECONDS - 1)
    assert await lookup.name_of("192.0.2.1") == "one.example"
    await trio.sleep(1)
    assert await lookup.name_of("192.0.2.1") == "two.example"
    assert len(zone.asked) == 2
    await trio.sleep(CACHE_SECONDS - 1)
    assert await lookup.name_of("192.0.2.1") == "two.example"
    assert len(zone.asked) == 2


async def test_that_there_is_no_name_is_remembered_too(
    autojump_clock: trio.testing.MockClock,
) -> None:
    zone = Zone("mail.example", seconds=60)
    lookup = ReverseLookup(zone, 1.5)
    assert await lookup.name_of("192.0.2.1") == "[192.0.2.1]"
    started = trio.current_time()
    assert await lookup.name_of("192.0.2.1") == "[192.0.2.1]"
    assert trio.current_time() == started
    assert zone.asked == ["192.0.2.1"]


async def test_names_are_remembered_for_each_address() -> None:
    zone = Zone("one.example")
    lookup = ReverseLookup(zone, None)
    await lookup.name_of("192.0.2.1")
    zone.answer = "two.example"
    assert await lookup.name_of("192.0.2.2") == "two.example"
    assert await lookup.name_of("192.0.2.1") == "one.example"


async def test_the_address_that_was_asked_first_is_forgotten_first() -> None:
    zone = Zone()
    lookup = ReverseLookup(zone, None)
    for number in range(CACHED_ADDRESSES):
        await lookup.name_of(f"2001:db8::{number:x}")
    assert len(zone.asked) == CACHED_ADDRESSES
    await lookup.name_of("2001:db8::0")
    assert len(zone.asked) == CACHED_ADDRESSES, "all are remembered"
    await lookup.name_of("192.0.2.1")
    zone.asked.clear()
    await lookup.name_of("2001:db8::1")
    await lookup.name_of("192.0.2.1")
    assert zone.asked == []
    await lookup.name_of("2001:db8::0")
    assert zone.asked == ["2001:db8::0"]


async def test_asking_anew_makes_an_address_young(
    autojump_clock: trio.testing.MockClock,
) -> None:
    zone = Zone()
    lookup = ReverseLookup(zone, None)
    await lookup.name_of("192.0.2.1")
    await trio.sleep(1)
    for number in range(CACHED_ADDRESSES - 1):
        await lookup.name_of(f"2001:db8::{number:x}")
    await trio.sleep(CACHE_SECONDS - 1)
    await lookup.name_of("192.0.2.1")
    zone.asked.clear()
    await lookup.name_of("192.0.2.2")
    await lookup.name_of("192.0.2.1")
    assert zone.asked == ["192.0.2.2"]


# The system's resolver.


async def test_the_system_knows_the_loopback_address() -> None:
    try:
        name, _ = socket.getnameinfo(("127.0.0.1", 0), socket.NI_NAMEREQD)
    except socket.gaierror:
        pytest.skip("this machine has no name for 127.0.0.1")
    assert await ReverseLookup(None, None).name_of("127.0.0.1") == name.lower()


async def test_the_system_is_asked_for_names_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without NI_NAMEREQD it would give the address as the name."""
    asked: list[tuple[tuple[str, int], int]] = []

    def unknown(address: tuple[str, int], flags: int) -> tuple[str, str]:
        asked.append((address, flags))
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getnameinfo", unknown)
    assert await ReverseLookup(None, None).name_of("192.0.2.1") == "[192.0.2.1]"
    assert asked == [(("192.0.2.1", 0), socket.NI_NAMEREQD)]


async def test_a_dead_name_server_holds_up_neither_sessions_nor_other_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answered = threading.Event()

    def dead(address: tuple[str, int], flags: int) -> tuple[str, str]:
        answered.wait()
        return ("late.example", "0")

    monkeypatch.setattr(socket, "getnameinfo", dead)
    lookup = ReverseLookup(None, 0.05)
    names: list[str] = []

    async def ask(number: int) -> None:
        names.append(await lookup.name_of(f"192.0.2.{number}"))

    try:
        async with trio.open_nursery() as nursery:
            for number in range(RESOLVER_THREADS + 4):
                nursery.start_soon(ask, number)
        limiter = trio.to_thread.current_default_thread_limiter()
        assert limiter.borrowed_tokens == 0
        assert await trio.to_thread.run_sync(lambda: "free") == "free"
    finally:
        answered.set()
    assert sorted(names) == sorted(
        f"[192.0.2.{number}]" for number in range(RESOLVER_THREADS + 4)
    )
