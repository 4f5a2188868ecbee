"""The reader takes its header octet by octet, and leaves what follows alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.errors import LocalProtocolError, ProxyHeaderError
from smtpsession.wire.proxy_header import ProxyHeader
from smtpsession.wire.proxy_header_reader import (
    MAX_LINE_OCTETS,
    MAX_OCTETS,
    ProxyHeaderReader,
)
from tests.wire.proxy_octets import (
    BLOCK,
    CHECKED,
    LINE,
    LOCAL,
    NO_HEADERS,
    SIGNATURE,
    block,
    cut,
    read,
    tcp4,
    tlv,
)

HEADERS = {
    "line": LINE,
    "IPv6 line": b"PROXY TCP6 2001:db8::1 2001:db8::2 56324 25\r\n",
    "shortest line": b"PROXY UNKNOWN\r\n",
    "longest line": b"PROXY UNKNOWN " + b"x" * 91 + b"\r\n",
    "block": BLOCK,
    "checked block": CHECKED,
    "LOCAL": LOCAL,
    "LOCAL with octets to skip": block(0x11, bytes(30), command=0x20),
    "long block": tcp4(tlv(0x04, bytes(400)), tlv(0x02, b"mx.example")),
}
every_header = pytest.mark.parametrize("octets", HEADERS.values(), ids=list(HEADERS))
every_other = pytest.mark.parametrize(
    "octets", NO_HEADERS.values(), ids=list(NO_HEADERS)
)


def outcome(pieces: list[bytes]) -> tuple[ProxyHeader | None, bytes] | str:
    """Read the pieces; give what came of it, or the text of the refusal."""
    try:
        return read(pieces)
    except ProxyHeaderError as error:
        return str(error)


def feed_all(reader: ProxyHeaderReader, octets: bytes) -> None:
    while rest := octets[len(reader.received) :]:
        reader.feed(rest[: reader.wanted])


def refusal(pieces: list[bytes]) -> str:
    with pytest.raises(ProxyHeaderError) as caught:
        read(pieces)
    return str(caught.value)


@every_header
def test_every_cut_gives_the_same_header_and_leaves_the_rest(octets: bytes) -> None:
    behind = b"EHLO c\r\n"
    meant, rest = read([octets + behind])
    assert meant is not None
    assert rest == behind
    sent = octets + behind
    assert read([bytes([octet]) for octet in sent]) == (meant, behind)
    for place in range(len(sent) + 1):
        assert read([sent[:place], sent[place:]]) == (meant, behind)


@every_other
def test_every_cut_gives_the_same_refusal(octets: bytes) -> None:
    said = refusal([octets])
    assert refusal([bytes([octet]) for octet in octets]) == said
    for place in range(0, len(octets) + 1, max(1, len(octets) // 200)):
        assert refusal([octets[:place], octets[place:]]) == said


@every_header
def test_no_octet_is_missing_before_the_last(octets: bytes) -> None:
    for place in range(len(octets)):
        assert read([octets[:place]]) == (None, b"")


@every_header
def test_the_end_inside_of_a_header_is_an_error(octets: bytes) -> None:
    for place in range(len(octets)):
        reader = ProxyHeaderReader()
        for octet in octets[:place]:
            assert reader.feed(bytes([octet])) is None
        assert reader.received == octets[:place]
        with pytest.raises(
            ProxyHeaderError,
            match=r"^the connection ended before the end of the header$",
        ):
            reader.feed(b"")


@pytest.mark.parametrize(
    "octets",
    [
        b"E",
        b"PROXZ",
        b"PROXY\r",
        b"\r\n\r\n\0\n",
        b"\n",
        b"\r\r",
        b"PROXY T\n",
        b"\x16",
    ],
)
def test_what_cannot_become_a_header_is_not_waited_for(octets: bytes) -> None:
    refusal([octets])


@pytest.mark.parametrize(
    ("octets", "said"),
    [
        (b"GET / HTTP/1", "no header"),
        (b"PROXY UNKN\r\r", "CR LF ends the line, and nothing else"),
        (b"PROXY UNK\r\nx", "CR LF ends the line, and nothing else"),
        (b"PROXY \nUNK\r\n", "CR LF ends the line, and nothing else"),
        (b"PROXY UNKNOW\n", "CR LF ends the line, and nothing else"),
        (b"PROXY UNK\rno", "CR LF ends the line, and nothing else"),
        (b"PROXY ".ljust(106, b"x"), "the line has more than 107 octets"),
    ],
)
def test_the_error_says_what_is_wrong(octets: bytes, said: str) -> None:
    """It is told with the octets that made it so, and no later."""
    reader = ProxyHeaderReader()
    with pytest.raises(ProxyHeaderError) as caught:
        feed_all(reader, octets)
    assert str(caught.value) == said
    assert reader.received == octets


def test_the_longest_header_of_version_2() -> None:
    head = BLOCK[:14] + (4096 - 16).to_bytes(2)
    reader = ProxyHeaderReader()
    assert reader.feed(head[:12]) is None
    assert reader.feed(head[12:]) is None
    reader = ProxyHeaderReader()
    assert reader.feed(head[:12]) is None
    with pytest.raises(ProxyHeaderError, match="may have 4096 octets, got 4097"):
        reader.feed(head[12:14] + (4097 - 16).to_bytes(2))


@pytest.mark.parametrize(
    ("received", "wanted"),
    [
        (b"", 12),
        (b"PROXY", 7),
        (b"PROXY UNKNOW", 2),
        (b"PROXY UNKNOWN", 2),
        (b"PROXY UNKNOWN\r", 1),
        (SIGNATURE[:5], 7),
        (SIGNATURE, 4),
        (SIGNATURE + b"\x21", 3),
        (BLOCK[:16], 12),
        (BLOCK[:20], 8),
    ],
)
def test_what_is_wanted_is_always_within_the_header(
    received: bytes, wanted: int
) -> None:
    reader = ProxyHeaderReader()
    for octet in received:
        reader.feed(bytes([octet]))
    assert reader.wanted == wanted


def test_more_than_was_wanted_is_our_own_mistake() -> None:
    reader = ProxyHeaderReader()
    with pytest.raises(LocalProtocolError, match="wanted 12 octets, got 13"):
        reader.feed(LINE[:13])
    assert reader.feed(LINE[:12]) is None


@pytest.mark.parametrize("data", [b"", b"x"])
def test_nothing_is_taken_behind_the_end(data: bytes) -> None:
    done = ProxyHeaderReader()
    done.feed(LOCAL[:12])
    assert done.feed(LOCAL[12:]) == ProxyHeader(version=2, is_local=True)
    failed = ProxyHeaderReader()
    with pytest.raises(ProxyHeaderError):
        failed.feed(b"x")
    for reader in (done, failed):
        assert reader.wanted == 0
        with pytest.raises(LocalProtocolError, match="wanted 0 octets"):
            reader.feed(data)


def test_the_longest_header_is_ones_own_choice() -> None:
    for max_octets, fits in ((28, True), (27, False)):
        reader = ProxyHeaderReader(max_octets=max_octets)
        reader.feed(BLOCK[:12])
        if fits:
            assert reader.feed(BLOCK[12:16]) is None
        else:
            with pytest.raises(ProxyHeaderError, match="may have 27 octets, got 28"):
                reader.feed(BLOCK[12:16])


starts = st.sampled_from(
    [b"", b"PROXY ", b"PROXY TCP4 ", b"PROXY UNKNOWN", SIGNATURE, BLOCK[:16]]
)


@given(starts, st.binary(max_size=200), st.lists(st.integers(0, 300), max_size=8))
def test_arbitrary_octets_raise_nothing_else_and_are_never_many(
    start: bytes, octets: bytes, places: list[int]
) -> None:
    whole = start + octets
    result = outcome([whole])
    assert outcome(cut(whole, places)) == result
    if not isinstance(result, str):
        taken = len(whole) - len(result[1])
        assert taken <= (MAX_LINE_OCTETS if whole[:1] == b"P" else MAX_OCTETS)
