"""The ``ssl.SSLContext`` that the TLS options ask for."""

from __future__ import annotations

import ssl
from typing import Any, NoReturn

from smtpsession.cli.command_error import CommandError, os_error_text


def context_from_files(certificate: str, key: str) -> ssl.SSLContext:
    """Load a certificate chain and its key, both PEM.

    Raises:
        CommandError: a file cannot be read or used, or they do not belong together.
    """
    for path in (certificate, key):
        _require_readable(path)
    context = _server_context()
    try:
        # Without a password OpenSSL would ask for one on the terminal.
        context.load_cert_chain(certificate, key, password=_no_password)
    except _EncryptedKeyError as error:
        raise CommandError(f"the key in {key} is encrypted") from error
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            text = f"the key in {key} does not belong to the certificate in"
            raise CommandError(f"{text} {certificate}") from error
        reason = error.reason or "no PEM certificate or key in it"
        text = f"cannot use the certificate in {certificate} with the key in {key}"
        raise CommandError(f"{text}: {reason}") from error
    return context


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
    context = _server_context()
    issued.configure_cert(context)
    return context, named


def _server_context() -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    # RFC 8996: older versions MUST NOT be used; not every Python's default says so.
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


class _EncryptedKeyError(Exception):
    """OpenSSL asks for a password."""


def _no_password() -> NoReturn:
    raise _EncryptedKeyError


def _require_readable(path: str) -> None:
    try:
        with open(path, "rb") as file:
            file.read(1)
    except OSError as error:
        raise CommandError(f"cannot read {path}: {os_error_text(error)}") from error
