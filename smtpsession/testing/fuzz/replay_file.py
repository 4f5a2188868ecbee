"""A finding on disk, from which it can be repeated."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, cast

import attrs

from smtpsession.testing.fuzz.plans import FORMAT, Plan
from smtpsession.testing.fuzz.search import Finding


@attrs.frozen
class Replay:
    """What a file says."""

    rule: str
    plan: Plan
    lmtp: bool
    implicit_tls: bool
    needs_user: bool


def file_name(finding: Finding) -> str:
    """Give a name that says which rule it is, and at what it was broken."""
    verb = finding.violation.sent.partition(b" ")[0].decode("latin-1")
    words = f"{finding.violation.rule} {verb if verb.isalpha() else ''}"
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
    except ValueError as error:
        raise ValueError(f"{path} is no JSON: {error}") from None
    if not isinstance(given, dict):
        raise ValueError(f"{path} holds no finding")
    said = cast(dict[str, Any], given)
    if said.get("format") != FORMAT:
        raise ValueError(
            f"{path} has the format {said.get('format')!r}, wanted is {FORMAT}"
        )
    try:
        plan = Plan.from_json(said.get("steps"))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    return Replay(
        str(said.get("rule")),
        plan,
        said.get("lmtp") is True,
        said.get("implicit_tls") is True,
        said.get("needs_user") is True,
    )
