"""What a person sees of what was said."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.testing.fuzz.runner import Said
from smtpsession.testing.fuzz.secrets import Secrets
from smtpsession.testing.fuzz.transcript import (
    count_client_lines,
    escaped,
    transcript,
)
from smtpsession.testing.session_machine_octets import pieces

CONNECTS = Said(0, "note", b"connects")
GREETING = Said(0, "server", b"220 s.example\r\n")
SECRETS = Secrets("alice", "Tr0ub4dor&3 horse")


def client(octets: bytes, session: int = 0) -> Said:
    return Said(session, "client", octets)


def server(octets: bytes, session: int = 0) -> Said:
    return Said(session, "server", octets)


def test_a_session_is_shown_line_by_line() -> None:
    said = [
        *(CONNECTS, GREETING, client(b"EHLO a.example\r\n")),
        *(server(b"250-s.example\r\n250 SIZE\r\n"), client(b"QUIT\r\n")),
        *(server(b"221 bye\r\n"), Said(0, "note", b"hangs up")),
    ]
    assert transcript(said) == [
        *("S: 220 s.example", "C: EHLO a.example", "S: 250-s.example", "S: 250 SIZE"),
        *("C: QUIT", "S: 221 bye", "(hangs up)"),
    ]


def test_several_sessions_are_told_apart() -> None:
    said = [
        *(CONNECTS, GREETING, Said(1, "note", b"connects"), client(b"NOOP\r\n")),
        *(client(b"QUIT\r\n", 1), server(b"250 ok\r\n")),
    ]
    assert transcript(said) == [
        *("[1] (connects)", "[1] S: 220 s.example", "[2] (connects)", "[1] C: NOOP"),
        *("[2] C: QUIT", "[1] S: 250 ok"),
    ]


def test_a_line_that_goes_on_is_seen() -> None:
    said = [client(b"NO"), client(b"OP\r\nQU"), server(b"250 ok\r\n"), client(b"IT")]
    assert transcript(said) == [
        *("C: NO \\", "C: OP", "C: QU \\", "S: 250 ok", "C: IT \\"),
    ]


def test_only_crlf_ends_a_line() -> None:
    said = [client(b"NOOP\n"), client(b"a\rb\\\r\n \r\n\r\n"), server(b"250 \r\n")]
    assert transcript(said) == [
        *("C: NOOP\\n \\", "C: a\\rb\\\\", "C: \\x20", "C: ", "S: 250\\x20"),
    ]


def test_a_crlf_in_two_segments_is_seen() -> None:
    assert transcript([client(b"NOOP\r"), client(b"\n")]) == ["C: NOOP\\r \\", "C: \\n"]


def test_segments_of_replies_are_joined() -> None:
    said = [server(b"250-s.exa"), server(b"mple\r"), server(b"\n250 SI")]
    assert transcript(said) == ["S: 250-s.example", "S: 250 SI \\"]


def test_nothing_said_is_not_shown() -> None:
    assert transcript([]) == []
    assert transcript([client(b""), CONNECTS]) == []


def test_many_lines_are_left_out() -> None:
    lines = [b"line %d\r\n" % number for number in range(100)]
    shown = transcript([client(b"".join(lines[:12])), server(b"".join(lines))])
    assert shown[:12] == [f"C: line {number}" for number in range(12)]
    assert shown[12:18] == [f"S: line {number}" for number in range(6)]
    assert shown[18] == "   ... 88 lines"
    assert shown[19:] == [f"S: line {number}" for number in range(94, 100)]


def test_what_comes_again_and_again_is_told_once() -> None:
    pair = [client(b"RCPT TO:<b>\r\n"), server(b"250 ok\r\n")]
    end = [client(b"RCPT TO:<b>\r\n"), server(b"452 too many\r\n")]
    assert transcript(3 * pair + end)[:6] == 3 * ["C: RCPT TO:<b>", "S: 250 ok"]
    assert transcript([GREETING, *99 * pair, *end]) == [
        *("S: 220 s.example", "C: RCPT TO:<b>", "S: 250 ok", "   ... 98 times more"),
        *("C: RCPT TO:<b>", "S: 452 too many"),
    ]
    assert transcript([client(99 * b"NOOP\r\n"), server(4 * b"250 ok\r\n")]) == [
        *("C: NOOP", "   ... 98 times more", "S: 250 ok", "   ... 3 times more"),
    ]


# Secrets.


def test_secrets_are_called_by_their_names() -> None:
    said = [
        client(b"AUTH LOGIN\r\n"),
        server(b"334 VXNlcm5hbWU6\r\n"),
        client(SECRETS.fill_in(b"{USER}\r\n")),
        client(SECRETS.fill_in(b"{PASSWORD}\r\n")),
        server(b"535 Tr0ub4dor&3 horse is wrong\r\n"),
    ]
    assert transcript(said, SECRETS) == [
        *("C: AUTH LOGIN", "S: 334 VXNlcm5hbWU6", "C: {USER}", "C: {PASSWORD}"),
        "S: 535 {PASSWORD} is wrong",
    ]


def test_a_secret_in_many_segments_is_not_seen() -> None:
    line = SECRETS.fill_in(b"AUTH PLAIN {PLAIN}\r\n")
    said = [client(piece) for piece in pieces(line, range(10, len(line)))]
    said.insert(15, server(b"421 hurry\r\n"))
    assert transcript(said, SECRETS) == [
        *("C: AUTH PLAIN \\", "C: \\x20 \\", "C: {PLAIN} \\", "S: 421 hurry"),
        *("C: \\r \\", "C: \\n"),
    ]


@pytest.mark.parametrize("behind", ["hangs up", "connects"])
def test_a_secret_that_is_cut_off_is_not_seen(behind: str) -> None:
    secret = SECRETS.fill_in(b"{PASSWORD}")
    said = [client(secret[:3]), client(secret[3:5]), Said(0, "note", behind.encode())]
    assert transcript(said, SECRETS) == ["C: {PASSWORD} \\", f"({behind})"]
    # What another session or the server says does not continue it.
    said = [client(secret[:3]), client(b"NOOP\r\n", 1), server(b"x\r\n")]
    assert transcript(said, SECRETS)[0] == "[1] C: {PASSWORD} \\"


def test_a_remark_is_no_secret() -> None:
    said = [client(b"NOOP\r\n"), Said(0, "note", b"the server closes")]
    secrets = Secrets("ann", "sesame and more")
    assert transcript(said, secrets) == ["C: NOOP", "(the server closes)"]


@given(
    st.sampled_from(["AUTH PLAIN {PLAIN}\r\n", "{WRONG-PLAIN}\r\n", "{PASSWORD}\r\n"]),
    st.sets(st.integers(0, 60)),
    st.integers(1, 60),
)
def test_no_cut_shows_a_secret(line: str, cuts: set[int], said_segments: int) -> None:
    octets = SECRETS.fill_in(line.encode())
    said = [client(piece) for piece in pieces(octets, cuts)][:said_segments]
    shown = "".join(line.removeprefix("C: ") for line in transcript(said, SECRETS))
    letters = shown.replace(" \\", "")
    for secret in (SECRETS.fill_in(b"{PASSWORD}"), SECRETS.fill_in(b"{PLAIN}")):
        assert secret[:3].decode() not in letters


# Octets.


@pytest.mark.parametrize(
    ("octets", "shown"),
    [
        (b"a b~", "a b~"),
        (b"\0\x1b[2J\x7f", "\\x00\\x1b[2J\\x7f"),
        (b"\r\n\t\\", "\\r\\n\\t\\\\"),
        (b"\x80\x9b\xa0\xe9\xff", "\\x80\\x9b\\xa0\\xe9\\xff"),
        (b"a" * 31, "a" * 31),
        (b"a" * 32, 'aaa...("a" 32 times)'),
        (b"a" * 70_000 + b"b", 'aaa...("a" 70000 times)b'),
        (b"NOOP " * 100 + b"NO", 'NOOP NOOP NOOP ...("NOOP " 100 times)NO'),
        (b"\0" + b"0" * 40, '\\x00000...("0" 40 times)'),
        (b"\n" + b"n" * 40, '\\nnnn...("n" 40 times)'),
        (b"\xff" * 33, '\\xff\\xff\\xff...("\\xff" 33 times)'),
        (b"\\" * 33, '\\\\\\\\\\\\...("\\\\" 33 times)'),
        (b"a" * 20 + b"b" * 20, "a" * 20 + "b" * 20),
    ],
)
def test_octets_are_shown_as_printable_ascii(octets: bytes, shown: str) -> None:
    assert escaped(octets) == shown


def test_long_lines_are_shown_without_their_middle() -> None:
    octets = "".join(map(str, range(10_000))).encode()
    shown = escaped(octets)
    assert len(shown) < 450
    assert shown.startswith("0123456789101112")
    assert shown.endswith("99979998" + "9999")
    assert f"...({len(octets) - 400} octets)..." in shown


@given(st.binary())
def test_no_octet_reaches_the_terminal_as_it_is(octets: bytes) -> None:
    assert re.fullmatch("[ -~]*", escaped(octets))
    for line in transcript([client(octets), server(octets)], SECRETS):
        assert re.fullmatch("(?:[CS]: |   [.]{3})[ -~]*", line)


@given(st.binary(max_size=31))
def test_short_octets_can_be_read_back(octets: bytes) -> None:
    shown = escaped(octets)
    assert shown.encode().decode("unicode_escape").encode("latin-1") == octets


@given(st.lists(st.integers(0, 40)))
def test_any_cut_has_the_same_octets(cuts: list[int]) -> None:
    octets = b"EHLO a.example\r\nMAIL FROM:<a@a.example>\r\nDATA\r\n"
    shown = transcript([client(piece) for piece in pieces(octets, cuts)])
    text = "".join(line.removeprefix("C: ").removesuffix(" \\") for line in shown)
    for ending in ("\\r", "\\n"):
        text = text.replace(ending, "")
    assert text.replace("\\x20", " ").encode() == octets.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    ("octets", "lines"),
    [
        ([], 0),
        ([b"NOOP\r\n", b"QU", b"IT\r\n"], 2),
        ([b"EHLO a\r\nNOOP\r\nQUIT"], 3),
        ([b"a\n"], 1),
    ],
)
def test_lines_of_the_client_are_counted(octets: list[bytes], lines: int) -> None:
    said: list[Said] = [CONNECTS, GREETING, *map(client, octets)]
    assert count_client_lines(said) == lines
