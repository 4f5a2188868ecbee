"""Who may authenticate, as ``--auth-file`` says."""

from __future__ import annotations

import logging
from typing import Any

from smtpsession import Handler
from smtpsession.cli.command_error import USAGE, CommandError, os_error_text
from smtpsession.handlers.chain import Chain
from smtpsession.handlers.password_file import PasswordFileHandler

logger = logging.getLogger("smtpsession")


def load_users(path: str) -> PasswordFileHandler:
    """Read the file of users and their secrets.

    Raises:
        CommandError: it cannot be read, is not private, or a line is no such line.
    """
    try:
        return PasswordFileHandler(path)
    except (OSError, ValueError) as error:
        raise CommandError(_why(path, error)) from error


def reload_users(users: PasswordFileHandler) -> None:
    """Read the file again and log that, or why the old users stay."""
    try:
        users.reload()
    except (OSError, ValueError) as error:
        logger.error("the old users stay: %s", _why(users.path, error))
    else:
        logger.info("the users in %s were read again", users.path)


def with_users(users: PasswordFileHandler, handler: Handler[Any]) -> Handler[Any]:
    """Have *users* authenticate and *handler* do everything else.

    Raises:
        CommandError: the handler authenticates itself.
    """
    if "on_auth" in handler.overridden_hooks:
        name = type(handler).__name__
        text = f"--auth-file and the on_auth of {name} cannot both authenticate"
        raise CommandError(text, status=USAGE)
    return Chain(users, handler)


def _why(path: str, error: OSError | ValueError) -> str:
    if not isinstance(error, OSError):
        return f"cannot use the users in {path}: {error}"
    if error.errno is None:
        # Our own, which names the file.
        return f"cannot use the users: {error}"
    return f"cannot read {path}: {os_error_text(error)}"
