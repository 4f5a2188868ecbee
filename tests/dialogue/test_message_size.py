"""Counting content against the size limit."""

from hypothesis import given
from hypothesis import strategies as st

from smtpsession.dialogue.message_size import MIN_DISCARD_OCTETS, MessageSize


def test_without_a_limit_everything_passes() -> None:
    account = MessageSize(None)
    assert account.take(b"x" * 1000) == b"x" * 1000
    assert account.octets == 1000
    assert not account.is_over
    assert not account.is_hopeless(0)


@given(st.lists(st.binary(min_size=1)), st.integers(min_value=1, max_value=50))
def test_what_is_handed_on_is_the_beginning_of_all(
    blocks: list[bytes], limit: int
) -> None:
    account = MessageSize(limit)
    handed_on = b"".join([account.take(block) for block in blocks])
    content = b"".join(blocks)
    assert handed_on == content[:limit]
    assert account.octets == len(content)
    assert account.is_over is (len(content) > limit)


def test_the_limit_itself_is_not_over() -> None:
    account = MessageSize(3)
    account.take(b"123")
    assert not account.is_over
    assert account.take(b"4") == b""
    assert account.is_over


def test_a_client_gets_to_read_552_if_its_message_is_a_mebibyte_too_large() -> None:
    assert MIN_DISCARD_OCTETS == 1024 * 1024


def test_hopeless_a_megabyte_above_a_small_limit() -> None:
    account = MessageSize(10)
    account.take(b"x" * (10 + MIN_DISCARD_OCTETS))
    assert not account.is_hopeless(0)
    account.take(b"x")
    assert account.is_hopeless(0)


def test_hopeless_above_twice_a_large_limit() -> None:
    limit = 2 * MIN_DISCARD_OCTETS
    account = MessageSize(limit)
    account.take(b"x" * (2 * limit))
    assert not account.is_hopeless(0)
    account.take(b"x")
    assert account.is_hopeless(0)


def test_octets_behind_a_fault_count_towards_hopeless_too() -> None:
    size = MessageSize(10)
    size.take(b"x" * 10)
    assert not size.is_hopeless(MIN_DISCARD_OCTETS)
    assert size.is_hopeless(MIN_DISCARD_OCTETS + 1)
    assert not size.is_over
