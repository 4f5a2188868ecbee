"""Faults are found within half a minute, told in a few lines, and come again.

SMTPSESSION_ALL_FAULTS=1 looks for all of them, which takes some minutes; without it,
there are some of several kinds.
"""

from __future__ import annotations

import os

import pytest

from smtpsession.testing.fuzz.findings import Finding, key_of
from smtpsession.testing.fuzz.offer import Wishes, explore
from smtpsession.testing.fuzz.runner import Runner
from smtpsession.testing.fuzz.search import Search
from smtpsession.testing.fuzz.secrets import Secrets
from smtpsession.testing.fuzz.target import Target
from smtpsession.testing.fuzz.transcript import count_client_lines
from tests.testing.fuzz.planted.fault import Fault
from tests.testing.fuzz.planted.faults import FAULTS
from tests.testing.fuzz.planted.server import PlantedServer

WITHIN_SECONDS = 30
CLIENT_LINES = 10

#: What a client may not call wrong, because an RFC leaves it open.
LEFT_OPEN = {
    # Whether what was refused has a last word is not said (RFC 5321 4.2).
    "closes-at-third-refused-rcpt",
    # The state behind a refused chunk is indeterminate (RFC 3030 2).
    "accepts-chunk-behind-refused-one",
    "refused-chunk-keeps-transaction",
    # Nobody says that HELO takes away what an earlier EHLO has offered.
    "helo-keeps-extensions",
}
#: Some of several kinds, and a seed that finds them soon.
SAMPLE = {
    "strips-nul": 1,
    "noop-ends-transaction": 1,
    "hello-has-two-codes": 1,
    "runs-refused-chunk": 1,
    "answers-once-for-all": 1,
    "accepts-second-auth": 1,
}
ALL = os.environ.get("SMTPSESSION_ALL_FAULTS") == "1"
FOUND = [name for name in FAULTS if name not in LEFT_OPEN]
SEEDS = dict.fromkeys(FOUND, 1) if ALL else SAMPLE


def search_of(server: PlantedServer, fault: Fault) -> Search:
    target = Target("127.0.0.1", server.port, lmtp=server.lmtp)
    secrets = Secrets("user", "secret") if fault.credentials else None
    return Search(
        Runner(target, secrets=secrets), reply_seconds=3, shrink_seconds=6 if ALL else 2
    )


def found_in(fault: Fault, seed: int) -> Finding | None:
    with PlantedServer(fault) as server:
        target = Target("127.0.0.1", server.port, lmtp=server.lmtp)
        secrets = Secrets("user", "secret") if fault.credentials else None
        wishes = Wishes(recipients=("postmaster", "a@planted.example"))
        offer = explore(target, wishes, secrets)
        found = search_of(server, fault).run(offer, WITHIN_SECONDS, seed, most=1)
        return found[0] if found else None


@pytest.mark.parametrize("name", SEEDS)
def test_a_fault_is_found_in_a_few_lines_and_comes_again(name: str) -> None:
    fault = FAULTS[name]
    finding = found_in(fault, SEEDS[name])
    assert finding is not None, "nothing was found"
    assert finding.is_confirmed
    assert count_client_lines(finding.said) <= CLIENT_LINES
    # On a server that has not seen it yet.
    with PlantedServer(fault) as server:
        again = search_of(server, fault).replay(finding.plan, finding.violation.rule)
    assert again is not None
    assert key_of(again.violation) == key_of(finding.violation)
    if ALL:
        assert found_in(fault, finding.seed) is not None, "not found by the seed"


def test_nearly_all_faults_can_be_found() -> None:
    assert FAULTS.keys() >= LEFT_OPEN
    assert len(LEFT_OPEN) * 10 <= len(FAULTS)


def test_there_are_some_of_several_kinds() -> None:
    kinds = {FAULTS[name].kind for name in SAMPLE}
    assert kinds == {"framing", "state", "replies", "BDAT", "LMTP", "AUTH"}
