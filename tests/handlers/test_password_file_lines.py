"""Which lines a file of passwords has, and what is no file at all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import trio

from smtpsession import Session
from smtpsession.auth.mechanism import Claim, Secret
from smtpsession.authentication import Authentication
from smtpsession.handlers import PasswordFileHandler


async def let_in(handler: PasswordFileHandler, username: str, password: str) -> bool:
    async def verify(secret: Secret, iterations: int) -> bool:
        return secret == password

    auth = Authentication("PLAIN", Claim(username=username), verify)
    return await handler.on_auth(Session("0123456789abcdef"), auth) == username


@pytest.mark.parametrize("separator", ["\u2028", "\x85", "\x0b", "\x1c"])
def test_only_a_newline_ends_a_line(tmp_path: Path, separator: str) -> None:
    path = tmp_path / "users"
    path.touch(mode=0o600)
    path.write_text(f"ann:one{separator}two\nbob:three\n", encoding="utf-8")
    handler: PasswordFileHandler = PasswordFileHandler(path)
    assert trio.run(let_in, handler, "ann", f"one{separator}two")
    assert trio.run(let_in, handler, "bob", "three")


def test_a_number_is_no_path_and_stays_open() -> None:
    reader, writer = os.pipe()
    given: Any
    for given in (reader, None):
        with pytest.raises(TypeError, match=r"expected str, bytes or os\.PathLike"):
            PasswordFileHandler(given)
    os.write(writer, b"x")
    assert os.read(reader, 1) == b"x"
    os.close(reader)
    os.close(writer)
