import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.testing.model_lines import Line, is_base64, sloppy_line


@pytest.mark.parametrize(
    ("octets", "verb", "argument"),
    [
        (b"NOOP", "NOOP", b""),
        (b"noop  ", "NOOP", b""),
        (b"Rcpt To:<a@b> X=1", "RCPT", b"To:<a@b> X=1"),
        (b"", "", b""),
    ],
)
def test_a_line_is_a_verb_and_an_argument(
    octets: bytes, verb: str, argument: bytes
) -> None:
    line = Line(octets)
    assert (line.verb, line.argument) == (verb, argument)


def test_path_and_parameters() -> None:
    line = Line(b"MAIL FROM:<a@c.example> size=5 BODY=8BITMIME SMTPUTF8")
    assert line.path == b"a@c.example"
    assert line.parameters == {"SIZE": "5", "BODY": "8BITMIME", "SMTPUTF8": ""}


@pytest.mark.parametrize(
    ("octets", "chunk"),
    [
        (b"BDAT 5", (5, False)),
        (b"bdat 0 last", (0, True)),
        (b"BDAT", None),
        (b"BDAT x", None),
        (b"BDAT 5 FIRST", None),
        (b"BDAT 5 LAST LAST", None),
        (b"BDAT 1234567890", None),
        (b"BDAT  5", None),
        (b"BDAT 5\t", (5, False)),
    ],
)
def test_the_size_of_a_chunk(octets: bytes, chunk: tuple[int, bool] | None) -> None:
    line = Line(octets)
    assert line.chunk == chunk
    assert line.syntax == ("bad" if chunk is None else "good")


@pytest.mark.parametrize(
    ("octets", "is_open"),
    [
        (b"BDAT 5", False),
        (b"BDAT", False),
        (b"BDAT x", False),
        (b"BDAT  5", True),
        (b" bdat\t5", True),
        (b"BDAT 0x5", True),
        (b"BDAT 5 FIRST", True),
        (b"BDAT 1234567890", True),
        (b"NOOP 5", False),
    ],
)
def test_whether_a_chunk_follows_can_be_open(octets: bytes, is_open: bool) -> None:
    assert Line(octets).may_be_chunk is is_open


@pytest.mark.parametrize(
    ("octets", "only_blanks"),
    [
        (b"BDAT 5", False),
        (b"BDAT  5", True),
        (b"bdat\t5  last", True),
        (b"BDAT 5\0", True),
        (b"BDAT +5", False),
        (b"BDAT 5LAST", False),
    ],
)
def test_blanks_around_a_size_can_be_read(octets: bytes, only_blanks: bool) -> None:
    assert Line(octets).has_blanks_around_size is only_blanks


@pytest.mark.parametrize(
    ("octets", "syntax"),
    [
        (b"EHLO", "bad"),
        (b"EHLO c.example", "in doubt"),
        (b"MAIL FROM:<a@c.example>", "good"),
        (b"mail from:<>", "good"),
        (b"MAIL FROM:", "bad"),
        (b"MAIL FROM:<", "bad"),
        (b"MAIL TO:<a@c.example>", "bad"),
        (b"MAIL FROM: <a@c.example>", "good"),
        (b"MAIL FROM:<a..b@c.example>", "in doubt"),
        (b"MAIL FROM:<a@c..example>", "in doubt"),
        (b'MAIL FROM:<"a b"@c.example>', "in doubt"),
        (b"RCPT TO:<postmaster>", "in doubt"),
        (b"RCPT TO:<>", "bad"),
        (b"RCPT TO:<b@s.example>", "good"),
        (b"NOOP", "good"),
        (b"NOOP x", "in doubt"),
    ],
)
def test_syntax_is_judged_where_it_is_plain(octets: bytes, syntax: str) -> None:
    assert Line(octets).syntax == syntax


def test_bare_newlines_in_a_line() -> None:
    assert Line(b"NOOP\nQUIT").has_bare_newline
    assert Line(b"NOOP\rQUIT").has_bare_newline
    assert not Line(b"NOOP\r").has_bare_newline
    assert not Line(b"NOOP").has_bare_newline


@pytest.mark.parametrize(
    ("octets", "read"),
    [
        (b"NOOP", b"NOOP"),
        (b"  NOOP", b"NOOP"),
        (b"NOOP\r", b"NOOP"),
        (b"NOOP\0x", b"NOOP"),
        (b"RCPT\tTO:<b@s>", b"RCPT TO:<b@s>"),
    ],
)
def test_a_line_as_a_sloppy_server_reads_it(octets: bytes, read: bytes) -> None:
    assert sloppy_line(Line(octets)) == Line(read)


def test_what_cannot_be_seen_at_the_end_of_a_line() -> None:
    lines = [b"NOOP ", b"NOOP\t", b"NOOP\r", b"NOOP\0", b"NOOP", b""]
    blanks = [Line(line).has_trailing_blanks for line in lines]
    assert blanks == [True, True, True, True, False, False]


def test_plain_arguments() -> None:
    lines = [b"NOOP x1", b"NOOP", b"NOOP x y", b"NOOP \xff"]
    plain = [Line(line).has_plain_argument for line in lines]
    assert plain == [True, False, False, False]


def test_base64() -> None:
    assert is_base64(b"AHVzZXI=")
    assert is_base64(b"AHVzZXI= \t")
    assert is_base64(b"")
    assert not is_base64(b"AHVzZXI")
    assert not is_base64(b"*")
    assert not is_base64(b"\xc3\xa9")


@given(st.binary())
def test_any_octets_are_a_line(octets: bytes) -> None:
    line = Line(octets)
    assert line.syntax in ("good", "bad", "in doubt")
    assert line.parameters is not None
    assert line.path is not None
