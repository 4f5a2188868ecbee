"""The ``with`` protocol types (RFC 3848, RFC 6531 4.3)."""

from __future__ import annotations


def transmission_type(
    opening_command: str | None,
    *,
    secure: bool,
    authenticated: bool,
    smtp_utf8: bool,
    lmtp: bool = False,
) -> str:
    """Name how a message is being transmitted.

    Args:
        opening_command: "HELO", "EHLO", "LHLO", or None before a hello.
        secure: TLS is active.
        authenticated: AUTH has succeeded.
        smtp_utf8: MAIL had the SMTPUTF8 parameter.
        lmtp: the session speaks LMTP, hello or not.

    Returns:
        One of the registered keywords, for example ``ESMTPSA``. HELO is always
        ``SMTP``: no suffix is registered for it.
    """
    if opening_command == "LHLO" or lmtp:
        base = "LMTP"
    elif opening_command == "EHLO":
        base = "SMTP" if smtp_utf8 else "ESMTP"
    else:
        return "SMTP"
    prefix = "UTF8" if smtp_utf8 else ""
    return f"{prefix}{base}{'S' if secure else ''}{'A' if authenticated else ''}"
