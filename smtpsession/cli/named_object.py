"""Objects that the command line names as ``MODULE:NAME``."""

from __future__ import annotations

import functools
import importlib
import os
import sys
import traceback
from typing import Any

import smtpsession
from smtpsession import Config, Handler
from smtpsession.cli.command_error import USAGE, CommandError

_OURS = os.path.join(os.path.dirname(smtpsession.__file__), "")


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
            hint = "; leave .py out" if module_name.endswith(".py") else ""
            text = f"{option}: no module {module_name} here or installed{hint}"
            raise CommandError(text, status=USAGE) from error
        raise _failed(f"{option}: importing {module_name}", error) from error
    except Exception as error:
        raise _failed(f"{option}: importing {module_name}", error) from error


def _failed(doing: str, error: Exception) -> CommandError:
    """Tell of an error in the user's own code, and where it is."""
    [*_, words] = traceback.format_exception_only(error)
    return CommandError(f"{doing} failed: {words.strip()}{_place(error)}", status=USAGE)


def _place(error: Exception) -> str:
    """Give the last line that is the user's: none of ours, none of the importer's."""
    if isinstance(error, SyntaxError):
        return f" ({error.filename}, line {error.lineno})"
    lines = [
        f" ({frame.filename}, line {frame.lineno})"
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith((_OURS, "<frozen "))
    ]
    return lines[-1] if lines else ""
