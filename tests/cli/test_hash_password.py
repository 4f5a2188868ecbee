"""``smtpsession hash-password``: from a password to what is stored."""

import getpass
import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from smtpsession import SCRAMKeys
from smtpsession.cli import main
from smtpsession.handlers import PasswordFileHandler
from tests.cli.running import ENVIRONMENT


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def pipe(monkeypatch: pytest.MonkeyPatch, octets: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(octets)))


def type_in(monkeypatch: pytest.MonkeyPatch, *passwords: Any) -> None:
    waiting = iter(passwords)

    def ask(prompt: str) -> str:
        answer = next(waiting)
        if isinstance(answer, BaseException):
            raise answer
        return str(answer)

    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(getpass, "getpass", ask)


def keys_of(printed: str) -> SCRAMKeys:
    assert printed.count("\n") == 1
    return SCRAMKeys.parse(printed.removesuffix("\n"))


def are_keys(keys: SCRAMKeys, password: str) -> bool:
    derived = SCRAMKeys.derive(password, salt=keys.salt, iterations=keys.iterations)
    return derived == keys


@pytest.mark.parametrize(
    ("octets", "password"),
    [
        (b"pencil", "pencil"),
        (b"pencil\nmore\n", "pencil"),
        (b" pen cil \r\n", " pen cil "),
        ("gr\u00fc\u00df\n".encode(), "gr\u00fc\u00df"),
    ],
)
def test_a_line_of_standard_input_is_the_password(
    octets: bytes,
    password: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pipe(monkeypatch, octets)
    assert main(["hash-password"]) == 0
    keys = keys_of(capsys.readouterr().out)
    assert are_keys(keys, password)
    assert (keys.hash_name, keys.iterations) == ("SHA-256", 4_096)


def test_somebody_at_a_terminal_is_asked_twice(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    type_in(monkeypatch, "pencil", "pencil")
    assert main(["hash-password", "--iterations", "5000"]) == 0
    keys = keys_of(capsys.readouterr().out)
    assert are_keys(keys, "pencil")
    assert keys.iterations == 5_000


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (b"", "password must not be empty"),
        (b"\n", "password must not be empty"),
        (b"p\xff\n", "the password must be UTF-8"),
        (("a", "b"), "the two passwords differ"),
        ((EOFError(),), "no password was given"),
        (("a", KeyboardInterrupt()), "no password was given"),
    ],
)
def test_what_is_no_password_is_said_in_one_line(
    given: Any,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if isinstance(given, bytes):
        pipe(monkeypatch, given)
    else:
        type_in(monkeypatch, *given)
    assert main(["hash-password"]) == 1
    output, errors = capsys.readouterr()
    assert (output, errors) == ("", f"smtpsession: error: {said}\n")


@pytest.mark.parametrize("rounds", ["4095", "-1", "many", "\u00b2", ""])
def test_too_few_rounds_are_an_error(
    rounds: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["hash-password", f"--iterations={rounds}"])
    assert f"must be a number from 4096, got {rounds!r}" in capsys.readouterr().err


def test_what_it_prints_stands_in_a_file_of_users(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "smtpsession", "hash-password"]
    printed = subprocess.run(
        command,
        input=b"pencil\n",
        stdout=subprocess.PIPE,
        env=ENVIRONMENT,
        timeout=30,
        check=True,
    ).stdout
    path = tmp_path / "users"
    path.touch(mode=0o600)
    path.write_bytes(b"bob:" + printed)
    assert PasswordFileHandler(path).path == str(path)
    assert are_keys(keys_of(printed.decode()), "pencil")
