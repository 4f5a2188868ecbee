"""Dialogues: they deliver mail, and whatever they do, nothing breaks."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpsession.testing.strategies import (
    ClientDialogue,
    HangUp,
    Send,
    StartTLS,
    dialogues,
)
from tests.standards.run_dialogue import SETTINGS, STRICT, Conversation
from tests.testing.strategies.minimal import minimal, some
from tests.testing.strategies.play import Play, play, settings_for


def sends(*octets: bytes) -> ClientDialogue:
    return ClientDialogue(tuple(map(Send, octets)))


def test_what_they_shrink_to() -> None:
    assert minimal(dialogues()) == sends(b"EHLO a.example\r\n", b"QUIT\r\n")
    assert minimal(dialogues(lmtp=True)) == sends(b"LHLO a.example\r\n", b"QUIT\r\n")


def test_a_delivered_message_shrinks_to_the_plainest() -> None:
    assert minimal(dialogues(), lambda d: play(d).messages != []) == sends(
        b"EHLO a.example\r\n",
        b"MAIL FROM:<a@a.example>\r\n",
        b"RCPT TO:<a@a.example>\r\n",
        b"DATA\r\n",
        b".\r\n",
        b"QUIT\r\n",
    )


def test_a_message_in_chunks() -> None:
    found = some(
        dialogues(lmtp=True),
        lambda d: re.search(rb"BDAT [1-9][0-9]* LAST", d.to_bytes()),
    )
    assert any(play(found, lmtp=True).messages)


def test_tls() -> None:
    found = minimal(dialogues(starttls=True), lambda d: d.has_tls)
    assert found == ClientDialogue(
        (
            Send(b"EHLO a.example\r\n"),
            Send(b"STARTTLS\r\n"),
            StartTLS(),
            Send(b"EHLO a.example\r\n"),
            Send(b"QUIT\r\n"),
        )
    )
    assert play(found).session.secure


def test_hang_up() -> None:
    found = minimal(dialogues(), lambda d: isinstance(d.steps[-1], HangUp))
    assert found == ClientDialogue((Send(b"EHLO a.example\r\n"), HangUp()))


def test_several_messages_in_one_session() -> None:
    found = some(dialogues(), lambda d: len(play(d).messages) == 3)
    assert found.to_bytes().count(b"MAIL FROM:<") == 3


@given(
    dialogues(
        senders=st.just("me@a.example"),
        recipients=st.sampled_from(["you@a.example", "us@a.example"]),
        contents=st.just(b".hello\r\n"),
    )
)
@settings(max_examples=30)
def test_strategies_of_ones_own(dialogue: ClientDialogue) -> None:
    played = play(dialogue)
    assert set(played.messages) <= {b".hello\r\n"}
    octets = dialogue.to_bytes()
    assert octets.count(b"MAIL FROM:<") == octets.count(b"MAIL FROM:<me@a.example>")
    assert octets.count(b"RCPT TO:<") == octets.count(b"us@a.example>") + octets.count(
        b"you@a.example>"
    )


@pytest.mark.parametrize("lmtp", [False, True], ids=["SMTP", "LMTP"])
@given(st.data(), st.booleans(), st.booleans())
@settings(max_examples=60)
def test_whatever_they_do_the_server_says_nothing_wrong(
    lmtp: bool, data: st.DataObject, starttls: bool, strict: bool
) -> None:
    chosen = dialogues(lmtp=lmtp, starttls=starttls, auth=True, allow_violations=True)
    played = Play(settings_for(lmtp=lmtp, strict=strict), "secret")
    played.play(data.draw(chosen))
    played.hang_up()
    assert played.is_over


@given(dialogues(allow_violations=True, chunking=False), st.booleans())
@settings(max_examples=30)
def test_a_server_without_extensions_is_no_worse_off(
    dialogue: ClientDialogue, strict: bool
) -> None:
    conversation = Conversation(STRICT if strict else SETTINGS)
    conversation.send(dialogue.to_bytes() or b"QUIT\r\n")
    conversation.hang_up()
    assert conversation.is_over


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({"auth": ("user", "pass")}, TypeError, "auth must be True or False"),
        ({"credentials": "user"}, TypeError, "a name and a password"),
        ({"extensions": ["CHUNKING"]}, ValueError, "extensions must hold some of SIZE"),
        ({"extensions": ["BINARYMIME"], "chunking": False}, ValueError, "BINARYMIME"),
        ({"senders": ["a@a.example"]}, TypeError, "senders must be a strategy or None"),
    ],
)
def test_bad_arguments(
    options: dict[str, Any], error: type[Exception], match: str
) -> None:
    with pytest.raises(error, match=match):
        dialogues(**options)
