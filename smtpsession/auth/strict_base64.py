"""Base64 with one spelling for each value (RFC 4648 4)."""

from __future__ import annotations

import binascii


def decode_base64(octets: bytes | bytearray) -> bytes:
    """Return what *octets* stand for (RFC 4648 3.3 and 3.5).

    Args:
        octets: base64 without line ends; empty stands for nothing.

    Raises:
        ValueError: a character outside the alphabet, missing or misplaced padding, a
            length that is no multiple of four, or pad bits that are not zero.
    """
    try:
        decoded = binascii.a2b_base64(octets, strict_mode=True)
    except binascii.Error:
        decoded = None
    # Even the strict mode lets pad bits be anything, and only one spelling is right.
    if decoded is None or encode_base64(decoded) != octets:
        raise ValueError("base64 must be in the alphabet and padding of RFC 4648 4")
    return decoded


def encode_base64(octets: bytes) -> bytes:
    """Return *octets* as base64 with padding on one line (RFC 4648 4)."""
    return binascii.b2a_base64(octets, newline=False)
