"""What an answer from outside becomes on the wire."""

from __future__ import annotations

from typing import Any

import pytest

from smtpsession import Reply
from smtpsession.dialogue.stock_replies import STOCK_REPLIES, reply_for
from smtpsession.wire.commands import Bdat, Data, Expn, LastBdat, Noop, Vrfy
from smtpsession.wire.events import EndOfChunk, EndOfMessage, Event

NO = Reply(451, "not now")
YES = Reply(250, "fine")


@pytest.mark.parametrize(
    ("event", "said", "expected"),
    [
        (Noop(), None, "250 2.0.0 OK"),
        (Noop(), "as you like", "250 2.0.0 as you like"),
        (Vrfy("b"), "maybe", "252 2.0.0 maybe"),
        (Expn("all"), "a, b", "250 2.0.0 a, b"),
        (Noop(), "two\r\nlines", "250 2.0.0 two??lines"),
        (Noop(), NO, "451 4.0.0 not now"),
        (Data(), None, "354 end content with <CRLF>.<CRLF>"),
        (Data(), "go on", "354 end content with <CRLF>.<CRLF>"),
        (Data(), YES, "354 end content with <CRLF>.<CRLF>"),
        (Data(), NO, "451 4.0.0 not now"),
        (Data(), Reply(220, "hi"), "354 end content with <CRLF>.<CRLF>"),
        (Data(), Reply(221, "bye"), "221 2.0.0 bye"),
        (EndOfMessage(), "kept", "250 2.0.0 kept"),
        (Bdat(5), None, "250 2.0.0 OK"),
        (LastBdat(5), NO, "451 4.0.0 not now"),
        (EndOfChunk(), None, "250 2.0.0 OK"),
        (EndOfChunk(), "5 octets", "250 2.0.0 5 octets"),
        (EndOfChunk(), NO, "451 4.0.0 not now"),
        (EndOfChunk("NUL"), None, "554 5.6.0 content has a NUL octet"),
        (EndOfChunk("NUL"), NO, "451 4.0.0 not now"),
        (EndOfChunk("bare newline"), NO, "550 5.5.2 content has a bare CR or LF"),
        (EndOfMessage("NUL"), "kept", "554 5.6.0 content has a NUL octet"),
        (EndOfMessage("NUL"), NO, "451 4.0.0 not now"),
        (EndOfMessage("bare newline"), NO, "550 5.5.2 content has a bare CR or LF"),
    ],
)
def test_what_is_said_and_what_is_sent(event: Event, said: Any, expected: str) -> None:
    reply = reply_for(event, said, too_large=False)
    assert reply.to_bytes().decode() == f"{expected}\r\n"


@pytest.mark.parametrize(
    ("said", "expected"),
    [(None, 552), ("kept", 552), (YES, 552), (NO, 451)],
)
def test_content_that_was_cut_is_never_accepted(said: Any, expected: int) -> None:
    for event in (EndOfMessage(), EndOfChunk()):
        assert reply_for(event, said, too_large=True).code == expected


def test_every_stock_reply_can_end_its_command() -> None:
    assert all(reply.code < 600 for reply in STOCK_REPLIES.values())
    assert [e for e, r in STOCK_REPLIES.items() if r.code // 100 == 3] == [Data]
