"""A planted fault: what is wrong, what it needs, and how to name it rightly."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from typing import Literal

from tests.testing.fuzz.planted.diagnoses import DIAGNOSES
from tests.testing.fuzz.planted.session import PlantedSession

Kind = Literal[
    "framing",
    "state",
    "replies",
    "BDAT",
    "LMTP",
    "AUTH",
    "STARTTLS",
    "limits",
    "sessions",
]


@dataclass(frozen=True)
class Fault:
    """One thing that a server does wrong."""

    #: The session that does it.
    session: type[PlantedSession]
    kind: Kind
    #: It shows in LMTP.
    lmtp: bool = False
    #: It shows where STARTTLS is offered.
    tls: bool = False
    #: It shows to a client that knows the credentials.
    credentials: bool = False
    #: The names of the rules that it breaks, as ``smtpsession.testing.model`` has them.
    rules: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The name of the session's class, in words."""
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", self.session.__name__)
        return words.lower()

    @property
    def sentence(self) -> str:
        """What it does wrong."""
        return inspect.cleandoc(self.session.__doc__ or "")

    def __str__(self) -> str:
        return self.name


def faults_of(
    kind: Kind,
    *sessions: type[PlantedSession],
    lmtp: bool = False,
    tls: bool = False,
    credentials: bool = False,
) -> tuple[Fault, ...]:
    """Make faults of one kind that need the same."""
    return tuple(
        Fault(
            session,
            kind,
            lmtp=lmtp,
            tls=tls,
            credentials=credentials,
            rules=DIAGNOSES.get(session.__name__, frozenset()),
        )
        for session in sessions
    )
