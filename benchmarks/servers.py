"""The servers that are measured, each as a command line and a probe."""

import os
import sys
from pathlib import Path

from attrs import frozen

from benchmarks.programs import BENCHMARKS, ROOT, probe

PEERS = BENCHMARKS / "peers"
PORT = "{port}"

# A source tree that was never installed has no version.
SMTPSESSION_VERSION = """
import importlib.metadata, smtpsession.cli
try:
    print(importlib.metadata.version("smtpsession"))
except importlib.metadata.PackageNotFoundError:
    print("source tree")
"""
NODE_VERSION = (
    "`${require('smtp-server/package.json').version} on Node ${process.version}`"
)


@frozen(kw_only=True)
class Server:
    """A program that takes mail on a loopback port and keeps none of it.

    Attributes:
        name: How the server is called on the command line and in the results.
        start: Its command line, with `PORT` where the port number goes.
        probe: A command that prints the version, or fails where it is missing.
        directory: Where both commands run.
        remedy: What to do about a missing server.
    """

    name: str
    start: tuple[str, ...]
    probe: tuple[str, ...]
    directory: Path = BENCHMARKS
    remedy: str = "benchmarks/install_peers.sh installs it"

    def command(self, port: int) -> list[str]:
        """Return the command line that serves on a port."""
        return [word.replace(PORT, str(port)) for word in self.start]

    def version(self) -> str | None:
        """Return the version found, or None for a server that is not installed."""
        return probe(self.probe, self.directory)


def python_version(distribution: str) -> tuple[str, ...]:
    """Return a probe for a distribution in the running Python environment."""
    code = f"import importlib.metadata as m; print(m.version({distribution!r}))"
    return (sys.executable, "-c", code)


def smtp_sink_user() -> tuple[str, ...]:
    """Return the option without which smtp-sink refuses to be started by root."""
    return ("-u", "nobody") if os.geteuid() == 0 else ()


SERVERS = {
    server.name: server
    for server in (
        Server(
            name="smtpsession",
            start=(
                *(sys.executable, "-m", "smtpsession", "serve"),
                *("--listen", f"127.0.0.1:{PORT}"),
                *("--handler", "smtpsession.handlers:SinkHandler"),
            ),
            probe=(sys.executable, "-c", SMTPSESSION_VERSION),
            directory=ROOT,
            remedy="`import smtpsession.cli` has to work in this environment",
        ),
        Server(
            name="node",
            start=("node", str(PEERS / "node_smtp_server.js"), PORT),
            probe=("node", "-p", NODE_VERSION),
        ),
        Server(
            name="aiosmtpd",
            start=(sys.executable, str(PEERS / "aiosmtpd_server.py"), PORT),
            probe=python_version("aiosmtpd"),
        ),
        Server(
            name="smtp-sink",
            start=("smtp-sink", *smtp_sink_user(), f"127.0.0.1:{PORT}", "128"),
            probe=("postconf", "-dh", "mail_version"),
        ),
        Server(
            name="bare-trio",
            start=(sys.executable, str(PEERS / "bare_trio_loop.py"), PORT),
            probe=python_version("trio"),
            remedy="`pip install trio` installs it",
        ),
    )
}
