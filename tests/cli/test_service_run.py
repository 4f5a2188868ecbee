"""Listening, announcing, draining and ending at once, as processes see it."""

import os
import signal
import smtplib
import socket
from pathlib import Path

import pytest
import trio
import trio.testing

from smtpsession import Config
from smtpsession.cli.command_error import CommandError
from smtpsession.cli.listen_address import ListenAddress, TCPAddress, UnixAddress
from smtpsession.cli.service_run import ServiceRun, signals_around
from smtpsession.handlers import SinkHandler
from tests.cli.running import running

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
