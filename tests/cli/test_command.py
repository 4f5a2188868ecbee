"""The whole command: what it stores, prints and logs, and how it fails."""

import json
import os
import signal
import smtplib
import socket
import ssl
import sys
from pathlib import Path

import pytest
import trustme

from smtpsession.cli import main
from tests.cli.running import running

MESSAGE = b"Subject: hello\r\n\r\nworld\r\n"
ANYWHERE = ["serve", "--listen", "127.0.0.1:0"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Enter an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    return tmp_path


def send(address: tuple[str, int]) -> None:
    with smtplib.SMTP(*address, "c.example", timeout=30) as client:
        client.sendmail("a@c.example", ["b@d.example"], MESSAGE)


def stored(maildir: Path) -> list[bytes]:
    return [path.read_bytes() for path in (maildir / "new").iterdir()]


def test_mail_lies_in_the_maildir_and_a_line_tells_of_the_session(
    folder: Path,
) -> None:
    words = ["--hostname", "mx.test", "--max-size", "1000"]
    with running(*ANYWHERE, *words, folder=folder) as process:
        host, port = process.listening()
        send((host, port))
        line = process.log_line(holding="session ")
        with smtplib.SMTP(host, port, "c", timeout=30) as client:
            assert client.ehlo()[1].split(b"\n")[0] == b"mx.test"
            assert client.esmtp_features["size"] == "1000"
        status, errors = process.end()
    assert status == 0
    assert "Traceback" not in errors
    assert " INFO session " in line
    assert "hello=c.example type=ESMTP accepted=1 refused=0" in line
    [message] = stored(folder / "Maildir")
    assert message.startswith(b"Return-Path: <a@c.example>\r\nReceived: from c.exampl")
    assert b"\r\n\tby mx.test with ESMTP id " in message
    assert message.endswith(b"\r\n" + MESSAGE)


def test_without_words_it_serves_on_port_2525(folder: Path) -> None:
    with running(folder=folder) as process:
        assert process.process.stdout is not None
        line = process.process.stdout.readline()
        if line:
            assert line == "listening on 127.0.0.1:2525\n"
            assert process.end()[0] == 0
        else:
            # Somebody else on this machine has the port: then it says so.
            status, errors = process.wait()
            assert status == 1
            assert errors.startswith("smtpsession: error: cannot listen on 127.0.0.1:2")


def test_mail_is_printed_and_logged_as_json(folder: Path) -> None:
    words = ["--print", "--log-format", "json", "-v"]
    with running(*ANYWHERE, *words, folder=folder) as process:
        send(process.listening())
        line = process.log_line(holding='"session ')
        process.send_signal(signal.SIGTERM)
        output, _ = process.process.communicate(timeout=30)
    assert "  to     <b@d.example>\n| Subject: hello\n| \n| world\n" in output
    facts = json.loads(line)
    assert (facts["level"], facts["logger"]) == ("INFO", "smtpsession")
    assert not (folder / "Maildir").exists()


def test_a_handler_and_a_config_of_ones_own(folder: Path) -> None:
    (folder / "app.py").write_text(
        "from smtpsession import Config, Handler, Limits, Reject\n"
        "class Inbox(Handler):\n"
        "    async def on_mail_from(self, session, address):\n"
        "        raise Reject(550, 'not today', enhanced='5.7.1')\n"
        "config = Config(hostname='mine.test', limits=Limits(recipients=200,\n"
        "    message_octets=7777))\n"
    )
    words = ["--handler", "app:Inbox", "--config", "app:config", "--max-size", "0"]
    with running(*ANYWHERE, *words, folder=folder) as process:
        with smtplib.SMTP(*process.listening(), "c", timeout=30) as client:
            assert client.ehlo()[1].startswith(b"mine.test")
            assert client.esmtp_features["size"] in ("", "0")
            assert client.mail("a@c") == (550, b"5.7.1 not today")
        assert process.end()[0] == 0


def test_lmtp_has_a_reply_per_recipient_and_the_maildir_one_message(
    folder: Path,
) -> None:
    words = ["--lmtp", "--hostname", "mx.test"]
    with running(*ANYWHERE, *words, folder=folder) as process:
        with socket.create_connection(process.listening(), timeout=30) as client:
            replies = client.makefile("r", newline="\r\n")
            assert replies.readline() == "220 mx.test LMTP\r\n"
            client.sendall(b"LHLO c.example\r\n")
            while replies.readline()[3] == "-":
                pass
            client.sendall(
                b"MAIL FROM:<a@c.example>\r\nRCPT TO:<b@d.example>\r\n"
                b"RCPT TO:<c@d.example>\r\nDATA\r\n" + MESSAGE + b".\r\nQUIT\r\n"
            )
            codes = [line[:3] for line in replies]
        line = process.log_line(holding="session ")
        assert process.end()[0] == 0
    assert codes == ["250", "250", "250", "354", "250", "250", "221"]
    assert "type=LMTP accepted=1 refused=0" in line
    # Its client is a mail server nearby, whose name is not asked for.
    assert "name=[127.0.0.1]" in line
    [message] = stored(folder / "Maildir")
    assert b" with LMTP id " in message
    assert message.endswith(b"\r\n" + MESSAGE)


def test_lmtp_with_a_config_of_ones_own(folder: Path) -> None:
    (folder / "local_app.py").write_text(
        "from smtpsession import Config\nconfig = Config(hostname='mine.test')\n"
    )
    words = ["--lmtp", "--config", "local_app:config"]
    with running(*ANYWHERE, *words, folder=folder) as process:
        with smtplib.LMTP(*process.listening(), "c.example") as client:
            client.sendmail("a@c.example", ["b@d.example"], MESSAGE)
            assert client.esmtp_features["chunking"] == ""
        assert process.end()[0] == 0
    assert len(stored(folder / "Maildir")) == 1


@pytest.mark.parametrize("implicit", [False, True])
def test_a_certificate_from_files(folder: Path, *, implicit: bool) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    certificate.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    certificate.private_key_pem.write_to_path(folder / "key.pem")
    context = ssl.create_default_context()
    authority.configure_trust(context)
    words = ["--tls-cert", "cert.pem", "--tls-key", "key.pem"]
    words += ["--implicit-tls"] if implicit else ["--require-tls"]
    with running(*ANYWHERE, *words, folder=folder) as process:
        host, port = process.listening()
        client: smtplib.SMTP
        if implicit:
            client = smtplib.SMTP_SSL(host, port, "c", timeout=30, context=context)
        else:
            client = smtplib.SMTP(host, port, "c", timeout=30)
            client.ehlo()
            assert client.mail("a@c")[0] == 530
            client.starttls(context=context)
        with client:
            client.sendmail("a@c", ["b@d"], MESSAGE)
        assert process.end()[0] == 0
    assert b" with ESMTPS id " in stored(folder / "Maildir")[0]


@pytest.mark.parametrize(
    ("hostname", "warning"),
    [
        ("mx.test", ""),
        ("my_machine", "localhost only, my_machine is no host name"),
    ],
)
def test_a_certificate_for_this_run(folder: Path, hostname: str, warning: str) -> None:
    words = ["--tls-self-signed", "--hostname", hostname]
    with running(*ANYWHERE, *words, folder=folder) as process:
        with smtplib.SMTP(*process.listening(), "c", timeout=30) as client:
            context = ssl._create_unverified_context()
            assert client.starttls(context=context)[0] == 220
        status, errors = process.end()
    assert status == 0
    assert warning in errors
    assert errors.count("warning") == bool(warning)


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ("--implicit-tls", 2, "--implicit-tls needs --tls-cert and --tls-key"),
        ("--require-tls", 2, "--require-tls needs --tls-cert and --tls-key"),
        ("--auth-required", 2, "--auth-required needs --auth-file, or a --handler"),
        ("--auth-file users --auth-required", 2, "--auth-required: AUTH is offered in"),
        ("--auth-file nowhere", 1, "cannot read nowhere: No such file or directory"),
        ("--auth-file file", 1, "cannot use the users: file can be read or written by"),
        ("--hostname a..b", 2, "hostname must be a domain name in ASCII"),
        ("--proxy-protocol 10.0.0.1/8", 2, "set; the network is 10.0.0.0/8, the singl"),
        ("--proxy-protocol proxy.lan", 2, "proxy_protocol must hold networks such as "),
        ("--xclient 10.0.0.1/8", 2, "xclient: 10.0.0.1/8 has host bits set"),
        ("--xforward proxy.lan", 2, "xforward must hold networks such as"),
        ("--lmtp --listen 127.0.0.1:25", 2, "LMTP must not be served on TCP port 25"),
        ("--handler nowhere:X", 2, "no module nowhere"),
        ("--config nowhere:X", 2, "no module nowhere"),
        ("--tls-cert a --tls-key b", 1, "cannot read a: No such file or directory"),
        ("--maildir /proc/x", 1, "cannot use the Maildir /proc/x: No such file"),
        ("--maildir file", 1, "cannot use the Maildir file: Not a directory"),
        ("--print --listen no.invalid:0", 1, "cannot listen on no.invalid:0: "),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    words: str,
    status: int,
    said: str,
    folder: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    (folder / "file").touch(mode=0o644)
    (folder / "users").touch(mode=0o600)
    assert main(["serve", *words.split()]) == status
    output, errors = capfd.readouterr()
    assert output == ""
    assert errors.startswith("smtpsession: error: ")
    assert said in errors
    assert errors.count("\n") == 1


def test_users_without_tls_are_warned_of(folder: Path) -> None:
    (folder / "users").touch(mode=0o600)
    (folder / "insecure_app.py").write_text(
        "from smtpsession import Config\nconfig = Config(allow_insecure_auth=True)\n"
    )
    words = ["--auth-file", "users"]
    with running(*ANYWHERE, *words, folder=folder) as process:
        process.listening()
        _, errors = process.end()
    warning = "smtpsession: warning: AUTH is offered inside TLS only, which needs"
    assert errors.startswith(warning)
    words += ["--auth-required", "--config", "insecure_app:config"]
    with running(*ANYWHERE, *words, folder=folder) as process:
        with smtplib.SMTP(*process.listening(), "c", timeout=30) as client:
            client.ehlo()
            assert "auth" in client.esmtp_features
            assert client.mail("a@c")[0] == 530
        assert "warning" not in process.end()[1]


def test_a_used_port_is_said_in_one_line(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as used:
        address = "{}:{}".format(*used.getsockname())
        with running("serve", "--listen", address, folder=folder) as process:
            status, errors = process.wait()
    assert status == 1
    assert errors.startswith(f"smtpsession: error: cannot listen on {address}: ")
    assert errors.count("\n") == 1


def test_a_certificate_in_the_config_serves_tls_options(folder: Path) -> None:
    (folder / "app_with_tls.py").write_text(
        "import ssl\n"
        "from smtpsession import Config\n"
        "config = Config(tls=ssl.create_default_context(ssl.Purpose.CLIENT_AUTH))\n"
    )
    words = ["--config", "app_with_tls:config", "--implicit-tls"]
    with running(*ANYWHERE, *words, folder=folder) as process:
        process.listening()
        assert process.end()[0] == 0


@pytest.mark.parametrize(
    ("networks", "warning"),
    [
        (["127.0.0.1"], ""),
        (["10.0.0.0/8", "0.0.0.0/0"], "everybody can claim to be any client"),
    ],
)
def test_a_proxy_says_who_the_client_is(
    folder: Path, networks: list[str], warning: str
) -> None:
    words = [word for network in networks for word in ("--proxy-protocol", network)]
    with running(*ANYWHERE, *words, folder=folder) as process:
        with socket.create_connection(process.listening(), timeout=30) as client:
            client.sendall(b"PROXY TCP4 192.0.2.1 198.51.100.2 56324 25\r\n")
            assert client.recv(4) == b"220 "
            client.sendall(b"QUIT\r\n")
        errors = process.log_line(holding="session " if not warning else "warning")
        line = errors if not warning else process.log_line(holding="session ")
        assert process.end()[0] == 0
    assert "client=192.0.2.1 port=56324 proxy=127.0.0.1 " in line
    assert warning in errors


def test_a_trusted_client_speaks_for_another(folder: Path) -> None:
    words = ["--xclient", "127.0.0.1", "--xforward", "0.0.0.0/0"]
    with running(*ANYWHERE, *words, folder=folder) as process:
        with smtplib.SMTP(*process.listening()) as client:
            client.ehlo()
            assert client.has_extn("xclient")
            assert client.docmd("XFORWARD", "ADDR=192.0.2.7")[0] == 250
            assert client.docmd("XCLIENT", "ADDR=192.0.2.1 PORT=7")[0] == 220
        warning = process.log_line(holding="warning")
        line = process.log_line(holding="client=")
        assert process.end()[0] == 0
    assert "XFORWARD is taken from every address" in warning
    assert "client=192.0.2.1 port=7 " in line


def test_the_version_needs_nothing_else(folder: Path) -> None:
    with running("--version", folder=folder) as process:
        output, errors = process.process.communicate(timeout=30)
    assert output.startswith("smtpsession ")
    assert (process.process.returncode, errors) == (0, "")
    assert os.listdir(folder) == []
