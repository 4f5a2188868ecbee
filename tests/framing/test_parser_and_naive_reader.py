"""The parser says what a naive reader of the whole input says, however it is cut."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpsession.testing.strategies import chunkings
from tests.framing.attacks import ATTACKS, ENDS, smuggled
from tests.framing.hostile_octets import inputs, plans
from tests.framing.naive_reader import NaiveReader, Plan
from tests.framing.parser_player import ParserPlayer

PLANS = {
    "reject": Plan(),
    "NUL accepted": Plan(nul=False, lmtp=True),
    "normalize": Plan(normalizes=True),
    "all accepted": Plan(normalizes=True, nul=False, challenges=2),
    "refused": Plan(refused=frozenset({0}), skipped=frozenset({0})),
    "binary": Plan(binary=True, skipped=frozenset({1}), challenges=0),
}


def in_pieces(octets: bytes, size: int) -> list[bytes]:
    return [octets[start : start + size] for start in range(0, len(octets), size)]


@settings(max_examples=max(400, settings().max_examples))
@given(octets=inputs, plan=plans, data=st.data())
def test_any_input_in_any_cut_is_what_the_naive_reader_says(
    octets: bytes, plan: Plan, data: st.DataObject
) -> None:
    expected = NaiveReader(octets, plan).read()
    assert ParserPlayer(plan).read([octets]) == expected
    assert ParserPlayer(plan).read(in_pieces(octets, 1)) == expected
    assert ParserPlayer(plan).read(data.draw(chunkings(octets))) == expected


@pytest.mark.parametrize("name", PLANS)
def test_every_known_attack_is_what_the_naive_reader_says(name: str) -> None:
    plan = PLANS[name]
    for octets in ATTACKS:
        expected = NaiveReader(octets, plan).read()
        for size in (len(octets), 1, 2, 3, 5):
            assert ParserPlayer(plan).read(in_pieces(octets, size)) == expected, octets


@pytest.mark.parametrize("name", ["reject", "all accepted"])
def test_an_end_that_is_none_may_be_cut_anywhere(name: str) -> None:
    plan = PLANS[name]
    for octets in (smuggled(end) for end in ENDS):
        expected = NaiveReader(octets, plan).read()
        for place in range(1, len(octets)):
            pieces = [octets[:place], octets[place:]]
            assert ParserPlayer(plan).read(pieces) == expected, (octets, place)
