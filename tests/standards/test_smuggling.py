"""SMTP smuggling: the matrix of ends of data that are none, with both policies.

Through DATA, and through text in chunks (RFC 3030), where nothing is an end.
"""

import re

import pytest

from smtpsession.extensions.chunking import Chunking
from smtpsession.wire.commands import Mail
from smtpsession.wire.dot_stuffing import dot_stuff
from smtpsession.wire.events import ConnectionLost
from tests.standards.run_dialogue import (
    CHUNKED,
    MAIL,
    P2,
    P3,
    SETTINGS,
    Conversation,
    Outcome,
    converse,
    in_segments,
    make_settings,
)

NORMALIZE = make_settings(bare_newline="normalize")
CHUNKED_NORMALIZE = make_settings(bare_newline="normalize", added=[Chunking()])
BARE = re.compile(rb"(?<!\r)\n|\r(?!\n)")

BARE_LF_ONLY = {
    "1": b"\n.\n",
    "5": b"\n.\r\n",
    "7": b"\r\n.\n",
    "13a": b"\r\n.\n\r\n",
    "13c": b"\n\r\n.\n\r\n",
}
BARE_CR = {
    "2": b"\n.\r",
    "3": b"\r.\n",
    "4": b"\r.\r",
    "6": b"\r.\r\n",
    "8": b"\r\n.\r",
    "11": b"\r\n.\r\r\n",
    "12": b"\r\r\n.\r\r\n",
    "13b": b"\n\r.\r\n",
    "17": b"\r\r\n.\r\n",
}
NUL = {"9": b"\r\n\x00.\r\n", "10": b"\r\n.\x00\r\n"}
LEGAL = {
    "14a": b"\r\n. \r\n",
    "14b": b"\r\n.\t\r\n",
    "14c": b"\r\n.\x0b\r\n",
    "14d": b"\r\n.\x1a\r\n",
    "15": b"\r\n..\r\n",
    "16a": b"\x0b.\x0b",
    "16b": b"\x0c.\x0c",
    "16c": b"\x1c.\x1c",
    "16d": b"\xc2\x85.\xc2\x85",
    "16e": b"\xe2\x80\xa8.\xe2\x80\xa8",
}


def smuggle(end: bytes, *, normalize: bool = False) -> Outcome:
    octets = (
        b"Subject: 1\r\n\r\nbody" + end + b"MAIL FROM:<evil@x.example>\r\n"
        b"RCPT TO:<b@s.example>\r\nDATA\r\nSubject: 2\r\n\r\nevil\r\n.\r\n"
    )
    return converse(octets, after=P3, settings=NORMALIZE if normalize else SETTINGS)


def rows(*tables: dict[str, bytes]) -> pytest.MarkDecorator:
    params = [pytest.param(v, id=k) for table in tables for k, v in table.items()]
    return pytest.mark.parametrize("end", params)


def assert_refused_and_closed(outcome: Outcome) -> None:
    assert outcome.codes == ["550 5.5.2"]
    assert outcome.is_over
    assert outcome.messages == []
    assert Mail not in outcome.kinds


@rows(BARE_LF_ONLY, BARE_CR)
def test_reject(end: bytes) -> None:
    assert_refused_and_closed(smuggle(end))


@rows(BARE_CR)
def test_normalize_refuses_a_bare_cr(end: bytes) -> None:
    assert_refused_and_closed(smuggle(end, normalize=True))


@rows(BARE_LF_ONLY)
def test_normalize_makes_it_one_message(end: bytes) -> None:
    outcome = smuggle(end, normalize=True)
    assert outcome.codes == ["250 2.0.0"]
    assert not outcome.is_over
    assert Mail not in outcome.kinds
    (content,) = outcome.messages
    assert b"MAIL FROM:<evil" in content
    assert BARE.search(content) is None
    assert b"\r\n.\r\n" not in content
    # And the next server ends it at the same place.
    again = converse(dot_stuff(content), after=P3, cuts=[])
    assert again.messages == [content]


@pytest.mark.parametrize("normalize", [False, True])
@rows(NUL)
def test_nul(end: bytes, normalize: bool) -> None:
    outcome = smuggle(end, normalize=normalize)
    assert outcome.codes == ["554 5.6.0"]
    assert not outcome.is_over
    assert outcome.messages == []
    assert Mail not in outcome.kinds


@rows(NUL)
def test_nul_that_is_accepted_is_content(end: bytes) -> None:
    settings = make_settings(nul="accept")
    octets = b"body" + end + b"MAIL FROM:<evil@x.example>\r\n.\r\n"
    outcome = converse(octets, after=P3, settings=settings)
    assert outcome.codes == ["250 2.0.0"]
    (content,) = outcome.messages
    assert b"\0" in content
    assert Mail not in outcome.kinds


@pytest.mark.parametrize("normalize", [False, True])
@rows(LEGAL)
def test_legal_content(end: bytes, normalize: bool) -> None:
    outcome = smuggle(end, normalize=normalize)
    assert outcome.codes == ["250 2.0.0"]
    assert not outcome.is_over
    (content,) = outcome.messages
    unstuffed = end.replace(b"\r\n.", b"\r\n", 1)
    assert b"body" + unstuffed + b"MAIL FROM:<evil@x.example>\r\n" in content
    assert Mail not in outcome.kinds


@pytest.mark.parametrize("normalize", [False, True])
def test_row_18_the_literal_end_is_the_end(normalize: bool) -> None:
    outcome = smuggle(b"\r\n.\r\n", normalize=normalize)
    assert outcome.codes == [
        "250 2.0.0",
        "250 2.1.0",
        "250 2.1.5",
        "354",
        "250 2.0.0",
    ]
    assert outcome.messages == [
        b"Subject: 1\r\n\r\nbody\r\n",
        b"Subject: 2\r\n\r\nevil\r\n",
    ]


# The same through BDAT: the policy is about all chunks together, however they cut it.

EVIL = b"MAIL FROM:<evil@x.example>\r\nRCPT TO:<b@s.example>\r\nDATA\r\nevil\r\n"


def smuggle_in_chunks(end: bytes, place: int, *, normalize: bool = False) -> Outcome:
    """Cut the content into two chunks at *place* of *end*."""
    head, tail = b"body" + end[:place], end[place:] + EVIL
    octets = b"BDAT %d\r\n%sBDAT %d LAST\r\n%s" % (len(head), head, len(tail), tail)
    settings = CHUNKED_NORMALIZE if normalize else CHUNKED
    return converse(octets, after=P2, settings=settings)


@rows(BARE_LF_ONLY, BARE_CR)
def test_reject_in_chunks(end: bytes) -> None:
    for place in range(len(end) + 1):
        outcome = smuggle_in_chunks(end, place)
        assert outcome.codes in (["550 5.5.2"], ["250 2.0.0", "550 5.5.2"])
        assert outcome.is_over
        assert outcome.messages == []
        assert Mail not in outcome.kinds


@rows(BARE_CR)
def test_normalize_refuses_a_bare_cr_in_chunks(end: bytes) -> None:
    for place in range(len(end) + 1):
        outcome = smuggle_in_chunks(end, place, normalize=True)
        assert outcome.codes[-1] == "550 5.5.2"
        assert outcome.is_over
        assert outcome.messages == []


@rows(BARE_LF_ONLY)
def test_normalize_makes_chunks_one_message(end: bytes) -> None:
    contents: set[bytes] = set()
    for place in range(len(end) + 1):
        outcome = smuggle_in_chunks(end, place, normalize=True)
        assert outcome.codes == ["250 2.0.0", "250 2.0.0"]
        assert Mail not in outcome.kinds
        contents.update(outcome.messages)
    (content,) = contents
    assert b"MAIL FROM:<evil" in content
    assert BARE.search(content) is None
    assert b"\r\n.\r\n" not in content
    again = converse(dot_stuff(content), after=P3, cuts=[])
    assert again.messages == [content]


@pytest.mark.parametrize("normalize", [False, True])
@rows(NUL)
def test_nul_in_chunks(end: bytes, normalize: bool) -> None:
    for place in range(len(end) + 1):
        outcome = smuggle_in_chunks(end, place, normalize=normalize)
        assert outcome.codes in (
            ["554 5.6.0", "503 5.5.1"],
            ["250 2.0.0", "554 5.6.0"],
        )
        assert not outcome.is_over
        assert outcome.messages == []


@pytest.mark.parametrize("normalize", [False, True])
@rows(LEGAL, {"18": b"\r\n.\r\n"})
def test_legal_content_in_chunks(end: bytes, normalize: bool) -> None:
    """No dot is taken away, and no line is the end."""
    for place in range(len(end) + 1):
        outcome = smuggle_in_chunks(end, place, normalize=normalize)
        assert outcome.codes == ["250 2.0.0", "250 2.0.0"]
        assert outcome.messages == [b"body" + end + EVIL]
        assert Mail not in outcome.kinds


@rows(LEGAL, {"18": b"\r\n.\r\n"})
def test_content_of_chunks_that_is_sent_on_by_data_ends_where_it_did(
    end: bytes,
) -> None:
    (content,) = smuggle_in_chunks(end, 1).messages
    again = converse(dot_stuff(content) + b"NOOP\r\n", after=P3, cuts=[])
    assert again.codes == ["250 2.0.0", "250 2.0.0"]
    assert again.messages == [content]


def test_row_17_nothing_behind_the_end_is_read() -> None:
    outcome = converse(b"x\r\r\n.\r\nNOOP\r\nQUIT\r\n", after=P3)
    assert_refused_and_closed(outcome)


@pytest.mark.parametrize("policy", ["reject", "normalize"])
@pytest.mark.parametrize(
    "line", [b"NOOP\n", b"NO\nOP\r\n", b"NOOP\r\r\n", b"\rNOOP\r\n"]
)
def test_a_bare_newline_in_a_command_closes(policy: str, line: bytes) -> None:
    settings = NORMALIZE if policy == "normalize" else SETTINGS
    outcome = converse(line + MAIL, settings=settings)
    assert outcome.codes == ["500 5.5.2"]
    assert outcome.is_over
    assert Mail not in outcome.kinds


@pytest.mark.parametrize("boundary", [16_384, 65_536])
@pytest.mark.parametrize("offset", range(-5, 6))
def test_the_end_at_the_boundary_of_a_block(boundary: int, offset: int) -> None:
    # The last octet of CRLF.CRLF is at boundary + offset.
    content = b"x" * (boundary + offset - 5) + b"\r\n"
    octets = content + b".\r\n" + MAIL
    blocks = [
        octets[start : start + boundary] for start in range(0, len(octets), boundary)
    ]
    outcome = in_segments(blocks, after=P3)
    assert outcome.codes == ["250 2.0.0", "250 2.1.0"]
    assert outcome.messages == [content]


@pytest.mark.parametrize(
    "octets", [b"x\r", b"x\r\n", b"x\r\n.", b"x\r\n.\r", b"", b"."]
)
def test_the_end_of_the_connection_is_not_the_end_of_data(octets: bytes) -> None:
    conversation = Conversation()
    conversation.send(P3)
    conversation.take_replies()
    if octets:
        conversation.send(octets)
    conversation.hang_up()
    assert conversation.messages == []
    assert conversation.take_replies() == []
    assert conversation.kinds[-1] is ConnectionLost
    assert conversation.is_over


def test_ten_megabytes_without_a_line_end() -> None:
    settings = make_settings(size=None)
    block = b"x" * 65_536
    outcome = in_segments([*[block] * 160, b"\r\n.\r\n"], after=P3, settings=settings)
    assert outcome.codes == ["250 2.0.0"]
    assert [len(message) for message in outcome.messages] == [160 * 65_536 + 2]
