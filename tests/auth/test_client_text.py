"""Text of the client: what is refused, and what an error keeps of it."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.auth.client_text import (
    decode_text,
    parse_authorization_id,
    parse_name,
    parse_password,
)
from smtpsession.errors import AuthenticationFailedError

Parse = Callable[[bytes], str]

every_parser = pytest.mark.parametrize(
    "parse", [decode_text, parse_name, parse_authorization_id, parse_password]
)


@pytest.mark.parametrize("octets", [b"", b"a", b"a\r\nb", "ü😀".encode()])
def test_text(octets: bytes) -> None:
    assert decode_text(octets) == octets.decode()


@every_parser
@pytest.mark.parametrize("octets", [b"\xff", b"a\xc3", b"\xed\xa0\x80", b"a\0b"])
def test_no_utf_8_or_a_nul_is_refused(parse: Parse, octets: bytes) -> None:
    with pytest.raises(AuthenticationFailedError):
        parse(octets)


@pytest.mark.parametrize(
    ("octets", "name"),
    [
        (b"user", "user"),
        (b"alice@c.example", "alice@c.example"),
        ("I\u00adX".encode(), "IX"),
        ("\u2168".encode(), "IX"),
        ("😀".encode(), "😀"),
        (b"a" * 1020, "a" * 1020),
    ],
)
def test_name_is_prepared(octets: bytes, name: str) -> None:
    assert parse_name(octets) == name
    assert parse_authorization_id(octets) == name


@pytest.mark.parametrize(
    "octets",
    [
        "\u00ad".encode(),
        b"u\r\nX: y",
        b"a\x1b[2J",
        "a\u202eb".encode(),
        "\u06271".encode(),
        b"a" * 1021,
    ],
)
def test_what_is_no_name(octets: bytes) -> None:
    with pytest.raises(AuthenticationFailedError):
        parse_name(octets)
    with pytest.raises(AuthenticationFailedError):
        parse_authorization_id(octets)


def test_only_acting_for_oneself_needs_no_name() -> None:
    assert parse_authorization_id(b"") == ""
    with pytest.raises(AuthenticationFailedError):
        parse_name(b"")


def test_password_is_left_as_it_is() -> None:
    assert parse_password("I\u00adX\t".encode()) == "I\u00adX\t"
    assert len(parse_password(b"a" * 1020)) == 1020
    for octets in (b"", b"a" * 1021):
        with pytest.raises(AuthenticationFailedError):
            parse_password(octets)


@every_parser
@pytest.mark.parametrize("octets", [b"secret\xff", b"secret\0"])
def test_error_carries_nothing_of_the_client(parse: Parse, octets: bytes) -> None:
    with pytest.raises(AuthenticationFailedError) as caught:
        parse(octets)
    assert caught.value.args == ()
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None


@every_parser
@given(octets=st.binary() | st.text().map(lambda text: text.encode(errors="replace")))
def test_any_octets_are_text_or_refused(parse: Parse, octets: bytes) -> None:
    try:
        text = parse(octets)
    except AuthenticationFailedError:
        return
    assert "\0" not in text
