import re

from smtpsession.testing import model_catalogue
from smtpsession.testing.model_catalogue import CATALOGUE, every_rule


def test_each_rule_has_one_entry_and_none_is_left_over() -> None:
    names = {rule.name for rule in every_rule()}
    assert set(CATALOGUE) == names == set(model_catalogue._MEANINGS)
    assert all(name == entry.name for name, entry in CATALOGUE.items())


def test_a_name_stands_for_one_rule() -> None:
    for rule in every_rule():
        entry = CATALOGUE[rule.name]
        assert (entry.section, entry.level) == (rule.section, rule.level)


def test_each_entry_says_what_is_expected_in_one_sentence() -> None:
    for entry in CATALOGUE.values():
        assert re.fullmatch(r"[^.]+\.", entry.meaning), entry
        assert entry.section.startswith(("RFC ", "XCLIENT_README"))


def test_every_check_of_the_model_is_in_the_catalogue() -> None:
    """No module of the model defines a check that its tuple leaves out."""
    from smtpsession.testing import (
        model,
        model_excess,
        model_offers,
        model_refusals,
        model_texts,
    )
    from smtpsession.testing.model_checks import Check

    for module in (model, model_excess, model_offers, model_refusals, model_texts):
        checks = [each for each in vars(module).values() if isinstance(each, Check)]
        assert checks
        assert [check for check in checks if check.name not in CATALOGUE] == []
