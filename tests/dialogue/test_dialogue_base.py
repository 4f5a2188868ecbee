"""What all parts of a dialogue stand on: refusing, ending, and saying so how often."""

from __future__ import annotations

import pytest

from smtpsession.dialogue.command_order import State
from smtpsession.dialogue.dialogue import Dialogue
from smtpsession.dialogue.dialogue_base import DialogueBase
from smtpsession.dialogue.error_counts import ERROR_DELAY
from smtpsession.dialogue.events import SlowDown
from smtpsession.dialogue.limits import Limits
from smtpsession.dialogue.settings import Settings
from smtpsession.extensions.chunking import Chunking
from smtpsession.session.session import Session
from smtpsession.wire.commands import Bdat, Mail, Noop
from smtpsession.wire.replies import Reply
from tests.standards.run_dialogue import (
    L2,
    LMTP,
    MAIL,
    P1,
    P3,
    SETTINGS,
    Conversation,
    make_settings,
)


def codes(settings: Settings, octets: bytes, *, user: object = None) -> list[int]:
    conversation = Conversation(settings)
    conversation.session.user = user
    conversation.send(octets)
    return [reply.code for reply in conversation.take_replies()]


def test_a_dialogue_begins_behind_the_greeting_and_says_nothing_itself() -> None:
    dialogue = DialogueBase(Session("1"), SETTINGS, asks=())
    assert dialogue.state is State.CONNECTED
    assert not dialogue.is_over
    assert not dialogue.has_quit
    assert dialogue.data_to_send() == b""


def test_what_an_answer_does_is_for_its_heirs_to_say() -> None:
    dialogue = DialogueBase(Session("1"), SETTINGS, asks={Mail})
    with pytest.raises(NotImplementedError):
        dialogue._ask(Noop())


@pytest.mark.parametrize(
    ("settings", "lhlo", "ehlo"), [(SETTINGS, 500, 250), (LMTP, 250, 500)]
)
def test_the_verbs_are_the_protocols(settings: Settings, lhlo: int, ehlo: int) -> None:
    assert codes(settings, b"LHLO c\r\nEHLO c\r\n") == [lhlo, ehlo]


def test_limits_reach_the_parser() -> None:
    limits = Limits(command_octets=512, auth_octets=600)
    settings = make_settings(limits=limits)
    long = b"x" * 520
    assert codes(settings, b"NOOP " + long + b"\r\n") == [500]
    assert codes(settings, b"AUTH " + long + b"\r\n") == [502]
    assert codes(settings, b"AUTH " + b"x" * 600 + b"\r\n") == [500]


def test_policies_reach_the_parser() -> None:
    path = b"MAIL FROM:a@c.example\r\n"
    assert codes(SETTINGS, P1 + path) == [250, 501]
    assert codes(make_settings(lenient_addresses=True), P1 + path) == [250, 250]
    content = P3 + b"a\0\r\n.\r\n"
    assert codes(SETTINGS, content)[-1] == 554
    assert codes(make_settings(nul="accept"), content)[-1] == 250


def test_who_quits_when_there_were_too_many_errors_may_go() -> None:
    """An error in LMTP has no reply where a message has no recipients."""
    limits = Limits(errors_hard=1)
    settings = make_settings(limits=limits, lmtp=True, added=[Chunking()])
    nobody = b"LHLO c\r\n" + MAIL + b"BDAT 0 LAST\r\n"
    assert codes(settings, nobody + b"QUIT\r\n") == [250, 250, 221]
    assert codes(settings, nobody + b"NOOP\r\n") == [250, 250, 421]


# A client that does all but authenticate.


def unauthenticated(limit: int) -> Settings:
    limits = Limits(unauthenticated_commands=limit)
    return make_settings(limits=limits, added=[Chunking()])


@pytest.mark.parametrize(
    "octets",
    [
        b"NOOP\r\n",
        b"XYZZY\r\n",
        b"MAIL FROM:<a@c.example>\r\n",
        b"RSET x\r\n",
        b"BDAT 0\r\n",
        b"BDAT x\r\n",
        b"AUTH PLAIN\r\n",
        b" \r\n",
    ],
)
def test_commands_without_a_user_are_at_last_too_many(octets: bytes) -> None:
    conversation = Conversation(unauthenticated(2))
    conversation.send(b"EHLO c\r\nNOOP\r\n" + octets + b"NOOP\r\n")
    replies = conversation.take_replies()
    assert [reply.code for reply in replies] == [250, 250, 421]
    assert str(replies[-1]) == "421 4.7.0"
    assert conversation.is_over


def test_a_user_may_say_what_it_likes_and_anybody_may_quit() -> None:
    octets = b"EHLO c\r\n" + b"NOOP\r\n" * 5
    assert codes(unauthenticated(2), octets, user="me") == [250] * 6
    quitting = b"EHLO c\r\nNOOP\r\nQUIT\r\n"
    assert codes(unauthenticated(2), quitting) == [250, 250, 221]


# One refusal with several replies is one error.


def test_an_answer_with_several_replies_is_slowed_once() -> None:
    limits = Limits(errors_soft=1)
    settings = make_settings(limits=limits, lmtp=True, added=[Chunking()])
    dialogue = Dialogue(Session("1", lmtp=True), settings, asks=())
    dialogue.greet()
    dialogue.receive_data(L2 + b"RCPT TO:<c@s.example>\r\n")
    assert dialogue.next_event() is None
    dialogue.data_to_send()
    dialogue.receive_data(b"BDAT 1 LAST\r\nx")
    assert isinstance(dialogue.next_event(), Bdat)
    dialogue.answer(Reply(451, "later", "4.3.0"))
    assert dialogue.next_event() == SlowDown(ERROR_DELAY)
    assert dialogue.next_event() is None
    assert dialogue.data_to_send() == b"451 4.3.0 later\r\n" * 2


def test_mail_commands_that_are_refused_count() -> None:
    settings = make_settings(limits=Limits(transactions=2))
    assert codes(settings, MAIL * 3) == [503, 503, 421]
    assert codes(settings, P1 + MAIL * 3) == [250, 250, 503, 421]
