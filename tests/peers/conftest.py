"""Real mail clients and mail servers that deliver to us, octet for octet.

Each of them has its own test module, whose docstring says what it can carry or show.
A peer that is not installed skips its tests.
With the environment variable SMTPSESSION_REQUIRE_PEERS=1 it fails them instead.
The script install.sh installs all of them on Debian.
Some can be started by root only, and are skipped for everybody else.

Here are the servers in every TLS mode, certificates, the way to ask for a peer, and
a Postfix of one's own.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

import pytest
import trustme

from tests.peers.client_process import PROBES, find_program, is_available
from tests.peers.mails import CONTENTS
from tests.peers.postfix import Postfix
from tests.peers.reachable_folder import reachable_folder
from tests.peers.server_process import Certificates, Mode, ServerProcess, start_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(scope="session")
def require_peer() -> Callable[[str], str]:
    """Return a function that gives a peer's program, or skips or fails the test."""
    available: dict[str, bool] = {}

    def require(peer: str) -> str:
        if peer not in available:
            available[peer] = is_available(peer)
        if not available[peer]:
            miss_peer(peer)
        return find_program(PROBES[peer][0]) or ""

    return require


def miss_peer(peer: str) -> None:
    """Skip the test, or fail it where every peer is required."""
    reason = f"{peer} is not installed, see tests/peers/install.sh"
    if os.environ.get("SMTPSESSION_REQUIRE_PEERS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def root() -> None:
    """Skip the test for everybody but root."""
    if os.geteuid() != 0:
        pytest.skip("this peer can be started by root only")


@pytest.fixture
def postfix(require_peer: Callable[[str], str], root: None) -> Iterator[Postfix]:
    """Return a Postfix that is not started yet; its folder goes with the test."""
    require_peer("postfix")
    with reachable_folder() as folder:
        yield Postfix(folder=folder)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Return a certificate for 127.0.0.1 by an authority of this test run."""
    folder = tmp_path_factory.mktemp("certificates")
    files = Certificates(
        chain=folder / "chain.pem",
        key=folder / "key.pem",
        authority=folder / "authority.pem",
    )
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1", "localhost")
    certificate.private_key_pem.write_to_path(files.key)
    for link in certificate.cert_chain_pems:
        link.write_to_path(files.chain, append=True)
    authority.cert_pem.write_to_path(files.authority)
    return files


@pytest.fixture(scope="session")
def server_in_mode(
    certificates: Certificates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Mode], ServerProcess]]:
    """Return a function that gives the one server of a mode, started when asked for."""
    servers: dict[Mode, ServerProcess] = {}

    def server_in(mode: Mode) -> ServerProcess:
        if mode not in servers:
            maildir = tmp_path_factory.mktemp(mode.value) / "Maildir"
            servers[mode] = start_server(mode, certificates, maildir)
        return servers[mode]

    with contextlib.ExitStack() as stops:
        yield server_in
        for running in servers.values():
            stops.callback(running.stop)


@pytest.fixture(params=[Mode.PLAIN])
def server(
    request: pytest.FixtureRequest, server_in_mode: Callable[[Mode], ServerProcess]
) -> ServerProcess:
    """Return a server with an empty Maildir, without TLS unless parametrized."""
    running = server_in_mode(request.param)
    running.clear()
    return running


@pytest.fixture(params=list(CONTENTS))
def content(request: pytest.FixtureRequest) -> bytes:
    """Return one of the contents worth sending, all of them unless parametrized."""
    return CONTENTS[request.param]()
