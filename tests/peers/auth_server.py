"""Servers that real clients authenticate to, and whom they have let in."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import trustme
from attrs import define

from tests.peers.server_process import (
    Mode,
    iter_lines,
    read_output,
    stop_process,
    wait_until_listening,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.peers.server_process import OutputLines

FOLDER = Path(__file__).parent


@define(kw_only=True)
class AuthServer:
    """A running server of auth_app."""

    mode: Mode
    folder: Path
    host: str
    port: int
    output: OutputLines

    @property
    def authority(self) -> Path:
        """The certificate authority, PEM."""
        return self.folder / "authority.pem"

    def told(self, kind: str) -> list[str]:
        """Return the words of its next line of a kind; others are dropped."""
        for line in iter_lines(self.output):
            word, *words = line.split()
            if word == kind:
                return words
        raise AssertionError(f"the server has said nothing of the kind {kind}")


def write_certificates(folder: Path) -> None:
    """Write an authority, the server's certificate and that of a client."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "authority.pem")
    server = authority.issue_cert("127.0.0.1", "localhost")
    client = authority.issue_cert("bob@c.example")
    for issued, prefix in ((server, ""), (client, "client-")):
        issued.private_key_pem.write_to_path(folder / f"{prefix}key.pem")
        for link in issued.cert_chain_pems:
            link.write_to_path(folder / f"{prefix}chain.pem", append=True)


@contextmanager
def auth_server(
    mode: Mode, folder: Path, config: str = "config"
) -> Iterator[AuthServer]:
    """Serve auth_app in a mode, with the certificates of a folder."""
    command = [sys.executable, "-m", "smtpsession", "serve", "--listen", "127.0.0.1:0"]
    command += ["--handler", "auth_app:Users", "--config", f"auth_app:{config}"]
    process = subprocess.Popen(
        command + ["--implicit-tls"] * (mode is Mode.IMPLICIT_TLS),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(FOLDER), str(FOLDER.parents[1])]),
            "SMTPSESSION_PEER_CERTIFICATES": str(folder),
        },
    )
    output = read_output(process)
    try:
        host, port = wait_until_listening(output)
        yield AuthServer(mode=mode, folder=folder, host=host, port=port, output=output)
    finally:
        status = stop_process(process)
    lines = "".join(iter_lines(output))
    assert status == 0, lines
    assert "Traceback" not in lines, lines
