"""Faults in content that comes by BDAT (RFC 3030)."""

from __future__ import annotations

from tests.testing.fuzz.planted.fault import faults_of
from tests.testing.fuzz.planted.session import PlantedSession


class RunsRefusedChunk(PlantedSession):
    """The octets of a chunk for nobody are read as commands."""

    def bdat(self, argument: bytes) -> None:
        if self.envelope.recipients or self.envelope.chunks != "none":
            super().bdat(argument)
        else:
            self.parsed_chunk(argument)
            self.reply(503, "5.5.1", "RCPT comes first")


class SilentToEmptyLastChunk(PlantedSession):
    """BDAT 0 LAST is not answered."""

    def on_good_chunk(self, chunk: bytes, is_last: bool) -> None:
        if is_last and not chunk:
            self.reset()
        else:
            super().on_good_chunk(chunk, is_last)


class IgnoresLast(PlantedSession):
    """LAST ends no message."""

    def parsed_chunk(self, argument: bytes) -> tuple[int, bool]:
        return super().parsed_chunk(argument)[0], False


class IgnoresLastInLowerCase(PlantedSession):
    """LAST ends no message if it is in lower case."""

    def parsed_chunk(self, argument: bytes) -> tuple[int, bool]:
        octets, is_last = super().parsed_chunk(argument)
        return octets, is_last and argument.endswith(b"LAST")


class ReadsSizeWithSign(PlantedSession):
    """The size of a chunk may have a sign."""

    def parsed_chunk(self, argument: bytes) -> tuple[int, bool]:
        return super().parsed_chunk(argument.removeprefix(b"+"))


class ReadsSizeInHex(PlantedSession):
    """The size of a chunk may be hexadecimal."""

    def parsed_chunk(self, argument: bytes) -> tuple[int, bool]:
        size, space, rest = argument.partition(b" ")
        if size[:2].lower() == b"0x" and size[2:].isalnum():
            try:
                size = b"%d" % int(size, 16)
            except ValueError:
                size = b""
        return super().parsed_chunk(size + space + rest)


class RsetKeepsChunks(PlantedSession):
    """RSET between two chunks ends nothing."""

    def rset(self, argument: bytes) -> None:
        if self.envelope.chunks == "open":
            self.noop(argument)
        else:
            super().rset(argument)


class AcceptsDataBehindChunk(PlantedSession):
    """DATA is accepted behind a chunk."""

    def may_data(self) -> None:
        if self.envelope.chunks != "open":
            super().may_data()


class AcceptsRcptBehindChunk(PlantedSession):
    """RCPT is accepted behind a chunk."""

    def may_rcpt(self) -> None:
        if self.envelope.chunks != "open":
            super().may_rcpt()


class AcceptsChunkOutsideTransaction(PlantedSession):
    """A chunk outside of a transaction is accepted."""

    def on_chunk(self, chunk: bytes, is_last: bool) -> None:
        if self.envelope.sender is None and self.envelope.chunks == "none":
            self.reply(250, "2.0.0", "chunk taken")
        else:
            super().on_chunk(chunk, is_last)


class AcceptsChunkBehindRefusedOne(PlantedSession):
    """Behind a refused chunk of a message, another one is accepted."""

    def fail_message(self) -> None:
        envelope = self.envelope
        super().fail_message()
        envelope.content.clear()
        self.envelope = envelope


class RefusedChunkKeepsTransaction(PlantedSession):
    """Behind a refused chunk, RCPT and DATA go on with the transaction."""

    def fail_message(self) -> None:
        envelope = self.envelope
        super().fail_message()
        envelope.content.clear()
        envelope.chunks = "none"
        self.envelope = envelope


class AcceptsBinaryByData(PlantedSession):
    """DATA is accepted for BODY=BINARYMIME."""

    def may_data(self) -> None:
        if self.envelope.body == "BINARYMIME":
            self.need_recipients()
        else:
            super().may_data()


class EndsMessageAtDotInChunk(PlantedSession):
    """A chunk with a line of one dot is the last one."""

    def on_good_chunk(self, chunk: bytes, is_last: bool) -> None:
        super().on_good_chunk(chunk, is_last or b"\r\n.\r\n" in chunk)


class CountsLineEndsOnce(PlantedSession):
    """The size of a chunk counts CRLF as one octet."""

    def read_chunk(self, octets: int) -> bytes:
        chunk = super().read_chunk(octets)
        return chunk + super().read_chunk(chunk.count(b"\r\n"))


class ReadsChunkFromOneSegment(PlantedSession):
    """A chunk is what has come of it; the rest is read as commands."""

    def read_chunk(self, octets: int) -> bytes:
        if octets and not self.buffer:
            self.fill()
        return super().read_chunk(min(octets, len(self.buffer)))


class RefusesEmptyChunk(PlantedSession):
    """BDAT 0 behind another chunk is out of order."""

    def on_good_chunk(self, chunk: bytes, is_last: bool) -> None:
        if self.envelope.chunks == "open" and not chunk:
            self.reply(503, "5.5.1", "an empty chunk")
        else:
            super().on_good_chunk(chunk, is_last)


BDAT_FAULTS = faults_of(
    "BDAT",
    RunsRefusedChunk,
    SilentToEmptyLastChunk,
    IgnoresLast,
    IgnoresLastInLowerCase,
    ReadsSizeWithSign,
    ReadsSizeInHex,
    RsetKeepsChunks,
    AcceptsDataBehindChunk,
    AcceptsRcptBehindChunk,
    AcceptsChunkOutsideTransaction,
    AcceptsChunkBehindRefusedOne,
    RefusedChunkKeepsTransaction,
    AcceptsBinaryByData,
    EndsMessageAtDotInChunk,
    CountsLineEndsOnce,
    ReadsChunkFromOneSegment,
    RefusesEmptyChunk,
)
