"""MODULE:NAME, from the folder that the command runs in."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from smtpsession import Handler
from smtpsession.cli.command_error import CommandError
from smtpsession.cli.named_object import load_config, load_handler

APP = """
from smtpsession import Config, Handler
class Inbox(Handler): pass
class Shop:
    class Inbox(Handler): pass
class Picky(Handler):
    def __init__(self, path): pass
inbox = Inbox()
config = Config(hostname="mx.test")
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Enter a folder with modules of one's own."""
    (tmp_path / "app_of_test.py").write_text(APP)
    (tmp_path / "broken_app_of_test.py").write_text("\nx = 1 / 0\n")
    (tmp_path / "unwritten_app_of_test.py").write_text("x = 1\n\ndef\n")
    (tmp_path / "needy_app_of_test.py").write_text("import not_there_at_all\n")
    (tmp_path / "bad_app_of_test.py").write_text(
        "from smtpsession import Handler\n"
        "class Inbox(Handler):\n"
        "    async def on_rctp_to(self): pass\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    yield tmp_path
    for name in [name for name in sys.modules if name.endswith("app_of_test")]:
        del sys.modules[name]


def test_a_class_is_instantiated() -> None:
    assert type(load_handler("app_of_test:Inbox")).__name__ == "Inbox"
    nested = load_handler("app_of_test:Shop.Inbox")
    assert type(nested).__qualname__ == "Shop.Inbox"


def test_an_instance_is_used_as_it_is() -> None:
    handler = load_handler("app_of_test:inbox")
    assert isinstance(handler, Handler)
    assert handler is sys.modules["app_of_test"].inbox


def test_the_folder_is_looked_in_first_and_added_once(folder: Path) -> None:
    load_handler("app_of_test:inbox")
    load_handler("app_of_test:inbox")
    assert sys.path[0] == str(folder)
    assert sys.path.count(str(folder)) == 1


def test_a_config() -> None:
    assert load_config("app_of_test:config").hostname == "mx.test"


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("app_of_test", "--handler must be MODULE:NAME, got 'app_of_test'"),
        (":Inbox", "--handler must be MODULE:NAME, got ':Inbox'"),
        ("app_of_test:", "--handler must be MODULE:NAME, got 'app_of_test:'"),
        ("not_there:X", "--handler: no module not_there here or installed"),
        (
            "app_of_test.py:X",
            "no module app_of_test.py here or installed; leave .py out",
        ),
        ("not_there.sub:X", "--handler: no module not_there.sub here or installed"),
        ("app_of_test:X", "--handler: module app_of_test has no X"),
        ("app_of_test:Shop", "--handler app_of_test:Shop is no Handler, got <class"),
        ("app_of_test:config", "is no Handler, got Config("),
        ("app_of_test:Picky", "missing 1 required positional argument: 'path'"),
        ("broken_app_of_test:X", "failed: ZeroDivisionError: division by zero ("),
        ("needy_app_of_test:X", "No module named 'not_there_at_all'"),
        ("bad_app_of_test:Inbox", "did you mean on_rcpt_to?"),
    ],
)
def test_what_is_no_handler(reference: str, said: str) -> None:
    with pytest.raises(CommandError) as raised:
        load_handler(reference)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)
    assert raised.value.status == 2


@pytest.mark.parametrize(
    ("module", "line"),
    [("broken_app_of_test", 2), ("bad_app_of_test", 2), ("unwritten_app_of_test", 3)],
)
def test_an_error_in_ones_own_module_says_where(
    folder: Path, module: str, line: int
) -> None:
    with pytest.raises(CommandError) as raised:
        load_config(f"{module}:config")
    where = f"({folder / module}.py, line {line})"
    assert str(raised.value).endswith(where)


def test_a_handler_that_needs_arguments_is_nowhere() -> None:
    with pytest.raises(CommandError, match=r"argument: 'path'$"):
        load_handler("app_of_test:Picky")


def test_what_is_no_config() -> None:
    with pytest.raises(CommandError, match="--config app_of_test:inbox is no Config"):
        load_config("app_of_test:inbox")
