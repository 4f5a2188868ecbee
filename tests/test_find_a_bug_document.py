"""The tutorial docs/tutorials/find-a-bug.md goes as it says it does."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from smtpsession.cli import main
from tests.cli.running import ENVIRONMENT, running

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "tutorials" / "find-a-bug.md").read_text(encoding="utf-8")
EXAMPLES = DOCS / "examples"
WITH_BUGS = (EXAMPLES / "support_desk_with_bugs.py").read_text(encoding="utf-8")
WITHOUT = (EXAMPLES / "support_desk.py").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```([\w ]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def page(kind: str) -> list[str]:
    return [code for word, code in BLOCK.findall(PAGE) if word == kind]


DESK, FIRST_FIX, SECOND_FIX = page("python")
(MACHINE,) = page("python compile")
COMMANDS = re.findall(r"^\$ (.*)", PAGE, re.MULTILINE)
FIND, REPLAY, REPLAY_MENDED, SEARCH = (
    shlex.split(line)[1:] for line in COMMANDS if line.startswith("smtpsession fuzz ")
)
FIRST_TEST, SECOND_TEST = (
    shlex.split(line)[1:] for line in COMMANDS if line.startswith("pytest ")
)


def half_mended() -> str:
    """Replace one method of the desk, as the page says."""
    method = re.compile(r"    async def on_auth\(.*?(?=\n\n)", re.DOTALL)
    return method.sub(FIRST_FIX.removesuffix("\n"), DESK)


def mended() -> str:
    """Replace the class, as the page says."""
    return HALF_MENDED.partition("class SupportDesk(")[0] + SECOND_FIX


HALF_MENDED = half_mended()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Enter an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SMTPSESSION_FUZZ_PASSWORD", "correct horse")
    return tmp_path


@contextmanager
def serving(desk: str, folder: Path) -> Iterator[int]:
    """Serve a desk as the page does, on a free port."""
    (folder / "support_desk.py").write_text(desk, encoding="utf-8")
    (line,) = {line for line in COMMANDS if line.startswith("smtpsession serve ")}
    words = shlex.split(line.partition(" 2>")[0])[1:]
    with running(*words, "--listen", "127.0.0.1:0", folder=folder) as command:
        _, port = command.listening()
        # Nobody reads its log, which must not stop it.
        log = command.process.stderr
        assert log is not None
        with subprocess.Popen(["cat"], stdin=log, stdout=subprocess.DEVNULL) as reader:
            yield port
            command.process.terminate()
            reader.wait(30)


def fuzz(port: int, words: list[str], *more: str) -> int:
    return main([word.replace("2525", str(port)) for word in (*words, *more)])


def shown(output: str) -> str:
    """Give a finding without what differs from run to run."""
    return re.sub(r"127\.0\.0\.1:[0-9]+", "HOST", output).partition("   seed: ")[0]


def run_machine(desk: str, words: list[str], folder: Path) -> tuple[int, str]:
    (folder / "support_desk.py").write_text(desk, encoding="utf-8")
    (folder / "test_support_desk.py").write_text(MACHINE, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words]
    done = subprocess.run(
        command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True
    )
    return done.returncode, done.stdout


def test_the_examples_are_the_desks_of_the_page() -> None:
    assert DESK == WITH_BUGS
    assert mended() == WITHOUT


def test_the_fuzzer_finds_the_first_bug_and_shows_it_like_the_page(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(DESK, folder) as port:
        assert fuzz(port, FIND) == 1
        found = shown(capsys.readouterr().out)
        assert fuzz(port, REPLAY) == 1
    assert "   C: AUTH PLAIN {WRONG-PLAIN}\n" in found
    assert found in shown(PAGE[PAGE.index(found.partition("\n")[0]) :])
    with serving(HALF_MENDED, folder) as port:
        capsys.readouterr()
        assert fuzz(port, REPLAY_MENDED) == 0
    assert capsys.readouterr().out in PAGE


@pytest.mark.parametrize("desk", [HALF_MENDED, WITHOUT], ids=["half", "mended"])
def test_the_fuzzer_finds_nothing_else(
    desk: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(desk, folder) as port:
        assert fuzz(port, SEARCH, "--seconds", "4", "--seed", "1") == 0
    assert "no rule broken: " in capsys.readouterr().out


@pytest.mark.parametrize("desk", [DESK, HALF_MENDED], ids=["both bugs", "half"])
def test_the_machine_finds_the_second_bug(desk: str, folder: Path) -> None:
    status, output = run_machine(desk, FIRST_TEST, folder)
    assert status == 1
    assert "ViolationError: a ticket is for others (the model, MUST): to " in output
    assert "S: 250 2.0.0 ticket 1\n" in output


def test_the_machine_finds_nothing_in_the_mended_desk(folder: Path) -> None:
    status, output = run_machine(WITHOUT, [*SECOND_TEST, "--hypothesis-seed=1"], folder)
    assert status == 0, output
