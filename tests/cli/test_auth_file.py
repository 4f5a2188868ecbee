"""``--auth-file``: who may authenticate, and what is said when it cannot be used."""

import base64
import logging
import signal
import smtplib
import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme

from smtpsession import Authentication, Handler, Session, scram_keys
from smtpsession.cli.auth_file import load_users, reload_users, with_users
from smtpsession.cli.command_error import CommandError
from smtpsession.handlers import Chain, PasswordFileHandler, SinkHandler
from tests.cli.running import running

ANYWHERE = ["serve", "--listen", "127.0.0.1:0"]


@pytest.fixture
def users(tmp_path: Path) -> Path:
    path = tmp_path / "users"
    path.touch(mode=0o600)
    path.write_text(f"bob:pass\nann:{scram_keys('pencil').to_text()}\n")
    return path


def test_the_users_authenticate_and_the_handler_does_the_rest(users: Path) -> None:
    handler = with_users(load_users(str(users)), SinkHandler())
    assert isinstance(handler, Chain)
    assert handler.overridden_hooks == {"on_auth", "on_data"}


def test_both_cannot_authenticate(users: Path) -> None:
    class Own(Handler):
        async def on_auth(self, session: Session, auth: Authentication) -> Any: ...

    with pytest.raises(CommandError, match="and the on_auth of Own cannot both") as it:
        with_users(load_users(str(users)), Own())
    assert it.value.status == 2


@pytest.mark.parametrize(
    ("text", "mode", "said"),
    [
        (None, 0o600, "cannot read users: No such file or directory"),
        (
            "bob:x",
            0o640,
            "cannot use the users: users can be read or written by others",
        ),
        ("bob", 0o600, "cannot use the users in users: line 1 must be NAME:SECRET"),
        (
            "bob:SCRAM-x",
            0o600,
            "cannot use the users in users: line 1: SCRAM keys must",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_named(
    text: str | None,
    mode: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path("users")
    if text is not None:
        path.write_text(text)
        path.chmod(mode)
    with pytest.raises(CommandError) as raised:
        load_users("users")
    assert str(raised.value).startswith(said)
    assert "\n" not in str(raised.value)
    assert raised.value.status == 1


def test_the_old_users_stay_when_the_new_ones_cannot_be_used(
    users: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    handler = PasswordFileHandler(users)
    reload_users(handler)
    users.write_text("hunter2")
    reload_users(handler)
    said = [(record.levelname, record.getMessage()) for record in caplog.records]
    assert said == [
        ("INFO", f"the users in {users} were read again"),
        (
            "ERROR",
            f"the old users stay: cannot use the users in {users}: line 1 must be"
            " NAME:SECRET",
        ),
    ]


# The command itself.


@pytest.fixture
def trusting(tmp_path: Path) -> ssl.SSLContext:
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    certificate.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    certificate.private_key_pem.write_to_path(tmp_path / "key.pem")
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def login(
    address: tuple[str, int], context: ssl.SSLContext, user: str, word: str
) -> int:
    with smtplib.SMTP(*address, "c.example", timeout=30) as client:
        assert client.ehlo()[0] == 250
        assert "auth" not in client.esmtp_features
        client.starttls(context=context)
        client.ehlo()
        assert client.mail("a@c.example")[0] == 530
        said = base64.b64encode(f"\0{user}\0{word}".encode()).decode()
        code: int = client.docmd("AUTH", f"PLAIN {said}")[0]
        if code == 235:
            client.sendmail("a@c.example", ["b@d.example"], b"hi\r\n")
        return code


def test_mail_of_users_lies_in_the_maildir_and_sighup_knows_new_ones(
    tmp_path: Path, users: Path, trusting: ssl.SSLContext
) -> None:
    words = ["--auth-file", "users", "--auth-required"]
    words += ["--tls-cert", "cert.pem", "--tls-key", "key.pem"]
    with running(*ANYWHERE, *words, folder=tmp_path) as process:
        address = process.listening()
        assert login(address, trusting, "bob", "pass") == 235
        assert login(address, trusting, "ann", "pencil") == 235
        assert login(address, trusting, "eve", "pass") == 535
        users.write_text("eve:pass")
        process.send_signal(signal.SIGHUP)
        process.log_line(holding="the users in users were read again")
        assert login(address, trusting, "eve", "pass") == 235
        assert login(address, trusting, "bob", "pass") == 535
        status, errors = process.end()
    assert status == 0
    assert "pencil" not in errors
    stored = [path.read_bytes() for path in (tmp_path / "Maildir" / "new").iterdir()]
    assert len(stored) == 3
    assert all(b" with ESMTPSA id " in message for message in stored)


def test_without_tls_sighup_reads_the_users_again_all_the_same(
    tmp_path: Path, users: Path
) -> None:
    with running(*ANYWHERE, "--auth-file", "users", folder=tmp_path) as process:
        process.listening()
        process.send_signal(signal.SIGHUP)
        process.log_line(holding="the users in users were read again")
        assert process.end()[0] == 0
