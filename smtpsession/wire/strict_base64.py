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
    decoded = binascii.a2b_base64(octets)
    # It skips what is no base64, and lets bits that stand for nothing be anything;
    # not even its strict mode sees the latter.
    if encode_base64(decoded) != octets:
        raise ValueError("base64 must be spelled in the one way that encoding gives")
    return decoded


def encode_base64(octets: bytes) -> bytes:
    """Return *octets* in base64, on one line however long."""
    return binascii.b2a_base64(octets, newline=False)
