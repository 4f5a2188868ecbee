"""Authentication by real clients, each by every mechanism that it has.

A right secret gets a mail through, and the server knows whose it is; a wrong one is
refused with 535.

- Nodemailer has PLAIN, LOGIN, CRAM-MD5 and XOAUTH2.
- swaks has PLAIN and LOGIN, and CRAM-MD5 by Digest::MD5; what else Authen::SASL has it
  cannot use.
- curl has PLAIN, LOGIN, CRAM-MD5, OAUTHBEARER, which it prefers to XOAUTH2 wherever it
  is offered, XOAUTH2, and EXTERNAL; the SCRAM of some builds is not in Debian's.
- msmtp has all of that, and SCRAM by GNU SASL.
- gsasl is GNU SASL's own command, over STARTTLS only. It binds to the channel in
  TLS 1.2. It authenticates and leaves again: without data on standard input it sends
  no mail.
- smtplib has PLAIN, LOGIN and CRAM-MD5, for passwords in ASCII.
"""

from __future__ import annotations

import json
import smtplib
import ssl
import subprocess
from typing import TYPE_CHECKING

import pytest

from smtpsession import scram_keys
from tests.peers.auth_server import AuthServer, auth_server, write_certificates
from tests.peers.client_process import (
    CLIENT_NAME,
    CLIENT_SECONDS,
    FOLDER,
    assert_accepted,
    run_client,
)
from tests.peers.mails import Mail, plain
from tests.peers.server_process import (
    Certificates,
    Mode,
    ServerProcess,
    start_server,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Require = Callable[[str], str]

PASSWORD = "fix it? ja, köönnen wir"
TOKEN = "ya29.token-of-bob"
BEARER = ("XOAUTH2", "OAUTHBEARER")
MAIL = Mail(content=plain())
TLS_1_2 = "NORMAL:-VERS-TLS1.3"


@pytest.fixture(scope="module", params=[Mode.STARTTLS, Mode.IMPLICIT_TLS])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AuthServer]:
    """Return a server of auth_app, in both modes unless parametrized."""
    folder = tmp_path_factory.mktemp("auth")
    write_certificates(folder)
    with auth_server(request.param, folder) as running:
        yield running


only_starttls = pytest.mark.parametrize("server", [Mode.STARTTLS], indirect=True)
right_and_wrong = pytest.mark.parametrize(
    "right", [True, False], ids=["right", "wrong"]
)


def methods(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("method", names)


def secret_of(method: str, *, right: bool) -> str:
    """Return what bob authenticates with, or something else."""
    secret = TOKEN if method in BEARER else PASSWORD
    return secret if right else secret[::-1]


def assert_told(
    server: AuthServer,
    client: subprocess.CompletedProcess[bytes],
    method: str,
    *,
    right: bool,
    user: str = "bob",
) -> None:
    """Fail unless the client was let in and its mail taken, or it was refused."""
    if not right:
        assert client.returncode != 0
        assert b"535 5.7.8" in client.stdout
        return
    assert_accepted(client)
    assert server.told("in") == [user, method]
    assert server.told("mail")[:2] == [user, "ESMTPSA"]


@methods("PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2")
@right_and_wrong
def test_nodemailer(
    require_peer: Require,
    server: AuthServer,
    method: str,
    tmp_path: Path,
    *,
    right: bool,
) -> None:
    node = require_peer("nodemailer")
    secret = secret_of(method, right=right)
    if method == "XOAUTH2":
        auth = {"type": "OAuth2", "user": "bob", "accessToken": secret}
    else:
        auth = {"user": "bob", "pass": secret}
    content = tmp_path / "content.eml"
    content.write_bytes(MAIL.content)
    transport = {
        "host": server.host,
        "port": server.port,
        "name": CLIENT_NAME,
        "secure": server.mode is Mode.IMPLICIT_TLS,
        "requireTLS": server.mode is Mode.STARTTLS,
        "tls": {"ca": server.authority.read_text(encoding="ascii")},
        "auth": auth,
        "authMethod": method,
    }
    envelope = {"from": MAIL.sender, "to": MAIL.recipient}
    order = {"contentFile": str(content), "envelope": envelope, "transport": transport}
    command = [node, str(FOLDER / "nodemailer_send.cjs")]
    client = run_client(command, standard_input=json.dumps(order).encode())
    assert_told(server, client, method, right=right)


def swaks_command(swaks: str, host: str, port: int, method: str) -> list[str]:
    return [
        *(swaks, "--server", host, "--port", str(port), "--helo", CLIENT_NAME),
        *("--from", MAIL.sender, "--to", MAIL.recipient, "--auth", method),
    ]


@methods("PLAIN", "LOGIN", "CRAM-MD5")
@right_and_wrong
def test_swaks(
    require_peer: Require, server: AuthServer, method: str, *, right: bool
) -> None:
    require_peer("swaks with TLS")
    command = swaks_command(require_peer("swaks"), server.host, server.port, method)
    command.append("--tls" if server.mode is Mode.STARTTLS else "--tls-on-connect")
    command += ["--tls-verify", "--tls-ca-path", str(server.authority)]
    command += ["--auth-user", "bob", "--auth-password"]
    client = run_client([*command, secret_of(method, right=right)])
    assert_told(server, client, method, right=right)


def curl_command(curl: str, server: AuthServer, folder: Path) -> list[str]:
    upload = folder / "upload.eml"
    upload.write_bytes(MAIL.content)
    scheme = "smtps" if server.mode is Mode.IMPLICIT_TLS else "smtp"
    command = [curl, "--disable", "--silent", "--show-error", "--verbose"]
    command += ["--url", f"{scheme}://{server.host}:{server.port}/{CLIENT_NAME}"]
    command += ["--mail-from", MAIL.sender, "--mail-rcpt", MAIL.recipient]
    command += ["--upload-file", str(upload), "--cacert", str(server.authority)]
    return command + ["--ssl-reqd"] * (server.mode is Mode.STARTTLS)


@methods("PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "OAUTHBEARER")
@right_and_wrong
def test_curl(
    require_peer: Require,
    server: AuthServer,
    method: str,
    tmp_path: Path,
    *,
    right: bool,
) -> None:
    curl = require_peer("curl")
    has_scram = b"gsasl" in run_client([curl, "--version"]).stdout
    if method.startswith("SCRAM") and not has_scram:
        pytest.skip("this curl has no SCRAM")
    command = curl_command(curl, server, tmp_path)
    secret = secret_of(method, right=right)
    if method in BEARER:
        command += ["--user", "bob", "--oauth2-bearer", secret]
    else:
        command += ["--user", f"bob:{secret}"]
    client = run_client([*command, "--login-options", f"AUTH={method}"])
    assert_told(server, client, method, right=right)


@right_and_wrong
def test_curl_with_xoauth2(
    require_peer: Require, server: AuthServer, tmp_path: Path, *, right: bool
) -> None:
    curl = require_peer("curl")
    with auth_server(server.mode, server.folder, "xoauth2_alone") as alone:
        command = curl_command(curl, alone, tmp_path)
        command += ["--user", "bob", "--oauth2-bearer"]
        client = run_client([*command, secret_of("XOAUTH2", right=right)])
        if right:
            assert_told(alone, client, "XOAUTH2", right=True)
        else:
            # It takes the error that precedes 535 for the end.
            assert b"334 eyJzdGF0dXMiOiI0MDEi" in client.stdout
            assert b"Login denied" in client.stdout


@right_and_wrong
def test_curl_with_a_certificate(
    require_peer: Require, server: AuthServer, tmp_path: Path, *, right: bool
) -> None:
    command = curl_command(require_peer("curl"), server, tmp_path)
    command += ["--cert", str(server.folder / "client-chain.pem")]
    command += ["--key", str(server.folder / "client-key.pem")]
    command += ["--user", "bob:" if right else "boss:"]
    client = run_client([*command, "--login-options", "AUTH=EXTERNAL"])
    assert_told(server, client, "EXTERNAL", right=right)


def msmtp_command(msmtp: str, server: AuthServer | ServerProcess) -> list[str]:
    command = [msmtp, f"--host={server.host}", f"--port={server.port}"]
    command += [f"--domain={CLIENT_NAME}", f"--from={MAIL.sender}", "--user=bob"]
    starttls = "off" if server.mode is Mode.IMPLICIT_TLS else "on"
    command += ["--tls=on", f"--tls-starttls={starttls}"]
    return [*command, f"--tls-trust-file={server.authority}"]


@methods(
    *("PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"),
    *("XOAUTH2", "OAUTHBEARER"),
)
@right_and_wrong
def test_msmtp(
    require_peer: Require, server: AuthServer, method: str, *, right: bool
) -> None:
    command = msmtp_command(require_peer("msmtp"), server)
    command.append(f"--auth={method.lower()}")
    secret = secret_of(method, right=right)
    command += [f"--passwordeval=echo '{secret}'", "--", MAIL.recipient]
    client = run_client(command, standard_input=MAIL.content)
    assert_told(server, client, method, right=right)


@right_and_wrong
def test_msmtp_with_a_certificate(
    require_peer: Require, server: AuthServer, *, right: bool
) -> None:
    command = msmtp_command(require_peer("msmtp"), server)
    command += [f"--tls-cert-file={server.folder / 'client-chain.pem'}"]
    command += [f"--tls-key-file={server.folder / 'client-key.pem'}"]
    command += ["--auth=external", *(["--user=boss"] * (not right))]
    client = run_client([*command, "--", MAIL.recipient], standard_input=MAIL.content)
    assert_told(server, client, "EXTERNAL", right=right)


def gsasl_command(gsasl: str, server: AuthServer, method: str) -> list[str]:
    return [
        *(gsasl, "--smtp", "--client", "--starttls", "--mechanism", method),
        *("--connect", f"{server.host}:{server.port}", "--service", "smtp"),
        *("--authentication-id", "bob", "--x509-ca-file", str(server.authority)),
    ]


@only_starttls
@methods("PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256")
@pytest.mark.parametrize("priority", ["NORMAL", TLS_1_2], ids=["TLS 1.3", "TLS 1.2"])
@right_and_wrong
def test_gsasl(
    require_peer: Require,
    server: AuthServer,
    method: str,
    priority: str,
    *,
    right: bool,
) -> None:
    command = gsasl_command(require_peer("gsasl"), server, method)
    command += ["--no-cb", "--priority", priority]
    if not method.startswith("SCRAM"):
        command += ["--authorization-id", ""]
    client = run_client([*command, "--password", secret_of(method, right=right)])
    assert_gsasl(server, client, method, right=right)


@only_starttls
@methods("SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS")
@right_and_wrong
def test_gsasl_binds_to_the_channel(
    require_peer: Require, server: AuthServer, method: str, *, right: bool
) -> None:
    command = gsasl_command(require_peer("gsasl"), server, method)
    command += ["--priority", TLS_1_2, "--password", secret_of(method, right=right)]
    assert_gsasl(server, run_client(command), method, right=right)


@only_starttls
def test_gsasl_finds_nothing_to_bind_to_in_tls_1_3(
    require_peer: Require, server: AuthServer
) -> None:
    command = gsasl_command(require_peer("gsasl"), server, "SCRAM-SHA-256-PLUS")
    client = run_client([*command, "--password", PASSWORD])
    assert b"504 5.5.4" in client.stdout
    assert b"SCRAM-SHA-256-PLUS" not in client.stdout.split(b"250 AUTH")[1][:40]


def assert_gsasl(
    server: AuthServer,
    client: subprocess.CompletedProcess[bytes],
    method: str,
    *,
    right: bool,
) -> None:
    if not right:
        assert b"535 5.7.8" in client.stdout
        return
    assert b"235 2.7.0" in client.stdout
    if method.startswith("SCRAM"):
        assert b"server trusted" in client.stdout
    assert server.told("in") == ["bob", method]


@methods("PLAIN", "LOGIN", "CRAM-MD5")
def test_smtplib(server: AuthServer, method: str) -> None:
    context = ssl.create_default_context(cafile=str(server.authority))
    for password in ("wrong", "only in ASCII"):
        with connect(server, context) as client:
            client.user, client.password = "ann", password
            mechanism = getattr(client, "auth_" + method.lower().replace("-", "_"))
            if password == "wrong":
                with pytest.raises(smtplib.SMTPAuthenticationError) as refused:
                    client.auth(method, mechanism)
                assert refused.value.smtp_code == 535
                continue
            assert client.auth(method, mechanism)[0] == 235
            client.sendmail(MAIL.sender, [MAIL.recipient], MAIL.content)
    assert server.told("in") == ["ann", method]
    assert server.told("mail")[:2] == ["ann", "ESMTPSA"]


def connect(server: AuthServer, context: ssl.SSLContext) -> smtplib.SMTP:
    """Open a session inside TLS, after EHLO."""
    address = server.host, server.port, CLIENT_NAME
    client: smtplib.SMTP
    if server.mode is Mode.IMPLICIT_TLS:
        client = smtplib.SMTP_SSL(*address, timeout=CLIENT_SECONDS, context=context)
    else:
        client = smtplib.SMTP(*address, timeout=CLIENT_SECONDS)
        client.starttls(context=context)
    client.ehlo()
    return client


# A file of users.


@pytest.fixture(scope="module")
def server_with_file(
    certificates: Certificates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServerProcess]:
    """Return a server that knows bob by stored keys, and ann by her password."""
    folder = tmp_path_factory.mktemp("users")
    users = folder / "users"
    users.touch(mode=0o600)
    keys = scram_keys(PASSWORD).to_text()
    users.write_text(f"bob:{keys}\nann:only in ASCII\n", encoding="utf-8")
    options = ["--auth-file", str(users), "--auth-required"]
    running = start_server(Mode.STARTTLS, certificates, folder / "Maildir", options)
    yield running
    running.stop()


@methods("SCRAM-SHA-256", "PLAIN", "LOGIN")
def test_msmtp_with_stored_keys(
    require_peer: Require, server_with_file: ServerProcess, method: str
) -> None:
    server = server_with_file
    server.clear()
    command = msmtp_command(require_peer("msmtp"), server)
    command += [f"--auth={method.lower()}", "--set-from-header=off"]
    command += ["--set-date-header=off", "--set-msgid-header=off"]
    for secret in (PASSWORD, "wrong"):
        words = [f"--passwordeval=echo '{secret}'", "--", MAIL.recipient]
        client = run_client([*command, *words], standard_input=MAIL.content)
        if secret == "wrong":
            assert b"535 5.7.8" in client.stdout
            assert server.stored_paths() == []
            continue
        assert_accepted(client)
        (stored,) = server.take_messages()
        assert b" with ESMTPSA id " in stored
        assert stored.endswith(MAIL.content)


def test_swaks_without_auth_is_refused(
    require_peer: Require, server_with_file: ServerProcess
) -> None:
    server = server_with_file
    server.clear()
    swaks = require_peer("swaks")
    command = [swaks, "--server", server.host, "--port", str(server.port)]
    command += ["--from", MAIL.sender, "--to", MAIL.recipient]
    client = run_client(command)
    assert client.returncode != 0
    assert b"530 5.7.0" in client.stdout
    assert server.stored_paths() == []
