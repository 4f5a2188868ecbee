"""Plays a server around the parser, and tells what it reads as the naive reader does.

The server does what a `Plan` says; what the parser makes of an argument is left to
other tests, so its octets are what is told of a command.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from smtpsession.errors import (
    AuthCancelledError,
    AuthLineOverflowError,
    AuthLineTooLongError,
    BareNewlineError,
    Base64Error,
    ForeignProtocolError,
    LineOverflowError,
    LineTooLongError,
    RemoteProtocolError,
    UnknownCommandError,
)
from smtpsession.wire.commands import (
    LMTP_VERBS,
    VERBS,
    Auth,
    BadArgument,
    Bdat,
    Command,
    Data,
    LastBdat,
    ParseArgument,
    Rset,
    Unknown,
)
from smtpsession.wire.events import (
    AuthResponse,
    BadLine,
    ChunkSkipped,
    ConnectionLost,
    Content,
    ContentFault,
    EndOfChunk,
    EndOfMessage,
    Event,
)
from smtpsession.wire.parser import Mode, Parser
from tests.framing.naive_reader import Plan, Unit

FAULTS: dict[type[RemoteProtocolError], str] = {
    AuthCancelledError: "cancelled",
    AuthLineOverflowError: "overflow",
    AuthLineTooLongError: "too long",
    BareNewlineError: "bare newline",
    Base64Error: "no base64",
    ForeignProtocolError: "foreign",
    LineOverflowError: "overflow",
    LineTooLongError: "too long",
    UnknownCommandError: "no verb",
}


class ParserPlayer:
    """A server that does what its plan says, with one client."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._heard: tuple[str, bytes] | None = None
        self._parser = Parser(
            command_octets=plan.command_octets,
            auth_octets=plan.auth_octets,
            bare_newline="normalize" if plan.normalizes else "reject",
            nul="reject" if plan.nul else "accept",
            verbs=self._listening(LMTP_VERBS if plan.lmtp else VERBS),
        )
        self._units: list[Unit] = []
        self._datas = self._chunks = self._challenges = 0
        self._in_chunks = False

    def read(self, pieces: Iterable[bytes]) -> list[Unit]:
        """Say what the pieces, and then the end of the input, come to."""
        # A server asks before anything has come.
        assert self._parser.next_event() is None
        for piece in [*filter(None, pieces), b""]:
            self._parser.receive_data(piece)
            while (event := self._parser.next_event()) is not None:
                self._say(self._unit(event))
                self._react(event)
            self._check_nothing_is_left()
        return self._units

    def _check_nothing_is_left(self) -> None:
        longest = 2 * max(self._plan.command_octets, self._plan.auth_octets + 2)
        in_line = self._parser.mode in (Mode.COMMAND, Mode.AUTH_LINE)
        assert self._parser.buffered_octets <= (longest if in_line else 0)

    def _listening(self, verbs: Any) -> Any:
        """Give the table of verbs whose parsers note what they were given."""

        def listen(verb: bytes, parse: ParseArgument) -> ParseArgument:
            def parse_heard(argument: bytes, lenient: bool) -> Command:
                self._heard = verb.decode("ascii"), argument
                return parse(argument, lenient)

            return parse_heard

        return {verb: (row[0], listen(verb, row[1])) for verb, row in verbs.items()}

    def _say(self, unit: Unit) -> None:
        last = self._units[-1] if self._units else ()
        if unit[0] == "content" == last[:1][0] if last else False:
            unit = ("content", self._units.pop()[1] + unit[1])  # type: ignore[operator]
        self._units.append(unit)

    def _unit(self, event: Event) -> Unit:
        heard, self._heard = self._heard, None
        if heard is not None:
            assert isinstance(event, (Command, BadArgument))
            return ("command", *heard)
        match event:
            case Content():
                assert event.data
                return "content", event.data
            case ContentFault():
                return "fault", event.fault
            case EndOfChunk():
                return "end of chunk", event.fault
            case EndOfMessage():
                return "end of message", event.fault
            case AuthResponse():
                return "response", event.data
            case Unknown():
                return "unknown", event.line
            case BadLine():
                return "bad line", FAULTS[type(event.error)]
            case BadArgument():
                return "bad chunk", ""
        return {ChunkSkipped: ("skipped",), ConnectionLost: ("lost",)}[type(event)]

    def _react(self, event: Event) -> None:
        react = self._REACTIONS.get(type(event))
        if react is not None:
            react(self, event)

    def _take_data(self, event: Data) -> None:
        if self._in_chunks:
            return
        self._datas += 1
        if self._datas - 1 not in self._plan.refused:
            self._parser.begin_message()

    def _take_chunk(self, event: Bdat) -> None:
        self._chunks += 1
        if self._chunks - 1 in self._plan.skipped:
            self._parser.skip_chunk(event.octets)
            return
        first, binary = not self._in_chunks, self._plan.binary
        self._parser.begin_chunk(event, first=first, binary=binary)
        self._in_chunks = not isinstance(event, LastBdat)

    def _take_bad_argument(self, event: BadArgument) -> None:
        if event.command is Bdat:
            self._parser.close()

    def _give_up_message(self, event: Rset) -> None:
        self._in_chunks = False

    def _challenge(self, event: Event) -> None:
        if isinstance(event, Auth):
            self._challenges = 0
        if self._challenges < self._plan.challenges:
            self._challenges += 1
            self._parser.begin_auth_line()

    _REACTIONS: dict[type[Event], Callable[[ParserPlayer, Any], None]] = {  # noqa: RUF012
        Data: _take_data,
        Bdat: _take_chunk,
        LastBdat: _take_chunk,
        BadArgument: _take_bad_argument,
        Rset: _give_up_message,
        Auth: _challenge,
        AuthResponse: _challenge,
    }
