"""Which SASL mechanisms a server has: built-in ones, and one's own."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable
from typing import Any

from smtpsession.auth.mechanism import Mechanism
from smtpsession.auth.mechanisms import MECHANISMS

#: What is offered when nothing is said.
DEFAULT_AUTH_METHODS = ("SCRAM-SHA-256", "PLAIN", "LOGIN")

# RFC 4422 3.1: sasl-mech = 1*20mech-char, in upper case.
_NAME = re.compile(r"[A-Z0-9_-]{1,20}")


def default_mechanisms() -> tuple[type[Mechanism], ...]:
    """Give the mechanisms that are offered when nothing is said."""
    return chosen_mechanisms(DEFAULT_AUTH_METHODS)


def chosen_mechanisms(
    values: Iterable[str | type[Mechanism]],
) -> tuple[type[Mechanism], ...]:
    """Give the mechanisms that *values* name or are.

    Raises:
        TypeError: values are not several str or ``Mechanism`` classes.
        ValueError: a name is unknown or given twice, or a mechanism of one's own has
            an impossible name or no ``step``.
    """
    given: Any = values
    is_one = isinstance(given, str) or not hasattr(given, "__iter__")
    several: list[Any] = [None] if is_one else list(given)
    if not all(isinstance(value, str) or _is_mechanism(value) for value in several):
        raise TypeError(
            f"auth_methods must be several str or Mechanism classes, got {given!r}"
        )
    chosen = [_mechanism(value) for value in several]
    names = [mechanism.name for mechanism in chosen]
    if len(set(names)) < len(names):
        raise ValueError(f"auth_methods must name each mechanism once, got {names}")
    return tuple(chosen)


def _is_mechanism(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, Mechanism)


def _mechanism(value: str | type[Mechanism]) -> type[Mechanism]:
    if isinstance(value, str):
        mechanism = MECHANISMS.get(value.upper()) if value.isascii() else None
        if mechanism is None:
            known = ", ".join(sorted(MECHANISMS))
            raise ValueError(f"auth_methods may name {known}; got {value}")
        return mechanism
    name: object = getattr(value, "name", None)
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError(
            f"the name of mechanism {value.__name__} must be 1 to 20 upper-case"
            f" letters, digits, hyphens and underscores, got {name!r}"
        )
    if value.step is Mechanism.step:
        raise ValueError(f"mechanism {value.__name__} needs a step method")
    for method in ("step", "verify", "prove", "finish"):
        if inspect.iscoroutinefunction(getattr(value, method)):
            raise TypeError(
                f"{method} of mechanism {value.__name__} must be a plain def"
            )
    return value
