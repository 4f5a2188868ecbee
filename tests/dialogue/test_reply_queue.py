"""Replies leave in order, with the server's name where it belongs."""

from __future__ import annotations

from smtpsession import Reply
from smtpsession.dialogue.reply_queue import ReplyQueue


def test_replies_leave_in_order_and_once() -> None:
    queue = ReplyQueue("mx.test", enhanced=True)
    queue.put(Reply(250, "one", "2.1.0"))
    queue.put(Reply(354, "go on"))
    assert queue.octets == len(b"250 2.1.0 one\r\n354 go on\r\n")
    assert queue.take() == b"250 2.1.0 one\r\n354 go on\r\n"
    assert queue.take() == b""
    assert queue.octets == 0


def test_221_and_421_begin_with_the_name_of_the_server() -> None:
    queue = ReplyQueue("mx.test", enhanced=True)
    queue.put(Reply(221, "bye"))
    queue.put(Reply(421, "later", "4.3.2"))
    assert queue.take() == b"221 2.0.0 mx.test bye\r\n421 4.3.2 mx.test later\r\n"


def test_enhanced_codes_can_be_left_out_once_or_always() -> None:
    queue = ReplyQueue("mx.test", enhanced=True)
    queue.put(Reply(250, "hello"), enhanced=False)
    assert queue.take() == b"250 hello\r\n"
    never = ReplyQueue("mx.test", enhanced=False)
    never.put(Reply(421, "later"))
    assert never.take() == b"421 mx.test later\r\n"
