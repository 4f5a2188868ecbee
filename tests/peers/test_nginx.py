"""nginx as a mail proxy in front of us, which speaks for its clients by XCLIENT.

nginx authenticates the clients itself, by asking an HTTP server of ours, and tells us
who is in by LOGIN; it looks no names up here, so NAME is `[UNAVAILABLE]`.
It sends ADDR, LOGIN and NAME, and says the client's hello anew afterwards; PORT, HELO,
PROTO and the attributes of the destination it does not send.
It sends XCLIENT without asking whether we offer it, and a client that we refuse gets
nginx's own words instead of ours.
"""

from __future__ import annotations

import contextlib
import http.server
import smtplib
import socket
import subprocess
import threading
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from attrs import frozen

from smtpsession import Config
from tests.peers.client_process import UNPACKED
from tests.peers.deadlines import wait_until
from tests.peers.free_port import find_free_port
from tests.peers.mails import dots, eight_bit
from tests.peers.recording_server import (
    AuthenticatingRecorder,
    accept,
    recording_server,
)
from tests.peers.server_process import stop_process
from tests.peers.stored_message import assert_same_octets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SENDER = "alice@example.com"
RECIPIENT = "bob@example.org"
CONTENT = b"Subject: eight bits and dots\r\n\r\n" + dots() + eight_bit()
PASSWORD = "open sesame"
# Not nginx's own address, so that nobody can take one for the other.
CLIENT_ADDRESS = "127.0.0.2"

CONFIGURATION = """\
daemon off;
load_module {modules}/ngx_mail_module.so;
pid {folder}/pid;
error_log {folder}/log;
events {{ }}
mail {{
    server_name edge.example;
    auth_http 127.0.0.1:{http_port}/;
    server {{
        listen 127.0.0.1:{port};
        protocol smtp;
        smtp_auth {auth};
        xclient on;
    }}
}}
"""


@frozen(kw_only=True)
class Nginx:
    """The program and the folder with all its files."""

    program: str
    folder: Path
    modules: Path

    @contextlib.contextmanager
    def running(self, auth: str, http_port: int) -> Iterator[int]:
        """Run a mail proxy on 127.0.0.1 and give its port.

        Args:
            auth: how clients must authenticate, or "none".
            http_port: where nginx asks who may in, and where their mail goes.
        """
        port = find_free_port()
        configuration = self.folder / "nginx.conf"
        configuration.write_text(
            CONFIGURATION.format(
                folder=self.folder,
                modules=self.modules,
                http_port=http_port,
                port=port,
                auth=auth,
            )
        )
        log = self.folder / "log"
        command = [self.program, "-p", str(self.folder), "-c", str(configuration)]
        process = subprocess.Popen([*command, "-e", str(log)], text=True)
        try:
            wait_until(lambda: answers(port), "nginx listens", log.read_text)
            yield port
        finally:
            stop_process(process)


def answers(port: int) -> bool:
    """Say whether somebody accepts connections there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def nginx(require_peer: Callable[[str], str], tmp_path: Path) -> Nginx:
    """Return nginx with its module for mail."""
    modules = UNPACKED / "usr/lib/nginx/modules"
    return Nginx(program=require_peer("nginx"), folder=tmp_path, modules=modules)


@contextlib.contextmanager
def gatekeeper(backend_port: int) -> Iterator[int]:
    """Answer nginx's questions over HTTP, and give the port where.

    Whoever has the password, or needs none, may in and is sent to the backend.
    """

    class Gatekeeper(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            needs_none = self.headers["Auth-Method"] == "none"
            may_in = needs_none or unquote(self.headers["Auth-Pass"]) == PASSWORD
            self.send_response(200)
            self.send_header("Auth-Status", "OK" if may_in else "wrong password")
            self.send_header("Auth-Server", "127.0.0.1")
            self.send_header("Auth-Port", str(backend_port))
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Gatekeeper) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def proxied(nginx: Nginx, recorder: AuthenticatingRecorder, auth: str) -> Iterator[int]:
    """Run us behind nginx, and give nginx's port."""
    config = Config(xclient=["127.0.0.1"], reverse_lookup=False)
    with (
        recording_server(recorder, config) as port,
        gatekeeper(port) as http_port,
        nginx.running(auth, http_port) as proxy_port,
    ):
        yield proxy_port


def open_client(port: int) -> smtplib.SMTP:
    """Connect to nginx from an address of the client's own."""
    return smtplib.SMTP("127.0.0.1", port, "origin.example", 30, (CLIENT_ADDRESS, 0))


def test_nginx_speaks_for_a_client_that_it_has_authenticated(nginx: Nginx) -> None:
    """The session is the client's, not nginx's, and its user is who logged in there."""
    recorder = AuthenticatingRecorder(accept, {"alice": PASSWORD})
    with proxied(nginx, recorder, "plain") as port, open_client(port) as client:
        client.login("alice", PASSWORD)
        client.sendmail(SENDER, [RECIPIENT], CONTENT)
    assert recorder.methods == ["XCLIENT"]
    [delivery] = recorder.deliveries
    assert delivery.user == "alice"
    assert delivery.remote_address == CLIENT_ADDRESS
    assert delivery.transport_peer[0] == "127.0.0.1"
    assert delivery.client_hostname == f"[{CLIENT_ADDRESS}]"
    assert delivery.host_name_appears_as == "origin.example"
    assert delivery.transmission_type == "ESMTPA"
    assert {k: v for k, v in delivery.xclient.items() if "DEFAULT" not in k} == {
        "ADDR": CLIENT_ADDRESS,
        "LOGIN": "alice",
        "NAME": None,
    }
    assert_same_octets(delivery.content, CONTENT)


def test_a_client_that_only_nginx_knows_is_refused(nginx: Nginx) -> None:
    """The handler has the last word about LOGIN."""
    recorder = AuthenticatingRecorder(accept, {"alice": PASSWORD})
    with proxied(nginx, recorder, "plain") as port, open_client(port) as client:
        with pytest.raises(smtplib.SMTPResponseException) as refusal:
            client.login("mallory", PASSWORD)
        client.close()
    assert refusal.value.smtp_code == 451
    assert recorder.methods == ["XCLIENT"]
    assert recorder.deliveries == []


def test_nginx_speaks_for_a_client_that_nobody_has_authenticated(nginx: Nginx) -> None:
    """Without LOGIN there is no user; the first commands come through nginx's hands."""
    recorder = AuthenticatingRecorder(accept, {})
    with proxied(nginx, recorder, "none") as port, open_client(port) as client:
        client.sendmail(SENDER, [RECIPIENT, SENDER], CONTENT)
    assert recorder.methods == []
    [delivery] = recorder.deliveries
    assert delivery.user is None
    assert delivery.remote_address == CLIENT_ADDRESS
    assert delivery.recipients == [RECIPIENT, SENDER]
    assert delivery.transmission_type == "ESMTP"
    assert "LOGIN" not in delivery.xclient
    assert_same_octets(delivery.content, CONTENT)
