"""The book of all rules."""

from __future__ import annotations

from smtpsession.testing.fuzz.rules import RULE_BOOK
from smtpsession.testing.model_catalogue import CATALOGUE


def test_the_book_holds_the_rules_of_the_model_and_those_of_the_fuzzer() -> None:
    own = [name for name in RULE_BOOK if name not in CATALOGUE]
    assert set(CATALOGUE) < set(RULE_BOOK)
    assert own == [
        "segments change the replies",
        "server is gone",
        "TLS does not begin",
        "wrong password is taken",
    ]


def test_each_rule_says_where_it_is_written_and_what_it_means() -> None:
    for name, entry in RULE_BOOK.items():
        assert entry.name == name
        assert entry.level in ("MUST", "SHOULD")
        assert entry.section
        assert entry.meaning.endswith(".")
