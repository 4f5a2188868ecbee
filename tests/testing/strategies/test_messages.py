"""Content is what it is called, and goes through dot-stuffing unchanged."""

import re
from typing import Any

import pytest
from hypothesis import given, settings

from smtpsession.testing.strategies import messages
from smtpsession.wire.bare_newlines import ContentFilter
from smtpsession.wire.dot_stuffing import DotStuffingDecoder, dot_stuff
from tests.testing.strategies.minimal import minimal


@given(messages(well_formed=True))
@settings(max_examples=50)
def test_well_formed_content_is_what_the_strictest_filter_takes(
    content: bytes,
) -> None:
    content_filter = ContentFilter("reject", "reject")
    assert content_filter.apply(content) + content_filter.end() == content
    assert content_filter.fault is None
    assert content.endswith(b"\r\n") or not content
    assert all(len(line) <= 998 for line in content.split(b"\r\n"))
    assert DotStuffingDecoder().decode(dot_stuff(content)) == (content, b"")


@given(messages(well_formed=True, eight_bit=False))
@settings(max_examples=30)
def test_seven_bits(content: bytes) -> None:
    assert content.isascii()


@pytest.mark.parametrize(
    "piece",
    [b"\r\n.\r\n", b"\n.\n", b"\0", b"\xe9", b"Subject: a", b"a" * 998, b"QUIT", b"a"],
)
def test_dangers_are_found_and_what_is_beside_them_goes(piece: bytes) -> None:
    found = minimal(messages(), lambda content: piece in content)
    assert len(found) <= len(piece) + 1


@pytest.mark.parametrize("bare", [rb"(?<!\r)\n", rb"\r(?!\n)"])
def test_bare_newlines_are_found(bare: bytes) -> None:
    pattern = re.compile(bare)
    found = minimal(messages(), lambda content: pattern.search(content) is not None)
    assert len(found) <= len(b"\r\n.\r\n")


def test_what_they_shrink_to() -> None:
    assert minimal(messages()) == b""
    assert minimal(messages(well_formed=True), bool) == b"a\r\n"
    every = minimal(messages(binary=True), lambda content: b"\x81" in content)
    assert every == b"\x81"


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({"binary": True, "well_formed": True}, ValueError, "binary or well_formed"),
        ({"binary": True, "eight_bit": False}, ValueError, "eight_bit must be True"),
        ({"well_formed": "yes"}, TypeError, "well_formed must be True or False"),
    ],
)
def test_bad_arguments(
    options: dict[str, Any], error: type[Exception], match: str
) -> None:
    with pytest.raises(error, match=match):
        messages(**options)
