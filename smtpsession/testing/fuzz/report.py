"""What was found, as text, as JSON and as JUnit's XML."""

from __future__ import annotations

import json
import re
import shlex
import textwrap
from collections.abc import Sequence
from typing import Any, Final
from xml.etree import ElementTree

import attrs

from smtpsession.testing.fuzz.findings import Finding, Progress
from smtpsession.testing.fuzz.rules import RULE_BOOK
from smtpsession.testing.fuzz.secrets import Secrets
from smtpsession.testing.fuzz.transcript import escaped, transcript
from smtpsession.testing.model_catalogue import CATALOGUE
from smtpsession.testing.model_violation import Violation

#: How wide an explanation is, in characters.
_WIDTH: Final = 85
#: What neither a terminal nor XML takes; names of files may hold it.
_UNPRINTABLE: Final = re.compile(
    "[^\n -~\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)
_CODE: Final = re.compile("!?[2-5][0-9y][0-9z]")
_REFUSALS: Final = frozenset({"4yz", "5yz"})


@attrs.frozen
class Report:
    """The result of a search."""

    #: The server, as it was named.
    target: str
    #: Draws the first plans; None where a plan was replayed.
    seed: int | None
    # Its repr would show what was said.
    progress: Progress = attrs.field(repr=False)
    #: The files that repeat the findings, in their order; None where there is none.
    files: tuple[str | None, ...]
    secrets: Secrets | None = attrs.field(default=None, repr=False)

    def to_text(self) -> str:
        """Give what a person reads, without a line's end at its end."""
        return "\n\n".join([*self._findings(), self.summary()])

    def summary(self) -> str:
        """Give the result in a sentence, and what it leaves open in another."""
        progress = self.progress
        text = (
            f"{_what_is_broken(progress.findings)}: {_count(progress.plans, 'plan')},"
            f" {_count(progress.steps, 'step')},"
            f" {_count(round(progress.seconds), 'second')}"
        )
        if self.seed is not None:
            text += f", seed {self.seed}"
        if progress.hindered:
            text += (
                f"\n{_count(progress.hindered, 'plan')} came no further than a breach"
                " that was found before; mend that, and more may come to light"
            )
        return text

    def to_json(self) -> str:
        """Give a JSON object."""
        progress = self.progress
        said: dict[str, Any] = {
            "target": self.target,
            "seed": self.seed,
            "seconds": round(progress.seconds, 3),
            "plans": progress.plans,
            "steps": progress.steps,
            "hindered_plans": progress.hindered,
            "violations": [
                _as_json(finding, file, self.secrets)
                for finding, file in zip(progress.findings, self.files, strict=True)
            ],
        }
        return json.dumps(said, indent=1)

    def to_junit(self) -> str:
        """Give a test suite of JUnit, with a test case for each rule."""
        broken: dict[str, list[tuple[Violation, str]]] = {}
        for finding, text in zip(self.progress.findings, self._findings(), strict=True):
            found = finding.violation
            broken.setdefault(found.rule, []).append((found, text))
        root = ElementTree.Element("testsuites")
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            name=f"smtpsession fuzz {_printable(self.target)}",
            tests=str(len(RULE_BOOK)),
            failures=str(len(broken)),
            errors="0",
            time=f"{self.progress.seconds:.3f}",
        )
        for name, entry in RULE_BOOK.items():
            case = ElementTree.SubElement(
                suite, "testcase", name=name, classname=entry.section
            )
            if name in broken:
                self._add_failure(case, broken[name])
        ElementTree.indent(root, " ")
        return ElementTree.tostring(root, "unicode", xml_declaration=True)

    def _add_failure(
        self, case: ElementTree.Element, found: Sequence[tuple[Violation, str]]
    ) -> None:
        violation, _ = found[0]
        message = (
            f"expected {_expected(violation)}, seen {_seen(violation, self.secrets)}"
        )
        failure = ElementTree.SubElement(
            case, "failure", message=message, type=violation.level
        )
        failure.text = "\n\n".join(text for _, text in found)

    def _findings(self) -> list[str]:
        found = zip(self.progress.findings, self.files, strict=True)
        return [_one(place, *each, self) for place, each in enumerate(found, 1)]


def _what_is_broken(findings: Sequence[Finding]) -> str:
    rules = len({finding.violation.rule for finding in findings})
    if not rules:
        return "no rule broken"
    ways = f" in {len(findings)} ways" if len(findings) > rules else ""
    return f"{_count(rules, 'rule')} broken{ways}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _one(number: int, finding: Finding, file: str | None, report: Report) -> str:
    violation, secrets = finding.violation, report.secrets
    lines = [
        f"{number}. {violation.rule} ({violation.section}, {violation.level})",
        *_indented(textwrap.wrap(RULE_BOOK[violation.rule].meaning, _WIDTH)),
        f"   expected: {_expected(violation)}",
        f"   seen:     {_seen(violation, secrets)}",
        "",
        *_indented(transcript(finding.said, secrets)),
        "",
    ]
    if not finding.is_confirmed:
        lines.append("   This was seen once, and could not be repeated.")
    if file is not None:
        words = ["smtpsession", "fuzz", report.target, "--replay", file]
        user = " --user NAME" if finding.plan.needs_secrets else ""
        lines.append(f"   again: {_printable(shlex.join(words))}{user}")
    if report.seed is not None:
        lines.append(f"   seed:  {finding.seed}")
    return "\n".join(lines)


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"   {line}" for line in lines]


def _printable(text: str) -> str:
    return _UNPRINTABLE.sub(
        lambda found: found.group().encode("unicode_escape").decode("ascii"), text
    )


def _expected(violation: Violation) -> str:
    # Codes are one reply's in the model's rules only.
    is_of_model = violation.rule in CATALOGUE
    return expected_text(violation.expected) if is_of_model else violation.expected


def expected_text(expected: str) -> str:
    """Give expected codes in words, ``4yz 5yz !503`` as a refusal but not 503."""
    words = expected.split()
    if not all(map(_CODE.fullmatch, words)):
        return expected
    excluded = [word[1:] for word in words if word.startswith("!")]
    codes = [word for word in words if not word.startswith("!")]
    if _REFUSALS.issubset(codes):
        codes = [code for code in codes if code not in _REFUSALS]
        codes.append("a refusal (4yz, 5yz)")
    if not excluded:
        return " or ".join(codes)
    but = f"but not {' or '.join(excluded)}"
    return f"{' or '.join(codes)}, {but}" if codes else f"anything, {but}"


def _seen(violation: Violation, secrets: Secrets | None) -> str:
    text = escaped(_seen_octets(violation, secrets))
    # What the model has escaped already has nothing else that would be.
    is_plain = re.fullmatch(r"[ -~]*", violation.seen)
    return text.replace(r"\\", "\\") if is_plain else text


def _seen_octets(violation: Violation, secrets: Secrets | None) -> bytes:
    octets = violation.seen.encode("latin-1", "backslashreplace")
    return octets if secrets is None else secrets.take_out(octets)


def _as_json(
    finding: Finding, file: str | None, secrets: Secrets | None
) -> dict[str, Any]:
    violation = finding.violation
    sent = violation.sent if secrets is None else secrets.take_out(violation.sent)
    return {
        "rule": violation.rule,
        "section": violation.section,
        "level": violation.level,
        "meaning": RULE_BOOK[violation.rule].meaning,
        "sent": sent.decode("latin-1"),
        "expected": violation.expected,
        "seen": _seen_octets(violation, secrets).decode("latin-1"),
        "confirmed": finding.is_confirmed,
        "seed": finding.seed,
        "replay": file,
        "transcript": transcript(finding.said, secrets),
        "steps": finding.plan.to_json(),
    }


def list_rules(names: Sequence[str] = tuple(RULE_BOOK)) -> str:
    """Give the rules, a line each."""
    width = max(map(len, names), default=0)
    lines = [
        f"{name:{width}}  {RULE_BOOK[name].section}, {RULE_BOOK[name].level}"
        for name in names
    ]
    return "\n".join(lines)
