"""The ``ssl.SSLContext`` that the TLS options ask for."""

from __future__ import annotations

import ssl
from typing import Any

from smtpsession import tls_context
from smtpsession.cli.command_error import CommandError, os_error_text


def context_from_files(certificate: str, key: str) -> ssl.SSLContext:
    """Load a certificate chain and its key, both PEM.

    Raises:
        CommandError: a file cannot be read or used, or they do not belong together.
    """
    try:
        return tls_context(certificate, key)
    except (OSError, ValueError) as error:
        raise CommandError(file_error_text(error)) from error


def file_error_text(error: Exception) -> str:
    """Say on one line why TLS files cannot be read or used."""
    if isinstance(error, OSError):
        return f"cannot read {error.filename}: {os_error_text(error)}"
    # What a program's own password function raises may say too much.
    return str(error) if isinstance(error, ValueError) else type(error).__name__


def self_signed_context(hostname: str) -> tuple[ssl.SSLContext, bool]:
    """Make a certificate for *hostname*, localhost and 127.0.0.1.

    Returns:
        The context, and whether the certificate bears *hostname*: what is no host
        name by the rules of the DNS cannot stand in a certificate.

    Raises:
        CommandError: trustme is not installed.
    """
    try:
        import trustme
    except ImportError as error:
        raise CommandError(
            "--tls-self-signed needs trustme: install smtpsession[tls-dev]"
        ) from error
    names = ("localhost", "127.0.0.1")
    authority = trustme.CA()
    issued: Any
    try:
        issued, named = authority.issue_cert(hostname, *names), True
    except ValueError:
        issued, named = authority.issue_cert(*names), False
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    issued.configure_cert(context)
    return context, named
