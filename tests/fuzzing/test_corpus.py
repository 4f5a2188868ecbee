"""No input that a fuzzer has kept, and none that it begins with, breaks a target."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzzing.seeds import SEEDS
from tests.fuzzing.targets import TARGETS

FOLDER = Path(__file__).parent
MAX_CORPUS_OCTETS = 500_000


def kept(target: str) -> list[Path]:
    """Give the inputs that were kept for a target, findings of old included."""
    folders = [FOLDER / "corpus" / target, FOLDER / "findings" / target]
    return sorted(path for folder in folders for path in folder.glob("*"))


@pytest.mark.parametrize("target", TARGETS)
def test_no_input_that_was_kept_breaks_an_invariant(target: str) -> None:
    paths = kept(target)
    assert paths
    for path in paths:
        try:
            TARGETS[target](path.read_bytes())
        except Exception as error:
            raise AssertionError(f"{target}: {path.name}") from error


@pytest.mark.parametrize("target", TARGETS)
def test_no_input_to_begin_with_breaks_an_invariant(target: str) -> None:
    assert SEEDS[target]
    for seed in SEEDS[target]:
        TARGETS[target](seed)


def test_there_is_a_corpus_for_each_target_and_no_other() -> None:
    assert {path.name for path in (FOLDER / "corpus").iterdir()} == set(TARGETS)
    assert set(SEEDS) == set(TARGETS)
    findings = {path.name for path in (FOLDER / "findings").glob("*")}
    assert findings <= set(TARGETS)


def test_the_corpus_stays_small() -> None:
    sizes = [path.stat().st_size for target in TARGETS for path in kept(target)]
    assert sum(sizes) <= MAX_CORPUS_OCTETS
