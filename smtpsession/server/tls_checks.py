"""What contexts for TLS have to be, alone and together."""

from __future__ import annotations

import ssl

from smtpsession.server.server_names import ServerNames

_OLD_VERSIONS = (
    ssl.TLSVersion.SSLv3,
    ssl.TLSVersion.TLSv1,
    ssl.TLSVersion.TLSv1_1,
)
#: What OpenSSL takes from the context that a handshake begins with, whatever context
#: the server's name then chooses.
_TAKEN_FROM_TLS = ("verify_mode", "minimum_version", "maximum_version")

#: What versions come to, since those before TLS 1.2 are never used.
_MEANT = {
    ssl.TLSVersion.MINIMUM_SUPPORTED: ssl.TLSVersion.TLSv1_2,
    ssl.TLSVersion.MAXIMUM_SUPPORTED: ssl.TLSVersion.TLSv1_3,
}


def check_contexts(
    tls: ssl.SSLContext | None, sni: ServerNames, *, strict_sni: bool
) -> None:
    """Check ``Config.tls``, ``sni`` and ``strict_sni`` alone and together.

    Raises:
        ValueError: they cannot be what they are.
    """
    if strict_sni and not sni:
        raise ValueError("strict_sni needs sni, or it would refuse every name")
    if tls is None:
        if sni:
            raise ValueError("sni needs tls, the context for all other names")
        return
    _check_context("tls", tls)
    for name, context in sni.items():
        option = f"sni[{name!r}]"
        _check_context(option, context)
        for attribute in _TAKEN_FROM_TLS:
            wanted, got = getattr(tls, attribute), getattr(context, attribute)
            if _MEANT.get(wanted, wanted) != _MEANT.get(got, got):
                raise ValueError(
                    f"{option} must have the {attribute} of tls, which is used for"
                    f" all names, {wanted!r}; got {got!r}"
                )


def _check_context(option: str, context: ssl.SSLContext) -> None:
    if context.protocol not in (ssl.PROTOCOL_TLS_SERVER, ssl.PROTOCOL_TLS):
        is_client = context.protocol is ssl.PROTOCOL_TLS_CLIENT
        got = "one for clients" if is_client else f"one for {context.protocol!r}"
        raise ValueError(
            f"{option} must be a context for servers, for example"
            f" smtpsession.tls_context(certfile, keyfile), got {got}"
        )
    for attribute in ("minimum_version", "maximum_version"):
        version = getattr(context, attribute)
        if version in _OLD_VERSIONS:
            # RFC 8996: they MUST NOT be used.
            raise ValueError(
                f"{option} must have TLS 1.2 or newer: set its {attribute} to"
                f" ssl.TLSVersion.TLSv1_2 or TLSv1_3, got {version!r}"
            )
