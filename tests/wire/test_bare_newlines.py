"""The policy for bare CR, bare LF and NUL, against a slow and plain reference."""

import itertools
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smtpsession.wire.bare_newlines import (
    BareNewlinePolicy,
    ContentFilter,
    Fault,
    NULPolicy,
)
from smtpsession.wire.dot_stuffing import DotStuffingDecoder

CR, LF, NUL = 13, 10, 0
BARE = re.compile(rb"(?<!\r)\n|\r(?!\n)")
#: Content handed on, gravest fault, first fault, rest behind the end.
Result = tuple[bytes, Fault | None, Fault | None, bytes]
POLICIES: list[tuple[BareNewlinePolicy, NULPolicy]] = [
    ("reject", "reject"),
    ("reject", "accept"),
    ("normalize", "reject"),
    ("normalize", "accept"),
]
every_policy = pytest.mark.parametrize(("bare_newline", "nul"), POLICIES)

messages = st.lists(
    st.sampled_from(
        [b"\r\n", b"\r\n", b"\r\n", b"\n", b".", b".", b"a", b"bc", b"\r", b"\0", b"\t"]
    ),
    max_size=30,
).map(b"".join)
places_to_cut = st.lists(st.integers(0, 200), max_size=8)


def cut(octets: bytes, places: list[int]) -> list[bytes]:
    bounds = [0, *sorted(place % (len(octets) + 1) for place in places), len(octets)]
    return [octets[a:b] for a, b in itertools.pairwise(bounds)]


def singles(octets: bytes) -> list[bytes]:
    return [bytes([octet]) for octet in octets]


def read(
    pieces: list[bytes], bare_newline: BareNewlinePolicy, nul: NULPolicy
) -> Result:
    decoder = DotStuffingDecoder()
    content_filter = ContentFilter(bare_newline, nul)
    content = b""
    for number, piece in enumerate(pieces):
        block, rest = decoder.decode(piece)
        content += content_filter.apply(block)
        if rest is not None:
            rest += b"".join(pieces[number + 1 :])
            return content, content_filter.fault, content_filter.first_fault, rest
    raise AssertionError("the message has no end")


# The reference: one octet after the other, as the documents say it.


def unstuffed(octets: bytes) -> tuple[bytes, bytes]:
    content, line = b"", b""
    for position, octet in enumerate(octets):
        line += bytes([octet])
        if line[-2:] == b"\r\n":
            if line == b".\r\n":
                return content, octets[position + 1 :]
            content += line[1:] if line[0] == ord(".") else line
            line = b""
    raise AssertionError("the message has no end")


def faults(
    content: bytes, bare_newline: str, nul: str
) -> list[tuple[int, Fault | None]]:
    found: list[tuple[int, Fault | None]] = []
    for position, octet in enumerate(content):
        before = content[position - 1] if position else None
        after = content[position + 1] if position + 1 < len(content) else None
        bare_cr = octet == CR and after != LF
        bare_lf = octet == LF and before != CR and bare_newline == "reject"
        if bare_cr or bare_lf:
            found.append((position, "bare newline"))
        if octet == NUL and nul == "reject":
            found.append((position, "NUL"))
    return found


def normalized(content: bytes) -> bytes:
    out, line, after_bare_lf = b"", b"", False
    for octet in content:
        line += bytes([octet])
        if octet == LF:
            bare = line[-2:] != b"\r\n"
            text = line[:-1] if bare else line[:-2]
            if text != b"." or not (bare or after_bare_lf):
                out += text + b"\r\n"
            line, after_bare_lf = b"", bare
    # A dot alone may still become such a line, so it waits.
    return out if line == b"." else out + line


def reference(octets: bytes, bare_newline: str, nul: str) -> Result:
    content, rest = unstuffed(octets)
    found = faults(content, bare_newline, nul)
    position, first = found[0] if found else (len(content), None)
    content = content[:position]
    if bare_newline == "normalize":
        content = normalized(content)
    kinds = [kind for _, kind in found]
    worst = "bare newline" if "bare newline" in kinds else first
    return content, worst, first, rest


@every_policy
@given(octets=messages, places=places_to_cut)
@example(octets=b"a\0b\nc", places=[])
@example(octets=b"\r\r", places=[1])
@example(octets=b"a\n.\0", places=[3])
def test_any_cut_gives_what_the_reference_gives(
    bare_newline: BareNewlinePolicy, nul: NULPolicy, octets: bytes, places: list[int]
) -> None:
    octets += b"\r\n.\r\nQUIT\r\n"
    expected = reference(octets, bare_newline, nul)
    assert read([octets], bare_newline, nul) == expected
    assert read(cut(octets, places), bare_newline, nul) == expected
    assert read(singles(octets), bare_newline, nul) == expected


@every_policy
def test_all_short_messages_against_the_reference(
    bare_newline: BareNewlinePolicy, nul: NULPolicy
) -> None:
    for length in range(6):
        for octets in itertools.product(b"\r\n.\0a", repeat=length):
            message = bytes(octets) + b"\r\n.\r\n"
            expected = reference(message, bare_newline, nul)
            assert read([message], bare_newline, nul) == expected
            assert read(singles(message), bare_newline, nul) == expected


@every_policy
@given(octets=messages, places=places_to_cut)
def test_what_is_handed_on_holds_no_bare_newline(
    bare_newline: BareNewlinePolicy, nul: NULPolicy, octets: bytes, places: list[int]
) -> None:
    pieces = cut(octets + b"\r\n.\r\n", places)
    content, fault, _, _ = read(pieces, bare_newline, nul)
    assert BARE.search(content) is None
    if fault is None:
        assert content.endswith(b"\r\n") or not content
    if nul == "reject":
        assert b"\0" not in content


@given(octets=messages)
def test_clean_content_is_handed_on_unchanged(octets: bytes) -> None:
    content = re.sub(rb"[\r\n\0]", b"", octets).replace(b"a", b"\r\n")
    content_filter = ContentFilter()
    assert content_filter.apply(content) is content
    assert content_filter.fault is None


@pytest.mark.parametrize(
    ("content", "before"),
    [
        (b"ab\ncd", b"ab"),
        (b"ab\rcd", b"ab"),
        (b"\n", b""),
        (b"ab\r\n\n", b"ab\r\n"),
        (b"ab\r\r\n", b"ab"),
        (b"ab\r", b"ab"),
    ],
)
def test_bare_newline_ends_what_is_handed_on(content: bytes, before: bytes) -> None:
    content_filter = ContentFilter()
    assert content_filter.apply(content) == before
    assert content_filter.fault == content_filter.first_fault == "bare newline"
    assert content_filter.apply(b"more\r\n") == b""


def test_nul_ends_what_is_handed_on() -> None:
    content_filter = ContentFilter()
    assert content_filter.apply(b"a\0b\r\n") == b"a"
    assert content_filter.apply(b"more\r\n") == b""
    assert content_filter.fault == "NUL"


def test_what_is_dropped_is_counted_from_the_fault_on() -> None:
    content_filter = ContentFilter()
    assert content_filter.discarded_octets == 0
    content_filter.apply(b"clean\r\n")
    assert content_filter.discarded_octets == 0
    content_filter.apply(b"a\0bc")
    assert content_filter.discarded_octets == 3
    content_filter.apply(b"more\r\n")
    content_filter.apply(b"still more\r\n")
    assert content_filter.discarded_octets == 3 + 6 + 12


def test_nul_can_be_accepted() -> None:
    content_filter = ContentFilter(nul="accept")
    assert content_filter.apply(b"a\0b\r\n") == b"a\0b\r\n"
    assert content_filter.fault is None


def test_bare_newline_is_graver_than_nul() -> None:
    content_filter = ContentFilter()
    content_filter.apply(b"a\0b")
    content_filter.apply(b"\n")
    assert content_filter.first_fault == "NUL"
    assert content_filter.fault == "bare newline"


@pytest.mark.parametrize(
    ("content", "handed_on"),
    [
        (b"a\nb\r\nc\n", b"a\r\nb\r\nc\r\n"),
        (b"\n\n", b"\r\n\r\n"),
        (b"a\n.\nb\r\n", b"a\r\nb\r\n"),
        (b"a\n.\r\nb\r\n", b"a\r\nb\r\n"),
        (b"a\r\n.\nb\r\n", b"a\r\nb\r\n"),
        (b"a\r\n.\r\nb\r\n", b"a\r\n.\r\nb\r\n"),
        (b".\nb\r\n", b"b\r\n"),
        (b".\r\nb\r\n", b".\r\nb\r\n"),
        (b"a\n.b\n..\n", b"a\r\n.b\r\n..\r\n"),
        (b"a.\nb.\n", b"a.\r\nb.\r\n"),
    ],
)
def test_normalizing(content: bytes, handed_on: bytes) -> None:
    whole, octets = ContentFilter("normalize"), ContentFilter("normalize")
    assert whole.apply(content) == handed_on
    pieces = re.findall(rb"\r\n|.", content, re.DOTALL)
    assert b"".join(octets.apply(piece) for piece in pieces) == handed_on
    assert whole.fault is octets.fault is None


@pytest.mark.parametrize(
    ("content", "before", "end"),
    [
        (b".", b"", b"."),
        (b"a\r\n.", b"a\r\n", b"."),
        (b"a\n.", b"a\r\n", b""),
        (b"a\r\n..", b"a\r\n..", b""),
        (b"a.", b"a.", b""),
        (b"a\r\n", b"a\r\n", b""),
        (b"", b"", b""),
    ],
)
def test_normalized_content_without_a_last_line_end(
    content: bytes, before: bytes, end: bytes
) -> None:
    """Content of chunks (RFC 3030) may end anywhere."""
    content_filter = ContentFilter("normalize")
    assert content_filter.apply(content) == before
    assert content_filter.end() == end
    assert content_filter.end() == b""


def test_nothing_is_handed_on_at_the_end_of_faulty_content() -> None:
    content_filter = ContentFilter("normalize")
    content_filter.apply(b"a\r\n.")
    content_filter.apply(b"\0")
    assert content_filter.end() == b""
    assert ContentFilter().end() == b""


@pytest.mark.parametrize("content", [b"a\rb", b"a\r", b"a\nb\r\r\n", b"\r\n\r"])
def test_bare_cr_is_never_normalized(content: bytes) -> None:
    content_filter = ContentFilter("normalize")
    assert b"\r" not in content_filter.apply(content).replace(b"\r\n", b"")
    assert content_filter.fault == "bare newline"


@every_policy
def test_single_octets_do_not_pile_up(
    bare_newline: BareNewlinePolicy, nul: NULPolicy
) -> None:
    """Each call costs the same, as what is held back is one dot at most."""
    content_filter = ContentFilter(bare_newline, nul)
    handed_on = 0
    for number in range(5000):
        handed_on += len(content_filter.apply(b"."))
        assert handed_on >= number
