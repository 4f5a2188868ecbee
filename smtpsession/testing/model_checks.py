"""What the model asks besides whether a code is legal: checks, and what they find."""

from __future__ import annotations

import attrs

from smtpsession.testing.model_violation import Level


@attrs.frozen
class Check:
    """A rule that is about more than the legal codes of a command."""

    name: str
    section: str
    level: Level = "MUST"


@attrs.frozen
class Finding:
    """A breach of a check."""

    check: Check
    #: What the server may say.
    expected: str
    #: What it has said.
    seen: str
