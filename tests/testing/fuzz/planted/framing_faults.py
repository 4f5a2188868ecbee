"""Faults in finding where a line, or the content of a message, ends."""

from __future__ import annotations

import re
from typing import ClassVar

from tests.testing.fuzz.planted.envelope import Refusal
from tests.testing.fuzz.planted.fault import faults_of
from tests.testing.fuzz.planted.session import PlantedSession


class EndsContentAtLfDotLf(PlantedSession):
    """Content ends at LF.LF too."""

    CONTENT_END = re.compile(rb"\r\n\.\r\n|\n\.\n")


class EndsContentAtCrDotCr(PlantedSession):
    """Content ends at CR.CR too."""

    CONTENT_END = re.compile(rb"\r\n\.\r\n|\r\.\r")


class EndsContentAtLfDotCrlf(PlantedSession):
    """Content ends at LF.CRLF too."""

    CONTENT_END = re.compile(rb"\n\.\r\n")


class EndsContentAtCrlfDotLf(PlantedSession):
    """Content ends at CRLF.LF too."""

    CONTENT_END = re.compile(rb"\r\n\.\r?\n")


class EndsContentAtDotAndSpace(PlantedSession):
    """Content ends at a dot with white space behind it."""

    CONTENT_END = re.compile(rb"\r\n\.[ \t]*\r\n")


class EndsContentAtStuffedDot(PlantedSession):
    """Content ends at a line of two dots, which is a stuffed one."""

    CONTENT_END = re.compile(rb"\r\n\.\.?\r\n")


class EndsContentAroundNul(PlantedSession):
    """Content ends at a dot with NULs around it."""

    CONTENT_END = re.compile(rb"\r\n\0*\.\0*\r\n")


class MissesEndOfEmptyContent(PlantedSession):
    """The end of content is not seen where it comes first."""

    CONTENT_START: ClassVar[bytes] = b""


class SeeksEndWithinSegment(PlantedSession):
    """The end of content is not seen if a segment ends inside it."""

    CONTENT_OVERLAP: ClassVar[int] = 0


class LeavesContentAtLongLine(PlantedSession):
    """A line of content that is too long is refused, and commands are read behind."""

    CONTENT_END = re.compile(rb"\r\n\.\r\n|[^\r\n]{4096}")
    CONTENT_OVERLAP: ClassVar[int] = 4_104

    def read_content(self) -> bytes | None:
        content = super().read_content()
        if self.content_end != b"\r\n.\r\n":
            self.reset()
            raise Refusal(500, "5.6.0", "line too long")
        return content


class DropsBehindEndOfMessage(PlantedSession):
    """What follows the end of a message in its segment is lost."""

    def end_of_message(self, content: bytes | None) -> None:
        super().end_of_message(content)
        self.buffer.clear()


class StripsNul(PlantedSession):
    """NULs are dropped before anything is read."""

    def take(self, segment: bytes) -> None:
        super().take(segment.replace(b"\0", b""))


class LosesCommandCutInCrlf(PlantedSession):
    """A pipelined command is lost if its segment ends between CR and LF."""

    is_cut = False

    def take(self, segment: bytes) -> None:
        if self.is_cut:
            segment = segment.removeprefix(b"\n")
        self.is_cut = segment.endswith(b"\r") and b"\r\n" in segment
        if self.is_cut:
            segment = segment[: segment.rindex(b"\r\n") + 2]
        super().take(segment)


class TakesSegmentForCommand(PlantedSession):
    """A segment is one command, whatever is in it."""

    def read_line(self) -> bytes | None:
        while not self.buffer:
            self.fill()
        line = bytes(self.buffer).removesuffix(b"\r\n")
        self.buffer.clear()
        return line


class KeepsFirstCommandOfSegment(PlantedSession):
    """What follows the first command of a segment is lost."""

    def read_line(self) -> bytes | None:
        line = super().read_line()
        self.buffer.clear()
        return line


class DropsBehindRefusal(PlantedSession):
    """What follows a refused command in its segment is lost."""

    def reply(self, code: int, enhanced: str, *texts: str) -> None:
        super().reply(code, enhanced, *texts)
        if code >= 500:
            self.buffer.clear()


class SplitsCommandsAtLf(PlantedSession):
    """A command ends at a bare LF too."""

    LINE_END = re.compile(rb"\r?\n")


class SplitsCommandsAtCr(PlantedSession):
    """A command ends at a bare CR too."""

    LINE_END = re.compile(rb"\r\n|\r(?=[^\n])")


class RunsWhatFollowsQuit(PlantedSession):
    """Commands behind QUIT in its segment are answered."""

    def quit(self, argument: bytes) -> None:
        super().quit(argument)
        while b"\r\n" in self.buffer:
            self.on_line(self.read_line())


FRAMING_FAULTS = faults_of(
    "framing",
    EndsContentAtLfDotLf,
    EndsContentAtCrDotCr,
    EndsContentAtLfDotCrlf,
    EndsContentAtCrlfDotLf,
    EndsContentAtDotAndSpace,
    EndsContentAtStuffedDot,
    EndsContentAroundNul,
    MissesEndOfEmptyContent,
    SeeksEndWithinSegment,
    LeavesContentAtLongLine,
    DropsBehindEndOfMessage,
    StripsNul,
    LosesCommandCutInCrlf,
    TakesSegmentForCommand,
    KeepsFirstCommandOfSegment,
    DropsBehindRefusal,
    SplitsCommandsAtLf,
    SplitsCommandsAtCr,
    RunsWhatFollowsQuit,
)
