"""What was found, as text, as JSON and as JUnit's XML."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

import attrs

from smtpsession.testing.fuzz.rules import RULE_BOOK
from smtpsession.testing.fuzz.search import Finding, Progress
from smtpsession.testing.fuzz.secrets import Secrets
from smtpsession.testing.fuzz.transcript import escaped, transcript


@attrs.frozen
class Report:
    """The result of a search."""

    #: The server, as it was named.
    target: str
    #: Draws the first plans.
    seed: int
    progress: Progress
    #: The files that repeat the findings, in their order; None where there is none.
    files: tuple[str | None, ...]
    secrets: Secrets | None = attrs.field(default=None, repr=False)

    def to_text(self) -> str:
        """Give what a person reads, without a line's end at its end."""
        parts = [
            _one(number, finding, file, self)
            for number, (finding, file) in enumerate(self._found(), 1)
        ]
        return "\n\n".join([*parts, self.summary()])

    def summary(self) -> str:
        """Give the result in a sentence."""
        progress = self.progress
        found = len(progress.findings)
        if found:
            what = f"{found} rule{'s' if found > 1 else ''} broken"
        else:
            what = "no rule broken"
        text = (
            f"{what}: {progress.plans:,} plans, {progress.steps:,} steps,"
            f" {progress.seconds:.0f} seconds, seed {self.seed}"
        )
        if progress.hindered:
            text += (
                f"\n{progress.hindered:,} plans ended at what was known by then;"
                " mend that, and more may come to light"
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
                _as_json(finding, file, self.secrets) for finding, file in self._found()
            ],
        }
        return json.dumps(said, indent=1)

    def to_junit(self) -> str:
        """Give a test suite of JUnit, with a test case for each rule."""
        broken: dict[str, list[Finding]] = {}
        for finding in self.progress.findings:
            broken.setdefault(finding.violation.rule, []).append(finding)
        suite = ElementTree.Element(
            "testsuite",
            name=f"smtpsession fuzz {self.target}",
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
        root = ElementTree.Element("testsuites")
        root.append(suite)
        ElementTree.indent(root, " ")
        return ElementTree.tostring(root, "unicode", xml_declaration=True)

    def _add_failure(self, case: ElementTree.Element, found: list[Finding]) -> None:
        violation = found[0].violation
        message = f"expected {violation.expected}, seen {_shown(violation.seen)}"
        failure = ElementTree.SubElement(case, "failure", message=message)
        texts = [transcript(finding.said, self.secrets) for finding in found]
        failure.text = "\n\n".join("\n".join(lines) for lines in texts)

    def _found(self) -> list[tuple[Finding, str | None]]:
        return list(zip(self.progress.findings, self.files, strict=True))


def _one(number: int, finding: Finding, file: str | None, report: Report) -> str:
    violation = finding.violation
    entry = RULE_BOOK[violation.rule]
    lines = [
        f"{number}. {violation.rule} ({violation.section}, {violation.level})",
        f"   {entry.meaning}",
        f"   expected: {expected_text(violation.expected)}",
        f"   seen:     {_shown(violation.seen)}",
        "",
        *(f"   {line}" for line in transcript(finding.said, report.secrets)),
        "",
    ]
    if not finding.is_confirmed:
        lines.append("   It could not be repeated.")
    if file is not None:
        user = " --user NAME" if finding.plan.needs_secrets else ""
        lines.append(
            f"   again: smtpsession fuzz {report.target} --replay {file}{user}"
        )
    lines.append(f"   seed:  {finding.seed}")
    return "\n".join(lines)


def expected_text(expected: str) -> str:
    """Give expected codes in words, ``4yz 5yz !503`` as a refusal but not 503."""
    words = expected.split()
    if not all(_is_code(word) for word in words):
        return expected
    codes = [word for word in words if word[0] not in "!" and word not in _REFUSALS]
    if _REFUSALS.issubset(words):
        codes.append("a refusal (4yz, 5yz)")
    else:
        codes += [word for word in words if word in _REFUSALS]
    excluded = [word[1:] for word in words if word.startswith("!")]
    text = " or ".join(codes)
    return f"{text}, but not {' or '.join(excluded)}" if excluded else text


_REFUSALS = frozenset({"4yz", "5yz"})


def _is_code(word: str) -> bool:
    return len(word.lstrip("!")) == 3 and word.lstrip("!")[0].isdigit()


def _shown(seen: str) -> str:
    return escaped(seen.encode("latin-1", "backslashreplace"))


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
        "seen": violation.seen,
        "confirmed": finding.is_confirmed,
        "seed": finding.seed,
        "replay": file,
        "transcript": transcript(finding.said, secrets),
        "steps": finding.plan.to_json(),
    }


def list_rules(names: Sequence[str] = tuple(RULE_BOOK)) -> str:
    """Give the rules, a line each."""
    width = max(map(len, names))
    lines = [
        f"{name:{width}}  {RULE_BOOK[name].section}, {RULE_BOOK[name].level}"
        for name in names
    ]
    return "\n".join(lines)
