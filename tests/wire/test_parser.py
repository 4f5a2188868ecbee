"""The parser: framing modes, smuggling, and the same events for any cut."""

import itertools
import re
import ssl
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.errors import (
    BareNewlineError,
    ForeignProtocolError,
    LineOverflowError,
    LineTooLongError,
    LocalProtocolError,
    RemoteProtocolError,
    UnknownCommandError,
)
from smtpsession.wire.bare_newlines import BareNewlinePolicy, NULPolicy
from smtpsession.wire.commands import (
    BadArgument,
    Command,
    Data,
    Mail,
    Noop,
    Quit,
    Rcpt,
    Unknown,
)
from smtpsession.wire.events import (
    BadLine,
    ConnectionLost,
    Content,
    ContentFault,
    EndOfMessage,
    Event,
)
from smtpsession.wire.parser import Mode, Parser

BARE = re.compile(rb"(?<!\r)\n|\r(?!\n)")
POLICIES: list[tuple[BareNewlinePolicy, NULPolicy]] = [
    ("reject", "reject"),
    ("reject", "accept"),
    ("normalize", "reject"),
    ("normalize", "accept"),
]
every_policy = pytest.mark.parametrize(("bare_newline", "nul"), POLICIES)

SMUGGLED = (
    b"MAIL FROM:<evil@x.example>\r\nRCPT TO:<b@s.example>\r\nDATA\r\n"
    b"Subject: 2\r\n\r\nevil\r\n.\r\n"
)


def smuggling(x: bytes) -> bytes:
    return b"DATA\r\nSubject: 1\r\n\r\nbody" + x + SMUGGLED


def cut(octets: bytes, places: list[int]) -> list[bytes]:
    bounds = [0, *sorted(place % (len(octets) + 1) for place in places), len(octets)]
    return [octets[a:b] for a, b in itertools.pairwise(bounds)]


def singles(octets: bytes) -> list[bytes]:
    return [bytes([octet]) for octet in octets]


def read(pieces: list[bytes], **options: Any) -> list[Event]:
    """Play the dialogue: take DATA as accepted, and close on a bare newline."""
    parser = Parser(**options)
    events: list[Event] = []
    for piece in [*filter(None, pieces), b""]:
        parser.receive_data(piece)
        while (event := parser.next_event()) is not None:
            if isinstance(event, Data):
                parser.begin_message()
            if isinstance(event, EndOfMessage) and event.fault == "bare newline":
                parser.close()
            last = events[-1] if events else None
            if isinstance(event, Content) and isinstance(last, Content):
                assert event.data
                events[-1] = Content(last.data + event.data)
            else:
                events.append(event)
    return events


def shown(events: list[Event]) -> list[str]:
    """Give a form in which events that hold an exception can be compared, too."""
    return [repr(event) for event in events]


def read_every_way(octets: bytes, **options: Any) -> list[Event]:
    """Read whole, octet by octet and cut at every position: all must be the same."""
    events = read([octets], **options)
    assert shown(read(singles(octets), **options)) == shown(events)
    for place in range(1, len(octets)):
        assert shown(read(cut(octets, [place]), **options)) == shown(events)
    return events


def mode_of(parser: Parser) -> Mode:
    """Give the mode; type checkers take a property for something that stays."""
    return parser.mode


def kinds(events: list[Event]) -> list[type[Event]]:
    return [type(event) for event in events]


def content_of(events: list[Event]) -> bytes:
    return b"".join(event.data for event in events if isinstance(event, Content))


def ends_of(events: list[Event]) -> list[str | None]:
    return [event.fault for event in events if isinstance(event, EndOfMessage)]


def bad_line(events: list[Event]) -> RemoteProtocolError:
    (event,) = [event for event in events if isinstance(event, BadLine)]
    return event.error


# Smuggling: the end of data as others might see it. The names are the rows.

BARE_ROWS = {
    "1": b"\n.\n",
    "2": b"\n.\r",
    "3": b"\r.\n",
    "4": b"\r.\r",
    "5": b"\n.\r\n",
    "6": b"\r.\r\n",
    "7": b"\r\n.\n",
    "8": b"\r\n.\r",
    "11": b"\r\n.\r\r\n",
    "12": b"\r\r\n.\r\r\n",
    "13a": b"\r\n.\n\r\n",
    "13b": b"\n\r.\r\n",
    "13c": b"\n\r\n.\n\r\n",
    "17": b"\r\r\n.\r\n",
}
LF_ONLY_ROWS = ["1", "5", "7", "13a", "13c"]
NUL_ROWS = {"9": b"\r\n\0.\r\n", "10": b"\r\n.\0\r\n"}
LEGAL_ROWS = {
    "14 SP": (b"\r\n. \r\n", b"\r\n \r\n"),
    "14 HTAB": (b"\r\n.\t\r\n", b"\r\n\t\r\n"),
    "14 VT": (b"\r\n.\x0b\r\n", b"\r\n\x0b\r\n"),
    "14 SUB": (b"\r\n.\x1a\r\n", b"\r\n\x1a\r\n"),
    "15": (b"\r\n..\r\n", b"\r\n.\r\n"),
    "16 VT": (b"\x0b.\x0b", b"\x0b.\x0b"),
    "16 FF": (b"\x0c.\x0c", b"\x0c.\x0c"),
    "16 FS": (b"\x1c.\x1c", b"\x1c.\x1c"),
    "16 NEL": (b"\xc2\x85.\xc2\x85", b"\xc2\x85.\xc2\x85"),
    "16 LS": (b"\xe2\x80\xa8.\xe2\x80\xa8", b"\xe2\x80\xa8.\xe2\x80\xa8"),
}


@pytest.mark.parametrize("row", BARE_ROWS)
@pytest.mark.parametrize("nul", ["reject", "accept"])
def test_bare_newline_is_no_end_and_no_message(row: str, nul: NULPolicy) -> None:
    events = read_every_way(smuggling(BARE_ROWS[row]), nul=nul)
    assert kinds(events) == [Data, Content, ContentFault, EndOfMessage]
    assert ends_of(events) == ["bare newline"]
    assert content_of(events).startswith(b"Subject: 1\r\n\r\nbody")
    assert b"evil" not in content_of(events)


@pytest.mark.parametrize("row", LF_ONLY_ROWS)
def test_normalized_bare_lf_is_no_end(row: str) -> None:
    events = read_every_way(smuggling(BARE_ROWS[row]), bare_newline="normalize")
    assert kinds(events) == [Data, Content, EndOfMessage, ConnectionLost]
    assert ends_of(events) == [None]
    content = content_of(events)
    assert b"MAIL FROM:<evil" in content
    assert b"\r\n.\r\n" not in content
    assert BARE.search(content) is None


@pytest.mark.parametrize("row", sorted(set(BARE_ROWS) - set(LF_ONLY_ROWS)))
def test_bare_cr_is_not_normalized(row: str) -> None:
    events = read_every_way(smuggling(BARE_ROWS[row]), bare_newline="normalize")
    assert ends_of(events) == ["bare newline"]
    assert Mail not in kinds(events)
    assert b"evil" not in content_of(events)


@pytest.mark.parametrize("row", NUL_ROWS)
@pytest.mark.parametrize("bare_newline", ["reject", "normalize"])
def test_nul_beside_the_dot(row: str, bare_newline: BareNewlinePolicy) -> None:
    octets = smuggling(NUL_ROWS[row])
    events = read_every_way(octets, bare_newline=bare_newline)
    assert kinds(events) == [Data, Content, ContentFault, EndOfMessage, ConnectionLost]
    assert ends_of(events) == ["NUL"]
    assert b"\0" not in content_of(events)

    events = read_every_way(octets, bare_newline=bare_newline, nul="accept")
    assert ends_of(events) == [None]
    assert b"\0" in content_of(events)
    assert Mail not in kinds(events)


@pytest.mark.parametrize("row", LEGAL_ROWS)
@pytest.mark.parametrize("bare_newline", ["reject", "normalize"])
def test_legal_line_that_looks_like_an_end(
    row: str, bare_newline: BareNewlinePolicy
) -> None:
    sent, received = LEGAL_ROWS[row]
    events = read_every_way(smuggling(sent), bare_newline=bare_newline)
    assert kinds(events) == [Data, Content, EndOfMessage, ConnectionLost]
    assert ends_of(events) == [None]
    body = SMUGGLED.removesuffix(b".\r\n")
    assert content_of(events) == b"Subject: 1\r\n\r\nbody" + received + body


@every_policy
def test_row_18_legal_second_transaction(
    bare_newline: BareNewlinePolicy, nul: NULPolicy
) -> None:
    events = read_every_way(smuggling(b"\r\n.\r\n"), bare_newline=bare_newline, nul=nul)
    assert kinds(events) == [
        *[Data, Content, EndOfMessage, Mail, Rcpt],
        *[Data, Content, EndOfMessage, ConnectionLost],
    ]
    assert ends_of(events) == [None, None]
    assert content_of(events[:3]) == b"Subject: 1\r\n\r\nbody\r\n"
    assert content_of(events[3:]) == b"Subject: 2\r\n\r\nevil\r\n"


@pytest.mark.parametrize("boundary", [16_384, 65_536])
@pytest.mark.parametrize("into_the_end", range(6))
def test_end_across_a_receive_boundary(boundary: int, into_the_end: int) -> None:
    end = b"\r\n.\r\n"
    content = b"x" * (boundary - into_the_end)
    octets = content + end + b"NOOP\r\n"
    parser = Parser()
    parser.begin_message()
    received = b""
    events: list[Event] = []
    for start in range(0, len(octets), boundary):
        parser.receive_data(octets[start : start + boundary])
        while (event := parser.next_event()) is not None:
            if isinstance(event, Content):
                received += event.data
            else:
                events.append(event)
    assert received == content + b"\r\n"
    assert kinds(events) == [EndOfMessage, Noop]


@pytest.mark.parametrize(
    "octets", [b"a\r", b"a\r\n", b"a\r\n.", b"a\r\n.\r", b"a", b"", b"."]
)
def test_message_without_end_is_lost(octets: bytes) -> None:
    events = read_every_way(b"DATA\r\n" + octets)
    assert kinds(events)[-1] is ConnectionLost
    assert ends_of(events) == []


def test_ten_megabytes_without_lf_pass_through() -> None:
    parser = Parser()
    parser.begin_message()
    block = b"x" * 65_536
    octets = 0
    for _ in range(160):
        parser.receive_data(block)
        event = parser.next_event()
        assert isinstance(event, Content)
        octets += len(event.data)
        assert parser.next_event() is None
        assert parser.buffered_octets == 0
    assert octets == 160 * len(block)


# NUL and other controls in command lines


@pytest.mark.parametrize("line", [b"NO\0OP\r\n", b"NOOP\0\r\n", b"NOOP\x0b\r\n"])
def test_control_in_a_verb_is_500(line: bytes) -> None:
    events = read_every_way(line + b"NOOP\r\n")
    assert kinds(events) == [BadLine, Noop, ConnectionLost]
    assert type(bad_line(events)) is UnknownCommandError


@pytest.mark.parametrize(
    "line",
    [
        b"MAIL FROM:<a\0@c.example>\r\n",
        b"EHLO \x1b[2J\x07\r\n",
        b"NOOP \0\r\n",
        b"MAIL  FROM:<a@c.example>\r\n",
        b"MAIL FROM :<a@c.example>\r\n",
    ],
)
def test_bad_argument_is_501(line: bytes) -> None:
    events = read_every_way(line + b"NOOP\r\n")
    assert kinds(events) == [BadArgument, Noop, ConnectionLost]
    bad = events[0]
    assert isinstance(bad, BadArgument)
    assert bad.error.code == 501


@pytest.mark.parametrize("line", [b" NOOP\r\n", b"\tNOOP\r\n", b"\r\n"])
def test_line_without_verb_is_500(line: bytes) -> None:
    events = read_every_way(line + b"NOOP\r\n")
    assert kinds(events) == [BadLine, Noop, ConnectionLost]
    assert bad_line(events).code == 500


def test_verb_needs_a_space() -> None:
    events = read_every_way(b"MAILFROM:<a@c.example>\r\n")
    assert kinds(events) == [Unknown, ConnectionLost]


@pytest.mark.parametrize(
    "octets",
    [
        b"\xff\xf4\xff\xfdNOOP\r\n",
        b"POST / HTTP/1.1\r\nHost: s\r\nContent-Length: 99\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x00\r\n",
        b"\x80\x9e\x01\x03\r\n",
        b"SSH-2.0-x\r\n",
        b"Label: value\r\n",
        b"<script>alert(1)</script>\r\n",
        b"get / HTTP/1.1\r\nHost:s\r\n\r\n",
        b"Host:s\r\n",
        b"\x03\x00\x00\x13\x0e\xe0\r\n",
    ],
)
@pytest.mark.parametrize("before", [b"", b"NOOP\r\n"])
def test_foreign_protocol_ends_the_reading(octets: bytes, before: bytes) -> None:
    events = read_every_way(before + octets + b"EHLO x\r\nMAIL FROM:<a@c.example>\r\n")
    assert kinds(events) == [Noop] * bool(before) + [BadLine]
    assert type(bad_line(events)) is ForeignProtocolError


def client_hello() -> bytes:
    """Give what a TLS client says first."""
    outgoing = ssl.MemoryBIO()
    context = ssl.create_default_context()
    client = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="mx.example")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


FIRST_OCTETS = {
    "TLS": b"\x16\x03\x01\x02\x00\x01",
    "SSL 2": b"\x80\x9e\x01\x03",
    "RDP": b"\x03\x00\x00\x13\x0e\xe0",
    "SOCKS": b"\x05\x01\x00",
    "SMB": b"\x00\x00\x00\xa4\xffSMB",
    "Telnet": b"\xff\xfd\x03",
    "BitTorrent": b"\x13BitTorrent protocol",
    "a bare LF": b"\x16\x03\n",
    "a bare CR": b"\x16\r\x03",
    "a long line": b"\x16" * 100,
}


@pytest.mark.parametrize("protocol", FIRST_OCTETS)
def test_binary_protocol_is_known_by_its_first_octet(protocol: str) -> None:
    octets = FIRST_OCTETS[protocol]
    for end in (b"", b"\r\n", b"\r\nEHLO c.example\r\n"):
        events = read_every_way(octets + end, command_octets=20)
        assert kinds(events) == [BadLine]
        assert type(bad_line(events)) is ForeignProtocolError
    parser = Parser()
    parser.receive_data(octets[:1])
    assert isinstance(parser.next_event(), BadLine)
    assert mode_of(parser) is Mode.CLOSED


def test_client_hello_of_tls_is_known_at_once() -> None:
    hello = client_hello()
    for size in (1, 5, len(hello)):
        parser = Parser()
        parser.receive_data(hello[:size])
        event = parser.next_event()
        assert isinstance(event, BadLine)
        assert type(event.error) is ForeignProtocolError
    assert kinds(read_every_way(hello)) == [BadLine]


@pytest.mark.parametrize(
    "first", [b"NOOP\r\n", b"XYZZY\r\n", b"\r\n", b"x" * 30 + b"\r\n", b"DATA x\r\n"]
)
def test_only_the_first_line_is_judged_before_its_end(first: bytes) -> None:
    parser = Parser(command_octets=20)
    parser.receive_data(first + b"\x16\x03")
    assert parser.next_event() is not None
    assert parser.next_event() is None
    assert mode_of(parser) is Mode.COMMAND
    parser.receive_data(b"\r\n")
    event = parser.next_event()
    assert isinstance(event, BadLine)
    assert type(event.error) is ForeignProtocolError


@pytest.mark.parametrize("octets", [b"\n", b"\r\n", b"\t\r\n", b" \r\n"])
def test_empty_first_line_is_no_foreign_protocol(octets: bytes) -> None:
    events = read_every_way(octets)
    assert bad_line(events).code == 500


@pytest.mark.parametrize("line", ["\u017fTARTTLS", "\u212aELO x", "EHL\u00d8 x"])
def test_verb_is_matched_as_octets(line: str) -> None:
    events = read_every_way(line.encode() + b"\r\n")
    assert kinds(events)[0] is BadLine
    assert isinstance(bad_line(events), (UnknownCommandError, ForeignProtocolError))


@pytest.mark.parametrize(
    "octets",
    [b"NOOP\n", b"NO\rOP\r\n", b"NOOP\r\r\n", b"\n", b"NOOP\nMAIL FROM:<a@b>\r\n"],
)
@pytest.mark.parametrize("bare_newline", ["reject", "normalize"])
def test_bare_newline_in_a_command_ends_the_reading(
    octets: bytes, bare_newline: BareNewlinePolicy
) -> None:
    events = read_every_way(octets + b"QUIT\r\n", bare_newline=bare_newline)
    assert kinds(events) == [BadLine]
    assert type(bad_line(events)) is BareNewlineError


# Modes


def test_long_line_is_consumed() -> None:
    events = read_every_way(b"NOOP " + b"x" * 20 + b"\r\nQUIT\r\n", command_octets=20)
    assert kinds(events) == [BadLine, Quit, ConnectionLost]
    assert type(bad_line(events)) is LineTooLongError


def test_command_of_the_longest_line() -> None:
    line = b"NOOP " + b"x" * (2048 - 7) + b"\r\n"
    assert kinds(read([line])) == [Noop, ConnectionLost]
    assert kinds(read([b"x" + line])) == [BadLine, ConnectionLost]


def test_endless_line_ends_the_reading_and_keeps_nothing() -> None:
    parser = Parser(command_octets=100)
    events: list[Event] = []
    for octet in singles(b"x" * 1000):
        parser.receive_data(octet)
        assert parser.buffered_octets <= 2 * 100 + 1
        while (event := parser.next_event()) is not None:
            events.append(event)
    assert kinds(events) == [BadLine]
    assert type(bad_line(events)) is LineOverflowError
    assert parser.buffered_octets == 0


def test_one_event_takes_no_more_than_it_needs() -> None:
    parser = Parser()
    parser.receive_data(b"DATA\r\nQUIT\r\n.\r\nNOOP\r\n")
    assert isinstance(parser.next_event(), Data)
    assert parser.buffered_octets == len(b"QUIT\r\n.\r\nNOOP\r\n")
    parser.begin_message()
    assert mode_of(parser) is Mode.MESSAGE
    assert parser.next_event() == Content(b"QUIT\r\n")
    assert parser.next_event() == EndOfMessage()
    assert mode_of(parser) is Mode.COMMAND
    assert isinstance(parser.next_event(), Noop)


def test_refused_data_leaves_commands_commands() -> None:
    parser = Parser()
    parser.receive_data(b"DATA\r\nQUIT\r\n")
    assert isinstance(parser.next_event(), Data)
    assert isinstance(parser.next_event(), Quit)


def test_each_message_is_judged_alone() -> None:
    events = read([b"DATA\r\na\0b\r\n.\r\nDATA\r\nok\r\n.\r\n"])
    assert ends_of(events) == ["NUL", None]
    assert content_of(events[4:]) == b"ok\r\n"


def test_fault_is_reported_once_and_at_its_place() -> None:
    parser = Parser()
    parser.begin_message()
    parser.receive_data(b"ab\0cd")
    assert parser.next_event() == Content(b"ab")
    assert parser.next_event() == ContentFault("NUL")
    assert parser.next_event() is None
    parser.receive_data(b"ef\n\0\r\n")
    assert parser.next_event() is None
    parser.receive_data(b".\r\n")
    assert parser.next_event() == EndOfMessage("bare newline")


def test_first_fault_does_not_depend_on_the_cut() -> None:
    events = read_every_way(b"DATA\r\na\0b\nc\r\n.\r\n")
    assert ContentFault("NUL") in events
    assert ends_of(events) == ["bare newline"]


def test_drop_buffered_forgets_what_was_sent_too_early() -> None:
    parser = Parser()
    parser.receive_data(b"STARTTLS\r\nMAIL FROM:<a@b.example>\r\nNO")
    parser.next_event()
    parser.drop_buffered()
    assert parser.buffered_octets == 0
    parser.receive_data(b"NOOP\r\n")
    assert isinstance(parser.next_event(), Noop)


def test_closed_parser_keeps_nothing() -> None:
    parser = Parser()
    parser.receive_data(b"NOOP\r\n")
    parser.close()
    assert parser.mode is Mode.CLOSED
    for _ in range(3):
        parser.receive_data(b"NOOP\r\n" * 100)
        assert parser.next_event() is None
        assert parser.buffered_octets == 0
    parser.receive_data(b"")
    assert parser.next_event() is None


def test_end_of_the_input_is_told_once_behind_everything() -> None:
    parser = Parser()
    parser.receive_data(b"NOOP\r\nQUI")
    parser.receive_data(b"")
    parser.receive_data(b"")
    assert isinstance(parser.next_event(), Noop)
    assert parser.next_event() == ConnectionLost()
    assert parser.next_event() is None


def test_octets_behind_the_end_of_the_input_are_a_mistake() -> None:
    parser = Parser()
    parser.receive_data(b"")
    said = "^octets received behind the end of the input$"
    with pytest.raises(LocalProtocolError, match=said):
        parser.receive_data(b"x")


def test_bytearrays_are_read_and_not_kept() -> None:
    block: Any = bytearray(b"NOOP\r\nMAIL ")
    parser = Parser()
    parser.receive_data(block)
    block[:] = b"xxxxxxxxxxx"
    assert isinstance(parser.next_event(), Noop)
    parser.receive_data(b"FROM:<>\r\n")
    assert isinstance(parser.next_event(), Mail)


def test_verbs_and_leniency_are_options() -> None:
    assert kinds(read([b"NOOP\r\n"], verbs={})) == [Unknown, ConnectionLost]
    line = b"MAIL FROM:a@b.example\r\n"
    assert kinds(read([line])) == [BadArgument, ConnectionLost]
    assert kinds(read([line], lenient_addresses=True)) == [Mail, ConnectionLost]


# Properties

wire_words = st.sampled_from(
    [
        *[b"\r\n", b"\r\n", b"\r\n", b".", b".", b"\r\n.\r\n", b"\r", b"\n", b"\0"],
        *[b"DATA\r\n", b"DATA\r\n", b"NOOP\r\n", b"QUIT\r\n", b"MAIL FROM:<a@b>\r\n"],
        *[b"RCPT TO:", b"<\xff@b>", b"EHLO a\r\n", b"GET ", b"A: ", b"\xc3\xa9"],
        *[b"x", b"y" * 25, b"\x16\x03", b"\x80", b"A:b\r\n", b"get / "],
    ]
)
wire_octets = st.lists(wire_words, max_size=25).map(b"".join)
content_octets = st.lists(
    st.sampled_from([b"\r\n", b"\r\n", b"\r", b"\n", b".", b".", b"\0", b"a"]),
    max_size=40,
).map(b"".join)
places_to_cut = st.lists(st.integers(0, 300), max_size=8)


@every_policy
@given(octets=wire_octets, places=places_to_cut)
def test_any_cut_gives_the_same_events(
    bare_newline: BareNewlinePolicy, nul: NULPolicy, octets: bytes, places: list[int]
) -> None:
    options = {"bare_newline": bare_newline, "nul": nul, "command_octets": 40}
    events = shown(read([octets], **options))
    assert shown(read(cut(octets, places), **options)) == events
    assert shown(read(singles(octets), **options)) == events


@every_policy
@given(octets=content_octets, places=places_to_cut)
def test_any_cut_of_content_gives_the_same_events(
    bare_newline: BareNewlinePolicy, nul: NULPolicy, octets: bytes, places: list[int]
) -> None:
    octets = b"DATA\r\n" + octets + b"\r\n.\r\nNOOP\r\n"
    options = {"bare_newline": bare_newline, "nul": nul}
    events = shown(read([octets], **options))
    assert shown(read(cut(octets, places), **options)) == events
    assert shown(read(singles(octets), **options)) == events


@given(octets=st.binary(max_size=200) | wire_octets, places=places_to_cut)
def test_any_octets_give_documented_events(octets: bytes, places: list[int]) -> None:
    documented = (
        *[Command, BadArgument, BadLine, Content],
        *[ContentFault, EndOfMessage, ConnectionLost],
    )
    for event in read(cut(octets, places)):
        assert isinstance(event, documented)
        if isinstance(event, (BadArgument, BadLine)):
            assert event.error.code in (421, 500, 501)


@given(octets=content_octets, places=places_to_cut)
def test_accepted_content_holds_no_bare_cr_or_lf(
    octets: bytes, places: list[int]
) -> None:
    events = read([b"DATA\r\n", *cut(octets + b"\r\n.\r\n", places)])
    content = content_of(events)
    assert BARE.search(content) is None
    if ends_of(events)[0] is None:
        assert ContentFault not in kinds(events)


@pytest.mark.parametrize(
    "octets", [b"x" * 5000, b"\r\n" * 2500, b"\r\n." * 1500, b"\n.\r\n" * 1000]
)
@every_policy
def test_single_octets_of_content_do_not_pile_up(
    octets: bytes, bare_newline: BareNewlinePolicy, nul: NULPolicy
) -> None:
    """Each octet costs the same, however long the message is."""
    parser = Parser(bare_newline=bare_newline, nul=nul)
    parser.begin_message()
    for octet in singles(octets):
        parser.receive_data(octet)
        while parser.next_event() is not None:
            pass
        assert parser.buffered_octets == 0
        if parser.mode is not Mode.MESSAGE:
            parser.begin_message()
