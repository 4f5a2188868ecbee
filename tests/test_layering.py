"""Imports point down, and the pure layers stay pure.

Imports under `if TYPE_CHECKING:` are free: they cost nothing when the program runs.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import smtpsession

ROOT = "smtpsession"
PACKAGE = Path(smtpsession.__file__).parent

# Lowest first; names on one line may not import each other.
# The last name of a line may be the package's own __init__, written as its name.
LAYERS = [
    "errors",
    "wire",
    "session",
    "extensions auth",
    "dialogue",
    "authentication message",
    "handler",
    "server client",
    ROOT,
    "handlers testing",
    "cli",
    "__main__",
]
# The files of smtpsession/wire, in the same way.
WIRE = [
    "bare_newlines crc32c foreign_protocols grammar ip_addresses line_buffer",
    "date_times domains dot_stuffing proxy_tlvs replies strict_base64 trusted_networks"
    " unitext xtext",
    "parameters proxy_attributes proxy_header",
    "addresses events proxy_header_reader",
    "commands",
    "parser",
]

PURE = {"errors", "wire", "session", "extensions", "auth", "dialogue"}
IMPURE = {
    "asyncio",
    "logging",
    "os",
    "random",
    "secrets",
    "socket",
    "ssl",
    "threading",
    "time",
    "trio",
}
ALLOWED_IN_PURE = (sys.stdlib_module_names - IMPURE) | {ROOT, "attr", "attrs", "idna"}


def layer_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return ROOT if first == "__init__.py" else first.removesuffix(".py")


def layer_named(name: str) -> str:
    """Return the layer of one of our own dotted names (`smtpsession.Reply`: ROOT)."""
    parts = name.split(".")
    known = " ".join(LAYERS).split()
    return parts[1] if len(parts) > 1 and parts[1] in known else ROOT


def rank(name: str, order: list[str]) -> int:
    ranks = [index for index, line in enumerate(order) if name in line.split()]
    assert ranks, f"{name} has no place in the order of tests/test_layering.py"
    return ranks[0]


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) in (
        "TYPE_CHECKING",
        "typing.TYPE_CHECKING",
    )


def imported_names(source: str, package: list[str]) -> Iterator[str]:
    """Yield what *source*, a module of *package*, imports at run time, absolute."""
    todo: list[ast.AST] = [ast.parse(source)]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.If) and is_type_checking(node):
            todo.extend(node.orelse)
            continue
        todo.extend(ast.iter_child_nodes(node))
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else []
            base = base + (node.module or "").split(".")
            for alias in node.names:
                yield ".".join(part for part in [*base, alias.name] if part)


def imports_of(path: Path) -> list[str]:
    package = [ROOT, *path.relative_to(PACKAGE).parent.parts]
    return list(imported_names(path.read_text(encoding="utf-8"), package))


def our_imports_of(path: Path) -> list[str]:
    return [name for name in imports_of(path) if name.split(".")[0] == ROOT]


def every(pattern: str) -> pytest.MarkDecorator:
    paths = sorted(PACKAGE.glob(pattern))
    ids = [path.relative_to(PACKAGE).as_posix() for path in paths]
    return pytest.mark.parametrize("path", paths, ids=ids)


@every("**/*.py")
def test_imports_point_down(path: Path) -> None:
    mine = layer_of(path)
    for name in our_imports_of(path):
        theirs = layer_named(name)
        if theirs != mine:
            assert rank(theirs, LAYERS) < rank(mine, LAYERS), (
                f"{mine} may not import {name}"
            )


@every("wire/*.py")
def test_imports_point_down_inside_wire(path: Path) -> None:
    if path.name == "__init__.py":
        return
    rank(path.stem, WIRE)
    for name in our_imports_of(path):
        if layer_named(name) == "wire":
            _, _, theirs, *_ = name.split(".")
            assert rank(theirs, WIRE) < rank(path.stem, WIRE), (
                f"wire/{path.name} may not import {name}"
            )


@every("extensions/*.py")
def test_extensions_do_not_know_each_other(path: Path) -> None:
    if path.name == "__init__.py":
        return
    siblings = {
        name.split(".")[2]
        for name in our_imports_of(path)
        if name.startswith(f"{ROOT}.extensions.")
    }
    assert siblings <= {"extension"}


@every("**/*.py")
def test_pure_layers_import_nothing_impure(path: Path) -> None:
    if layer_of(path) in PURE:
        found = {name.split(".")[0] for name in imports_of(path)}
        assert found <= ALLOWED_IN_PURE


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import trio.abc", ["trio.abc"]),
        ("from . import xtext", ["smtpsession.wire.xtext"]),
        ("from .xtext import decode", ["smtpsession.wire.xtext.decode"]),
        ("from ..errors import Reject", ["smtpsession.errors.Reject"]),
        ("def f():\n    import time", ["time"]),
        ("if TYPE_CHECKING:\n    import ssl\nelse:\n    import os", ["os"]),
    ],
)
def test_imports_are_seen(source: str, names: list[str]) -> None:
    assert list(imported_names(source, [ROOT, "wire"])) == names
