"""Plans against servers: what was said, and what was wrong."""

from __future__ import annotations

import socket
import struct

import pytest

from smtpsession.testing.fuzz.plans import HangUp, Plan, Send, StartTLS, Step
from smtpsession.testing.fuzz.runner import (
    Manner,
    Outcome,
    Runner,
    Said,
    UnreachableError,
)
from smtpsession.testing.fuzz.secrets import Secrets
from smtpsession.testing.fuzz.target import Target
from tests.testing.fuzz.planted.server import PlantedServer
from tests.testing.fuzz.scripted_server import Dialogue, ScriptedServer

PATIENT = Manner(20.0, 0.05)
HELLO, MAIL = Send(b"EHLO a.example\r\n"), Send(b"MAIL FROM:<a@a.example>\r\n")
RCPT, DATA = Send(b"RCPT TO:<a@planted.example>\r\n"), Send(b"DATA\r\n")
CONTENT = Send(b"a\r\n.\r\n", only_in="content")
QUIT = Send(b"QUIT\r\n")


def run(
    server: PlantedServer | ScriptedServer,
    *steps: Step,
    manner: Manner = PATIENT,
    secrets: Secrets | None = None,
) -> Outcome:
    runner = Runner(Target("127.0.0.1", server.port), secrets=secrets)
    return runner.run(Plan(steps), manner)


def texts(outcome: Outcome, who: str) -> list[str]:
    return [one.octets.decode() for one in outcome.said if one.who == who]


def rule(outcome: Outcome) -> str:
    assert outcome.violation is not None
    return outcome.violation.rule


def test_a_right_server_breaks_no_rule() -> None:
    with PlantedServer() as server:
        outcome = run(server, HELLO, MAIL, RCPT, DATA, CONTENT, QUIT)
    assert outcome.violation is None
    assert not outcome.is_lost
    assert outcome.steps == 6
    assert outcome.codes == {0: (220, 250, 250, 250, 354, 250, 221)}
    assert texts(outcome, "client")[-2:] == ["a\r\n.\r\n", "QUIT\r\n"]
    assert texts(outcome, "note") == ["connects", "the server closes"]
    assert outcome.slowest_seconds < PATIENT.reply_seconds


def test_the_plan_that_spoke_last_is_known() -> None:
    with PlantedServer() as server:
        runner = Runner(Target("127.0.0.1", server.port))
        assert runner.latest == (Plan(()), ())
        outcome = runner.run(Plan((HELLO,)), PATIENT)
        runner.run(Plan(()), PATIENT)
    assert runner.latest == (Plan((HELLO,)), outcome.said)


def test_octets_go_out_in_the_segments_that_a_step_names() -> None:
    heard: list[bytes] = []

    def listen(dialogue: Dialogue) -> None:
        dialogue.say("220 mx.test\r\n")
        heard.extend(iter(lambda: dialogue.socket.recv(99), b""))

    with ScriptedServer(listen) as server:
        cut = Send(b"NOOP", cuts=(1, 3, 9))
        outcome = run(server, cut, manner=Manner(20.0, pause_seconds=0.1))
    assert outcome.violation is None
    assert texts(outcome, "client") == ["N", "OO", "P"]
    assert b"".join(heard) == b"NOOP"


def test_steps_for_another_situation_are_left_out() -> None:
    in_auth, in_content = Send(b"*\r\n", (), "auth"), Send(b"x\r\n", (), "content")
    group = Send(b"RSET\r\n", (), "transaction")
    with PlantedServer() as server:
        outcome = run(server, in_auth, HELLO, in_content, in_auth, group, StartTLS())
        behind = run(server, HELLO, MAIL, group, group)
    assert texts(outcome, "client") == ["EHLO a.example\r\n"]
    assert texts(behind, "client")[2:] == ["RSET\r\n"]


def test_sessions_stand_side_by_side() -> None:
    other = Send(b"NOOP\r\n", session=1)
    with PlantedServer() as server:
        outcome = run(server, HELLO, other, MAIL, HangUp(1), other, HangUp(2))
    assert outcome.violation is None
    assert outcome.codes == {0: (220, 250, 250), 1: (220, 250, 220, 250)}
    assert Said(1, "note", b"hangs up") in outcome.said
    assert not any(one.session == 2 for one in outcome.said)


def test_a_session_that_has_ended_is_followed_by_another() -> None:
    with PlantedServer() as server:
        outcome = run(server, QUIT, HELLO, QUIT)
    assert outcome.codes == {0: (220, 221, 220, 250, 221)}


def test_tls_begins_and_hello_is_forgotten() -> None:
    with PlantedServer(tls=True) as server:
        steps = (HELLO, Send(b"STARTTLS\r\n"), StartTLS(), HELLO, QUIT, StartTLS())
        outcome = run(server, *steps)
    assert outcome.violation is None
    assert outcome.codes == {0: (220, 250, 220, 250, 221)}
    assert texts(outcome, "note") == ["connects", "begins TLS", "the server closes"]


def test_no_tls_behind_220_is_a_breach() -> None:
    def refuse(dialogue: Dialogue) -> None:
        dialogue.say("220 mx.test\r\n")
        dialogue.answer("250-mx.test\r\n250 STARTTLS", "220 go", "500 what")

    with ScriptedServer(refuse) as server:
        outcome = run(server, HELLO, Send(b"STARTTLS\r\n"), StartTLS(), HELLO)
    assert rule(outcome) == "TLS does not begin"
    assert outcome.violation is not None
    assert outcome.violation.seen.startswith("TLS: ")
    assert texts(outcome, "client")[-1] == "STARTTLS\r\n"


def test_plain_text_is_no_handshake() -> None:
    with PlantedServer(tls=True) as server:
        outcome = run(server, HELLO, Send(b"STARTTLS\r\n"), HELLO)
    assert outcome.violation is None
    assert outcome.is_lost


def test_a_missing_reply_is_a_breach_when_patience_ends() -> None:
    def silent(dialogue: Dialogue) -> None:
        dialogue.say("220 mx.test\r\n")
        dialogue.hear()
        dialogue.hear()

    with ScriptedServer(silent) as server:
        outcome = run(server, HELLO, QUIT, manner=Manner(0.05))
    assert rule(outcome) == "no reply"
    assert texts(outcome, "client") == ["EHLO a.example\r\n"]


def test_a_reply_too_many_is_heard_by_who_settles() -> None:
    def twice(dialogue: Dialogue) -> None:
        dialogue.say("220 mx.test\r\n")
        dialogue.answer("250 a\r\n250 b")
        dialogue.hear()

    with ScriptedServer(twice) as server:
        assert rule(run(server, HELLO)) == "reply to nothing"


def test_a_server_that_closes_is_judged_by_its_last_word() -> None:
    def close(dialogue: Dialogue) -> None:
        dialogue.say("220 mx.test\r\n")
        dialogue.hear()

    with ScriptedServer(close) as server:
        assert rule(run(server, HELLO)) == "closed without a word"


def test_a_reset_is_a_close() -> None:
    def reset(dialogue: Dialogue) -> None:
        dialogue.say("220 mx.test\r\n")
        dialogue.hear()
        linger = struct.pack("ii", 1, 0)
        dialogue.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)

    with ScriptedServer(reset) as server:
        outcome = run(server, HELLO, QUIT)
    assert rule(outcome) == "closed without a word"


def test_a_plan_ends_where_nothing_but_refusals_comes() -> None:
    with PlantedServer() as server:
        outcome = run(server, *[Send(b"XYZZY\r\n")] * 20)
    assert outcome.is_lost
    assert outcome.codes[0].count(500) == 8


def test_segments_that_find_nobody_are_not_sent() -> None:
    def close(dialogue: Dialogue) -> None:
        dialogue.say("421 bye\r\n")

    with ScriptedServer(close) as server:
        outcome = run(server, Send(b"NOOP\r\n", cuts=(2,)), manner=Manner(20.0, 0.5))
    assert outcome.violation is None


def test_a_greeting_that_breaks_a_rule_ends_the_plan() -> None:
    with ScriptedServer(lambda dialogue: dialogue.say("hello\r\n")) as server:
        outcome = run(server, HELLO)
    assert rule(outcome) == "form of a reply"
    assert texts(outcome, "client") == []


def test_secrets_are_filled_in_and_a_wrong_password_must_not_do() -> None:
    secrets = Secrets("user", "secret")
    right, wrong = (
        Send(b"AUTH PLAIN {PLAIN}\r\n"),
        Send(b"AUTH PLAIN {WRONG-PLAIN}\r\n"),
    )
    with PlantedServer() as server:
        assert run(server, HELLO, wrong, secrets=secrets).violation is None
        outcome = run(server, HELLO, right, secrets=secrets)
    assert outcome.codes[0][-1] == 235

    def trusting(dialogue: Dialogue) -> None:
        dialogue.say("220 mx.test\r\n")
        dialogue.answer("250-mx.test\r\n250 AUTH PLAIN", "235 welcome", "221 bye")

    with ScriptedServer(trusting) as scripted:
        assert rule(run(scripted, HELLO, wrong, secrets=secrets)) == (
            "wrong password is taken"
        )


def test_secrets_are_in_no_repr() -> None:
    def echoing(dialogue: Dialogue) -> None:
        dialogue.say("220 mx.test\r\n")
        dialogue.say(f"250 {dialogue.hear()}\r\n")

    secrets = Secrets("user", "open sesame")
    wrong = Send(b"NOOP {WRONG-PASSWORD}\r\n")
    with ScriptedServer(echoing) as server:
        outcome = run(server, wrong, secrets=secrets)
    assert rule(outcome) == "closed without a word"
    shown = repr(outcome).encode()
    assert secrets.take_out(shown) == shown


def test_tolerated_rules_are_passed_over() -> None:
    def strange(dialogue: Dialogue) -> None:
        dialogue.say("220 mx.test\r\n")
        dialogue.answer("250-mx.test\r\n251 two codes", "501 no", "221 bye")

    with ScriptedServer(strange) as server:
        runner = Runner(
            Target("127.0.0.1", server.port),
            tolerated={"form of a reply", "NOOP", "required command is unknown"},
        )
        outcome = runner.run(Plan((HELLO, Send(b"NOOP\r\n"), QUIT)), PATIENT)
    assert outcome.violation is None


def test_nobody_listens() -> None:
    with PlantedServer() as server:
        pass
    with pytest.raises(UnreachableError):
        run(server, HELLO)
