r"""Mutants of regular expressions, which the operators of mutmut leave whole.

The text is that of the source: a raw string, or a raw f-string, in which ``{{2,6}}``
is a repetition and ``{name}`` stands for a part of the pattern.
"""

import re
from collections.abc import Iterator

_TOKEN = re.compile(
    r"\\."  # an escape
    r"|(?P<class>\[\^?(?:\\.|[^\]\\])+\])"
    r"|(?P<count>\{?\{(?P<low>[0-9]+)(?P<comma>,?)(?P<high>[0-9]*)\}\}?)"
    r"|\{[\w.]+\}"  # a part that is filled in
    r"|(?P<lookaround>\(\?<?[=!])"
    r"|\(\?[aims:-]*|\(\?P<\w+>"
    r"|(?P<repeat>[*+?])"
)
_MEMBER = re.compile(r"\{[\w.]+\}|(?:\\.|[^\\])(?:-(?:\\.|[^\\\]]))?")
_OTHER_REPEATS = {"*": ("+",), "+": ("*", ""), "?": ("",)}
_OTHER_LOOKAROUND = {"=": "!", "!": "="}


def mutate_pattern(pattern: str) -> Iterator[str]:
    """Yield *pattern* with one repetition, class or look-around changed."""
    for token in _TOKEN.finditer(pattern):
        for other in _others(token):
            yield pattern[: token.start()] + other + pattern[token.end() :]


def _others(token: re.Match[str]) -> Iterator[str]:
    text = token[0]
    if token["class"]:
        yield from _other_classes(text)
    elif token["count"]:
        yield from _other_counts(token)
    elif token["lookaround"]:
        yield text[:-1] + _OTHER_LOOKAROUND[text[-1]]
    elif token["repeat"]:
        yield from _OTHER_REPEATS[text]


def _other_classes(text: str) -> Iterator[str]:
    """Yield the class negated, and without each of its members."""
    inverted = text.startswith("[^")
    inside = text[2:-1] if inverted else text[1:-1]
    opening = "[^" if inverted else "["
    yield ("[" if inverted else "[^") + inside + "]"
    members = list(_MEMBER.finditer(inside))
    if len(members) < 2:
        return
    for member in members:
        rest = inside[: member.start()] + inside[member.end() :]
        yield opening + rest + "]"


def _other_counts(token: re.Match[str]) -> Iterator[str]:
    """Yield the counts of a repetition one higher and one lower."""
    low, high = int(token["low"]), int(token["high"] or 0)
    pairs = {(low + 1, high), (low - 1, high)}
    if token["high"]:
        pairs |= {(low, high + 1), (low, high - 1)}
    for first, last in sorted(pairs):
        if first >= 0 and (not token["high"] or first <= last):
            counts = f"{first}{token['comma']}{last if token['high'] else ''}"
            yield re.sub(r"[0-9,]+", counts, token[0])
