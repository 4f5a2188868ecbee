from hypothesis import given
from hypothesis import strategies as st

from smtpsession.testing.session_machine_octets import (
    auth_responses,
    chunk_of,
    dot_stuffed,
    pieces,
    secret_responses,
)


def test_segments_begin_where_they_are_cut() -> None:
    assert list(pieces(b"abcdef", (4, 1, 4))) == [b"a", b"bcd", b"ef"]
    assert list(pieces(b"abc", ())) == [b"abc"]


@given(st.binary(), st.lists(st.integers(-5, 50)))
def test_no_octet_is_lost_by_cutting(octets: bytes, cuts: list[int]) -> None:
    assert b"".join(pieces(octets, cuts)) == octets


def test_dots_at_the_beginning_of_lines_are_doubled() -> None:
    assert dot_stuffed(b".\r\na.\r\n..b\n.") == b"..\r\na.\r\n...b\n."


def test_chunks() -> None:
    assert chunk_of(b"QUIT\r\n", False) == b"BDAT 6\r\nQUIT\r\n"
    assert chunk_of(b"", True) == b"BDAT 0 LAST\r\n"


def test_responses_inside_auth() -> None:
    assert auth_responses("PLAIN", "user", "pass") == ["AHVzZXIAcGFzcw=="]
    assert auth_responses("LOGIN", "user", "pass") == ["dXNlcg==", "cGFzcw=="]


def test_what_is_secret_of_a_client() -> None:
    secrets = secret_responses("user", "secret")
    assert secrets == [b"AHVzZXIAc2VjcmV0", b"c2VjcmV0"]
