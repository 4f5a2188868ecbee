"""AUTH in a dialogue: what is a response, what ends an exchange, what counts."""

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.auth.mechanisms import MECHANISMS
from smtpsession.dialogue.auth_policy import AuthPolicy
from smtpsession.dialogue.command_order import State
from smtpsession.dialogue.dialogue import Dialogue
from smtpsession.dialogue.error_counts import AUTH_FAILURE_DELAY
from smtpsession.dialogue.events import SlowDown
from smtpsession.dialogue.limits import Limits
from smtpsession.errors import LocalProtocolError
from smtpsession.extensions.auth import AuthExtension
from smtpsession.session.session import Session
from smtpsession.wire import replies
from smtpsession.wire.commands import Auth
from smtpsession.wire.events import AuthResponse, ConnectionLost
from smtpsession.wire.replies import Reply
from tests.standards.run_dialogue import PATIENT, make_settings, parse_replies

POLICY = AuthPolicy(
    mechanisms={name: MECHANISMS[name] for name in ("PLAIN", "LOGIN", "CRAM-MD5")},
    hostname="mx.example",
    random=bytes,
    server_key=b"",
    allow_insecure=True,
)
EXTENSION = AuthExtension(POLICY.available)
IR = b"AUTH PLAIN AHVzZXIAcGFzcw==\r\n"


def begin(*octets: bytes, limits: Limits = PATIENT, **options: Any) -> Dialogue:
    """Give a dialogue after EHLO that has received *octets*, one after the other."""
    settings = make_settings(limits=limits, added=[EXTENSION], **options)
    dialogue = Dialogue(Session("1"), attrs.evolve(settings, auth=POLICY), asks=())
    dialogue.greet()
    dialogue.receive_data(b"EHLO c\r\n")
    assert dialogue.next_event() is None
    dialogue.data_to_send()
    for some in octets:
        dialogue.receive_data(some)
    return dialogue


def codes(dialogue: Dialogue) -> list[str]:
    return [str(reply) for reply in parse_replies(dialogue.data_to_send())]


def state_of(dialogue: Dialogue) -> State:
    """Give the state; type checkers take a property for something that stays."""
    return dialogue.state


def asked(dialogue: Dialogue) -> Auth | AuthResponse:
    event = dialogue.next_event()
    assert isinstance(event, (Auth, AuthResponse))
    return event


def challenged(*octets: bytes, **options: Any) -> Dialogue:
    """Give a dialogue that has sent a challenge and then received *octets*."""
    dialogue = begin(b"AUTH PLAIN\r\n", **options)
    asked(dialogue)
    dialogue.challenge(b"")
    assert dialogue.data_to_send() == b"334 \r\n"
    for some in octets:
        dialogue.receive_data(some)
    return dialogue


def test_an_initial_response_is_asked_about_at_once() -> None:
    dialogue = begin(IR)
    event = asked(dialogue)
    assert event == Auth("PLAIN", b"\0user\0pass")
    assert dialogue.begin_exchange().name == "PLAIN"
    assert state_of(dialogue) is State.READY
    dialogue.accept_user("bob")
    assert dialogue.session.user == "bob"
    assert codes(dialogue) == ["235 2.7.0"]
    assert state_of(dialogue) is State.READY


def test_a_challenge_makes_the_next_line_a_response() -> None:
    dialogue = challenged(b"AHVzZXIAcGFzcw==\r\n")
    assert state_of(dialogue) is State.AUTH
    assert asked(dialogue) == AuthResponse(b"\0user\0pass")
    dialogue.challenge(b"more?")
    assert dialogue.data_to_send() == b"334 bW9yZT8=\r\n"
    dialogue.receive_data(b"\r\n")
    assert asked(dialogue) == AuthResponse(b"")
    dialogue.accept_user("bob")
    assert codes(dialogue) == ["235 2.7.0"]
    assert state_of(dialogue) is State.READY


@pytest.mark.parametrize("response", [b"QUIT\r\n", b"DATA\r\n", b"RSET\r\n"])
def test_a_response_is_never_a_command(response: bytes) -> None:
    dialogue = challenged(response)
    assert isinstance(asked(dialogue), AuthResponse)
    dialogue.answer(replies.AUTH_FAILED)
    assert codes(dialogue) == ["535 5.7.8"]
    assert not dialogue.is_over


NONSENSE = [
    (b"*\r\n", "501 5.7.0"),
    (b"!!!\r\n", "501 5.5.2"),
    (b"A" * 12_290 + b"\r\n", "500 5.5.6"),
]


@pytest.mark.parametrize(("line", "code"), NONSENSE)
@pytest.mark.parametrize("whole", [True, False])
def test_what_is_no_response_ends_the_exchange(
    line: bytes, code: str, *, whole: bool
) -> None:
    pieces = [line] if whole else [bytes([octet]) for octet in line]
    dialogue = challenged(*pieces)
    assert dialogue.next_event() is None
    assert state_of(dialogue) is State.READY
    assert codes(dialogue) == [code]
    dialogue.receive_data(b"NOOP\r\n")
    assert dialogue.next_event() is None
    assert codes(dialogue) == ["250 2.0.0"]


def test_a_line_without_an_end_ends_the_dialogue() -> None:
    dialogue = challenged(b"A" * 30_000)
    dialogue.next_event()
    assert dialogue.is_over
    assert codes(dialogue) == ["500 5.5.6"]


def test_a_connection_that_ends_is_told() -> None:
    dialogue = challenged(b"")
    assert isinstance(dialogue.next_event(), ConnectionLost)
    assert dialogue.is_over
    assert codes(dialogue) == []


# Groups of commands.


def test_commands_may_follow_where_one_round_trip_is_all() -> None:
    dialogue = begin(IR + b"NOOP\r\n")
    asked(dialogue)
    dialogue.accept_user("bob")
    assert dialogue.next_event() is None
    assert codes(dialogue) == ["235 2.7.0", "250 2.0.0"]


@pytest.mark.parametrize(
    "octets",
    [
        b"AUTH PLAIN\r\nAHVzZXIAcGFzcw==\r\n",
        b"AUTH PLAIN\r\nN",
        b"AUTH LOGIN dXNlcg==\r\ncGFzcw==\r\n",
        b"AUTH CRAM-MD5\r\nNOOP\r\n",
        b"AUTH CRAM-MD5 AAAA\r\nNOOP\r\n",
    ],
)
def test_nothing_may_follow_where_more_will_be_asked(octets: bytes) -> None:
    dialogue = begin(octets)
    assert dialogue.next_event() is None
    assert codes(dialogue) == ["554 5.5.0"]
    assert dialogue.is_over


@pytest.mark.parametrize("response", [b"AAAA\r\n", b"*\r\n", b"!!!\r\n"])
def test_nothing_may_follow_a_response(response: bytes) -> None:
    dialogue = challenged(response + b"NOOP\r\n")
    assert dialogue.next_event() is None
    assert codes(dialogue) == ["554 5.5.0"]
    assert dialogue.is_over


def test_a_challenge_after_all_takes_nothing_that_came_before_it() -> None:
    dialogue = begin(IR + b"NOOP\r\n")
    asked(dialogue)
    dialogue.challenge(b"more?")
    assert dialogue.next_event() is None
    assert codes(dialogue) == ["554 5.5.0"]
    assert dialogue.is_over


# What is refused at once.


@pytest.mark.parametrize(
    ("octets", "code"),
    [
        (b"AUTH DIGEST-MD5\r\n", "504 5.5.4"),
        (b"AUTH CRAM-MD5 AAAA\r\n", "501 5.7.0"),
        (b"AUTH PLAIN !!!\r\n", "501 5.5.2"),
        (b"AUTH\r\n", "501 5.5.4"),
        (b"AUTH PLAIN AAAA AAAA\r\n", "501 5.5.4"),
    ],
)
def test_what_needs_nobody_to_be_refused_is_no_failure(
    octets: bytes, code: str
) -> None:
    dialogue = begin(limits=attrs.evolve(PATIENT, auth_failures=1))
    for _ in range(5):
        dialogue.receive_data(octets)
        assert dialogue.next_event() is None
        assert codes(dialogue) == [code]
    assert not dialogue.is_over


def test_without_a_policy_there_is_no_mechanism() -> None:
    settings = make_settings(added=[EXTENSION])
    dialogue = Dialogue(Session("1"), settings)
    dialogue.greet()
    dialogue.receive_data(b"EHLO c\r\n")
    dialogue.next_event()
    dialogue.answer()
    dialogue.receive_data(IR)
    assert dialogue.next_event() is None
    assert codes(dialogue)[-1] == "504 5.5.4"


# What counts.


def fail(dialogue: Dialogue, reply: Reply = replies.AUTH_FAILED) -> list[str]:
    dialogue.receive_data(IR)
    asked(dialogue)
    dialogue.answer(reply)
    return codes(dialogue)


def test_the_third_failure_is_the_last() -> None:
    dialogue = begin()
    for _ in range(2):
        assert fail(dialogue) == ["535 5.7.8"]
        assert dialogue.next_event() == SlowDown(AUTH_FAILURE_DELAY)
    assert fail(dialogue) == ["535 5.7.8", "421 4.7.0"]
    assert dialogue.next_event() == SlowDown(AUTH_FAILURE_DELAY)
    assert dialogue.next_event() is None
    assert dialogue.is_over


def test_who_gives_up_once_it_is_refused_has_failed() -> None:
    dialogue = begin()
    for code in (["501 5.7.0"], ["501 5.7.0"], ["501 5.7.0", "421 4.7.0"]):
        dialogue.receive_data(b"AUTH PLAIN\r\n")
        asked(dialogue)
        dialogue.challenge(b"no", refuses=True)
        dialogue.data_to_send()
        dialogue.receive_data(b"*\r\n")
        assert dialogue.next_event() == SlowDown(AUTH_FAILURE_DELAY)
        assert codes(dialogue) == code
    assert dialogue.is_over


def test_who_gives_up_before_has_not_failed() -> None:
    dialogue = begin()
    for _ in range(5):
        dialogue.receive_data(b"AUTH PLAIN\r\n")
        asked(dialogue)
        dialogue.challenge(b"")
        dialogue.data_to_send()
        dialogue.receive_data(b"*\r\n")
        assert dialogue.next_event() is None
        assert codes(dialogue) == ["501 5.7.0"]


def test_a_failure_for_now_is_none() -> None:
    dialogue = begin()
    for _ in range(5):
        assert fail(dialogue, replies.AUTH_FAILED_FOR_NOW) == ["454 4.7.0"]
        assert dialogue.next_event() is None


@pytest.mark.parametrize(
    ("code", "counts"), [(459, False), (500, True), (504, True), (559, True)]
)
def test_any_5yz_is_a_failure_and_no_other(code: int, *, counts: bool) -> None:
    dialogue = begin(limits=attrs.evolve(PATIENT, auth_failures=1))
    fail(dialogue, Reply(code, "no"))
    assert dialogue.is_over is counts


def test_without_a_limit_nobody_has_failed_too_often() -> None:
    dialogue = begin(limits=attrs.evolve(PATIENT, auth_failures=None))
    for _ in range(50):
        assert fail(dialogue) == ["535 5.7.8"]
        assert dialogue.next_event() == SlowDown(AUTH_FAILURE_DELAY)


def test_a_failure_is_an_error_too() -> None:
    limits = Limits(auth_failures=3, errors_hard=3, errors_soft=None)
    dialogue = begin(limits=limits)
    for _ in range(2):
        assert fail(dialogue) == ["535 5.7.8"]
        dialogue.next_event()
    assert fail(dialogue) == ["421 4.7.0"]
    assert dialogue.is_over


def test_421_ends_it_at_once() -> None:
    dialogue = begin()
    assert fail(dialogue, Reply(421, "go away")) == ["421 4.0.0"]
    assert dialogue.is_over


# Out of order.


def test_only_an_owed_auth_can_be_begun_or_answered() -> None:
    dialogue = begin()
    with pytest.raises(LocalProtocolError, match=r"^begin_exchange\(\) without AUTH$"):
        dialogue.begin_exchange()
    unasked = "^no AUTH exchange is waiting for an answer$"
    with pytest.raises(LocalProtocolError, match=unasked):
        dialogue.challenge(b"")
    with pytest.raises(LocalProtocolError, match=unasked):
        dialogue.accept_user("bob")
    dialogue = challenged(b"AAAA\r\n")
    asked(dialogue)
    with pytest.raises(LocalProtocolError):
        dialogue.begin_exchange()
    assert dialogue.session.user is None


def test_a_challenge_that_is_no_octets_leaves_everything_as_it_was() -> None:
    dialogue = begin(IR)
    asked(dialogue)
    with pytest.raises(TypeError):
        dialogue.challenge("text")  # type: ignore[arg-type]
    dialogue.answer(replies.AUTH_FAILED_FOR_NOW)
    assert codes(dialogue) == ["454 4.7.0"]


@given(
    st.lists(st.binary(max_size=20), max_size=8),
    st.lists(st.sampled_from(["challenge", "accept", "refuse"]), min_size=20),
)
def test_one_reply_a_line_whatever_comes_and_however_it_is_cut(
    pieces: list[bytes], turns: list[str]
) -> None:
    dialogue = begin()
    octets = b"AUTH PLAIN\r\n"
    answers = iter(turns)
    for piece in [octets, *(p for p in pieces if p)]:
        if dialogue.is_over:
            break
        dialogue.receive_data(piece)
        while (event := dialogue.next_event()) is not None:
            if not isinstance(event, (Auth, AuthResponse)):
                continue
            match next(answers, "refuse"):
                case "challenge":
                    dialogue.challenge(b"?")
                case "accept":
                    dialogue.accept_user("bob")
                case _:
                    dialogue.answer(replies.AUTH_FAILED)
        sent = dialogue.data_to_send()
        parse_replies(sent.replace(b"334 Pw==\r\n", b""))


def test_auth_has_its_place_and_goes_once() -> None:
    dialogue = begin(b"MAIL FROM:<a@c>\r\n" + IR, b"RSET\r\n")
    assert dialogue.next_event() is None
    assert codes(dialogue) == ["250 2.1.0", "503 5.5.1", "250 2.0.0"]
    dialogue.receive_data(IR)
    asked(dialogue)
    dialogue.accept_user("bob")
    dialogue.receive_data(IR)
    assert dialogue.next_event() is None
    assert codes(dialogue) == ["235 2.7.0", "503 5.5.1"]


def test_attempts_are_commands_of_somebody_unauthenticated() -> None:
    limits = attrs.evolve(PATIENT, unauthenticated_commands=3, auth_failures=None)
    dialogue = begin(limits=limits)
    for _ in range(2):
        assert fail(dialogue) == ["535 5.7.8"]
        dialogue.next_event()
    dialogue.receive_data(IR)
    assert dialogue.next_event() is None
    assert codes(dialogue) == ["421 4.7.0"]
    assert dialogue.is_over
