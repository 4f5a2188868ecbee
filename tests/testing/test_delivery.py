from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.testing import Delivery, ReceivedReply
from smtpsession.testing.delivery import dot_stuffed, to_octets
from smtpsession.wire.dot_stuffing import DotStuffingDecoder

OK = ReceivedReply(250, ("OK",))
GO = ReceivedReply(354, ("go",))
NO = ReceivedReply(550, ("no",))


def test_a_delivery_tells_its_replies_in_order() -> None:
    delivery = Delivery(mail=OK, rcpt=(OK, NO), data=GO, message=(OK,))
    assert delivery.replies == [OK, OK, NO, GO, OK]
    assert delivery.accepted


def test_what_was_not_sent_was_not_accepted() -> None:
    delivery = Delivery(mail=NO)
    assert delivery.replies == [NO]
    assert not delivery.accepted


def test_one_recipient_is_enough() -> None:
    assert Delivery(mail=OK, message=(NO, OK)).accepted
    assert not Delivery(mail=OK, message=(NO, NO)).accepted


@pytest.mark.parametrize(
    ("content", "octets"),
    [
        (b"a\nb", b"a\nb\r\n"),
        (b"a\r\n", b"a\r\n"),
        ("a\n\nb\n", b"a\r\n\r\nb\r\n"),
        ("", b"\r\n"),
        ("\u00e9", b"\xc3\xa9\r\n"),
    ],
)
def test_contents(content: bytes | str, octets: bytes) -> None:
    assert to_octets(content) == octets


def test_a_message_object_gets_the_lines_of_smtp() -> None:
    message = EmailMessage()
    message["Subject"] = "x"
    message.set_content("hello\n")
    octets = to_octets(message)
    assert octets.startswith(b"Subject: x\r\n")
    assert octets.endswith(b"\r\n\r\nhello\r\n")


@given(st.lists(st.sampled_from([b".", b"\r\n", b"a"])).map(b"".join))
def test_dot_stuffing_is_undone_by_the_server(content: bytes) -> None:
    content += b"\r\n"
    assert DotStuffingDecoder().decode(dot_stuffed(content)) == (content, b"")
