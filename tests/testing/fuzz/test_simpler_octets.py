"""Candidates for what is simpler than what a client has sent."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.testing.fuzz.plans import Situation
from smtpsession.testing.fuzz.simpler_octets import (
    fewer_octets,
    fewer_units,
    shorter_runs,
    simpler_units,
    split_behind_content,
    units,
    without_some,
)
from smtpsession.testing.session_machine_octets import chunk_of

SITUATIONS: tuple[Situation, ...] = ("any", "content", "auth", "transaction")
LINES = st.sampled_from(
    [
        *(b"NOOP\r\n", b"mail from:<b@b.example> SIZE=1\r\n", b".\r\n", b"\r\n"),
        *(b"BDAT 3\r\nabc", b"bdat 9 last\r\na\r\n", b"BDAT x\r\n", b"\xff \xff\r\n"),
        *(
            b"a" * 20,
            b"NOOP " * 9 + b"\r\n",
            b"\r",
            b"\n",
            b"RCPT TO:<b@b.example>\r\n",
        ),
    ]
)
OCTETS = st.lists(LINES | st.binary(max_size=12), max_size=5).map(b"".join)


# Leaving out.


def test_nothing_can_be_left_out_of_one() -> None:
    assert list(without_some("")) == []
    assert list(without_some("a")) == []


def test_the_end_is_left_out_first_and_most_before_all_else() -> None:
    assert ["".join(left) for left in without_some("ab")] == ["a", "b"]
    left = ["".join(left) for left in without_some("abcdef")]
    assert left[:3] == ["ab", "af", "ef"]
    assert left[-6:] == ["abcde", "abcdf", "abcef", "abdef", "acdef", "bcdef"]


@given(st.integers(2, 32))
def test_each_one_and_each_half_is_left_out(count: int) -> None:
    left = [tuple(left) for left in without_some(range(count))]
    for number in range(count):
        assert tuple(other for other in range(count) if other != number) in left
    assert tuple(range(count - count // 2)) in left
    assert all(0 < len(one) < count for one in left)


def test_a_long_sequence_gives_no_endless_list() -> None:
    assert len(list(without_some(b"a" * 70_000))) < 1_000


# Units.


@pytest.mark.parametrize(
    ("octets", "only_in", "found"),
    [
        (b"", "any", []),
        (b"NOOP\r\n", "any", [b"NOOP\r\n"]),
        (b"NOOP\r\n\r\nQUIT", "any", [b"NOOP\r\n", b"\r\n", b"QUIT"]),
        (b"NO\nOP\rx\r\n", "any", [b"NO\nOP\rx\r\n"]),
        (b"BDAT 3\r\na\r\nNOOP\r\n", "any", [b"BDAT 3\r\na\r\n", b"NOOP\r\n"]),
        (b"bdat 9 last\r\na\r\n", "any", [b"bdat 9 last\r\na\r\n"]),
        (b"BDAT 3\r\na\r\n", "content", [b"BDAT 3\r\n", b"a\r\n"]),
        (b"BDAT -3\r\na\r\n", "any", [b"BDAT -3\r\n", b"a\r\n"]),
        (b"a\r\n.\r\n", "content", [b"a\r\n", b".\r\n"]),
    ],
)
def test_octets_are_units(
    octets: bytes, only_in: Situation, found: list[bytes]
) -> None:
    assert units(octets, only_in) == found


@given(OCTETS, st.sampled_from(SITUATIONS))
def test_units_are_all_of_the_octets(octets: bytes, only_in: Situation) -> None:
    assert b"".join(units(octets, only_in)) == octets
    assert b"" not in units(octets, only_in)


@pytest.mark.parametrize(
    ("octets", "content"),
    [
        (b"a\r\n.\r\n", b"a\r\n.\r\n"),
        (b".\r\nNOOP\r\n", b".\r\n"),
        (b"a\r\n.\r\nNOOP\r\n.\r\n", b"a\r\n.\r\n"),
        (b"a\n.\nNOOP\r\n..\r\n", b"a\n.\nNOOP\r\n..\r\n"),
        (b"a.\r\n", b"a.\r\n"),
        (b"", b""),
    ],
)
def test_commands_behind_content_are_no_content(octets: bytes, content: bytes) -> None:
    assert split_behind_content(octets) == (content, octets[len(content) :])


# Candidates.


def test_lines_are_left_out() -> None:
    octets = b"MAIL FROM:<>\r\nNOOP\r\nBDAT 3\r\na\r\n"
    assert list(fewer_units(octets, "any")) == [
        b"MAIL FROM:<>\r\n",
        b"BDAT 3\r\na\r\n",
        b"MAIL FROM:<>\r\nNOOP\r\n",
        b"MAIL FROM:<>\r\nBDAT 3\r\na\r\n",
        b"NOOP\r\nBDAT 3\r\na\r\n",
    ]


@pytest.mark.parametrize(
    ("octets", "simpler"),
    [
        (b"NOOP\r\n", []),
        (b"noop\r\n", [b"NOOP\r\n"]),
        (b"NOOP a\r\n", [b"NOOP\r\n"]),
        (b"NOOP a b", [b"NOOP", b"NOOP a", b"NOOP b"]),
        (b"ehlo a.example\r\n", [b"EHLO a.example\r\n"]),
        (b"MAIL FROM:<a@a.example>\r\n", []),
        (b"MAIL FROM:<>\r\n", [b"MAIL FROM:<a@a.example>\r\n"]),
        (
            b"Mail From:<b> X=1\r\n",
            [
                b"MAIL From:<b> X=1\r\n",
                b"Mail From:<a@a.example> X=1\r\n",
                b"Mail From:<b>\r\n",
            ],
        ),
        (
            b"RCPT TO:<b@c> A=1 B=2\r\n",
            [b"RCPT TO:<b@c>\r\n", b"RCPT TO:<b@c> A=1\r\n", b"RCPT TO:<b@c> B=2\r\n"],
        ),
        (b"RCPT TO:<b@c>\r\n", []),
        (b"BDAT x\r\n", [b"BDAT\r\n"]),
        (b"BDAT 0 LAST\r\n", []),
        (b"bdat 00 last\r\n", [b"BDAT 0 LAST\r\n"]),
        (b"BDAT 1\r\nb", [b"BDAT 0\r\n"]),
        (
            b"BDAT 4 LAST\r\nabcd",
            [
                *(b"BDAT 0 LAST\r\n", b"BDAT 1 LAST\r\na", b"BDAT 2 LAST\r\nab"),
                *(b"BDAT 2 LAST\r\ncd", b"BDAT 3 LAST\r\nabc"),
            ],
        ),
        # Not all of it has been sent.
        (b"BDAT 9\r\nabcd", []),
    ],
)
def test_commands_as_a_person_writes_them(octets: bytes, simpler: list[bytes]) -> None:
    assert list(dict.fromkeys(simpler_units(octets, "any"))) == simpler
    before, behind = b"RSET\r\n", b"QUIT\r\n"
    if octets.endswith(b"\r\n"):
        found = dict.fromkeys(simpler_units(before + octets + behind, "transaction"))
        assert list(found) == [before + one + behind for one in simpler]


def test_content_as_a_person_writes_it() -> None:
    octets = b"Subject: x\r\n\r\na\r\n.\r\n"
    assert list(simpler_units(octets, "content")) == [b"a\r\n\r\na\r\n.\r\n"]
    assert list(simpler_units(b"x", "content")) == []


def test_responses_stay_as_they_are() -> None:
    assert list(simpler_units(b"dXNlcg==\r\n", "auth")) == []


@pytest.mark.parametrize(
    ("octets", "simpler"),
    [
        (b"NOOP aaaaaaa\r\n", []),
        (b"NOOP aaaaaaaa\r\n", [b"NOOP %s\r\n" % (b"a" * n) for n in (4, 6, 7)]),
        (
            b"NOOP " + b"xy" * 10,
            [b"NOOP " + b"xy" * n for n in (4, 5, 8, 9)] + [b"NOOP " + b"a" * 20],
        ),
        # The size of a chunk would be wrong.
        (b"BDAT 9\r\naaaaaaaaa", []),
    ],
)
def test_runs_become_shorter(octets: bytes, simpler: list[bytes]) -> None:
    assert list(shorter_runs(octets, "any")) == simpler


def test_runs_of_lines_in_content_become_shorter() -> None:
    octets = b"x\r\n" * 16 + b".\r\n"
    times = (4, 8, 12, 14, 15)
    assert list(shorter_runs(octets, "content")) == [
        b"x\r\n" * n + b".\r\n" for n in times
    ]


def test_octets_of_strange_words_are_left_out() -> None:
    octets = b"RCPT TO:<\xff@a> SIZE=1\r\n"
    found = list(fewer_octets(octets, "any"))
    assert b"RCPT TO:<\xff@> SIZE=1\r\n" in found
    assert b"RCPT TO:<@a> SIZE=1\r\n" in found
    assert all(re.fullmatch(rb"RCPT [^ ]+ SIZE=1\r\n", one) for one in found)


@pytest.mark.parametrize(
    "octets",
    [
        b"NOOP\r\n",
        b"RCPT TO:<a.b+c@a.example>\r\n",
        b"AUTH PLAIN {PLAIN}\r\n",
        b"BDAT 1\r\n\xff",
    ],
)
def test_ordinary_words_stay_whole(octets: bytes) -> None:
    assert list(fewer_octets(octets, "any")) == []


@given(OCTETS, st.sampled_from(SITUATIONS))
def test_candidates_are_simpler(octets: bytes, only_in: Situation) -> None:
    for ways in (fewer_units, fewer_octets):
        assert all(0 < len(one) < len(octets) for one in ways(octets, only_in))
    assert all(len(one) <= len(octets) for one in shorter_runs(octets, only_in))
    assert octets not in simpler_units(octets, only_in)
    assert octets not in shorter_runs(octets, only_in)


@given(st.lists(st.binary(max_size=12) | st.just(b"a" * 20), max_size=4))
def test_the_size_of_a_chunk_stays_right(chunks: list[bytes]) -> None:
    octets = b"NOOP \xff \xfe\r\n".join(chunk_of(chunk, last=False) for chunk in chunks)
    command = re.compile(rb"BDAT ([0-9]+)\r\n|NOOP")
    for way in (fewer_units, simpler_units, shorter_runs, fewer_octets):
        for simpler in way(octets, "any"):
            for unit in units(simpler, "any"):
                match = command.match(unit)
                assert match is not None
                assert match[1] is None or len(unit) == match.end() + int(match[1])
