"""What is fuzzed: functions that take any octets and fail where an invariant does.

Each has one paragraph that states its invariant. None of them needs more than the
package itself does, so that a fuzzer of coverage runs them without the tests' tools.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from smtpsession.errors import (
    ProxyHeaderError,
)
from smtpsession.testing.received_reply import ReceivedReply, ReplyReader
from smtpsession.wire.dot_stuffing import DotStuffingDecoder, dot_stuff
from tests.framing.dialogue_player import DialoguePlayer, make_server
from tests.framing.naive_proxy import NoHeader, read_header
from tests.framing.naive_reader import NaiveReader, Plan
from tests.framing.observer import Observer, View
from tests.framing.parser_player import ParserPlayer
from tests.fuzzing.value_targets import (
    address,
    command_line,
    encodings,
    parameters,
    proxy_attributes,
    trusted_networks,
)
from tests.wire.proxy_octets import read as read_proxy_header

#: Longest input that is also read octet by octet.
MAX_SINGLE_OCTETS = 120


def _ways(octets: bytes, size: int) -> list[list[bytes]]:
    """Give the ways of cutting that are tried: whole, evenly, and octet by octet."""
    ways = [[octets], [octets[i : i + size] for i in range(0, len(octets), size)]]
    if len(octets) <= MAX_SINGLE_OCTETS:
        ways.append([octets[i : i + 1] for i in range(len(octets))])
    return ways


def _plan(options: bytes) -> Plan:
    """Make a plan of three octets."""
    first, second, third = options
    return Plan(
        normalizes=bool(first & 1),
        nul=not first & 2,
        lmtp=bool(first & 4),
        binary=bool(first & 8),
        command_octets=40 if first & 16 else 2048,
        auth_octets=30 if first & 32 else 12_288,
        refused=frozenset(place for place in range(4) if second >> place & 1),
        skipped=frozenset(place for place in range(4) if second >> place + 4 & 1),
        challenges=third & 3,
    )


def command_stream(data: bytes) -> None:
    """The parser reads any input in any cut as the naive reader does.

    The first three octets are options.
    """
    options, octets = data[:3].ljust(3, b"\0"), data[3:]
    plan = _plan(options)
    expected = NaiveReader(octets, plan).read()
    for pieces in _ways(octets, 2 + options[2] // 4 % 16):
        assert ParserPlayer(plan).read(pieces) == expected


def content(data: bytes) -> None:
    """What follows DATA is read by every policy, in any cut, as the naive reader does.

    The first octet says which policy, and how it is cut.
    """
    option, octets = data[:1].ljust(1, b"\0")[0], b"DATA\r\n" + data[1:]
    plan = Plan(normalizes=bool(option & 1), nul=not option & 2)
    expected = NaiveReader(octets, plan).read()
    for pieces in _ways(octets, 2 + option // 4 % 16):
        assert ParserPlayer(plan).read(pieces) == expected


def chunks(data: bytes) -> None:
    """Chunks of any size, taken or dropped, are read as the naive reader does.

    The first three octets are options; then each octet is the size of a chunk, below
    64, whether it is the last (64), and how its command is written (128).
    """
    options, rest = data[:3].ljust(3, b"\0"), data[3:]
    octets = b""
    while rest:
        size = rest[0] & 63
        verb, last = (
            (b"bdat" if rest[0] & 128 else b"BDAT"),
            b" LAST" * (rest[0] >> 6 & 1),
        )
        octets += b"%s %d%s\r\n%s" % (verb, size, last, rest[1 : 1 + size])
        rest = rest[1 + size :]
    plan = _plan(options)
    expected = NaiveReader(octets, plan).read()
    for pieces in _ways(octets, 2 + options[2] // 4 % 16):
        assert ParserPlayer(plan).read(pieces) == expected


def auth_lines(data: bytes) -> None:
    """Lines inside AUTH are responses or refused, as the naive reader says."""
    octets = b"AUTH X\r\n" + data
    for plan in (Plan(challenges=3), Plan(challenges=3, auth_octets=30)):
        expected = NaiveReader(octets, plan).read()
        for pieces in _ways(octets, 5):
            assert ParserPlayer(plan).read(pieces) == expected


_KINDS: tuple[tuple[dict[str, object], View], ...] = tuple(
    (
        {"bare_newline": "normalize" if normalizes else "reject", "lmtp": lmtp}
        | {"size": size, "nul": "reject" if nul else "accept"},
        View(
            input=b"",
            output=b"",
            closes=False,
            lmtp=lmtp,
            normalizes=normalizes,
            nul=nul,
            message_octets=size,
        ),
    )
    for normalizes, lmtp, size, nul in (
        (False, False, 1_000_000, True),
        (True, False, 1_000_000, False),
        (False, True, 1_000_000, True),
        (True, True, 30, True),
    )
)
_SERVERS = [make_server(**options) for options, _ in _KINDS]
_PRELUDE = b"EHLO c\r\nMAIL FROM:<a@c.example>\r\nRCPT TO:<b@s.example>\r\n"


def dialogue(data: bytes) -> None:
    """A dialogue and an observer of both its directions read any input alike.

    The first three octets say which server, which of its answers are refusals and how
    the input is cut.
    """
    options, octets = data[:3].ljust(3, b"\0"), data[3:]
    kind = options[0] & 3
    _, view = _KINDS[kind]
    prelude = _PRELUDE if options[0] & 4 else b"EHLO c\r\n"
    octets = (prelude.replace(b"EHLO", b"LHLO") if view.lmtp else prelude) + octets
    refused = frozenset(place + 3 for place in range(8) if options[1] >> place & 1)
    for pieces in _ways(octets, 2 + options[2] // 4 % 16):
        player = DialoguePlayer(
            _SERVERS[kind], refused=refused, challenges=options[2] & 3
        )
        played = player.play(pieces)
        seen = View(
            input=octets,
            output=played.output,
            closes=played.closes,
            lmtp=view.lmtp,
            normalizes=view.normalizes,
            nul=view.nul,
            message_octets=view.message_octets,
        )
        assert Observer(seen).observe() == played.messages


def dot_stuffing(data: bytes) -> None:
    """Any content comes back from its stuffed form, with what follows it left alone."""
    stuffed = dot_stuff(data)
    behind = b"QUIT\r\n"
    decoder = DotStuffingDecoder()
    received, rest = decoder.decode(stuffed + behind)
    needs_end = bool(data) and not data.endswith(b"\r\n")
    assert (received, rest) == (data + b"\r\n" * needs_end, behind)


def proxy_header(data: bytes) -> None:
    """A PROXY header ends where the naive reader says, in any cut, or is none for both.

    What the values of TLVs may be is left to other tests.
    """
    outcomes = {_proxy_outcome(pieces) for pieces in _ways(data, 7)}
    assert len(outcomes) == 1
    [outcome] = outcomes
    try:
        header = read_header(data)
    except NoHeader:
        assert outcome == "none"
        return
    if header is None:
        assert outcome == "unfinished"
    elif outcome != "none":
        assert outcome == str(len(data) - header.octets)


def _proxy_outcome(pieces: list[bytes]) -> str:
    try:
        header, rest = read_proxy_header([piece for piece in pieces if piece])
    except ProxyHeaderError:
        return "none"
    return "unfinished" if header is None else str(len(rest))


def reply(data: bytes) -> None:
    """Replies of a server are the same in any cut, or a ValueError; and read back."""
    outcomes = [_replies(pieces) for pieces in _ways(data, 5)]
    assert all(outcome == outcomes[0] for outcome in outcomes)
    for one in outcomes[0]:
        if isinstance(one, ReceivedReply):
            assert len(one.lines) == len(one.wire_lines)
            again = _replies([str(one).replace("\n", "\r\n").encode() + b"\r\n"])
            assert [str(other).split() for other in again] == [str(one).split()]


def _replies(pieces: list[bytes]) -> list[ReceivedReply | None]:
    reader = ReplyReader()
    found: list[ReceivedReply | None] = []
    for piece in pieces:
        reader.receive_data(piece)
        try:
            while (one := reader.next_reply()) is not None:
                found.append(one)
        except ValueError:
            return [*found, None]
    return found


#: Every target by its name.
TARGETS: Mapping[str, Callable[[bytes], None]] = {
    target.__name__: target
    for target in (
        *(command_stream, content, chunks, auth_lines, dialogue, dot_stuffing),
        *(proxy_header, reply, address, command_line, parameters, proxy_attributes),
        *(trusted_networks, encodings),
    )
}
