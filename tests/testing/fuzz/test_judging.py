"""What a plan finds: in haste, for sure, as short as it can be."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from smtpsession.testing.fuzz.findings import Finding
from smtpsession.testing.fuzz.judging import Judge
from smtpsession.testing.fuzz.plans import Plan, Send
from smtpsession.testing.fuzz.runner import Outcome, Runner, UnreachableError
from smtpsession.testing.fuzz.target import Target
from tests.testing.fuzz.planted.faults import FAULTS
from tests.testing.fuzz.planted.server import PlantedServer
from tests.testing.fuzz.scripted_server import Dialogue, ScriptedServer

HELLO, NOOP = Send(b"EHLO a.example\r\n"), Send(b"NOOP\r\n")
MAIL = Send(b"MAIL FROM:<a@a.example>\r\n")


def judge_of(server: PlantedServer | ScriptedServer, *, shrinks: float = 20) -> Judge:
    runner = Runner(Target("127.0.0.1", server.port))
    return Judge(runner, reply_seconds=5, shrink_seconds=shrinks)


def confirmed(judge: Judge, *steps: Send) -> Finding:
    finding = judge.confirm(Plan(steps))
    assert isinstance(finding, Finding)
    return finding


def shortened(judge: Judge, finding: Finding) -> Finding:
    reports: list[int] = []
    with ThreadPoolExecutor(2) as pool:
        short = judge.shorten(finding, pool, 2, lambda: reports.append(1))
    assert reports
    return short


def test_nothing_is_found_in_a_right_server() -> None:
    with PlantedServer() as server:
        judge = judge_of(server)
        assert judge.glance(Plan((HELLO,))).violation is None
        assert isinstance(judge.confirm(Plan((HELLO,))), Outcome)


def test_segments_must_not_matter() -> None:
    """The server loses what comes in the second segment of a line."""
    cut = Send(b"RSET\r\n", cuts=(2,))

    def sees_segments(dialogue: Dialogue) -> None:
        dialogue.say("220 mx.test\r\n")
        dialogue.answer("250 mx.test")
        segment = dialogue.socket.recv(99)
        if not segment.endswith(b"\n"):
            dialogue.socket.recv(99)
        dialogue.say("250 OK\r\n" if segment.endswith(b"\n") else "530 no TLS\r\n")
        dialogue.hear()

    with ScriptedServer(sees_segments) as server:
        finding = confirmed(judge_of(server), HELLO, cut)
    assert finding.violation.rule == "segments change the replies"
    assert finding.violation.expected == "220 250 250"
    assert finding.violation.seen == "220 250 530"


def answering(*replies: str) -> Callable[[Dialogue], object]:
    def script(dialogue: Dialogue) -> None:
        dialogue.say("220 mx.test\r\n")
        dialogue.answer(*replies)
        dialogue.hear()

    return script


def broken(dialogue: Dialogue) -> None:
    dialogue.say("nonsense\r\n")


@pytest.mark.parametrize(
    "scripts",
    [
        # Eight refusals are enough, for the plan itself or when it is run whole.
        [answering(*["500 no"] * 7, "554 no")],
        [answering(*["500 no"] * 7, "250 OK"), answering(*["500 no"] * 7, "554 no")],
        [answering(*["500 no"] * 7, "250 OK"), broken],
    ],
)
def test_segments_do_not_matter_where_one_run_ends_early(
    scripts: list[Callable[[Dialogue], object]],
) -> None:
    plan = Plan((*[Send(b"XYZZY\r\n", cuts=(2,))] * 7, Send(b"NOOP\r\n")))
    with ScriptedServer(*scripts) as server:
        assert isinstance(judge_of(server).confirm(plan), Outcome)


def test_a_finding_is_made_short() -> None:
    with PlantedServer(FAULTS["accepts-mail-before-hello"]) as server:
        judge = judge_of(server)
        finding = confirmed(judge, NOOP, NOOP, Send(b"mail FROM:<a@b.c>\r\n"))
        short = shortened(judge, finding)
    assert short.plan == Plan((MAIL,))


def test_a_reply_too_many_is_listened_for() -> None:
    with PlantedServer(FAULTS["runs-what-follows-quit"]) as server:
        judge = judge_of(server)
        behind = Send(b"QUIT\r\nNOOP\r\nNOOP\r\n")
        finding = confirmed(judge, HELLO, NOOP, behind)
        assert finding.violation.rule == "reply to nothing"
        short = shortened(judge, finding)
    assert short.violation.rule == "reply to nothing"
    assert short.plan == Plan((Send(b"QUIT\r\nNOOP\r\n"),))


def test_time_ends_before_a_finding_is_short() -> None:
    with PlantedServer(FAULTS["accepts-mail-before-hello"]) as server:
        judge = judge_of(server, shrinks=-1)
        finding = confirmed(judge, NOOP, MAIL)
        assert shortened(judge, finding).plan == finding.plan


def test_what_does_not_come_again_stays_as_it_was_found() -> None:
    def twice(dialogue: Dialogue) -> None:
        dialogue.say("220 mx.test\r\n")
        dialogue.answer("250 mx.test", "250 OK\r\n250 again")
        dialogue.hear()

    def once(dialogue: Dialogue) -> None:
        dialogue.say("220 mx.test\r\n")
        dialogue.answer("250 mx.test", "250 OK")
        dialogue.hear()

    with ScriptedServer(twice, once) as server:
        judge = judge_of(server)
        finding = confirmed(judge, HELLO, NOOP)
        assert shortened(judge, finding) == finding


def test_a_server_may_go_while_a_finding_is_made_short() -> None:
    with PlantedServer(FAULTS["accepts-mail-before-hello"]) as server:
        judge = judge_of(server)
        finding = confirmed(judge, NOOP, MAIL)
        server.stop_listening()
        with pytest.raises(UnreachableError):
            shortened(judge, finding)


def test_patience_follows_the_slowest_reply() -> None:
    silent: Callable[[Dialogue], object] = lambda dialogue: dialogue.hear()  # noqa: E731
    with ScriptedServer(silent) as server:
        judge = judge_of(server)
        first = judge.glance(Plan((NOOP,)))
        judge.learn(Outcome(None, (), {}, 1, 3.0, True))
        second = judge.glance(Plan((NOOP,)))
        judge.learn(Outcome(None, (), {}, 1, 0.1, False))
        third = judge.glance(Plan((NOOP,)))
    assert first.slowest_seconds < 1
    assert second.slowest_seconds < 1
    assert third.slowest_seconds >= 1
