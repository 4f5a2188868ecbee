"""Pieces come to the whole, and none is empty."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpsession.testing.strategies import chunkings
from tests.testing.strategies.minimal import minimal


@given(st.data(), st.binary(max_size=40))
@settings(max_examples=50)
def test_pieces_come_to_the_whole(data: st.DataObject, octets: bytes) -> None:
    pieces = data.draw(chunkings(octets))
    assert b"".join(pieces) == octets
    assert all(pieces)


@pytest.mark.parametrize(
    ("octets", "pieces"), [(b"", []), (b"a", [b"a"]), (b"abcd", [b"abcd"])]
)
def test_a_list_shrinks_to_one_piece(octets: bytes, pieces: list[bytes]) -> None:
    assert minimal(chunkings(octets)) == pieces


def test_octet_by_octet_is_among_them() -> None:
    single = minimal(chunkings(b"a" * 100), lambda pieces: len(pieces) == 100)
    assert single == [b"a"] * 100


def test_each_place_can_be_the_one_cut() -> None:
    assert minimal(chunkings(b"abcde"), lambda p: p[0] == b"abcd") == [b"abcd", b"e"]
    assert minimal(chunkings(b"abcde"), lambda p: p[-1] == b"bcde") == [b"a", b"bcde"]


def test_bad_arguments() -> None:
    with pytest.raises(TypeError, match="data must be bytes, got 'abc'"):
        chunkings("abc")  # type: ignore[arg-type]
