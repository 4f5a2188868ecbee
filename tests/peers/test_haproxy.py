"""HAProxy in front: who the client is, health checks, and TLS through it.

The client connects from 127.0.0.9, which the server does not trust; the proxy connects
from 127.0.0.1, which it does.
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import socket
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.peers.client_process import CLIENT_NAME, CLIENT_SECONDS, run_client
from tests.peers.haproxy_process import HAProxy, start_haproxy
from tests.peers.mails import Mail, plain
from tests.peers.server_process import Certificates, Mode, ServerProcess, start_server
from tests.peers.stored_message import assert_delivered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CLIENT = ("127.0.0.9", 0)
HOW_TO = Path(__file__).parents[2] / "docs" / "how-to" / "proxies.md"
SEND = {
    "version 1": "send-proxy",
    "version 2": "send-proxy-v2",
    "version 2 with a checksum": "send-proxy-v2 proxy-v2-options crc32c",
}


@pytest.fixture
def haproxy(require_peer: Callable[[str], str]) -> str:
    """Return the path of haproxy."""
    return require_peer("haproxy")


@pytest.fixture(params=[Mode.PLAIN])
def behind(
    request: pytest.FixtureRequest,
    certificates: Certificates,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[ServerProcess]:
    """Return a server that takes headers from 127.0.0.1, and mail of nobody else."""
    maildir = tmp_path_factory.mktemp("behind") / "Maildir"
    options = ["--proxy-protocol", "127.0.0.1"]
    server = start_server(request.param, certificates, maildir, options)
    yield server
    if server.process.poll() is None:
        server.stop()


@pytest.fixture
def start_proxy(
    haproxy: str, behind: ServerProcess, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., HAProxy]]:
    """Return a function that starts HAProxy in front and waits until it is content."""
    with contextlib.ExitStack() as stops:

        def start(send: str, bind_options: str = "") -> HAProxy:
            # A short path: that of a Unix socket may have hardly more than 100 octets.
            folder = tmp_path_factory.mktemp("proxy")
            proxy = start_haproxy(haproxy, behind, folder, send, bind_options)
            stops.callback(proxy.stop)
            proxy.wait_until_up()
            return proxy

        yield start


def connect(proxy: HAProxy, mode: Mode, authority: Path) -> smtplib.SMTP:
    """Open a session through the proxy from the client's own address."""
    context = ssl.create_default_context(cafile=str(authority))
    address = proxy.host, proxy.port, CLIENT_NAME, CLIENT_SECONDS
    if mode is Mode.IMPLICIT_TLS:
        host, port, name, seconds = address
        return smtplib.SMTP_SSL(
            host,
            port,
            name,
            timeout=seconds,
            source_address=CLIENT,
            context=context,
        )
    client = smtplib.SMTP(*address, source_address=CLIENT)
    if mode is Mode.STARTTLS:
        client.starttls(context=context)
    return client


def session_lines(output: list[str]) -> list[dict[str, str]]:
    """Return the facts of each session that the server has logged."""
    lines = (line for line in output if " client=" in line)
    return [dict(re.findall(r"(\w+)=(\S+)", line)) for line in lines]


@pytest.mark.parametrize("behind", Mode, indirect=True)
@pytest.mark.parametrize("send", SEND.values(), ids=list(SEND))
def test_the_server_sees_the_client_and_not_the_proxy(
    behind: ServerProcess, start_proxy: Callable[..., HAProxy], send: str
) -> None:
    """Health checks go on meanwhile, and none of them is in the log."""
    proxy = start_proxy(send)
    mail = Mail(content=plain())
    with connect(proxy, behind.mode, behind.authority) as client:
        assert client.sock is not None
        address, port = client.sock.getsockname()
        client.sendmail(mail.sender, [mail.recipient], mail.content)
        assert_delivered(behind, mail)
    proxy.wait_until_up()
    proxy.stop()
    output = behind.drain()
    (facts,) = session_lines(output)
    assert (facts["client"], facts["port"]) == (address, str(port))
    assert facts["proxy"] == "127.0.0.1"
    assert facts["accepted"] == "1"
    assert ("tls" in facts) == behind.mode.is_secure
    assert not [line for line in output if " WARNING " in line or " ERROR " in line]


def test_tls_that_ends_at_the_proxy_secures_no_session(
    behind: ServerProcess,
    start_proxy: Callable[..., HAProxy],
    certificates: Certificates,
    tmp_path: Path,
) -> None:
    """The header then carries facts of TLS, which are the proxy's own affair."""
    pem = tmp_path / "both.pem"
    pem.write_bytes(certificates.chain.read_bytes() + certificates.key.read_bytes())
    options = "proxy-v2-options crc32c,ssl,cert-cn,authority,unique-id"
    proxy = start_proxy(f"send-proxy-v2-ssl-cn {options}", f"ssl crt {pem}")
    mail = Mail(content=plain())
    with connect(proxy, Mode.IMPLICIT_TLS, behind.authority) as client:
        assert client.sock is not None
        _, port = client.sock.getsockname()
        client.sendmail(mail.sender, [mail.recipient], mail.content)
        assert_delivered(behind, mail, protocol="ESMTP")
    proxy.stop()
    (facts,) = session_lines(behind.drain())
    assert (facts["client"], facts["port"]) == (CLIENT[0], str(port))
    assert facts["type"] == "ESMTP"
    assert "tls" not in facts


def test_who_goes_round_the_proxy_is_told_nothing(behind: ServerProcess) -> None:
    address = behind.host, behind.port
    with socket.create_connection(address, CLIENT_SECONDS, CLIENT) as client:
        assert client.recv(1) == b""
    output = behind.drain()
    assert session_lines(output) == []
    assert len([line for line in output if "this is no trusted proxy" in line]) == 1


def test_the_configuration_in_the_documents_is_one(
    haproxy: str, tmp_path: Path
) -> None:
    blocks = re.findall(r"```text\n(.*?)```", HOW_TO.read_text("utf-8"), re.DOTALL)
    (configuration,) = (block for block in blocks if "send-proxy-v2" in block)
    file = tmp_path / "haproxy.cfg"
    file.write_text(configuration, encoding="ascii")
    checked = run_client([haproxy, "-c", "-f", str(file)])
    assert checked.returncode == 0, checked.stdout
    assert b"WARNING" not in checked.stdout, checked.stdout
