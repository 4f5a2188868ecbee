"""Every source module has its test module at the mirrored place."""

from pathlib import Path

import pytest

import smtpsession

PACKAGE = Path(smtpsession.__file__).parent
TESTS = Path(__file__).parent
MODULES = sorted(
    path.relative_to(PACKAGE)
    for path in PACKAGE.rglob("*.py")
    if not path.name.startswith("__")
)


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_module_has_a_test_module(module: Path) -> None:
    twin = TESTS / module.parent / f"test_{module.name}"
    assert twin.is_file(), (
        f"smtpsession/{module} has no tests/{twin.relative_to(TESTS)}"
    )
