import contextlib
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.testing import ReceivedReply
from smtpsession.testing.received_reply import ReplyReader
from smtpsession.wire.replies import Reply


def read(*cuts: bytes) -> list[ReceivedReply]:
    reader = ReplyReader()
    found: list[ReceivedReply] = []
    for data in cuts:
        reader.receive_data(data)
        while (reply := reader.next_reply()) is not None:
            found.append(reply)
    return found


def test_a_reply_of_one_line() -> None:
    [reply] = read(b"250 2.1.5 recipient OK\r\n")
    assert reply == ReceivedReply(250, ("recipient OK",), "2.1.5")
    assert str(reply) == "250 2.1.5 recipient OK"
    assert reply.is_positive


def test_a_reply_of_several_lines() -> None:
    [reply] = read(b"250-mx.test\r\n250-SIZE 1000\r\n250 DSN\r\n")
    assert (reply.code, reply.enhanced) == (250, None)
    assert reply.lines == ("mx.test", "SIZE 1000", "DSN")
    assert reply.text == "mx.test SIZE 1000 DSN"
    assert reply.wire_lines == ["250-mx.test", "250-SIZE 1000", "250 DSN"]


def test_the_enhanced_code_stands_in_every_line() -> None:
    [reply] = read(b"550-5.7.1 not\r\n550 5.7.1\r\n")
    assert reply == ReceivedReply(550, ("not", ""), "5.7.1")
    assert not reply.is_positive
    assert reply.wire_lines == ["550-5.7.1 not", "550 5.7.1"]


@pytest.mark.parametrize(
    "octets",
    [
        b"250 5.1.1 x\r\n",
        b"250-2.1.0 x\r\n250 2.1.5 x\r\n",
        b"250-2.1.0 x\r\n250 y\r\n",
    ],
)
def test_other_numbers_are_text(octets: bytes) -> None:
    [reply] = read(octets)
    assert reply.enhanced is None
    assert "".join(f"{line}\r\n" for line in reply.wire_lines).encode() == octets


def test_a_code_alone_is_a_reply() -> None:
    assert read(b"250\r\n") == [ReceivedReply(250, ("",))]


def test_what_is_not_whole_is_no_reply_yet() -> None:
    reader = ReplyReader()
    assert not reader.has_octets
    reader.receive_data(b"250-a\r\n")
    assert reader.next_reply() is None
    assert reader.has_octets


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"hello\r\n", "must begin with a code"),
        (b"199 no\r\n", "must begin with a code"),
        (b"250+x\r\n", "must begin with a code"),
        (b"250 \xff\r\n", "must begin with a code"),
        (b"250-a\r\n251 b\r\n", "must have one code, got 250 and 251"),
    ],
)
def test_what_is_no_reply_is_an_error(octets: bytes, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        read(octets)


@given(st.binary())
def test_nothing_else_escapes(octets: bytes) -> None:
    with contextlib.suppress(ValueError):
        read(octets)


texts = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)
sent = st.builds(
    Reply, st.sampled_from([220, 250, 354, 421, 550]), st.lists(texts, min_size=1)
)


@given(st.lists(sent), st.sets(st.integers(1, 200)), st.booleans())
def test_any_cut_gives_the_replies_that_were_sent(
    replies: list[Reply], places: set[int], enhanced: bool
) -> None:
    wire = b"".join(reply.to_bytes(enhanced=enhanced) for reply in replies)
    ends = [0, *sorted(p for p in places if p < len(wire)), len(wire)]
    cuts = [wire[i:j] for i, j in itertools.pairwise(ends)]
    assert read(*cuts) == read(wire)
    assert [reply.code for reply in read(wire)] == [reply.code for reply in replies]
    lines = [line for reply in read(wire) for line in reply.wire_lines]
    assert [line.rstrip() for line in lines] == [
        line.rstrip() for line in wire.decode().split("\r\n")[:-1]
    ]
