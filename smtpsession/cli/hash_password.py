"""``smtpsession hash-password``: what to store instead of a password."""

from __future__ import annotations

import getpass
import sys

from smtpsession import scram_keys
from smtpsession.cli.command_error import CommandError


def hash_password(*, iterations: int) -> None:
    """Print the keys of a password from the terminal or from standard input.

    Args:
        iterations: rounds of PBKDF2.

    Raises:
        CommandError: there is no password, or none that can be stored.
    """
    password = _asked() if sys.stdin.isatty() else _piped()
    try:
        keys = scram_keys(password, iterations=iterations)
    except ValueError as error:
        raise CommandError(str(error)) from None
    print(keys.to_text())


def _asked() -> str:
    """Ask twice, because nobody sees what is typed."""
    try:
        password = getpass.getpass("Password: ")
        again = getpass.getpass("Once more: ")
    except (EOFError, KeyboardInterrupt):
        raise CommandError("no password was given") from None
    if password != again:
        raise CommandError("the two passwords differ")
    return password


def _piped() -> str:
    octets = sys.stdin.buffer.readline().removesuffix(b"\n").removesuffix(b"\r")
    try:
        return octets.decode()
    except UnicodeDecodeError:
        raise CommandError("the password must be UTF-8") from None
