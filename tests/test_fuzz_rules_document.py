"""docs/reference/fuzz-rules.md has exactly the rules that the fuzzer knows."""

import re
from pathlib import Path

from smtpsession.testing.fuzz.rules import RULE_BOOK
from smtpsession.testing.model_catalogue import CATALOGUE

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "fuzz-rules.md"
TEXT = PAGE.read_text(encoding="utf-8")
ROW = re.compile(r"^\| (.+) \| (.+) \| (MUST|SHOULD) \| (.+) \|$", re.MULTILINE)


def test_the_table_is_the_rule_book() -> None:
    assert ROW.findall(TEXT) == [
        (entry.name, entry.section, entry.level, entry.meaning)
        for entry in RULE_BOOK.values()
    ]


def test_the_last_four_are_the_fuzzers_own() -> None:
    assert "All but the last four are also those of" in TEXT
    assert list(RULE_BOOK)[:-4] == list(CATALOGUE)


def test_rules_that_the_text_names_exist() -> None:
    text = ROW.sub("", TEXT)
    named = re.findall('"([^"]+)"', text)
    assert named
    assert [name for name in named if name not in RULE_BOOK] == []
