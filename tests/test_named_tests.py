"""Every test that the documents name exists."""

import ast
import functools
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
NAMES = sorted(
    {
        match.groups()
        for path in (ROOT / "docs").rglob("*.md")
        for match in NAMED.finditer(path.read_text(encoding="utf-8"))
    }
)


@functools.cache
def defined_in(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in tree.body if isinstance(node, functions)}


@pytest.mark.parametrize(("path", "name"), NAMES)
def test_the_test_exists(path: str, name: str) -> None:
    assert name in defined_in(path)


def test_there_are_such_names() -> None:
    assert NAMES
