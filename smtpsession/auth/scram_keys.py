"""What a server keeps of a password for SCRAM (RFC 5802 3)."""

from __future__ import annotations

import attrs


@attrs.frozen(kw_only=True)
class SCRAMKeys:
    """Keys that prove a password without being one."""

    hash_name: str
    salt: bytes
    iterations: int
    stored_key: bytes = attrs.field(repr=False)
    server_key: bytes = attrs.field(repr=False)
