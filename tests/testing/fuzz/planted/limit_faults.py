"""Faults in limits: too low for RFC 5321 4.5.3.1, not held, or held badly."""

from __future__ import annotations

from typing import ClassVar

from tests.testing.fuzz.planted.fault import faults_of
from tests.testing.fuzz.planted.octet_reader import AUTH_LINE_OCTETS, LINE_OCTETS
from tests.testing.fuzz.planted.session import PlantedSession


class RefusesLinesOf500(PlantedSession):
    """A command line has at most 256 octets, 512 must be taken."""

    def line_limit(self) -> int:
        limit = super().line_limit()
        return limit if limit == AUTH_LINE_OCTETS else 256


class TakesTwentyRecipients(PlantedSession):
    """A message has at most 20 recipients, 100 must be taken."""

    MOST_RECIPIENTS: ClassVar[int] = 20


class RefusesContentLinesOf1000(PlantedSession):
    """A line of content has at most 512 octets, 1000 must be taken."""

    def verdict(self, content: bytes | None) -> tuple[int, str, str]:
        lines = (content or b"").split(b"\r\n")
        if max(map(len, lines)) > 510:
            return 554, "5.6.0", "line too long"
        return super().verdict(content)


class RefusesContentOf64K(PlantedSession):
    """A message has at most 32,768 octets, although SIZE offers more."""

    MOST_OCTETS: ClassVar[int] = 32_768

    def check_size(self, octets: int) -> None:
        """Refuse nothing at MAIL."""


class AcceptsSizeOverLimit(PlantedSession):
    """A message that is declared larger than SIZE offers is accepted."""

    def check_size(self, octets: int) -> None:
        """Refuse nothing."""


class RefusesLocalPartsOf64(PlantedSession):
    """A local part has at most 32 octets, 64 must be taken."""

    LOCAL_PART_OCTETS: ClassVar[int] = 32


class RunsTailOfLongLine(PlantedSession):
    """The rest of a command line that is too long is answered as a command."""

    def read_line(self) -> bytes | None:
        while b"\r\n" not in self.buffer and len(self.buffer) <= LINE_OCTETS:
            self.fill()
        if -1 < self.buffer.find(b"\r\n") <= LINE_OCTETS:
            return super().read_line()
        del self.buffer[:LINE_OCTETS]
        return None


class RefusesLongResponses(PlantedSession):
    """A line inside AUTH has at most 512 octets, 12,288 must be taken."""

    def line_limit(self) -> int:
        return 512 if self.in_exchange else super().line_limit()


LIMIT_FAULTS = (
    *faults_of(
        "limits",
        RefusesLinesOf500,
        TakesTwentyRecipients,
        RefusesContentLinesOf1000,
        RefusesContentOf64K,
        AcceptsSizeOverLimit,
        RefusesLocalPartsOf64,
        RunsTailOfLongLine,
    ),
    *faults_of("limits", RefusesLongResponses, credentials=True),
)
