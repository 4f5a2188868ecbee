"""The writer keeps to the order, the groups and the state that it knows."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpsession.testing.strategies import ClientDialogue, Send, StartTLS, dialogues
from tests.testing.strategies.minimal import some
from tests.testing.strategies.play import FINE, play

EVERYTHING = ("SIZE", "8BITMIME", "BINARYMIME", "SMTPUTF8", "DSN", "AUTH", "RRVS")
MORE = ("DELIVERBY", "FUTURERELEASE", "MT-PRIORITY", "REQUIRETLS")


@pytest.mark.parametrize("lmtp", [False, True], ids=["SMTP", "LMTP"])
@given(st.data(), st.booleans())
@settings(max_examples=60)
def test_nothing_that_is_said_by_the_rules_is_refused(
    lmtp: bool, data: st.DataObject, starttls: bool
) -> None:
    """Neither by the order, nor for a syntax, nor for a group that goes on."""
    dialogue = data.draw(
        dialogues(lmtp=lmtp, starttls=starttls, extensions=[*EVERYTHING, *MORE])
    )
    played = play(dialogue, lmtp=lmtp, strict=True)
    assert set(played.codes) <= FINE


@given(dialogues(auth=True))
@settings(max_examples=40)
def test_with_auth_only_wrong_passwords_and_giving_up_are_refused(
    dialogue: ClientDialogue,
) -> None:
    played = play(dialogue, strict=True)
    assert set(played.codes) <= FINE | {535, 501}
    assert played.codes.count(501) <= sum(step == Send(b"*\r\n") for step in dialogue)


@pytest.mark.parametrize("code", [235, 535, 501])
def test_right_and_wrong_passwords_and_giving_up_are_among_them(code: int) -> None:
    chosen = dialogues(auth=True, credentials=("someone", "else"))
    found = some(chosen, lambda d: code in play(d, password="else").codes)
    assert b"AUTH " in found.to_bytes()


@pytest.mark.parametrize("mechanism", [b"AUTH PLAIN\r\n", b"AUTH LOGIN\r\n"])
def test_exchanges_line_by_line_lead_to_success(mechanism: bytes) -> None:
    found = some(
        dialogues(auth=True),
        lambda d: mechanism in d.to_bytes() and 235 in play(d).codes,
    )
    assert Send(mechanism) in found.steps


@given(dialogues(starttls=True, auth=True))
@settings(max_examples=40)
def test_passwords_are_sent_inside_tls_only(dialogue: ClientDialogue) -> None:
    for step in dialogue:
        if isinstance(step, StartTLS):
            break
        assert not isinstance(step, Send) or b"AUTH" not in step.octets


@given(dialogues(pipelining=False))
@settings(max_examples=30)
def test_without_pipelining_each_step_is_one_command(dialogue: ClientDialogue) -> None:
    for step in dialogue:
        assert not isinstance(step, Send) or not re.search(
            rb"MAIL FROM:.*\r\n.*RCPT TO:", step.octets
        )


def test_groups_are_among_them_and_end_where_they_must() -> None:
    found = some(
        dialogues(),
        lambda d: any(
            isinstance(step, Send)
            and re.match(rb"MAIL FROM:.*\r\nRCPT TO:.*\r\nDATA\r\n", step.octets)
            for step in d
        ),
    )
    assert set(play(found, strict=True).codes) <= FINE


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({}, 500),
        ({}, 501),
        ({}, 503),
        ({"starttls": True}, 554),
        ({"lmtp": True}, 503),
    ],
)
def test_violations_are_among_them(options: dict[str, Any], code: int) -> None:
    lmtp = options.get("lmtp", False)
    chosen = dialogues(allow_violations=True, **options)
    assert some(chosen, lambda d: code in play(d, lmtp=lmtp).codes)


def test_cut_off_in_the_middle() -> None:
    def is_cut_off(dialogue: ClientDialogue) -> bool:
        sent = [step for step in dialogue if isinstance(step, Send)]
        return bool(sent) and not sent[-1].octets.endswith(b"\n")

    found = some(dialogues(), is_cut_off)
    assert play(found).is_over
