"""Mailboxes are the parser's, and the dangerous ones are, too."""

import pytest
from hypothesis import given, settings

from smtpsession.testing.strategies import addresses, hostile_addresses
from smtpsession.testing.strategies.addresses import quoted
from smtpsession.wire.addresses import (
    Address,
    parse_forward_path,
    parse_reverse_path,
)
from tests.testing.strategies.minimal import minimal


def parse_both(address: str) -> Address:
    path = f"<{address}>".encode()
    sender, recipient = parse_reverse_path(path), parse_forward_path(path)
    assert sender == recipient
    return sender


@given(addresses(smtp_utf8=True))
@settings(max_examples=100)
def test_addresses_are_valid_and_within_the_bounds_of_rfc_5321(address: str) -> None:
    parsed = parse_both(address)
    assert len(parsed.local_part.encode()) <= 64
    assert len(f"<{address}>".encode()) <= 256
    assert not parsed.is_null


@given(addresses(allow_literals=False, allow_quoted=False))
@settings(max_examples=50)
def test_plain_addresses(address: str) -> None:
    assert address.isascii()
    assert not set(address) & set('"[]')
    assert str(parse_both(address)) == address


@given(hostile_addresses(smtp_utf8=True))
@settings(max_examples=100)
def test_hostile_addresses_are_valid(address: str) -> None:
    parsed = parse_both(address)
    assert len(parsed.local_part.encode()) <= 64
    assert len(f"<{address}>".encode()) <= 256


@given(hostile_addresses())
@settings(max_examples=20)
def test_hostile_addresses_are_ascii_unless_asked_for(address: str) -> None:
    assert address.isascii()


@pytest.mark.parametrize(
    "local_part",
    ["`id`", "-froot", "$(id)", ";rm -rf x", "../../etc/passwd", "a@b", "<a>", "", '"'],
)
def test_the_known_dangers_are_among_them(local_part: str) -> None:
    found = minimal(
        hostile_addresses(), lambda a: parse_both(a).local_part == local_part
    )
    assert found.endswith("@a.example")


@pytest.mark.parametrize("local_part", ["a b", 'a"b', "a@b", "a\\b", "", "<a>"])
def test_quoted(local_part: str) -> None:
    assert parse_both(quoted(local_part) + "@a.example").local_part == local_part


def test_what_they_shrink_to() -> None:
    assert minimal(addresses()) == "a@a.example"
    assert minimal(addresses(), lambda a: "[" in a) == "a@[192.0.2.1]"
    assert minimal(addresses(), lambda a: '"' in a) == '""@a.example'
    assert minimal(addresses(smtp_utf8=True), lambda a: not a.isascii()).endswith(
        "@a.example"
    )
    assert minimal(hostile_addresses()) == "|id@a.example"


def test_null_and_postmaster_on_request() -> None:
    both = addresses(allow_null=True, allow_postmaster=True)
    assert minimal(both, lambda a: not a) == ""
    assert minimal(both, lambda a: a.lower() == "postmaster") == "postmaster"
    assert parse_reverse_path(b"<>").is_null
    assert parse_forward_path(b"<postmaster>").domain == ""


@given(addresses())
@settings(max_examples=30)
def test_neither_comes_by_itself(address: str) -> None:
    assert "@" in address


@pytest.mark.parametrize(
    "option",
    ["smtp_utf8", "allow_null", "allow_postmaster", "allow_literals", "allow_quoted"],
)
def test_bad_arguments(option: str) -> None:
    with pytest.raises(TypeError, match=f"{option} must be True or False, got 1"):
        addresses(**{option: 1})  # type: ignore[arg-type]


def test_options_are_keywords() -> None:
    with pytest.raises(TypeError, match="positional"):
        addresses(True)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="smtp_utf8 must be True or False"):
        hostile_addresses(smtp_utf8="x")  # type: ignore[arg-type]
