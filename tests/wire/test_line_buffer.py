"""Lines: only CRLF ends one, and the buffer stays bounded."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.errors import (
    BareNewlineError,
    LineOverflowError,
    LineTooLongError,
    RemoteProtocolError,
)
from smtpsession.wire.line_buffer import LineBuffer

LIMIT = 8
Found = bytes | type[RemoteProtocolError]

octets_of_lines = st.lists(
    st.sampled_from(
        [
            *(b"\r\n", b"\r\n", b"\r", b"\n", b"a", b"abc", b"123456", b"\0"),
            *(b"AUTH ", b"auth ", b"AUTHx", b"BDAT ", b"bdat"),
        ]
    ),
    max_size=30,
).map(b"".join)


def cut(octets: bytes, places: list[int]) -> list[bytes]:
    bounds = [0, *sorted(place % (len(octets) + 1) for place in places), len(octets)]
    return [octets[a:b] for a, b in itertools.pairwise(bounds)]


def read(pieces: list[bytes], limit: int = LIMIT, auth_limit: int = 0) -> list[Found]:
    """Read lines as a parser does, up to the first error that closes."""
    buffer = LineBuffer()
    found: list[Found] = []
    for piece in pieces:
        buffer.feed(piece)
        while True:
            try:
                line = buffer.next_line(limit, auth_limit)
            except RemoteProtocolError as error:
                found.append(type(error))
                if error.closes:
                    assert len(buffer) == 0
                    return found
                continue
            if line is None:
                break
            found.append(line)
    return found


def reference(octets: bytes, limit: int = LIMIT, auth_limit: int = 0) -> list[Found]:
    """Do the same as ``read`` by the words of the docstring, octet by octet."""
    found: list[Found] = []
    line = b""
    for octet in octets:
        line += bytes([octet])
        is_auth = line[:5].upper() == b"AUTH "
        most = max(limit, auth_limit) if is_auth else limit
        if len(line) > 2 * most:
            return [*found, LineOverflowError]
        if octet != ord("\n"):
            continue
        text = line[:-2]
        if line[-2:] != b"\r\n" or b"\r" in text:
            return [*found, BareNewlineError]
        if len(line) > most and line.lstrip(b" \t")[:4].upper() == b"BDAT":
            return [*found, LineOverflowError]
        found.append(text if len(line) <= most else LineTooLongError)
        line = b""
    return found


def test_lines_come_without_crlf_and_in_order() -> None:
    assert read([b"ab\r\n\r\ncd\r\nrest"]) == [b"ab", b"", b"cd"]


def test_line_waits_for_its_end() -> None:
    buffer = LineBuffer()
    buffer.feed(b"NO")
    assert buffer.next_line(LIMIT) is None
    buffer.feed(b"OP\r")
    assert buffer.next_line(LIMIT) is None
    assert len(buffer) == 5
    buffer.feed(b"\nx")
    assert buffer.next_line(LIMIT) == b"NOOP"
    assert len(buffer) == 1


def test_first_octet_is_the_next_one_and_stays() -> None:
    buffer = LineBuffer()
    assert buffer.first_octet is None
    buffer.feed(b"a\r\nb")
    assert buffer.first_octet == ord("a")
    assert buffer.next_line(LIMIT) == b"a"
    assert buffer.first_octet == ord("b")
    assert buffer.take() == b"b"
    assert buffer.first_octet is None


def test_feeding_nothing_changes_nothing() -> None:
    buffer = LineBuffer()
    buffer.feed(b"")
    buffer.feed(b"ab")
    buffer.feed(b"")
    assert buffer.take() == b"ab"


@pytest.mark.parametrize(
    "octets",
    [b"\n", b"a\n", b"a\rb\r\n", b"\r\r\n", b"a\nb\r\n", b"\ra\n", b"a\n\r\n"],
)
def test_bare_newline_is_refused_and_the_rest_dropped(octets: bytes) -> None:
    assert read([octets + b"x\r\n"]) == [BareNewlineError]


def test_bare_newline_behind_a_good_line() -> None:
    # The LF is not the first octet of the buffer, but of the line.
    assert read([b"ab\r\n\n"]) == [b"ab", BareNewlineError]


def test_bare_cr_is_judged_when_the_line_ends() -> None:
    assert read([b"a\rb"]) == []
    assert read([b"a\rb", b"\r\n"]) == [BareNewlineError]


def test_limit_counts_crlf() -> None:
    assert read([b"123456\r\n"]) == [b"123456"]
    assert read([b"1234567\r\n"]) == [LineTooLongError]


def test_line_after_a_long_line_is_read() -> None:
    assert read([b"1234567890\r\nok\r\n"]) == [LineTooLongError, b"ok"]


@pytest.mark.parametrize("end", [b"", b"\r\n", b"\n", b"\r\nQUIT\r\n"])
def test_line_without_end_within_twice_the_limit(end: bytes) -> None:
    octets = b"x" * (2 * LIMIT + 1) + end
    assert read([octets]) == [LineOverflowError]
    assert read(cut(octets, list(range(len(octets))))) == [LineOverflowError]


def test_a_line_of_twice_the_limit_may_still_end() -> None:
    buffer = LineBuffer()
    buffer.feed(b"x" * 2 * LIMIT)
    assert buffer.next_line(LIMIT) is None
    buffer.feed(b"x")
    with pytest.raises(LineOverflowError):
        buffer.next_line(LIMIT)


def test_line_of_twice_the_limit_is_only_too_long() -> None:
    assert read([b"x" * (2 * LIMIT - 2) + b"\r\n"]) == [LineTooLongError]


@pytest.mark.parametrize("verb", [b"AUTH ", b"auth ", b"AuTh "])
def test_a_line_that_begins_with_auth_may_be_longer(verb: bytes) -> None:
    longest = verb + b"x" * (20 - 7)
    assert read([longest + b"\r\n"], auth_limit=20) == [longest]
    assert read([longest + b"x\r\nok\r\n"], auth_limit=20) == [
        *(LineTooLongError, b"ok")
    ]
    assert read([verb + b"x" * 40], auth_limit=20) == [LineOverflowError]
    assert read([verb + b"x" * 33 + b"\r\n"], auth_limit=20) == [LineTooLongError]


@pytest.mark.parametrize("line", [b"AUTH", b"AUTHORS", b" AUTH x", b"AUTH\tx", b"aut "])
def test_no_other_line_may_be(line: bytes) -> None:
    octets = line + b"x" * (9 - len(line)) + b"\r\n"
    assert read([octets], auth_limit=100) == [LineTooLongError]


def test_the_limit_for_auth_is_none_if_it_is_lower() -> None:
    assert read([b"AUTH xyz\r\n"], limit=10, auth_limit=8) == [b"AUTH xyz"]


@pytest.mark.parametrize("line", [b"BDAT 5", b"bdat 5 last", b" \tBDAT\t5"])
def test_a_long_line_that_announces_a_chunk_is_the_end(line: bytes) -> None:
    """What follows it is content, nobody knows how much, and no command."""
    octets = line + b" " * (14 - len(line)) + b"\r\nQUIT\r\n"
    assert read([octets]) == [LineOverflowError]
    assert read([octets], limit=16) == [line + b" " * (14 - len(line)), b"QUIT"]


@pytest.mark.parametrize("line", [b"XBDAT 5", b"\x0bBDAT 5", b"BDA 5", b"X BDAT"])
def test_a_long_line_that_announces_no_chunk_is_not(line: bytes) -> None:
    octets = line.ljust(14) + b"\r\nQUIT\r\n"
    assert read([octets]) == [LineTooLongError, b"QUIT"]


def test_take_gives_all_that_is_left() -> None:
    buffer = LineBuffer()
    buffer.feed(b"ab\r\ncd\r\nef")
    assert buffer.next_line(LIMIT) == b"ab"
    assert buffer.take() == b"cd\r\nef"
    assert len(buffer) == 0
    assert buffer.take() == b""


def test_take_of_a_whole_block_does_not_copy() -> None:
    block = b"x" * 1000
    buffer = LineBuffer()
    buffer.feed(block)
    assert buffer.take() is block


def test_take_gives_at_most_so_much() -> None:
    buffer = LineBuffer()
    buffer.feed(b"abcdef\r\n")
    assert buffer.take(0) == b""
    assert buffer.take(2) == b"ab"
    assert len(buffer) == 6
    assert buffer.next_line(LIMIT) == b"cdef"
    buffer.feed(b"gh")
    assert buffer.take(3) == b"gh"
    assert buffer.take(3) == b""
    assert buffer.take(0) == b""


def test_a_line_is_searched_anew_behind_what_was_taken() -> None:
    buffer = LineBuffer()
    buffer.feed(b"abc\nde")
    assert buffer.take(4) == b"abc\n"
    assert buffer.next_line(LIMIT) is None
    buffer.feed(b"\r\n")
    assert buffer.next_line(LIMIT) == b"de"


def test_clear_forgets_the_search_too() -> None:
    buffer = LineBuffer()
    buffer.feed(b"abcdef")
    assert buffer.next_line(LIMIT) is None
    buffer.clear()
    assert len(buffer) == 0
    buffer.feed(b"x\r\n")
    assert buffer.next_line(LIMIT) == b"x"


@given(
    octets_of_lines,
    st.lists(st.integers(0, 200), max_size=8),
    st.sampled_from([0, LIMIT - 1, LIMIT + 6, 3 * LIMIT]),
)
def test_any_cut_gives_what_the_reference_gives(
    octets: bytes, places: list[int], auth_limit: int
) -> None:
    limits = LIMIT, auth_limit
    expected = reference(octets, *limits)
    assert read([octets], *limits) == expected
    assert read(cut(octets, places), *limits) == expected
    assert read(cut(octets, list(range(len(octets)))), *limits) == expected


@given(octets_of_lines)
def test_accepted_lines_hold_no_cr_or_lf(octets: bytes) -> None:
    for line in read([octets]):
        assert isinstance(line, type) or not set(b"\r\n") & set(line)


@pytest.mark.parametrize("chunk", [1, 7, 64])
@pytest.mark.parametrize("octets", [b"x" * 10_000, b"\r" * 10_000])
def test_endless_line_keeps_the_buffer_bounded(octets: bytes, chunk: int) -> None:
    buffer = LineBuffer()
    overflows = 0
    for start in range(0, len(octets), chunk):
        buffer.feed(octets[start : start + chunk])
        try:
            assert buffer.next_line(LIMIT) is None
        except LineOverflowError:
            overflows += 1
        assert len(buffer) <= 2 * LIMIT
    assert overflows >= len(octets) // (2 * LIMIT + chunk)
