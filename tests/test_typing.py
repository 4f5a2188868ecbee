"""What type checkers say about programs written against smtpsession.

The programs are in tests/typing. A line that ends with `# error` must be reported, by
mypy --strict and by pyright in strict mode, and no other line may be.

Type checkers belong in an environment without trio-typing, whose stubs shadow trio's
own types. SMTPSESSION_TYPING_PYTHON names the Python of such an environment that has
mypy, pyright and what smtpsession depends on; without it they are looked up on PATH.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import smtpsession

PROGRAMS = Path(__file__).parent / "typing"
MARK = re.compile(r"# error$")
MYPY_ERROR = re.compile(r"^(?P<file>[^:]+):(?P<line>\d+): error: ", re.MULTILINE)

Reported = dict[str, set[int]]


def checker(name: str) -> list[str]:
    """Return the command line of a type checker, or skip the test without one."""
    python = os.environ.get("SMTPSESSION_TYPING_PYTHON")
    if python is not None:
        options = ["--pythonpath", python] if name == "pyright" else []
        return [python, "-m", name, *options]
    found = shutil.which(name)
    if found is None:
        reason = f"no SMTPSESSION_TYPING_PYTHON, and no {name} on PATH"
        if os.environ.get("SMTPSESSION_REQUIRE_PEERS") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return [found]


def run(command: list[str], folder: Path) -> str:
    # The wrapper of pyright would tell of newer versions in between.
    environment = os.environ | {"PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
    finished = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True
    )
    # 1 means that there are errors in the programs, as some have to have.
    assert finished.returncode in (0, 1), finished.stdout + finished.stderr
    return finished.stdout


def names() -> list[str]:
    return sorted(path.name for path in PROGRAMS.glob("*.py"))


def marked() -> Reported:
    """Return for each program the numbers of the lines marked as errors."""
    return {
        name: {
            number
            for number, line in enumerate(
                (PROGRAMS / name).read_text(encoding="utf-8").splitlines(), 1
            )
            if MARK.search(line)
        }
        for name in names()
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Lay the programs beside the package that these tests import, as a user would."""
    shutil.copytree(PROGRAMS, tmp_path, dirs_exist_ok=True)
    (tmp_path / "smtpsession").symlink_to(Path(smtpsession.__file__).parent)
    return tmp_path


def test_mypy_reports_the_marked_lines(folder: Path) -> None:
    command = checker("mypy")
    options = ["--strict", "--config-file=", "--follow-imports=silent"]
    output = run([*command, *options, *names()], folder)
    reported: Reported = {name: set() for name in names()}
    for match in MYPY_ERROR.finditer(output):
        reported[match["file"]].add(int(match["line"]))
    assert reported == marked(), output


def test_pyright_reports_the_marked_lines(folder: Path) -> None:
    command = checker("pyright")
    (folder / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}')
    output = run([*command, "--outputjson", *names()], folder)
    reported: Reported = {name: set() for name in names()}
    for diagnostic in json.loads(output)["generalDiagnostics"]:
        if diagnostic["severity"] == "error":
            line = diagnostic["range"]["start"]["line"] + 1
            reported[Path(diagnostic["file"]).name].add(line)
    assert reported == marked(), output


def test_some_programs_have_errors_and_some_have_none() -> None:
    has_errors = {name: bool(lines) for name, lines in marked().items()}
    assert has_errors == {name: name.startswith("bad_") for name in names()}
    assert set(has_errors.values()) == {True, False}
