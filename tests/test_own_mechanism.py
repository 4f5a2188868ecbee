"""What docs/how-to/authentication.md shows is true, its own mechanism included."""

import base64
import hmac
import re
from pathlib import Path
from typing import Any

import attrs
import pytest
import trio
import trustme
from trio.testing import MockClock

from smtpsession import Config, Timeouts
from tests.server.sasl_client import b64, unb64
from tests.server.smtp_client import open_session

PAGE = Path(__file__).parents[1] / "docs" / "how-to" / "authentication.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def page(kind: str) -> list[str]:
    text = PAGE.read_text(encoding="utf-8")
    return [code for word, code in BLOCK.findall(text) if word == kind]


@pytest.fixture
def names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Run the page in an empty folder with a certificate; keep each config."""
    certificate = trustme.CA().issue_cert("mx.example")
    certificate.private_key_pem.write_to_path(tmp_path / "key.pem")
    certificate.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    monkeypatch.chdir(tmp_path)
    found: dict[str, Any] = {"configs": []}
    for code in page("python"):
        exec(re.sub(r"^trio\.run\(.*", "", code, flags=re.MULTILINE), found)
        found["configs"].append(found.get("config"))
    return found


def in_the_clear(config: Config) -> Config:
    """Give the same options for a stream without TLS, and without deadlines."""
    return attrs.evolve(
        config,
        hostname="mx.example",
        tls=None,
        require_tls=False,
        allow_insecure_auth=True,
        timeouts=Timeouts(command=None, hook=None),
    )


async def test_the_dialogue_of_the_page_is_true(
    names: dict[str, Any], autojump_clock: MockClock
) -> None:
    config = in_the_clear(names["configs"][1])
    (text,) = page("text")
    async with open_session(names["Submission"](), config, greeting=False) as client:
        await client.reply()
        for exchange in text.split("C: ")[1:]:
            command, *replies = exchange.splitlines()
            wanted = "\n".join(line.removeprefix("S: ") for line in replies)
            assert await client.ask(command) == wanted


@pytest.mark.parametrize("password", ["a secret", "wrong"])
async def test_every_handler_of_the_page_lets_the_right_one_in(
    names: dict[str, Any], password: str, autojump_clock: MockClock
) -> None:
    plain = f"AUTH PLAIN {b64(f'{chr(0)}bob{chr(0)}{password}'.encode())}"
    token = "ya29.token" if password == "a secret" else password
    bearer = f"user=bob\x01auth=Bearer {token}\x01\x01".encode()
    for name, line in (
        ("Submission", plain),
        ("Locking", plain),
        ("Hashed", plain),
        ("Stored", plain),
        ("Tokens", f"AUTH XOAUTH2 {b64(bearer)}"),
    ):
        config = in_the_clear(Config(auth_methods=["PLAIN", "XOAUTH2"]))
        async with open_session(names[name](), config, greeting=False) as client:
            await client.reply()
            await client.ask("EHLO c.example")
            said = await client.ask(line)
            if said[:3] == "334":
                said = await client.ask("")
            assert said[:3] == ("235" if password == "a secret" else "535"), name


@pytest.mark.parametrize("password", ["a secret", "wrong", ""])
async def test_the_mechanism_of_the_page_works(
    names: dict[str, Any], password: str, autojump_clock: MockClock
) -> None:
    config = in_the_clear(names["config"])
    async with open_session(names["Submission"](), config, greeting=False) as client:
        await client.reply()
        assert "AUTH PLAIN X-HMAC-SHA-256" in await client.ask("EHLO c.example")
        assert unb64(await client.ask("AUTH X-HMAC-SHA-256")) == b"Name:"
        assert (await client.ask("/w=="))[:3] == "535"
        for user in ("bob", "nobody"):
            nonce = unb64(await client.ask(f"AUTH X-HMAC-SHA-256 {b64(user.encode())}"))
            proof = hmac.digest(password.encode(), nonce, "sha256").hex()
            said = await client.ask(base64.b64encode(proof.encode()).decode())
            is_right = (user, password) == ("bob", "a secret")
            assert said[:3] == ("235" if is_right else "535")
            if is_right:
                break


def test_a_mechanism_takes_less_than_forty_lines() -> None:
    (code,) = (code for code in page("python") if "(Mechanism)" in code)
    assert len(code.splitlines()) < 40


def test_the_file_of_the_page_is_private(names: dict[str, Any]) -> None:
    assert Path("users").stat().st_mode & 0o077 == 0
    assert names["handler"].overridden_hooks >= {"on_auth", "on_data"}
    assert trio is names["trio"]
