"""docs/reference/command-line.md names every option, and no other."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "command-line.md"
OPTION = re.compile(r"(?<![\w-])--?[a-z][\w-]*")


def sections() -> dict[str, str]:
    """Give the text of the page for each command."""
    text = PAGE.read_text(encoding="utf-8")
    serve, fuzz = text.split("\n## Fuzzing\n")
    return {"serve": serve, "fuzz": fuzz}


def named(text: str) -> set[str]:
    """Give the options that stand at the beginning of a table's rows."""
    cells = re.findall(r"^\| (`-.*?) \|", text, re.MULTILINE)
    return {option for cell in cells for option in OPTION.findall(cell)}


@pytest.mark.parametrize("command", ["serve", "fuzz"])
def test_the_page_has_every_option(command: str) -> None:
    words = [sys.executable, "-m", "smtpsession", command, "--help"]
    help_text = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    listed = re.findall(r"^  (-.*)", help_text, re.MULTILINE)
    known = {option for line in listed for option in OPTION.findall(line[:40])}
    known -= {"-h", "--help", "--verbose"}
    assert named(sections()[command]) == known
