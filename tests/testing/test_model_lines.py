import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.testing.model_lines import Line, is_base64


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
    ],
)
def test_the_size_of_a_chunk(octets: bytes, chunk: tuple[int, bool] | None) -> None:
    line = Line(octets)
    assert line.chunk == chunk
    assert line.syntax == ("bad" if chunk is None else "good")


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
    assert Line(b"NOOP\r").has_bare_newline
    assert not Line(b"NOOP").has_bare_newline


def test_base64() -> None:
    assert is_base64(b"AHVzZXI=")
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
