"""Searches of real servers, right ones and ones with a planted fault."""

from __future__ import annotations

import threading

import pytest

from smtpsession.testing.fuzz.findings import Finding, Progress, key_of
from smtpsession.testing.fuzz.offer import Wishes, explore
from smtpsession.testing.fuzz.plans import Plan, Send
from smtpsession.testing.fuzz.rules import RULE_BOOK
from smtpsession.testing.fuzz.runner import Runner, UnreachableError
from smtpsession.testing.fuzz.search import Search
from smtpsession.testing.fuzz.secrets import Secrets
from smtpsession.testing.fuzz.target import Target
from smtpsession.testing.fuzz.transcript import count_client_lines
from tests.testing.fuzz.fragile_server import FragileServer
from tests.testing.fuzz.planted.bdat_faults import AcceptsDataBehindChunk
from tests.testing.fuzz.planted.fault import Fault
from tests.testing.fuzz.planted.faults import FAULTS
from tests.testing.fuzz.planted.server import PlantedServer
from tests.testing.fuzz.planted.session import PlantedSession
from tests.testing.fuzz.scripted_server import Dialogue, ScriptedServer

SECRETS = Secrets("user", "secret")
WISHES = Wishes(recipients=("postmaster", "a@planted.example"))


def search_of(server: PlantedServer, *, only: tuple[str, ...] = ()) -> Search:
    target = Target("127.0.0.1", server.port, lmtp=server.lmtp)
    return Search(
        Runner(target, secrets=SECRETS), reply_seconds=5, shrink_seconds=3, only=only
    )


def found_in(
    server: PlantedServer,
    *,
    seconds: float = 20,
    seed: int = 1,
    only: tuple[str, ...] = (),
) -> list[Finding]:
    search = search_of(server, only=only)
    target = Target("127.0.0.1", server.port, lmtp=server.lmtp)
    offer = explore(target, WISHES, SECRETS)
    return search.run(offer, seconds, seed, most=1)


@pytest.mark.parametrize(
    ("lmtp", "tls"),
    [(False, False), (True, False), (False, True)],
    ids=["SMTP", "LMTP", "STARTTLS"],
)
def test_nothing_is_found_in_a_right_server(lmtp: bool, tls: bool) -> None:
    with PlantedServer(lmtp=lmtp, tls=tls) as server:
        assert found_in(server, seconds=2) == []


#: One of each kind, with a seed that finds it soon.
SAMPLE = {
    "ends-content-at-cr-dot-cr": 1,
    "accepts-mail-before-hello": 1,
    "accepts-unknown-verbs": 1,
}


@pytest.mark.parametrize("name", SAMPLE)
def test_a_planted_fault_is_found_and_comes_again(name: str) -> None:
    fault = FAULTS[name]
    with PlantedServer(fault) as server:
        [finding] = found_in(server, seed=SAMPLE[name])
        again = search_of(server).replay(finding.plan, finding.violation.rule)
        reseeded = found_in(server, seed=finding.seed)
    assert finding.is_confirmed
    assert finding.violation.rule in fault.rules & set(RULE_BOOK)
    assert count_client_lines(finding.said) <= 10
    assert again is not None
    assert again.violation == finding.violation
    assert key_of(reseeded[0].violation) == key_of(finding.violation)


def test_a_replay_finds_nothing_where_nothing_is_wrong() -> None:
    with PlantedServer() as server:
        search = search_of(server)
        assert search.replay(Plan((Send(b"EHLO a.example\r\n"),)), "hello") is None
    assert search.progress.plans == 1
    assert search.progress.steps == 1
    assert search.progress.findings == []


def test_only_some_rules_count() -> None:
    fault = FAULTS["accepts-mail-before-hello"]
    with PlantedServer(fault) as server:
        assert found_in(server, seconds=1, only=("no reply",)) == []
        [finding] = found_in(server, only=("MAIL before hello",))
    assert finding.violation.rule == "MAIL before hello"


class SaysNoEnhancedCode(AcceptsDataBehindChunk):
    """Breaks a rule by nearly every reply, and another one besides."""

    def reply(self, code: int, enhanced: str, *texts: str) -> None:
        super().reply(code, "", *texts)


def test_the_rules_that_do_not_count_are_passed_over() -> None:
    only = ("DATA behind a chunk",)
    # LHLO offers enhanced codes in every session.
    with PlantedServer(Fault(SaysNoEnhancedCode, "replies", lmtp=True)) as server:
        [finding] = found_in(server, only=only)
    assert finding.violation.rule == "DATA behind a chunk"


def test_who_watches_is_told_what_is_done() -> None:
    told: list[tuple[str, int]] = []

    def watch(progress: Progress) -> None:
        told.append((progress.doing, len(progress.findings)))

    with PlantedServer(FAULTS["accepts-mail-before-hello"]) as server:
        target = Target("127.0.0.1", server.port)
        search = Search(Runner(target))
        search.run(explore(target, WISHES, None), 3, 1, watch=watch)
    assert told[0] == ("looking", 0)
    assert ("shrinking", 0) in told
    # It was found once, and then it was in the way.
    assert told[-1] == ("looking", 1)
    assert search.progress.hindered > 0
    assert search.progress.plans > search.progress.hindered


def search_fragile(
    server: FragileServer, *, away_seconds: float = 10, most: int = 1
) -> Search:
    with server:
        target = Target("127.0.0.1", server.port)
        search = Search(Runner(target), away_seconds=away_seconds, shrink_seconds=2)
        search.run(explore(target, WISHES, None), 5, 3, most=most)
    return search


def rules_found(search: Search) -> list[str]:
    return [finding.violation.rule for finding in search.progress.findings]


def test_a_server_that_is_gone_ends_the_search() -> None:
    search = search_fragile(FragileServer(None), away_seconds=0.5)
    [finding] = search.progress.findings
    assert finding.violation.rule == "server is gone"
    assert not finding.is_confirmed
    assert search.progress.seconds < 5


def test_a_server_that_comes_back_is_asked_what_made_it_go() -> None:
    [finding] = search_fragile(FragileServer(0.5)).progress.findings
    assert finding.violation.rule == "server is gone"
    assert finding.is_confirmed
    octets = [step.octets for step in finding.plan if isinstance(step, Send)]
    assert any(b"EXPN" in said.upper() for said in octets)


def test_a_server_that_was_away_once_has_broken_no_rule() -> None:
    search = search_fragile(FragileServer(0.5, times=1))
    assert search.progress.findings == []
    assert search.progress.plans > 30


def test_what_was_found_before_the_server_went_is_told() -> None:
    server = FragileServer(None, drops=True)
    search = search_fragile(server, away_seconds=0.5, most=9)
    assert rules_found(search) == ["closed without a word", "server is gone"]
    assert not any(finding.is_confirmed for finding in search.progress.findings)


def test_a_server_may_go_while_a_finding_is_looked_at() -> None:
    server = FragileServer(None, spared=1, drops=True)
    search = search_fragile(server, away_seconds=0.5, most=9)
    assert rules_found(search)[-1] == "server is gone"


def test_a_server_that_comes_back_is_asked_what_it_did_besides() -> None:
    search = search_fragile(FragileServer(0.3, drops=True))
    assert rules_found(search)[0] in ("closed without a word", "server is gone")


class AnswersRsetLate(PlantedSession):
    """Has a second reply to RSET, a little later."""

    def rset(self, argument: bytes) -> None:
        super().rset(argument)
        self.stream.flush()
        threading.Event().wait(0.05)
        self.reply(250, "2.0.0", "once more")


def test_what_looks_new_in_haste_may_be_something_else() -> None:
    # In haste, the second reply to RSET is taken for the one to QUIT.
    with PlantedServer(Fault(AnswersRsetLate, "replies")) as server:
        target = Target("127.0.0.1", server.port)
        search = Search(Runner(target), only=["QUIT"])
        search.run(explore(target, WISHES, None), 4, 1)
    assert set(rules_found(search)) <= {"QUIT"}
    assert search.progress.hindered > 0


def test_wrong_passwords_may_be_answered_late() -> None:
    with PlantedServer(FAULTS["accepts-any-password"]) as server:
        [finding] = found_in(server)
    assert finding.violation.rule == "wrong password is taken"


class Sloppy(PlantedSession):
    """Has no right reply to the commonest commands."""

    def quit(self, argument: bytes) -> None:
        self.reply(250, "2.0.0", "stay")

    def rset(self, argument: bytes) -> None:
        self.reply(500, "5.5.1", "what")

    def mail(self, argument: bytes) -> None:
        self.reply(500, "5.5.1", "what")


def test_it_ends_when_there_is_enough() -> None:
    with PlantedServer(Fault(Sloppy, "replies")) as server:
        assert len(found_in(server)) == 1


class Hesitant(PlantedSession):
    """Is slow once."""

    lock = threading.Lock()
    times = 1

    def rset(self, argument: bytes) -> None:
        with self.lock:
            slow = self.times
            type(self).times = 0
        threading.Event().wait(slow)
        super().rset(argument)


def test_a_reply_may_be_slow() -> None:
    with PlantedServer(Fault(Hesitant, "sessions")) as server:
        assert found_in(server, seconds=4) == []
    assert Hesitant.times == 0


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ("HELP", "HELP"),
        ("unknown command", "unknown command"),
        # It does not come any more, but something else does.
        ("no reply", "HELP"),
    ],
)
def test_a_replay_looks_behind_what_was_known_before(rule: str, found: str) -> None:
    def serve(dialogue: Dialogue) -> None:
        dialogue.say("220 a.example\r\n")
        dialogue.answer("250 what", "250 ok", "221 bye")

    plan = Plan((Send(b"HELP\r\n"), Send(b"FROB\r\n"), Send(b"QUIT\r\n")))
    with ScriptedServer(serve) as server:
        search = Search(Runner(Target("127.0.0.1", server.port)), reply_seconds=5)
        finding = search.replay(plan, rule)
    assert finding is not None
    assert finding.violation.rule == found


def test_a_server_that_is_gone_cannot_be_asked_again() -> None:
    with PlantedServer() as server:
        search = search_of(server)
    with pytest.raises(UnreachableError):
        search.replay(Plan((Send(b"NOOP\r\n"),)), "NOOP")
