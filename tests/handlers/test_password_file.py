"""Users from a file: what a line may be, who is let in, and what is never told."""

import contextlib
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trio.testing import MockClock

from smtpsession import Authentication, Claim, scram_keys
from smtpsession.auth.mechanism import Secret
from smtpsession.handlers import PasswordFileHandler
from tests.server.sasl_client import ScramClient, cram_md5, insecure, plain, unb64
from tests.server.sasl_client import b64 as encoded
from tests.server.smtp_client import open_session

KEYS = scram_keys("pencil", iterations=5_000)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "users"
    path.touch(mode=0o600)
    return path


def write(file: Path, text: str | bytes) -> PasswordFileHandler:
    octets = text if isinstance(text, bytes) else text.encode()
    file.write_bytes(octets)
    return PasswordFileHandler(file)


async def try_plain(handler: PasswordFileHandler, user: str, password: str) -> str:
    async with open_session(handler, insecure()) as client:
        await client.ask("EHLO c")
        said = await client.ask(f"AUTH PLAIN {plain(user, password)}")
        return said[:9]


@pytest.mark.parametrize(
    ("text", "user", "password"),
    [
        ("bob:pass", "bob", "pass"),
        ("# users\n\n  \nann:x\r\nbob:pass\r\n", "bob", "pass"),
        ("bob:pa:ss", "bob", "pa:ss"),
        ("bob: pass ", "bob", " pass "),
        ("bob@example.org:pass", "bob@example.org", "pass"),
        ("j\u00fcrgen:gr\u00fc\u00df", "j\u00fcrgen", "gr\u00fc\u00df"),
        # As a client's names are prepared, so are those of the file.
        ("ju\u0308rgen:pass", "j\u00fcrgen", "pass"),
        ("\ufeffbob:pass", "bob", "pass"),
        ("bob:p\u2028s\x85s", "bob", "p\u2028s\x85s"),
        (f"bob:{KEYS.to_text()}", "bob", "pencil"),
    ],
)
async def test_a_line_is_a_name_and_a_secret(
    file: Path, text: str, user: str, password: str, autojump_clock: MockClock
) -> None:
    handler = write(file, text)
    assert await try_plain(handler, user, password) == "235 2.7.0"
    assert await try_plain(handler, user, password + "x") == "535 5.7.8"
    assert await try_plain(handler, user + "x", password) == "535 5.7.8"


async def test_every_mechanism_can_work_with_a_password(file: Path) -> None:
    handler = write(file, "bob:pass")
    async with open_session(handler, insecure()) as client:
        await client.ask("EHLO c")
        challenge = unb64(await client.ask("AUTH CRAM-MD5"))
        said = await client.ask(encoded(cram_md5(challenge, "bob", "pass")))
        assert said[:3] == "235"
    async with open_session(handler, insecure()) as client:
        await client.ask("EHLO c")
        assert (await ScramClient("bob", "pass").authenticate(client))[:3] == "235"


async def test_keys_are_for_their_mechanism_and_nobody_to_another(
    file: Path, caplog: pytest.LogCaptureFixture, autojump_clock: MockClock
) -> None:
    handler = write(file, f"bob:{KEYS.to_text()}")
    async with open_session(handler, insecure()) as client:
        await client.ask("EHLO c")
        scram = ScramClient("bob", "pencil", hash_name="sha1")
        assert (await scram.authenticate(client, "SCRAM-SHA-1"))[:9] == "535 5.7.8"
        challenge = unb64(await client.ask("AUTH CRAM-MD5"))
        said = await client.ask(encoded(cram_md5(challenge, "bob", "pencil")))
        assert said[:9] == "535 5.7.8"
        assert (await ScramClient("bob", "pencil").authenticate(client))[:3] == "235"
    assert [r for r in caplog.records if r.levelname == "ERROR"] == []


async def test_the_user_is_the_name(file: Path) -> None:
    handler = write(file, "bob:pass")

    async def verify(secret: Secret, iterations: int) -> bool:
        asked.append((secret, iterations))
        return secret == "pass"

    asked: list[tuple[Secret, int]] = []
    for name, user in (("bob", "bob"), ("eve", None)):
        auth = Authentication("PLAIN", Claim(username=name), verify)
        assert await handler.on_auth(None, auth) == user  # type: ignore[arg-type]
    assert asked == [("pass", 4_096), (None, 4_096)]


async def test_an_unknown_user_looks_like_most_of_the_known(file: Path) -> None:
    weak, strong = scram_keys("x").to_text(), KEYS.to_text()
    handler = write(file, f"a:{weak}\nb:{strong}\nc:{strong}\nd:plain\n")
    async with open_session(handler, insecure()) as client:
        await client.ask("EHLO c")
        first = encoded(ScramClient("nobody").first)
        challenge = unb64(await client.ask(f"AUTH SCRAM-SHA-256 {first}"))
        assert challenge.endswith(b",i=5000")


async def test_it_is_read_again_when_asked_to(
    file: Path, autojump_clock: MockClock
) -> None:
    handler = write(file, "bob:old")
    file.write_text("bob:new")  # noqa: ASYNC240
    assert await try_plain(handler, "bob", "old") == "235 2.7.0"
    handler.reload()
    assert await try_plain(handler, "bob", "old") == "535 5.7.8"
    file.write_text("nonsense")  # noqa: ASYNC240
    with pytest.raises(ValueError, match="line 1 must be NAME:SECRET"):
        handler.reload()
    assert await try_plain(handler, "bob", "new") == "235 2.7.0"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\nbob", "line 2 must be NAME:SECRET"),
        ("bob:", "line 1 must be NAME:SECRET"),
        (":hunter2", "line 1 must be NAME:SECRET"),
        ("\u00ad:hunter2", "line 1 must be NAME:SECRET"),
        ("a:b\nbob:x\nbob:hunter2", "line 3 names a user for the second time"),
        ("\u212bbc:x\n\u00c5bc:hunter2", "line 2 names a user for the second time"),
        ("b\x07b:hunter2", "line 1: text must not hold prohibited characters"),
        ("bob:SCRAM-hunter2", "line 1: SCRAM keys must look like SCRAM-SHA-256"),
        ("bob:SCRAM-SHA-256$1:hunter2=$a:b", "line 1: the salt of SCRAM keys must be"),
        (b"bob:hunter2\xff", "it must be UTF-8"),
    ],
)
def test_a_line_that_is_none_is_named_and_no_secret(
    file: Path, text: str | bytes, said: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(said)) as raised:
        write(file, text)
    assert type(raised.value) is ValueError
    assert "hunter2" not in repr(raised.value)
    # Nor does a traceback show the octets that could not be decoded.
    assert not isinstance(raised.value.__context__, UnicodeError)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610])
def test_others_must_not_read_or_write_it(file: Path, mode: int) -> None:
    file.chmod(mode)
    with pytest.raises(PermissionError, match=f"mode 0{mode:o}\\); chmod 600 it"):
        PasswordFileHandler(file)


def test_a_file_that_is_not_there_is_the_systems_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        PasswordFileHandler(tmp_path / "users")
    with pytest.raises(IsADirectoryError):
        PasswordFileHandler(str(tmp_path))


def test_its_repr_tells_the_path_alone(file: Path) -> None:
    handler = write(file, "bob:hunter2")
    assert repr(handler) == f"PasswordFileHandler({str(file)!r})"


@given(st.binary())
def test_any_octets_are_users_or_a_value_error(
    tmp_path_factory: pytest.TempPathFactory, octets: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any users"
    path.touch(mode=0o600)
    with contextlib.suppress(ValueError):
        write(path, octets)
