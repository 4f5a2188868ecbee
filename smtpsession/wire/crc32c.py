"""CRC32c, the checksum of PROXY protocol headers (RFC 4960 appendix B)."""

from __future__ import annotations

from typing import Final

# The polynomial 0x1EDC6F41 with its bits in the opposite order.
_POLYNOMIAL: Final = 0x82F63B78


def _entry(octet: int) -> int:
    for _ in range(8):
        octet = octet >> 1 ^ (_POLYNOMIAL if octet & 1 else 0)
    return octet


_TABLE: Final = tuple(_entry(octet) for octet in range(256))


def crc32c(data: bytes) -> int:
    """Give the checksum of *data*, a number of 32 bits."""
    crc = 0xFFFFFFFF
    for octet in data:
        crc = crc >> 8 ^ _TABLE[(crc ^ octet) & 0xFF]
    return crc ^ 0xFFFFFFFF
