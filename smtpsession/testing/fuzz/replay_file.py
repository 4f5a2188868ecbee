"""A finding on disk, from which it can be repeated."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, TypeVar, cast

import attrs

from smtpsession.testing.fuzz.findings import Finding, verb_of
from smtpsession.testing.fuzz.plans import FORMAT, Plan

_T = TypeVar("_T")


@attrs.frozen
class Replay:
    """What a file says."""

    rule: str
    plan: Plan
    lmtp: bool
    implicit_tls: bool

    @property
    def needs_user(self) -> bool:
        """The plan cannot be run without a user."""
        return self.plan.needs_secrets


def file_name(finding: Finding) -> str:
    """Give a name that says which rule it is, and at what it was broken."""
    words = f"{finding.violation.rule} {verb_of(finding.violation)}"
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-") + ".json"


def write(folder: Path, finding: Finding, *, lmtp: bool, implicit_tls: bool) -> Path:
    """Store a finding.

    Returns:
        The file.

    Raises:
        OSError: it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    said = {
        "format": FORMAT,
        "rule": finding.violation.rule,
        "section": finding.violation.section,
        "seed": finding.seed,
        "lmtp": lmtp,
        "implicit_tls": implicit_tls,
        "needs_user": finding.plan.needs_secrets,
        "steps": finding.plan.to_json(),
    }
    path = folder / file_name(finding)
    path.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    return path


def read(path: Path) -> Replay:
    """Read a stored finding.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no such file; the message says why.
    """
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is no JSON: {error}") from None
    if not isinstance(given, dict):
        raise ValueError(f"{path} holds no finding")
    said = cast(dict[str, Any], given)
    if said.get("format") != FORMAT:
        raise ValueError(
            f"{path} has the format {said.get('format')!r}, wanted is {FORMAT}"
        )
    try:
        return Replay(
            rule=_value(said, "rule", str),
            plan=Plan.from_json(said.get("steps")),
            lmtp=_value(said, "lmtp", bool),
            implicit_tls=_value(said, "implicit_tls", bool),
        )
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def _value(said: dict[str, Any], name: str, kind: type[_T]) -> _T:
    value = said.get(name)
    if not isinstance(value, kind):
        raise ValueError(f"{name} must be a {kind.__name__}, is {value!r}")
    return value
