"""BINARYMIME: content that is no lines (RFC 3030 3)."""

from __future__ import annotations

from smtpsession.extensions.extension import Extension


class BinaryMIME(Extension):
    """BINARYMIME; its value of the BODY parameter is read by 8BITMIME, which has it.

    Such content travels by BDAT only, so it shares that verb with CHUNKING.
    """

    keyword = "BINARYMIME"
    verb = "BDAT"
