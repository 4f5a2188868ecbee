"""PIPELINING: commands in groups (RFC 2920)."""

from __future__ import annotations

from smtpsession.extensions.extension import Extension


class Pipelining(Extension):
    """PIPELINING; replies to a group leave together, in order."""

    keyword = "PIPELINING"
