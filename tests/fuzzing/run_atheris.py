"""Fuzzes one target by coverage, and keeps what reaches something new.

    python tests/fuzzing/run_atheris.py TARGET [--seconds N]

Run it in the root of the repository, by a Python that has the package's dependencies
and atheris. The corpus in tests/fuzzing/corpus/TARGET is read, what is found is written
to a folder of its own, and at the end both are merged into the smallest corpus that
reaches as much. An input that breaks the target's invariant is left in
tests/fuzzing/findings/TARGET and ends the run: first fix it, then run again.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
#: Longest input in octets; longer ones reach nothing new and are slow.
MAX_OCTETS = 500


def main() -> int:
    """Run the fuzzer in processes of its own, which libFuzzer ends itself."""
    parser = argparse.ArgumentParser(description="fuzz one target")
    parser.add_argument("target")
    parser.add_argument("--seconds", type=int, default=120)
    arguments, rest = parser.parse_known_args()
    if rest or "=" in arguments.target:
        parser.error(f"unknown arguments: {rest}")
    corpus = FOLDER / "corpus" / arguments.target
    findings = FOLDER / "findings" / arguments.target
    for folder in (corpus, findings):
        folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        found, merged = work / "found", work / "merged"
        found.mkdir()
        merged.mkdir()
        _write_seeds(arguments.target, found, work / "words.dict")
        options = [f"-dict={work / 'words.dict'}", f"-max_len={MAX_OCTETS}"]
        options += [
            f"-artifact_prefix={findings}/",
            "-timeout=20",
            "-use_value_profile=0",
        ]
        seconds = f"-max_total_time={arguments.seconds}"
        status = _fuzz(arguments.target, *options, seconds, str(found), str(corpus))
        if status == 0:
            status = _fuzz(
                arguments.target, "-merge=1", str(merged), str(corpus), str(found)
            )
        if status == 0 and any(merged.iterdir()):
            _replace(corpus, merged)
    return status


def _write_seeds(target: str, folder: Path, words: Path) -> None:
    sys.path.insert(0, str(FOLDER.parents[1]))
    seeds = importlib.import_module("tests.fuzzing.seeds")
    words.write_text(seeds.dictionary(), encoding="ascii")
    for seed in seeds.SEEDS[target]:
        (folder / hashlib.sha1(seed).hexdigest()).write_bytes(seed)


def _fuzz(target: str, *arguments: str) -> int:
    command = [sys.executable, __file__, "--child", target, *arguments]
    return subprocess.run(command, check=False, cwd=FOLDER.parents[1]).returncode


def _replace(corpus: Path, merged: Path) -> None:
    for path in corpus.iterdir():
        path.unlink()
    for path in merged.iterdir():
        (corpus / path.name).write_bytes(path.read_bytes())


def fuzz_here(target: str, arguments: Sequence[str]) -> None:
    """Fuzz in this process; libFuzzer ends it."""
    atheris: Any = importlib.import_module("atheris")
    atheris.enabled_hooks.add("str")
    sys.path.insert(0, str(FOLDER.parents[1]))
    with atheris.instrument_imports(include=["smtpsession"]):
        targets = importlib.import_module("tests.fuzzing.targets")
    # libFuzzer starts itself again by a shell to merge.
    again = f"{sys.executable} {__file__} --child {target}"
    atheris.Setup([again, *arguments], targets.TARGETS[target])
    atheris.Fuzz()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        fuzz_here(sys.argv[2], sys.argv[3:])
    else:
        sys.exit(main())
