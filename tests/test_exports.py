"""The public modules export exactly the names of docs/reference/api.md."""

import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

API = Path(__file__).parents[1] / "docs" / "reference" / "api.md"
SECTION = re.compile(r"^## (\S+)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| `(\w+)` \| (.+) \|$", re.MULTILINE)


def documented() -> dict[str, list[tuple[str, str]]]:
    """Return the rows (name, sentence) of each public module's table."""
    text = API.read_text(encoding="utf-8")
    return {module: ROW.findall(rows) for module, rows in SECTION.findall(text)}


DOCUMENTED = documented()


@pytest.mark.parametrize("module", DOCUMENTED)
def test_module_exports_the_documented_names(module: str) -> None:
    exported = importlib.import_module(module).__all__
    assert sorted(exported) == sorted(name for name, _ in DOCUMENTED[module])


@pytest.mark.parametrize("module", DOCUMENTED)
def test_exported_names_exist(module: str) -> None:
    loaded = importlib.import_module(module)
    assert [name for name in loaded.__all__ if not hasattr(loaded, name)] == []


@pytest.mark.parametrize("module", DOCUMENTED)
def test_each_name_has_its_sentence(module: str) -> None:
    rows = DOCUMENTED[module]
    assert [name for name, text in rows if not re.fullmatch(r"[^.].*\.", text)] == []


def test_the_public_modules_are_the_known_ones() -> None:
    assert list(DOCUMENTED) == [
        "smtpsession",
        "smtpsession.handlers",
        "smtpsession.testing",
        "smtpsession.testing.session_machine",
        "smtpsession.testing.strategies",
    ]


def test_the_tools_for_tests_need_neither_hypothesis_nor_pytest() -> None:
    program = (
        "import sys; sys.modules.update(hypothesis=None, pytest=None)\n"
        "from smtpsession.testing import *\n"
        "print(Model().check(closed=False))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert "no reply" in done.stdout
