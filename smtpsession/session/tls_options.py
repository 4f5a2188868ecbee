"""Facts about the TLS layer of a session."""

from __future__ import annotations

import attrs


@attrs.frozen
class TLSOptions:
    """What the handshake agreed on."""

    #: OpenSSL's name of the cipher suite, for example ``TLS_AES_256_GCM_SHA384``.
    name: str
    #: For example ``TLSv1.3``.
    version: str
    #: The application protocol (ALPN, RFC 7301); None without one.
    alpn: str | None = None
