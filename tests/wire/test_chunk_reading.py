"""Chunks as the parser reads them: octets, whatever they look like (RFC 3030)."""

from __future__ import annotations

import itertools
import re
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.errors import ArgumentSyntaxError, LineOverflowError
from smtpsession.wire.bare_newlines import BareNewlinePolicy, Fault, NULPolicy
from smtpsession.wire.commands import (
    BadArgument,
    Bdat,
    LastBdat,
    Noop,
    Quit,
    Rset,
)
from smtpsession.wire.events import (
    BadLine,
    ChunkSkipped,
    ConnectionLost,
    Content,
    ContentFault,
    EndOfChunk,
    EndOfMessage,
    Event,
)
from smtpsession.wire.parser import Mode, Parser

POLICIES: list[tuple[BareNewlinePolicy, NULPolicy]] = [
    ("reject", "reject"),
    ("reject", "accept"),
    ("normalize", "reject"),
    ("normalize", "accept"),
]
every_policy = pytest.mark.parametrize(("bare_newline", "nul"), POLICIES)


@attrs.define
class Player:
    """Plays the dialogue: takes chunks, or skips those of the numbers in *skipped*."""

    parser: Parser
    skipped: frozenset[int] = frozenset()
    binary: bool = False
    events: list[Event] = attrs.field(factory=list[Event])
    chunks: int = 0
    first: bool = True

    def play(self, piece: bytes) -> None:
        self.parser.receive_data(piece)
        while (event := self.parser.next_event()) is not None:
            last = self.events[-1] if self.events else None
            if isinstance(event, Content) and isinstance(last, Content):
                assert event.data
                self.events[-1] = Content(last.data + event.data)
            else:
                self.events.append(event)
            self.react(event)

    def react(self, event: Event) -> None:
        if isinstance(event, BadArgument) and event.command is Bdat:
            self.parser.close()
        elif isinstance(event, Bdat):
            self.chunks += 1
            if self.chunks - 1 in self.skipped:
                self.parser.skip_chunk(event.octets)
                return
            self.parser.begin_chunk(event, first=self.first, binary=self.binary)
            self.first = isinstance(event, LastBdat)


def read(
    pieces: list[bytes],
    *,
    skipped: frozenset[int] = frozenset(),
    binary: bool = False,
    **options: Any,
) -> list[Event]:
    player = Player(Parser(**options), skipped, binary)
    for piece in [*filter(None, pieces), b""]:
        player.play(piece)
    return player.events


def cut(octets: bytes, places: list[int]) -> list[bytes]:
    bounds = [0, *sorted(place % (len(octets) + 1) for place in places), len(octets)]
    return [octets[a:b] for a, b in itertools.pairwise(bounds)]


def singles(octets: bytes) -> list[bytes]:
    return [bytes([octet]) for octet in octets]


def mode_of(parser: Parser) -> Mode:
    """Give the mode; type checkers take a property for something that stays."""
    return parser.mode


def shown(events: list[Event]) -> list[str]:
    return [repr(event) for event in events]


def read_every_way(octets: bytes, **options: Any) -> list[Event]:
    """Read whole, octet by octet and cut at every position: all must be the same."""
    events = read([octets], **options)
    assert shown(read(singles(octets), **options)) == shown(events)
    for place in range(1, len(octets)):
        assert shown(read(cut(octets, [place]), **options)) == shown(events)
    return events


def content_of(events: list[Event]) -> bytes:
    return b"".join(event.data for event in events if isinstance(event, Content))


def ends_of(events: list[Event]) -> list[Fault | None]:
    ends = (EndOfChunk, EndOfMessage)
    return [event.fault for event in events if isinstance(event, ends)]


def sent(chunks: list[bytes], *, last: bool = True) -> bytes:
    """Give the octets by which a client sends *chunks* of one message."""
    return b"".join(
        b"BDAT %d%s\r\n%s"
        % (len(chunk), b" LAST" if last and place == len(chunks) - 1 else b"", chunk)
        for place, chunk in enumerate(chunks)
    )


# Framing.


def test_so_many_octets_are_content_and_then_commands_follow() -> None:
    events = read_every_way(b"BDAT 5\r\nhelloBDAT 3 LAST\r\nyouNOOP\r\n")
    assert events == [
        Bdat(5),
        Content(b"hello"),
        EndOfChunk(),
        LastBdat(3),
        Content(b"you"),
        EndOfMessage(),
        Noop(),
        ConnectionLost(),
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"QUIT\r\n",
        b"\r\n.\r\n",
        b".\r\n",
        b"..\r\n",
        b"a\r\n.\r\nb\r\n",
        b"BDAT 9 LAST\r\n",
        b"RSET\r\nMAIL FROM:<a@c.example>\r\n",
        b"no line end",
        b"\r\n",
        b"x" * 3000,
    ],
)
def test_content_is_handed_on_as_it_is(content: bytes) -> None:
    octets = sent([content]) + b"NOOP\r\n"
    events = read([octets])
    assert shown(read(singles(octets))) == shown(events)
    assert events == [
        LastBdat(len(content)),
        Content(content),
        EndOfMessage(),
        Noop(),
        ConnectionLost(),
    ]


def test_a_chunk_may_be_empty() -> None:
    events = read_every_way(b"BDAT 0\r\nBDAT 0\r\nBDAT 0 LAST\r\nQUIT\r\n")
    assert [type(event) for event in events] == [
        *(Bdat, EndOfChunk, Bdat, EndOfChunk),
        *(LastBdat, EndOfMessage, Quit, ConnectionLost),
    ]


def test_no_octet_behind_the_chunk_is_taken() -> None:
    parser = Parser()
    parser.receive_data(b"BDAT 2 LAST\r\nabQUIT\r\n")
    event = parser.next_event()
    assert isinstance(event, LastBdat)
    parser.begin_chunk(event, first=True)
    assert mode_of(parser) is Mode.CHUNK
    assert parser.next_event() == Content(b"ab")
    assert parser.buffered_octets == len(b"QUIT\r\n")
    assert parser.next_event() == EndOfMessage()
    assert mode_of(parser) is Mode.COMMAND


def test_a_chunk_is_lines_unless_it_is_said_to_be_binary() -> None:
    parser = Parser()
    assert parser.discarded_octets == 0
    parser.begin_chunk(LastBdat(5), first=True)
    parser.receive_data(b"a\nb\r\n")
    assert parser.next_event() == Content(b"a")
    assert parser.next_event() == ContentFault("bare newline")
    assert parser.next_event() == EndOfMessage("bare newline")
    assert parser.discarded_octets == 4


def test_a_cr_at_the_end_of_all_is_the_only_octet_that_is_dropped() -> None:
    parser = Parser()
    parser.begin_chunk(LastBdat(2), first=True)
    parser.receive_data(b"a\r")
    assert parser.next_event() == Content(b"a")
    assert parser.next_event() == ContentFault("bare newline")
    assert parser.discarded_octets == 1


def test_content_is_handed_on_as_it_comes() -> None:
    parser = Parser()
    parser.begin_chunk(Bdat(10), first=True)
    for piece in (b"abc", b"defg"):
        parser.receive_data(piece)
        assert parser.next_event() == Content(piece)
        assert parser.next_event() is None
        assert parser.buffered_octets == 0
    parser.receive_data(b"")
    assert parser.next_event() == ConnectionLost()


@pytest.mark.parametrize("last", [b"", b" LAST"])
def test_a_chunk_that_is_cut_off_has_no_end(last: bytes) -> None:
    events = read_every_way(b"BDAT 10" + last + b"\r\nabc")
    assert [type(event) for event in events[1:]] == [Content, ConnectionLost]


def test_a_huge_chunk_costs_nothing_before_it_comes() -> None:
    parser = Parser()
    parser.begin_chunk(Bdat(10**18 - 1), first=True)
    parser.receive_data(b"x")
    assert parser.next_event() == Content(b"x")
    assert parser.next_event() is None
    parser.skip_chunk(10**18 - 1)
    for _ in range(3):
        parser.receive_data(b"QUIT\r\n" * 1000)
        assert parser.next_event() is None
        assert parser.buffered_octets == 0


@pytest.mark.parametrize("octets", [b"BDAT -1\r\n", b"BDAT\r\n", b"BDAT\t5\r\n"])
def test_nothing_is_read_behind_a_chunk_of_unknown_size(octets: bytes) -> None:
    (event,) = read_every_way(octets + b"QUIT\r\nNOOP\r\n")
    assert isinstance(event, BadArgument)
    assert type(event.error) is ArgumentSyntaxError


def test_nothing_is_read_behind_a_long_line_that_announces_a_chunk() -> None:
    octets = b"BDAT 6" + b" " * 20 + b"\r\nQUIT\r\n"
    (event,) = read_every_way(octets, command_octets=20)
    assert isinstance(event, BadLine)
    assert type(event.error) is LineOverflowError


# Refused chunks.


def test_a_skipped_chunk_is_nothing_at_all() -> None:
    events = read_every_way(
        b"BDAT 6\r\nQUIT\r\nNOOP\r\n", skipped=frozenset({0}), command_octets=12
    )
    assert events == [Bdat(6), ChunkSkipped(), Noop(), ConnectionLost()]


def test_a_skipped_chunk_may_be_empty() -> None:
    events = read_every_way(b"BDAT 0 LAST\r\nNOOP\r\n", skipped=frozenset({0}))
    assert events == [LastBdat(0), ChunkSkipped(), Noop(), ConnectionLost()]


def test_a_skipped_chunk_that_is_cut_off_has_no_end() -> None:
    events = read_every_way(b"BDAT 60\r\nQUIT\r\n", skipped=frozenset({0}))
    assert events == [Bdat(60), ConnectionLost()]


def test_a_skipped_chunk_may_hold_anything() -> None:
    octets = sent([b"\0\r\n\n\r\xff" * 5]) + b"NOOP\r\n"
    events = read_every_way(octets, skipped=frozenset({0}))
    assert events == [LastBdat(30), ChunkSkipped(), Noop(), ConnectionLost()]


# The policy for bare newlines and NUL is about the content, not its chunks.


@pytest.mark.parametrize("policy", ["reject", "normalize"])
def test_crlf_may_be_cut_by_a_chunk(policy: BareNewlinePolicy) -> None:
    events = read_every_way(
        sent([b"a\r", b"\nb\r", b"", b"\n"]), bare_newline=policy, nul="reject"
    )
    assert content_of(events) == b"a\r\nb\r\n"
    assert ends_of(events) == [None] * 4
    assert ContentFault not in map(type, events)


@pytest.mark.parametrize(
    ("chunks", "content", "ends"),
    [
        ([b"a\r", b"b"], b"a", [None, "bare newline"]),
        ([b"a\r"], b"a", ["bare newline"]),
        ([b"a\r", b""], b"a", [None, "bare newline"]),
        ([b"a\r", b"\r\n"], b"a", [None, "bare newline"]),
        ([b"a", b"\nb"], b"a", [None, "bare newline"]),
        ([b"a\n", b"b"], b"a", ["bare newline", "bare newline"]),
        ([b"a\0", b"b"], b"a", ["NUL", "NUL"]),
        ([b"a\0", b"b\n", b"c"], b"a", ["NUL", "bare newline", "bare newline"]),
        ([b"a\r\n.\n", b"."], b"a\r\n.", ["bare newline", "bare newline"]),
    ],
)
def test_faults(chunks: list[bytes], content: bytes, ends: list[Fault | None]) -> None:
    events = read_every_way(sent(chunks))
    assert content_of(events) == content
    assert ends_of(events) == ends
    assert [type(event) for event in events].count(ContentFault) == 1


@pytest.mark.parametrize(
    ("chunks", "content"),
    [
        ([b"a\nb"], b"a\r\nb"),
        ([b"a", b"\nb", b"\n"], b"a\r\nb\r\n"),
        ([b"a\r", b"\n", b"\n"], b"a\r\n\r\n"),
        ([b"a\r\n.\r\nb"], b"a\r\n.\r\nb"),
        ([b"a\n", b".", b"\r\nb"], b"a\r\nb"),
        ([b"."], b"."),
        ([b"a\r\n."], b"a\r\n."),
        ([b"a\r\n", b".", b""], b"a\r\n."),
        ([b"a\n."], b"a\r\n"),
    ],
)
def test_normalizing(chunks: list[bytes], content: bytes) -> None:
    events = read_every_way(sent(chunks), bare_newline="normalize")
    assert content_of(events) == content
    assert ends_of(events)[-1] is None


def test_binary_content_is_handed_on_unchanged() -> None:
    chunks = [b"\r", b"\n\r\r\n\0\n", b"\xff\r"]
    for policy in ("reject", "normalize"):
        events = read_every_way(sent(chunks), binary=True, bare_newline=policy)
        assert content_of(events) == b"".join(chunks)
        assert ends_of(events) == [None] * 3


def test_each_message_is_judged_alone() -> None:
    events = read_every_way(sent([b"a\n"]) + sent([b"\0\r"]) + sent([b"\nok"]))
    assert ends_of(events) == ["bare newline", "bare newline", "bare newline"]
    events = read_every_way(sent([b"a\0"]) + sent([b"ok"]))
    assert ends_of(events) == ["NUL", None]
    assert content_of(events) == b"aok"


def test_what_is_held_of_a_message_that_is_given_up_is_forgotten() -> None:
    player = Player(Parser())
    player.play(b"BDAT 2\r\na\r" + b"RSET\r\n")
    player.first = True
    player.play(b"BDAT 1 LAST\r\nb")
    assert player.events == [
        *(Bdat(2), Content(b"a"), EndOfChunk(), Rset()),
        *(LastBdat(1), Content(b"b"), EndOfMessage()),
    ]


# Properties.

chunks_of_one_message = st.lists(
    st.lists(
        st.sampled_from(
            [
                *(b"\r\n", b"\r\n", b"\r", b"\n", b".", b".", b"\0", b"a"),
                *(b"QUIT\r\n", b"RSET\r\n", b"BDAT 3 LAST\r\n", b"\r\n.\r\n", b"x" * 9),
            ]
        ),
        max_size=8,
    ).map(b"".join),
    min_size=1,
    max_size=6,
)
places_to_cut = st.lists(st.integers(0, 300), max_size=8)


@every_policy
@given(
    chunks=chunks_of_one_message,
    places=places_to_cut,
    skipped=st.frozensets(st.integers(0, 6)),
    binary=st.booleans(),
)
def test_any_cut_gives_the_same_events(
    bare_newline: BareNewlinePolicy,
    nul: NULPolicy,
    chunks: list[bytes],
    places: list[int],
    skipped: frozenset[int],
    binary: bool,
) -> None:
    octets = sent(chunks) + b"NOOP\r\n"
    options: dict[str, Any] = {
        **{"bare_newline": bare_newline, "nul": nul, "command_octets": 40},
        **{"skipped": skipped, "binary": binary},
    }
    events = shown(read([octets], **options))
    assert shown(read(cut(octets, places), **options)) == events
    assert shown(read(singles(octets), **options)) == events


@given(
    chunks=chunks_of_one_message,
    places=places_to_cut,
    skipped=st.frozensets(st.integers(0, 6)),
)
def test_octets_announced_as_content_never_become_a_command(
    chunks: list[bytes], places: list[int], skipped: frozenset[int]
) -> None:
    octets = sent(chunks) + b"NOOP\r\n"
    events = read(cut(octets, places), skipped=skipped)
    expected: list[type[Event]] = []
    for place in range(len(chunks)):
        last = place == len(chunks) - 1
        expected.append(LastBdat if last else Bdat)
        if place in skipped:
            expected.append(ChunkSkipped)
        else:
            expected.append(EndOfMessage if last else EndOfChunk)
    kinds = [type(e) for e in events if not isinstance(e, (Content, ContentFault))]
    assert kinds == [*expected, Noop, ConnectionLost]


@given(chunks=chunks_of_one_message, places=places_to_cut, binary=st.booleans())
def test_how_the_content_is_cut_into_chunks_makes_no_difference(
    chunks: list[bytes], places: list[int], binary: bool
) -> None:
    whole = read([sent([b"".join(chunks)])], binary=binary)
    parts = read(cut(sent(chunks), places), binary=binary)
    assert content_of(parts) == content_of(whole)
    assert ends_of(parts)[-1] == ends_of(whole)[-1]


@given(chunks=chunks_of_one_message, places=places_to_cut)
def test_what_is_accepted_is_what_was_sent_and_has_no_bare_newline(
    chunks: list[bytes], places: list[int]
) -> None:
    content = b"".join(chunks)
    bare = re.search(rb"(?<!\r)\n|\r(?!\n)", content)
    events = read(cut(sent(chunks), places), nul="accept")
    assert content_of(events) == content[: bare.start() if bare else None]
    assert ends_of(events)[-1] == ("bare newline" if bare else None)
    normal = read(cut(sent(chunks), places), nul="accept", bare_newline="normalize")
    assert re.search(rb"(?<!\r)\n|\r(?!\n)", content_of(normal)) is None


@given(chunks=chunks_of_one_message, places=places_to_cut)
def test_binary_content_is_what_was_sent(
    chunks: list[bytes], places: list[int]
) -> None:
    events = read(cut(sent(chunks), places), binary=True)
    assert content_of(events) == b"".join(chunks)
    assert set(ends_of(events)) == {None}


def test_a_million_tiny_chunks_keep_nothing() -> None:
    """Each costs the same, however many came before it (here a tenth of that)."""
    player = Player(Parser())
    group = b"BDAT 1\r\nx" * 1000
    for _ in range(100):
        player.play(group)
        assert player.parser.buffered_octets == 0
        assert len(player.events) == 3000
        player.events.clear()
