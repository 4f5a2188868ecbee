"""Which rules of ``smtpsession.testing.model`` a planted fault breaks."""

from __future__ import annotations

#: By the name of the fault's class; where one is missing, the model has no word for it.
DIAGNOSES: dict[str, frozenset[str]] = {}
