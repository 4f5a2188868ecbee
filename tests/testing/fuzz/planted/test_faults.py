"""Each planted fault is there: its script tells it from the right server."""

from __future__ import annotations

import collections

import pytest

from tests.testing.fuzz.planted.fault import Fault
from tests.testing.fuzz.planted.faults import FAULTS
from tests.testing.fuzz.planted.judging import judge
from tests.testing.fuzz.planted.playing import codes, play
from tests.testing.fuzz.planted.scripts import SCRIPTS


def all_codes(received: list[bytes]) -> str:
    return " / ".join(
        "refused" if octets == b"refused" else codes(octets) for octets in received
    )


@pytest.mark.parametrize("fault", FAULTS.values(), ids=str)
def test_a_fault_shows(fault: Fault) -> None:
    script = SCRIPTS[fault.session]
    right = play(script.steps, None, lmtp=fault.lmtp, tls=fault.tls)
    wrong = play(script.steps, fault)
    assert (all_codes(right), all_codes(wrong)) == (script.right, script.wrong)
    # Where the codes are the same, it is the text or the form.
    assert right != wrong


@pytest.mark.parametrize("fault", FAULTS.values(), ids=str)
def test_what_the_model_says_of_a_fault_is_a_right_diagnosis(fault: Fault) -> None:
    steps = SCRIPTS[fault.session].steps
    assert {violation.rule for violation in judge(steps, fault)} <= fault.rules
    assert judge(steps, None, lmtp=fault.lmtp, tls=fault.tls) == []


def test_each_fault_has_a_sentence_and_there_are_several_of_each_kind() -> None:
    for fault in FAULTS.values():
        assert fault.sentence.endswith(".")
        assert "\n" not in fault.sentence
    kinds = collections.Counter(fault.kind for fault in FAULTS.values())
    assert len(kinds) == 9
    assert min(kinds.values()) >= 5


def test_names_are_words() -> None:
    assert "ends-content-at-lf-dot-lf" in FAULTS
    assert len(FAULTS) == len(SCRIPTS) >= 36
