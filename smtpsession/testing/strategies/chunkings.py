"""Ways in which a network may cut octets into pieces."""

from __future__ import annotations

import itertools
from collections.abc import Collection

from hypothesis import strategies as st

from smtpsession.testing.strategies.arguments import check_octets


def chunkings(data: bytes) -> st.SearchStrategy[list[bytes]]:
    """Lists of pieces that come to *data* when they are joined.

    No piece is empty, because to read none means the end of a stream; b"" has no
    pieces.
    A list shrinks to ``[data]``.

    Args:
        data: the octets to cut.

    Raises:
        TypeError: data is no bytes.
    """
    check_octets("data", data)
    if len(data) < 2:
        return st.builds(_cut, st.just(data), st.just(()))
    end = len(data)
    places = st.sets(st.integers(1, end - 1), max_size=30)
    # Octet by octet, and by two and three.
    even = st.sampled_from([1, 2, 3]).map(lambda octets: range(octets, end, octets))
    return st.one_of(places, even).map(lambda chosen: _cut(data, chosen))


def _cut(data: bytes, places: Collection[int]) -> list[bytes]:
    bounds = [0, *sorted(places), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(bounds) if start < end]
