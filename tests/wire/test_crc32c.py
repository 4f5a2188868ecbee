"""CRC32c against its published check values and a second way to make it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.wire.crc32c import crc32c
from tests.wire.proxy_octets import bitwise_crc32c


@pytest.mark.parametrize(
    ("data", "checksum"),
    [
        (b"", 0),
        (b"123456789", 0xE3069283),
        # RFC 3720 B.4.
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (bytes(range(31, -1, -1)), 0x113FDB5C),
    ],
)
def test_published_values(data: bytes, checksum: int) -> None:
    assert crc32c(data) == checksum


@given(st.binary(max_size=64))
def test_the_table_gives_what_the_polynomial_gives(data: bytes) -> None:
    assert crc32c(data) == bitwise_crc32c(data)


@given(st.binary(min_size=1, max_size=64), st.integers(0), st.integers(0, 7))
def test_one_changed_bit_changes_it(data: bytes, place: int, bit: int) -> None:
    changed = bytearray(data)
    changed[place % len(data)] ^= 1 << bit
    assert crc32c(bytes(changed)) != crc32c(data)
