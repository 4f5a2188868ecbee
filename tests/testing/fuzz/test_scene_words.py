"""What clients say in scenes is what it is called."""

from __future__ import annotations

from smtpsession.testing.fuzz.scene_words import (
    ASIDES,
    BEHIND_CHUNKS,
    HIDDEN,
    LINE_OCTETS,
    LONG_CONTENT,
    LOOK_ALIKES,
    ODD_CHUNKS,
)
from smtpsession.testing.model_lines import Line


def test_what_looks_like_an_end_is_none() -> None:
    for octets in LOOK_ALIKES:
        assert b"\r\n.\r\n" not in b"a" + octets + b"NOOP\r\n"
        assert b"." in octets


def test_chunks_that_are_right_hold_no_octet() -> None:
    sizes = [Line(octets).chunk for octets in ODD_CHUNKS]
    assert {chunk for chunk in sizes if chunk} == {(0, True)}
    assert sizes.count(None) > 5


def test_some_lines_are_within_the_limits_of_all_servers_and_some_beyond() -> None:
    assert min(LINE_OCTETS) < 512 < max(LINE_OCTETS)
    assert 512 in LINE_OCTETS


def test_content_is_not_larger_than_every_server_takes() -> None:
    assert max(octets for _, octets in LONG_CONTENT) <= 64_000


def test_lines_end_where_they_end() -> None:
    assert all(line.endswith(b"\r\n") for line in HIDDEN)
    assert all(b"\r" not in line.encode() for line in ASIDES)
    assert b"" in BEHIND_CHUNKS
