"""ENHANCEDSTATUSCODES: machine-readable reasons in replies (RFC 2034)."""

from __future__ import annotations

from smtpsession.extensions.extension import Extension


class EnhancedStatusCodes(Extension):
    """ENHANCEDSTATUSCODES; without it no reply carries an enhanced status code."""

    keyword = "ENHANCEDSTATUSCODES"
