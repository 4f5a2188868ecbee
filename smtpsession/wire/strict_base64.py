"""Base64 as SASL exchanges carry it, read strictly (RFC 4648 4, RFC 4954 4)."""

from __future__ import annotations

import binascii


def decode_base64(octets: bytes) -> bytes:
    """Return what *octets* stand for.

    Args:
        octets: base64 with its padding and nothing else.

    Raises:
        ValueError: an octet outside of the alphabet, wrong padding or length, or bits
            set that stand for nothing.
    """
    decoded = binascii.a2b_base64(octets, strict_mode=True)
    # Strict mode lets the last bits, which stand for nothing, be anything.
    if encode_base64(decoded) != octets:
        raise ValueError("base64 must have no bits set that stand for nothing")
    return decoded


def encode_base64(octets: bytes) -> bytes:
    """Return *octets* in base64, on one line however long."""
    return binascii.b2a_base64(octets, newline=False)
