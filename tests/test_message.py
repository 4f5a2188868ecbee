"""The content of a message as a handler reads it."""

from collections.abc import Iterable
from email.message import EmailMessage

import pytest
import trio
import trio.testing
from hypothesis import given
from hypothesis import strategies as st

from smtpsession import ClientGone, ContentRefused, Message, MessageTooLarge

MAIL = b"Subject: =?utf-8?q?gr=C3=BC=C3=9Fe?=\r\nTo: b@d.example\r\n\r\nhello\r\n"


class Source:
    """Gives octets, then raises or ends; counts how often it was asked."""

    def __init__(
        self, chunks: Iterable[bytes], error: BaseException | None = None
    ) -> None:
        self._chunks = iter(chunks)
        self._error = error
        self.asked = 0

    async def receive(self) -> bytes:
        self.asked += 1
        await trio.lowlevel.checkpoint()
        for chunk in self._chunks:
            return chunk
        if self._error is not None:
            raise self._error
        return b""


def message(*chunks: bytes, error: BaseException | None = None) -> Message:
    return Message(Source(chunks, error).receive)


# Iteration.


async def test_iteration_gives_the_octets_as_they_come() -> None:
    assert [chunk async for chunk in message(b"ab", b"c", b"def")] == [
        b"ab",
        b"c",
        b"def",
    ]


async def test_an_empty_message_has_no_chunk() -> None:
    assert [chunk async for chunk in message()] == []


async def test_iteration_goes_on_where_it_was_left() -> None:
    content = message(b"a", b"b", b"c")
    async for chunk in content:
        assert chunk == b"a"
        break
    assert [chunk async for chunk in content] == [b"b", b"c"]


async def test_nothing_is_read_ahead() -> None:
    source = Source([b"a", b"b", b"c"])
    content = Message(source.receive)
    assert source.asked == 0
    async for _ in content:
        break
    assert source.asked == 1


async def test_after_its_end_the_client_is_not_asked_again() -> None:
    source = Source([b"a"])
    content = Message(source.receive)
    assert await content.read() == b"a"
    assert await content.read() == b""
    assert await content.read(10) == b""
    assert [chunk async for chunk in content] == []
    assert source.asked == 2


# read().


async def test_read_gives_everything() -> None:
    assert await message(b"ab", b"c", b"def").read() == b"abcdef"


async def test_read_gives_at_most_what_was_asked_for() -> None:
    content = message(b"abcde", b"f")
    assert await content.read(2) == b"ab"
    assert await content.read(2) == b"cd"
    assert await content.read(2) == b"e"
    assert await content.read(2) == b"f"
    assert await content.read(2) == b""


async def test_reading_in_parts_and_iterating_can_be_mixed() -> None:
    content = message(b"abcde", b"fg", b"h")
    assert await content.read(1) == b"a"
    assert await anext(content) == b"bcde"
    assert await content.read(1) == b"f"
    assert await content.read() == b"gh"


@given(
    st.lists(st.binary(min_size=1, max_size=9), max_size=9),
    st.lists(st.integers(1, 12), min_size=1),
)
async def test_reading_in_parts_loses_nothing(
    chunks: list[bytes], sizes: list[int]
) -> None:
    content = message(*chunks)
    parts: list[bytes] = []
    for size in sizes:
        parts.append(await content.read(size))
        assert len(parts[-1]) <= size
    assert b"".join(parts) + await content.read() == b"".join(chunks)


@pytest.mark.parametrize("max_octets", [0, -1])
async def test_reading_less_than_an_octet_is_refused(max_octets: int) -> None:
    content = message(b"a")
    with pytest.raises(ValueError, match=f"at least 1, got {max_octets}"):
        await content.read(max_octets)
    assert await content.read() == b"a"


# size, size_exceeded and errors.


async def test_size_counts_what_was_received() -> None:
    content = message(b"abcde", b"fg")
    assert content.size == 0
    await content.read(1)
    assert content.size == 5
    await content.read()
    assert (content.size, content.size_exceeded) == (7, False)


@pytest.mark.parametrize(
    ("error", "exceeded"),
    [
        (ClientGone(), False),
        (MessageTooLarge(), True),
        (ContentRefused(550, "no"), False),
    ],
)
async def test_an_error_comes_again_with_every_read(
    error: Exception, exceeded: bool
) -> None:
    source = Source([b"abc"], error)
    content = Message(source.receive)
    assert await content.read(3) == b"abc"
    with pytest.raises(type(error)):
        await content.read(3)
    with pytest.raises(type(error)):
        await content.read()
    with pytest.raises(type(error)):
        await content.parse()
    with pytest.raises(type(error)):
        await anext(content)
    assert source.asked == 2
    assert (content.size, content.size_exceeded) == (3, exceeded)


async def test_what_was_received_before_an_error_can_be_read() -> None:
    content = message(b"abcdef", error=ClientGone())
    assert await content.read(4) == b"abcd"
    assert await content.read(4) == b"ef"
    with pytest.raises(ClientGone):
        await content.read(4)


async def test_a_read_that_was_cancelled_can_be_repeated() -> None:
    content = message(b"abc")
    with trio.CancelScope() as scope:
        scope.cancel()
        await content.read()
    assert scope.cancelled_caught
    assert await content.read() == b"abc"


@pytest.mark.parametrize("chunks", [[], [b"abc"]], ids=["at the end", "from the rest"])
async def test_every_read_lets_others_run(chunks: list[bytes]) -> None:
    content = message(*chunks)
    await content.read(1)
    with trio.testing.assert_checkpoints():
        await content.read(1)


# parse().


async def test_parse_gives_headers_and_body() -> None:
    parsed = await message(MAIL[:30], MAIL[30:]).parse()
    assert isinstance(parsed, EmailMessage)
    assert parsed["Subject"] == "grüße"
    assert parsed["To"].addresses[0].domain == "d.example"
    assert parsed.get_content() == "hello\r\n"


async def test_parse_takes_any_octets() -> None:
    parsed = await message(b"\xff\x00 no header\r\n").parse()
    assert parsed.keys() == []


async def test_parse_takes_no_content() -> None:
    parsed = await message().parse()
    assert (parsed.keys(), parsed.get_payload()) == ([], "")


async def threads_while_parsing(content: bytes) -> tuple[EmailMessage, set[int]]:
    """Parse, and watch how many threads Trio uses meanwhile."""
    limiter = trio.to_thread.current_default_thread_limiter()
    busy: set[int] = set()

    async def watch() -> None:
        while True:
            busy.add(limiter.borrowed_tokens)
            await trio.lowlevel.checkpoint()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(watch)
        parsed = await message(content).parse()
        nursery.cancel_scope.cancel()
    return parsed, busy


async def test_a_small_message_is_parsed_without_a_thread() -> None:
    parsed, busy = await threads_while_parsing(MAIL)
    assert parsed["Subject"] == "grüße"
    assert busy == {0}


async def test_a_large_message_is_parsed_while_others_run() -> None:
    parsed, busy = await threads_while_parsing(MAIL + b"line\r\n" * 100_000)
    assert parsed["Subject"] == "grüße"
    assert parsed.get_content().count("line\r\n") == 100_000
    assert busy == {0, 1}
