"""What is said of what was found."""

import json
import re
import shlex
from collections.abc import Sequence
from xml.etree import ElementTree

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.testing.fuzz.findings import Finding, Progress
from smtpsession.testing.fuzz.plans import Plan, Send
from smtpsession.testing.fuzz.report import Report, expected_text, list_rules
from smtpsession.testing.fuzz.rules import RULE_BOOK
from smtpsession.testing.fuzz.runner import Said
from smtpsession.testing.fuzz.secrets import Secrets
from smtpsession.testing.model_catalogue import CATALOGUE
from smtpsession.testing.model_violation import Violation

SECRETS = Secrets("alice", "Tr0ub4dor&3 horse")
#: A rule of the model, and one of the fuzzer's own.
RULE, OWN_RULE = "no reply", "segments change the replies"


def violation(rule: str = RULE, seen: str = "none") -> Violation:
    entry = RULE_BOOK[rule]
    return Violation(
        rule=rule,
        section=entry.section,
        sent=b"NOOP",
        expected="250 4yz 5yz !503",
        seen=seen,
        level=entry.level,
    )


FINDING = Finding(
    violation(),
    Plan((Send(b"NOOP\r\n"),)),
    (
        Said(0, "note", b"connects"),
        Said(0, "server", b"220 s.example\r\n"),
        Said(0, "client", b"NOOP\r\n"),
    ),
    seed=7,
    is_confirmed=True,
)


def report(
    *findings: Finding,
    files: Sequence[str | None] | None = None,
    seed: int | None = 6,
    secrets: Secrets | None = None,
    target: str = "localhost:25",
    hindered: int = 0,
) -> Report:
    progress = Progress(61.7, 1234, 5678, list(findings), hindered=hindered)
    names = [None] * len(findings) if files is None else files
    return Report(target, seed, progress, tuple(names), secrets)


def test_a_person_reads_what_was_found() -> None:
    lines = report(FINDING, files=["found/no-reply.json"]).to_text().splitlines()
    entry = RULE_BOOK[RULE]
    assert lines[0] == f"1. no reply ({entry.section}, {entry.level})"
    end = lines.index("")
    assert " ".join(line.strip() for line in lines[1 : end - 2]) == entry.meaning
    assert lines[end - 2 :] == [
        "   expected: 250 or a refusal (4yz, 5yz), but not 503",
        "   seen:     none",
        "",
        "   S: 220 s.example",
        "   C: NOOP",
        "",
        "   again: smtpsession fuzz localhost:25 --replay found/no-reply.json",
        "   seed:  7",
        "",
        "1 rule broken: 1,234 plans, 5,678 steps, 62 seconds, seed 6",
    ]


@pytest.mark.parametrize(
    ("seen", "shown"),
    [
        (r"what is in b'250 \x00\\'", r"what is in b'250 \x00\\'"),
        ("250 \\ \x00", r"250 \\ \x00"),
    ],
)
def test_what_was_seen_is_escaped_once(seen: str, shown: str) -> None:
    finding = attrs.evolve(FINDING, violation=violation(seen=seen))
    assert f"   seen:     {shown}\n" in report(finding).to_text()


def test_nothing_was_found() -> None:
    text = "no rule broken: 1,234 plans, 5,678 steps, 62 seconds, seed 6"
    assert report().to_text() == text
    assert report().summary() == text


def test_one_plan_was_repeated() -> None:
    progress = Progress(1.2, 1, 1, [FINDING])
    text = Report("[::1]:25", None, progress, ("a.json",)).to_text()
    assert text.endswith(
        "   again: smtpsession fuzz '[::1]:25' --replay a.json\n"
        "\n1 rule broken: 1 plan, 1 step, 1 second"
    )


def test_several_findings_of_one_rule() -> None:
    other = attrs.evolve(FINDING, violation=violation(OWN_RULE))
    assert report(FINDING, other).summary().startswith("2 rules broken: ")
    three = report(FINDING, other, FINDING)
    assert three.summary().startswith("2 rules broken in 3 ways: ")
    numbers = re.findall(r"(?m)^[0-9]\. .* \(", three.to_text())
    assert numbers == [f"1. {RULE} (", f"2. {OWN_RULE} (", f"3. {RULE} ("]


@pytest.mark.parametrize(
    ("hindered", "said"),
    [
        (0, ""),
        (1, "\n1 plan came no further than a breach that was found before; mend that,"),
        (2000, "\n2,000 plans came no further than a breach that was found before; me"),
    ],
)
def test_what_stands_in_the_way_is_said(hindered: int, said: str) -> None:
    summary = report(FINDING, hindered=hindered).summary()
    assert summary.partition("seed 6")[2].startswith(said)
    assert bool(said) == ("more may come to light" in summary)


def test_what_could_not_be_repeated_says_so() -> None:
    words = "could not be repeated"
    assert words not in report(FINDING).to_text()
    finding = attrs.evolve(FINDING, is_confirmed=False)
    assert words in report(finding).to_text()
    assert "again:" not in report(finding).to_text()


def test_the_command_can_be_copied() -> None:
    finding = attrs.evolve(FINDING, plan=Plan((Send(b"AUTH PLAIN {PLAIN}\r\n"),)))
    it = report(finding, files=["my files/a.json"], target="unix:/a b")
    [line] = [line for line in it.to_text().splitlines() if "again: " in line]
    words = shlex.split(line.partition("again: ")[2])
    assert words == [
        *("smtpsession", "fuzz", "unix:/a b", "--replay", "my files/a.json"),
        *("--user", "NAME"),
    ]


# Secrets.

LEAK = Finding(
    attrs.evolve(
        violation(seen="535 Tr0ub4dor&3 horse / 535 " + "VHIwdWI0ZG9yJjMgaG9yc2U="),
        sent=SECRETS.fill_in(b"{PASSWORD}"),
    ),
    Plan((Send(b"AUTH LOGIN\r\n"), Send(b"{PASSWORD}\r\n", (), "auth"))),
    (
        Said(0, "note", b"connects"),
        Said(0, "client", SECRETS.fill_in(b"{PASSWORD}\r\n")[:9]),
        Said(0, "client", SECRETS.fill_in(b"{PASSWORD}\r\n")[9:]),
        Said(0, "server", b"535 Tr0ub4dor&3 horse\r\n"),
    ),
    seed=7,
    is_confirmed=True,
)


def test_no_report_shows_a_secret() -> None:
    it = report(LEAK, files=["a.json"], secrets=SECRETS)
    for text in (it.to_text(), it.to_json(), it.to_junit(), it.summary(), repr(it)):
        for part in ("Tr0ub4dor", "horse", "VHIwdW", "I0ZG9y", "aG9yc2U", "AGFsaW"):
            assert part not in text
    assert "seen:     535 {PASSWORD} / 535 {PASSWORD}\n" in it.to_text()
    [found] = json.loads(it.to_json())["violations"]
    assert found["sent"] == "{PASSWORD}"
    assert found["seen"] == "535 {PASSWORD} / 535 {PASSWORD}"
    assert found["transcript"][0] == "C: {PASSWORD} \\"


# What the server should have said.


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("250", "250"),
        ("250 !503", "250, but not 503"),
        ("220 554", "220 or 554"),
        ("4yz 5yz", "a refusal (4yz, 5yz)"),
        ("2yz 4yz 5yz", "2yz or a refusal (4yz, 5yz)"),
        ("5yz", "5yz"),
        ("4yz 5yz !503 !530", "a refusal (4yz, 5yz), but not 503 or 530"),
        ("!503", "anything, but not 503"),
        ("CRLF", "CRLF"),
        ("a reply", "a reply"),
        ("a TLS handshake behind 220", "a TLS handshake behind 220"),
        ("250 ok", "250 ok"),
        ("", ""),
    ],
)
def test_codes_are_told_in_words(expected: str, text: str) -> None:
    assert expected_text(expected) == text


def test_codes_of_a_whole_session_are_told_in_their_order() -> None:
    found = attrs.evolve(violation(OWN_RULE, "220 500"), expected="220 250")
    text = report(attrs.evolve(FINDING, violation=found)).to_text()
    assert "   expected: 220 250\n   seen:     220 500\n" in text


# JSON.


def test_json_has_all_of_it() -> None:
    said = json.loads(report(FINDING, files=["a.json"], hindered=3).to_json())
    entry = RULE_BOOK[RULE]
    assert said == {
        "target": "localhost:25",
        "seed": 6,
        "seconds": 61.7,
        "plans": 1234,
        "steps": 5678,
        "hindered_plans": 3,
        "violations": [
            {
                "rule": RULE,
                "section": entry.section,
                "level": entry.level,
                "meaning": entry.meaning,
                "sent": "NOOP",
                "expected": "250 4yz 5yz !503",
                "seen": "none",
                "confirmed": True,
                "seed": 7,
                "replay": "a.json",
                "transcript": ["S: 220 s.example", "C: NOOP"],
                "steps": [{"do": "send", "octets": "NOOP\r\n"}],
            }
        ],
    }


# JUnit.


def test_junit_has_a_test_for_each_rule() -> None:
    other = attrs.evolve(FINDING, violation=violation(OWN_RULE, "220 500"))
    xml = report(FINDING, other, FINDING, files=["a.json", None, "b.json"]).to_junit()
    assert xml.startswith("<?xml version='1.0' encoding='utf-8'?>\n")
    root = ElementTree.fromstring(xml.encode())
    assert root.tag == "testsuites"
    [suite] = root
    assert suite.attrib == {
        "name": "smtpsession fuzz localhost:25",
        "tests": str(len(RULE_BOOK)),
        "failures": "2",
        "errors": "0",
        "time": "61.700",
    }
    assert [case.get("name") for case in suite] == list(RULE_BOOK)
    sections = [case.get("classname") for case in suite]
    assert sections == [entry.section for entry in RULE_BOOK.values()]
    failures = {case.get("name"): case.find("failure") for case in suite if len(case)}
    assert set(failures) == {RULE, OWN_RULE}
    failure = failures[RULE]
    assert failure is not None
    assert failure.attrib == {
        "message": "expected 250 or a refusal (4yz, 5yz), but not 503, seen none",
        "type": RULE_BOOK[RULE].level,
    }
    assert failure.text is not None
    assert failure.text.count("C: NOOP\n") == 2
    assert "--replay a.json\n" in failure.text
    assert "--replay b.json\n" in failure.text


def test_junit_without_a_finding() -> None:
    [suite] = ElementTree.fromstring(report().to_junit())
    assert suite.get("failures") == "0"
    assert not any(len(case) for case in suite)


@given(st.text(), st.binary())
def test_whatever_was_said_the_reports_can_be_read(text: str, octets: bytes) -> None:
    finding = attrs.evolve(
        FINDING,
        violation=violation(seen=text),
        said=(Said(0, "server", octets), Said(0, "client", octets)),
    )
    it = report(finding, files=["a\x01\udcff.json"], target=f"unix:{text}\udcff\0")
    ElementTree.fromstring(it.to_junit().encode())
    found = json.loads(it.to_json())
    assert found["target"] == it.target
    shown = it.to_text()
    shown.encode()
    assert not re.search("[\0-\x09\x0b-\x1f\x7f-\x9f]", shown)


# Rules.


def test_the_rules_are_listed() -> None:
    lines = list_rules().splitlines()
    assert len(lines) == len(RULE_BOOK)
    for line, (name, entry) in zip(lines, RULE_BOOK.items(), strict=True):
        assert line.split("  ")[0] == name
        assert line.endswith(f"  {entry.section}, {entry.level}")
    two = list_rules([RULE, OWN_RULE]).splitlines()
    assert len({line.rindex(RULE_BOOK[RULE].section[:4]) for line in two}) == 1
    assert list_rules([]) == ""


def test_the_rules_used_here_are_of_both_kinds() -> None:
    assert RULE in CATALOGUE
    assert OWN_RULE not in CATALOGUE
