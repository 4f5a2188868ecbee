"""Listening, announcing, draining and ending at once, as processes see it."""

import os
import signal
import smtplib
import socket
import ssl
from pathlib import Path
from typing import Any

import pytest
import trio
import trio.testing
import trustme

from smtpsession import Config
from smtpsession.cli.command_error import CommandError
from smtpsession.cli.listen_address import ListenAddress, TCPAddress, UnixAddress
from smtpsession.cli.service_run import SIGNALS, ServiceRun, signals_around
from smtpsession.handlers import SinkHandler
from tests.cli.running import running
from tests.server.handshakes import client_context, encrypt, write_pair

ANY_PORT = TCPAddress("127.0.0.1", 0)


def service_run(
    *listen: ListenAddress, port_file: Path | None = None, grace: float = 30
) -> ServiceRun:
    return ServiceRun(
        handler=SinkHandler(),
        config=Config(hostname="mx.test", reverse_lookup=False),
        listen=listen,
        port_file=None if port_file is None else str(port_file),
        grace=grace,
    )


async def run_and_end(run: ServiceRun) -> bool:
    """Run until all is announced, then send SIGTERM to this process."""
    drained = False
    async with trio.open_nursery() as nursery:

        async def serve() -> None:
            nonlocal drained
            drained = await run.run()

        nursery.start_soon(serve)
        await trio.testing.wait_all_tasks_blocked()
        os.kill(os.getpid(), signal.SIGTERM)
    return drained


async def test_each_listener_is_announced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, port_file = tmp_path / "socket", tmp_path / "ports"
    port_file.write_text("an older one")
    run = service_run(ANY_PORT, UnixAddress(str(path)), ANY_PORT, port_file=port_file)
    assert await run_and_end(run)
    first, second = port_file.read_text().splitlines()
    output, errors = capsys.readouterr()
    assert output == (
        f"listening on 127.0.0.1:{first}\n"
        f"listening on unix:{path}\n"
        f"listening on 127.0.0.1:{second}\n"
    )
    assert errors == ""
    assert sorted(os.listdir(tmp_path)) == ["ports", "socket"]


async def test_ipv6_stands_in_brackets(capsys: pytest.CaptureFixture[str]) -> None:
    assert await run_and_end(service_run(TCPAddress("::1", 0)))
    assert capsys.readouterr().out.startswith("listening on [::1]:")


async def test_other_machines_are_warned_of(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert await run_and_end(service_run(TCPAddress("0.0.0.0", 0)))
    output, errors = capsys.readouterr()
    address = output.removeprefix("listening on ").strip()
    warning = f"warning: {address} can be reached from other machines\n"
    assert errors == f"smtpsession: {warning}"


@pytest.mark.parametrize("name", ["missing/ports", "folder"])
async def test_a_port_file_that_cannot_be_written(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(CommandError, match="cannot write the port file"):
        await service_run(ANY_PORT, port_file=tmp_path / name).run()
    assert os.listdir(tmp_path) == ["folder"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_an_open_transaction_finish(
    tmp_path: Path, number: signal.Signals
) -> None:
    with running("serve", "--listen", "127.0.0.1:0", folder=tmp_path) as process:
        client = smtplib.SMTP(*process.listening(), timeout=30)
        idle = socket.create_connection(client.sock.getpeername(), 30)  # type: ignore[union-attr]
        client.ehlo("c")
        client.mail("a@c")
        process.send_signal(number)
        process.log_line(holding="INFO draining 2 sessions")
        assert client.rcpt("b@d")[0] == 250
        assert client.data(b"hello\r\n")[0] == 250
        with idle.makefile("rb") as replies:
            assert [reply[:4] for reply in replies] == [b"220 ", b"421 "]
        idle.close()
        assert process.wait()[0] == 0
        client.close()
    assert len(os.listdir(tmp_path / "Maildir" / "new")) == 1


def test_a_second_signal_ends_at_once(tmp_path: Path) -> None:
    with running("serve", "--listen", "127.0.0.1:0", folder=tmp_path) as process:
        client = smtplib.SMTP(*process.listening(), timeout=30)
        client.ehlo("c")
        client.mail("a@c")
        process.send_signal(signal.SIGTERM)
        process.log_line(holding="draining")
        assert process.end(signal.SIGINT)[0] == 1
        client.close()


def test_after_the_grace_open_transactions_end_too(tmp_path: Path) -> None:
    words = ["serve", "--listen", "127.0.0.1:0", "--grace", "0.1"]
    with running(*words, folder=tmp_path) as process:
        client = smtplib.SMTP(*process.listening(), timeout=30)
        client.ehlo("c")
        client.mail("a@c")
        process.send_signal(signal.SIGTERM)
        assert client.getreply()[0] == 421
        status, errors = process.wait()
        client.close()
    assert status == 0
    assert "end=shutdown" in errors


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_two_signals_in_one_moment_still_end_with_a_status(
    tmp_path: Path, second: signal.Signals
) -> None:
    """Never by the signal itself, and never with a traceback."""
    with running("serve", "--listen", "127.0.0.1:0", folder=tmp_path) as process:
        process.listening()
        process.send_signal(signal.SIGTERM)
        status, errors = process.end(second)
    assert status in (0, 1)
    assert "Traceback" not in errors


def test_a_signal_before_the_server_has_begun_ends_the_program() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit, match="1"), signals_around():
        os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_signal_after_the_server_has_ended_changes_nothing() -> None:
    with signals_around() as around:
        around.is_over = True
        os.kill(os.getpid(), signal.SIGTERM)


def test_a_hangup_after_the_server_has_ended_or_before_it_changes_nothing() -> None:
    before = signal.getsignal(signal.SIGHUP)
    with signals_around((*SIGNALS, signal.SIGHUP)) as around:
        os.kill(os.getpid(), signal.SIGHUP)
        around.is_over = True
        os.kill(os.getpid(), signal.SIGHUP)
    assert signal.getsignal(signal.SIGHUP) is before


def renew(folder: Path, authority: trustme.CA, name: str) -> None:
    write_pair(authority, folder, "127.0.0.1", name)


def certificate(address: tuple[str, int], authority: trustme.CA) -> str:
    """Give the last name in the certificate that STARTTLS shows."""
    with smtplib.SMTP(*address, "c", timeout=30) as client:
        client.starttls(context=client_context(authority))
        assert isinstance(client.sock, ssl.SSLSocket)
        return shown(client.sock)


def shown(tls: ssl.SSLSocket) -> str:
    certificate: Any = tls.getpeercert()
    return str(certificate["subjectAltName"][-1][1])


def test_sighup_reads_the_files_again_and_sessions_go_on(tmp_path: Path) -> None:
    authority = trustme.CA()
    renew(tmp_path, authority, "old.test")
    words = ["serve", "--listen", "127.0.0.1:0"]
    words += ["--tls-cert", "cert.pem", "--tls-key", "key.pem"]
    with running(*words, folder=tmp_path) as process:
        address = process.listening()
        assert certificate(address, authority) == "old.test"
        client = smtplib.SMTP(*address, timeout=30)
        client.starttls(context=client_context(authority))
        client.ehlo("c")
        client.mail("a@c")
        renew(tmp_path, authority, "new.test")
        process.send_signal(signal.SIGHUP)
        process.log_line(holding="INFO the files for TLS were read again")
        assert certificate(address, authority) == "new.test"
        (tmp_path / "key.pem").write_text("")
        process.send_signal(signal.SIGHUP)
        line = process.log_line(holding="ERROR ")
        said = "the files for TLS are not used, the old ones still are: cannot use the"
        assert said in line
        (tmp_path / "key.pem").unlink()
        process.send_signal(signal.SIGHUP)
        line = process.log_line(holding="ERROR ")
        assert line.endswith(
            f"cannot read {tmp_path}/key.pem: No such file or directory\n"
        )
        assert certificate(address, authority) == "new.test"
        assert client.rcpt("b@d")[0] == 250
        process.send_signal(signal.SIGTERM)
        process.log_line(holding="draining")
        # Nor does it end anything while the server drains.
        process.send_signal(signal.SIGHUP)
        process.log_line(holding="ERROR ")
        assert client.data(b"hello\r\n")[0] == 250
        client.close()
        assert process.wait()[0] == 0
    assert len(os.listdir(tmp_path / "Maildir" / "new")) == 1


def test_sighup_reads_the_files_of_a_config_of_ones_own_again(tmp_path: Path) -> None:
    authority = trustme.CA()
    renew(tmp_path, authority, "old.test")
    (tmp_path / "app.py").write_text(
        "from smtpsession import Config, tls_context\n"
        "def password(): raise LookupError('hunter2')\n"
        "config = Config(tls=tls_context('cert.pem', 'key.pem', password=password))\n"
    )
    words = ["serve", "--listen", "127.0.0.1:0", "--config", "app:config"]
    with running(*words, folder=tmp_path) as process:
        address = process.listening()
        assert certificate(address, authority) == "old.test"
        renew(tmp_path, authority, "new.test")
        process.send_signal(signal.SIGHUP)
        process.log_line(holding="INFO the files for TLS were read again")
        assert certificate(address, authority) == "new.test"
        encrypt(tmp_path / "key.pem", b"hunter2")
        process.send_signal(signal.SIGHUP)
        line = process.log_line(holding="ERROR ")
        assert line.endswith("the old ones still are: LookupError\n")
        status, errors = process.end()
    assert (status, "hunter2" in errors) == (0, False)


def test_without_files_to_read_sighup_ends_the_program(tmp_path: Path) -> None:
    with running("serve", "--listen", "127.0.0.1:0", folder=tmp_path) as process:
        process.listening()
        assert process.end(signal.SIGHUP)[0] == -signal.SIGHUP
