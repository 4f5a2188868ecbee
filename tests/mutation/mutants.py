"""Mutants of a module: the operators of mutmut, and some more, over all of its code.

mutmut itself mutates the bodies of functions without decorators only. Here the
tables, patterns and classes of a module, and its properties, are mutated as well.
"""

import ast
import codecs
import re
from collections.abc import Iterable, Iterator

import attrs
import libcst as cst  # pyright: ignore[reportMissingImports]
from mutmut.mutation.mutators import (  # pyright: ignore[reportMissingImports]
    mutation_operators,
)

from tests.mutation.patterns import mutate_pattern

#: Calls that only a program that cannot run would make in another way.
_KEPT_CALLS = {"len", "isinstance"}
_ALIAS = re.compile(r"_?[A-Z]\w*[a-z]\w*")
_BARE_CONDITIONS = (cst.Name, cst.Attribute, cst.Call, cst.Subscript)


@attrs.frozen
class Mutant:
    """One module with one change."""

    #: The path of the module from the root of the repository.
    path: str
    #: Where it begins, and the function or class that it is in.
    line: int
    place: str
    #: The lines that differ.
    before: str
    after: str
    #: The whole mutated module.
    source: str = attrs.field(repr=False)

    @property
    def name(self) -> str:
        """Identify the mutant, also when lines above it have moved."""
        return f"{self.path}::{self.place}: {self.before} => {self.after}"


def mutants_of(path: str, source: str) -> list[Mutant]:
    """Return each mutant of a module that compiles, once."""
    module = cst.parse_module(source)
    places = _places(source)
    found: dict[str, Mutant] = {}
    for old, new in _changes(module):
        mutated = module.deep_replace(old, new)
        assert isinstance(mutated, cst.Module)
        text = mutated.code
        if text == source or text in found or not _compiles(text):
            continue
        line, before, after = _difference(source, text)
        found[text] = Mutant(
            path, line, places.get(line, "module"), before, after, text
        )
    return list(found.values())


def _changes(node: cst.CSTNode) -> Iterator[tuple[cst.CSTNode, cst.CSTNode]]:
    # To change a decorator is to write another class; types do not run.
    if isinstance(node, (cst.Annotation, cst.Decorator)) or _is_type_alias(node):
        return
    if _is_kept_call(node):
        return
    for kind, operator in mutation_operators:
        if isinstance(node, kind):
            for new in operator(node):
                if not _is_same_codec(node, new):
                    yield node, new
    for new in _further(node):
        yield node, new
    for child in node.children:
        yield from _changes(child)


def _is_kept_call(node: cst.CSTNode) -> bool:
    return (
        isinstance(node, cst.Call)
        and isinstance(node.func, cst.Name)
        and node.func.value in _KEPT_CALLS
    )


def _is_type_alias(node: cst.CSTNode) -> bool:
    """Say whether the node is an assignment as ``_Gate = Callable[[str], bool]``."""
    if not isinstance(node, (cst.Assign, cst.AnnAssign)):
        return False
    if not isinstance(node.value, (cst.Subscript, cst.BinaryOperation)):
        return False
    target = node.targets[0].target if isinstance(node, cst.Assign) else node.target
    return isinstance(target, cst.Name) and _ALIAS.fullmatch(target.value) is not None


def _is_same_codec(old: cst.CSTNode, new: cst.CSTNode) -> bool:
    """Say whether both are names of one codec, as "ascii" and "ASCII" are."""
    if not (isinstance(old, cst.SimpleString) and isinstance(new, cst.SimpleString)):
        return False
    try:
        return codecs.lookup(old.raw_value) == codecs.lookup(new.raw_value)
    except LookupError:
        return False


def _further(node: cst.CSTNode) -> Iterable[cst.CSTNode]:
    """Yield what mutmut does not make of a node."""
    if isinstance(node, cst.Raise) or (
        isinstance(node, cst.Expr) and isinstance(node.value, cst.Call)
    ):
        yield cst.Pass()
    elif isinstance(node, cst.Integer) and node.evaluated_value > 0:
        yield node.with_changes(value=str(node.evaluated_value - 1))
    elif isinstance(node, (cst.If, cst.While)) and _is_bare(node.test):
        yield node.with_changes(test=_negated(node.test))
    elif isinstance(node, cst.BooleanOperation):
        if _is_bare(node.left):
            yield node.with_changes(left=_negated(node.left))
        if _is_bare(node.right):
            yield node.with_changes(right=_negated(node.right))
    elif isinstance(node, (cst.SimpleString, cst.FormattedString)):
        yield from _other_patterns(node)


def _is_bare(node: cst.BaseExpression) -> bool:
    return isinstance(node, _BARE_CONDITIONS) and not _is_kept_call(node)


def _negated(node: cst.BaseExpression) -> cst.BaseExpression:
    return cst.UnaryOperation(cst.Not(), node)


def _other_patterns(
    node: cst.SimpleString | cst.FormattedString,
) -> Iterator[cst.BaseExpression]:
    code = cst.Module([]).code_for_node(node)
    quote = min(code.find(mark) for mark in "\"'" if mark in code)
    if "r" not in code[:quote].lower() or code[quote:].startswith('"""'):
        return
    for pattern in mutate_pattern(code[quote + 1 : -1]):
        yield cst.parse_expression(f"{code[: quote + 1]}{pattern}{code[-1]}")


def _compiles(source: str) -> bool:
    try:
        compile(source, "mutant", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True


def _difference(old: str, new: str) -> tuple[int, str, str]:
    """Give the first line that differs, from 1, and what stands in either there."""
    before, after = old.splitlines(), new.splitlines()
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    end = 0
    most = min(len(before), len(after)) - start
    while end < most and before[-1 - end] == after[-1 - end]:
        end += 1
    return (
        start + 1,
        _on_one_line(before[start : len(before) - end]),
        _on_one_line(after[start : len(after) - end]),
    )


def _on_one_line(lines: list[str]) -> str:
    return " ".join(line.strip() for line in lines)


def _places(source: str) -> dict[int, str]:
    """Give the function or class of each line, by line."""
    places: dict[int, str] = {}

    def visit(body: list[ast.stmt], outer: str) -> None:
        for node in body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                name = f"{outer}.{node.name}".removeprefix(".")
                assert node.end_lineno is not None
                first = min([d.lineno for d in node.decorator_list] + [node.lineno])
                places.update(dict.fromkeys(range(first, node.end_lineno + 1), name))
                visit(node.body, name)

    visit(ast.parse(source).body, "")
    return places
