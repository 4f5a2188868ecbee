"""CHUNKING: content in chunks of an announced size (RFC 3030 2)."""

from __future__ import annotations

from smtpsession.extensions.extension import Extension


class Chunking(Extension):
    """CHUNKING, with the command BDAT."""

    keyword = "CHUNKING"
    verb = "BDAT"
