"""Objects that the command line names as ``MODULE:NAME``."""

from __future__ import annotations

import functools
import importlib
import os
import sys
import traceback
from typing import Any

from smtpsession import Config, Handler
from smtpsession.cli.command_error import USAGE, CommandError


def load_handler(reference: str) -> Handler[Any]:
    """Give the handler that ``--handler`` names; a class is instantiated.

    Raises:
        CommandError: there is no such thing, or it is no handler.
    """
    found = _load("--handler", reference)
    if _is_handler_class(found):
        try:
            found = found()
        except Exception as error:
            raise _failed(f"--handler {reference}: making it", error) from error
    if not _is_handler(found):
        raise CommandError(
            f"--handler {reference} is no Handler, got {found!r:.200}", status=USAGE
        )
    handler: Handler[Any] = found
    return handler


def load_config(reference: str) -> Config:
    """Give the ``Config`` that ``--config`` names.

    Raises:
        CommandError: there is no such thing, or it is no ``Config``.
    """
    found = _load("--config", reference)
    if not isinstance(found, Config):
        raise CommandError(
            f"--config {reference} is no Config, got {found!r:.200}", status=USAGE
        )
    return found


def _is_handler_class(found: Any) -> bool:
    return isinstance(found, type) and issubclass(found, Handler)


def _is_handler(found: Any) -> bool:
    return isinstance(found, Handler)


def _load(option: str, reference: str) -> Any:
    module_name, _, name = reference.partition(":")
    if not module_name or not name:
        raise CommandError(
            f"{option} must be MODULE:NAME, got {reference!r}", status=USAGE
        )
    module = _import(option, module_name)
    try:
        return functools.reduce(getattr, name.split("."), module)
    except AttributeError:
        raise CommandError(
            f"{option}: module {module_name} has no {name}", status=USAGE
        ) from None


def _import(option: str, module_name: str) -> Any:
    folder = os.getcwd()
    if folder not in sys.path:
        sys.path.insert(0, folder)
    try:
        return importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name and f"{module_name}.".startswith(f"{error.name}."):
            text = f"{option}: no module {module_name} here or installed"
            raise CommandError(text, status=USAGE) from error
        raise _failed(f"{option}: importing {module_name}", error) from error
    except Exception as error:
        raise _failed(f"{option}: importing {module_name}", error) from error


def _failed(doing: str, error: Exception) -> CommandError:
    """Tell of an error in the user's own code, and where it is."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{last.filename}, line {last.lineno}"
    [*_, words] = traceback.format_exception_only(error)
    return CommandError(f"{doing} failed: {words.strip()} ({where})", status=USAGE)
