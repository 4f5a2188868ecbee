"""SIZE (RFC 1870): T-SIZE-1 to T-SIZE-6.

A temporary shortage of space, 452 4.3.1, is a handler's answer.
"""

import tracemalloc

import pytest

from smtpsession.dialogue.events import ContentTooLarge
from smtpsession.dialogue.message_size import MIN_DISCARD_OCTETS
from smtpsession.wire.events import Content, EndOfMessage
from tests.standards.run_dialogue import (
    MAIL,
    P3,
    RCPT,
    converse,
    in_segments,
    make_settings,
)

SMALL = make_settings(size=1000)


def mail(size: bytes) -> bytes:
    return b"MAIL FROM:<a@c.example> " + size + b"\r\n"


def test_t_size_1() -> None:
    outcome = converse(mail(b"SIZE=99999999999999999999"))
    assert outcome.codes == ["552 5.3.4"]
    assert not outcome.session.in_transaction


@pytest.mark.parametrize(
    "size",
    [
        b"SIZE=",
        b"SIZE=-1",
        b"SIZE=+1",
        b"SIZE=1_0",
        b"SIZE=0x10",
        b"SIZE=123456789012345678901",
        b"SIZE=\xd9\xa1",
        b"SIZE",
    ],
)
def test_t_size_2(size: bytes) -> None:
    assert converse(mail(size)).codes == ["501 5.5.4"]


def test_t_size_3() -> None:
    # Beyond the discard cap the connection closes (T-SIZE-6), so stay below it.
    octets = b"x" * 78 + b"\r\n"
    block = octets * 100
    blocks = [block] * 125
    assert 1000 < len(block) * len(blocks) < MIN_DISCARD_OCTETS
    tracemalloc.start()
    outcome = in_segments(
        [*blocks, b".\r\n", MAIL, RCPT, b"DATA\r\n", b"y\r\n.\r\n"],
        after=P3,
        settings=SMALL,
    )
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert outcome.codes == [
        "552 5.3.4",
        "250 2.1.0",
        "250 2.1.5",
        "354",
        "250 2.0.0",
    ]
    assert outcome.messages == [b"y\r\n"]
    assert outcome.kinds[:3] == [Content, ContentTooLarge, EndOfMessage]
    assert peak < 1000 + 256 * 1024


def test_t_size_4() -> None:
    octets = RCPT + b"DATA\r\n" + b"x" * 498 + b"\r\n.\r\n"
    outcome = converse(mail(b"SIZE=10") + octets, settings=SMALL)
    assert outcome.codes == ["250 2.1.0", "250 2.1.5", "354", "250 2.0.0"]


def test_t_size_5() -> None:
    # Each line is 10 octets of content and one more on the wire.
    octets = b"..2345678\r\n" * 100 + b".\r\n"
    outcome = converse(octets, after=P3, settings=SMALL)
    assert outcome.codes == ["250 2.0.0"]
    assert [len(message) for message in outcome.messages] == [1000]
    one_more = octets.replace(b"..2345678\r\n.\r\n", b"..23456789\r\n.\r\n")
    assert converse(one_more, after=P3, settings=SMALL).codes == ["552 5.3.4"]


def test_t_size_6() -> None:
    block = b"x" * 65_534 + b"\r\n"
    blocks = [block] * (1000 // len(block) + MIN_DISCARD_OCTETS // len(block) + 1)
    outcome = in_segments(blocks, after=P3, settings=SMALL)
    assert outcome.codes == ["552 5.3.4"]
    assert outcome.is_over
    assert outcome.messages == []


@pytest.mark.parametrize(("size", "line"), [(None, "SIZE 0"), (1000, "SIZE 1000")])
def test_the_keyword_tells_the_limit(size: int | None, line: str) -> None:
    outcome = converse(b"EHLO c.example\r\n", settings=make_settings(size=size))
    assert line in outcome.replies[0].lines


def test_the_declared_size_is_in_the_envelope() -> None:
    assert converse(mail(b"SIZE=1000"), settings=SMALL).session.envelope.size == 1000
    assert converse(mail(b"SIZE=1001"), settings=SMALL).codes == ["552 5.3.4"]
