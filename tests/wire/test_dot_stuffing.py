"""Dot-stuffing: the end of a message is CRLF.CRLF and nothing else."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.wire.dot_stuffing import DotStuffingDecoder, dot_stuff

END = b"\r\n.\r\n"
#: The decoder may keep this many octets back: CRLF . CR.
MOST_HELD = 4

octets_of_content = st.lists(
    st.sampled_from([b"\r\n", b"\r\n.", b"\r", b"\n", b".", b"\0", b"a", b"bcd"]),
    max_size=30,
).map(b"".join)
contents_of_lines = st.lists(
    st.lists(st.sampled_from([b".", b"a", b"\0", b"bc", b"\xff"]), max_size=4).map(
        b"".join
    ),
    max_size=8,
).map(lambda lines: b"".join(line + b"\r\n" for line in lines))
places_to_cut = st.lists(st.integers(0, 200), max_size=8)


def cut(octets: bytes, places: list[int]) -> list[bytes]:
    bounds = [0, *sorted(place % (len(octets) + 1) for place in places), len(octets)]
    return [octets[a:b] for a, b in itertools.pairwise(bounds)]


def singles(octets: bytes) -> list[bytes]:
    return [bytes([octet]) for octet in octets]


def decode(pieces: list[bytes]) -> tuple[bytes, bytes | None]:
    """Decode to the end; the pieces behind it belong to the rest."""
    decoder = DotStuffingDecoder()
    content = b""
    for number, piece in enumerate(pieces):
        block, rest = decoder.decode(piece)
        content += block
        if rest is not None:
            return content, rest + b"".join(pieces[number + 1 :])
    return content, None


def reference(octets: bytes) -> tuple[bytes, bytes | None]:
    """Do the same line by line, by the words of RFC 5321 4.5.2."""
    content = b""
    line = b""
    for position, octet in enumerate(octets):
        line += bytes([octet])
        if line[-2:] != b"\r\n":
            continue
        if line == b".\r\n":
            return content, octets[position + 1 :]
        content += line[1:] if line[0] == ord(".") else line
        line = b""
    return content, None


@pytest.mark.parametrize(
    ("octets", "content"),
    [
        (b".\r\n", b""),
        (b"\r\n.\r\n", b"\r\n"),
        (b"a\r\n.\r\n", b"a\r\n"),
        (b"..a\r\n.b\r\n...\r\n.\r\n", b".a\r\nb\r\n..\r\n"),
        (b"..\r\n.\r\n", b".\r\n"),
        (b"a\r\n..\r\n.\r\n", b"a\r\n.\r\n"),
        (b"a.\r\nb..c\r\n.\r\n", b"a.\r\nb..c\r\n"),
        (b"\r\n\r\n\r\n.\r\n", b"\r\n\r\n\r\n"),
        (b"a\r\r\n.\r\n", b"a\r\r\n"),
        (b"\n.\r\n\r\n.\r\n", b"\n.\r\n\r\n"),
    ],
)
@pytest.mark.parametrize("rest", [b"", b"MAIL FROM:<a@b>\r\n", END])
def test_message_ends_at_its_end(octets: bytes, content: bytes, rest: bytes) -> None:
    assert decode([octets + rest]) == (content, rest)
    assert decode(singles(octets + rest)) == (content, rest)
    for place in range(len(octets + rest)):
        assert decode(cut(octets + rest, [place])) == (content, rest)


@pytest.mark.parametrize(
    "octets",
    [
        b"a\n.\n",
        b"a\n.\r\n",
        b"a\r.\r",
        b"a\r.\r\n",
        b"a\r\n.\n",
        b"a\r\n.\r",
        b"a\r\n.\r\r\n",
        b"a\r\n. \r\n",
        b"a\r\n.\0\r\n",
        b"a\r\n\0.\r\n",
        b"a.\r\n",
        b"..\r\n",
        b"",
    ],
)
def test_nothing_else_ends_a_message(octets: bytes) -> None:
    assert decode([octets])[1] is None
    assert decode(singles(octets))[1] is None


def test_content_is_handed_on_while_it_comes() -> None:
    decoder = DotStuffingDecoder()
    assert decoder.decode(b"abc") == (b"abc", None)
    assert decoder.decode(b"def\r\n") == (b"def", None)
    assert decoder.decode(b".") == (b"", None)
    assert decoder.decode(b"x\r\n") == (b"\r\nx", None)
    assert decoder.decode(b".\r\nQUIT") == (b"\r\n", b"QUIT")


@given(octets_of_content, places_to_cut)
def test_any_cut_gives_what_the_reference_gives(
    octets: bytes, places: list[int]
) -> None:
    octets += END + b"rest"
    expected = reference(octets)
    assert decode([octets]) == expected
    assert decode(cut(octets, places)) == expected
    assert decode(singles(octets)) == expected


@given(octets_of_content, places_to_cut)
def test_what_is_held_back_is_little(octets: bytes, places: list[int]) -> None:
    content, rest = decode(cut(octets, places))
    if rest is None:
        whole, _ = reference(octets + b"x\r\n.\r\n")
        unfinished = whole.removesuffix(b"x\r\n")
        assert unfinished.startswith(content)
        assert len(unfinished) - len(content) <= MOST_HELD


@given(octets_of_content, places_to_cut)
def test_no_block_ends_within_crlf(octets: bytes, places: list[int]) -> None:
    decoder = DotStuffingDecoder()
    before = b""
    for piece in cut(octets + END, places):
        block, rest = decoder.decode(piece)
        assert not (before.endswith(b"\r") and block.startswith(b"\n"))
        before = block or before
        if rest is not None:
            break


@given(contents_of_lines, places_to_cut)
def test_round_trip(content: bytes, places: list[int]) -> None:
    stuffed = dot_stuff(content) + b"QUIT\r\n"
    assert decode([stuffed]) == (content, b"QUIT\r\n")
    assert decode(cut(stuffed, places)) == (content, b"QUIT\r\n")
    assert decode(singles(stuffed)) == (content, b"QUIT\r\n")


@pytest.mark.parametrize(
    ("content", "stuffed"),
    [
        (b"", b".\r\n"),
        (b"a\r\n", b"a\r\n.\r\n"),
        (b"a", b"a\r\n.\r\n"),
        (b".", b"..\r\n.\r\n"),
        (b".\r\n..\r\n.a", b"..\r\n...\r\n..a\r\n.\r\n"),
        (b"a.\r\n", b"a.\r\n.\r\n"),
    ],
)
def test_stuffing(content: bytes, stuffed: bytes) -> None:
    assert dot_stuff(content) == stuffed


@pytest.mark.parametrize("pattern", [b"x", b"\r", b"\r\n", b"\n.", b"a\r\nb."])
def test_single_octets_do_not_pile_up(pattern: bytes) -> None:
    """Each call costs the same, however long the message is."""
    decoder = DotStuffingDecoder()
    handed_on = 0
    for number, octet in enumerate(pattern * 3000):
        block, rest = decoder.decode(bytes([octet]))
        assert rest is None
        handed_on += len(block)
        assert number + 1 - handed_on <= MOST_HELD
