import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.testing.model_replies import SeenReply, take_reply


def test_replies_are_taken_one_by_one() -> None:
    octets = bytearray(b"250-mx\r\n250-SIZE 5\r\n250 AUTH PLAIN LOGIN\r\n354\r\n22")
    first = take_reply(octets)
    assert first is not None
    assert first == SeenReply(250, ("mx", "SIZE 5", "AUTH PLAIN LOGIN"))
    assert first.keywords == {"SIZE": "5", "AUTH": "PLAIN LOGIN"}
    assert str(first) == "250 mx / 250 SIZE 5 / 250 AUTH PLAIN LOGIN"
    assert take_reply(octets) == SeenReply(354, ("",))
    assert take_reply(octets) is None
    assert octets == b"22"


def test_which_replies_are_positive() -> None:
    codes = (100, 220, 354, 421, 550)
    assert [SeenReply(code, ("",)).is_positive for code in codes] == [
        *(False, True, True, False, False)
    ]


@pytest.mark.parametrize(
    ("octets", "fault"),
    [
        (b"hello", "no reply code in b'hello'"),
        (b"650 x", "no reply code in b'650 x'"),
        (b"25", "no reply code in b'25'"),
        (b"250-x\r\n251 x", "two codes in one reply, b'250' and b'251'"),
        (b"250_x", "neither space nor hyphen behind the code of b'250_x'"),
    ],
)
def test_faults_of_form_are_named(octets: bytes, fault: str) -> None:
    reply = take_reply(bytearray(octets + b"\r\n"))
    assert reply is not None
    assert reply.fault == fault


@pytest.mark.parametrize(
    ("octets", "is_sure"),
    [
        (b"250 ok", True),
        (b"250 \xe9", True),
        (b"250_x", True),
        (b"250-a\r\n251 b", True),
        (b"250-a\r\n451 b", False),
        (b"250 a\n250 b", False),
        (b"250 a\r", False),
        (b"650 a", False),
        (b"ok", False),
    ],
)
def test_what_a_faulty_reply_does_may_be_known(octets: bytes, is_sure: bool) -> None:
    reply = take_reply(bytearray(octets + b"\r\n"))
    assert reply is not None
    assert reply.is_sure is is_sure


def test_what_is_offered_twice_is_one_offer() -> None:
    octets = bytearray(b"250-mx\r\n250-AUTH PLAIN\r\n250 AUTH=LOGIN PLAIN\r\n")
    reply = take_reply(octets)
    assert reply is not None
    assert reply.keywords == {"AUTH": "PLAIN LOGIN PLAIN"}


def test_a_reply_keeps_its_octets() -> None:
    octets = b"250-a \xe9\r\n250 b\r\n"
    reply = take_reply(bytearray(octets))
    assert reply is not None
    assert reply.octets == octets


def test_what_has_no_code_is_shown_as_it_is() -> None:
    assert str(take_reply(bytearray(b"what\r\n"))) == "b'what\\r\\n'"


@given(st.binary())
def test_any_octets_are_read(octets: bytes) -> None:
    rest = bytearray(octets)
    while take_reply(rest) is not None:
        pass
    assert octets.endswith(bytes(rest))
