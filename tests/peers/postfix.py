"""A Postfix of the test's own: its files in one folder, its ports on loopback.

What a test shows of it is set up as docs/how-to/behind-postfix.md says, with the ports
replaced; the rest of its configuration is here.
Postfix is started by root only.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import define, field

from tests.peers.deadlines import wait_until
from tests.peers.free_port import find_free_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DOCUMENT = Path(__file__).parents[2] / "docs/how-to/behind-postfix.md"
SNIPPET = re.compile(r"^```ini\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND_SECONDS = 30
LOG_EXCERPT_CHARACTERS = 4000

MAIN = {
    "compatibility_level": "3.6",
    "command_directory": "/usr/sbin",
    "daemon_directory": "/usr/lib/postfix/sbin",
    "mail_owner": "postfix",
    "setgid_group": "postdrop",
    "myhostname": "edge.example",
    "mydestination": "",
    "inet_interfaces": "127.0.0.1",
    "inet_protocols": "ipv4",
    # With the addresses that clients are said to have; nothing comes from there.
    "mynetworks": "127.0.0.0/8, 192.0.2.0/24",
    "smtpd_relay_restrictions": "permit_mynetworks, reject",
    "smtpd_authorized_xclient_hosts": "127.0.0.1, 192.0.2.9",
    "smtpd_peername_lookup": "no",
    # Nobody's mail is completed or rewritten.
    "local_header_rewrite_clients": "",
    "alias_maps": "",
    "alias_database": "",
    "local_recipient_maps": "",
    # Nothing happens a second time before the test asks for it.
    "minimal_backoff_time": "300s",
    "queue_run_delay": "300s",
}

# Where clients come to, unless the document says how.
SERVER = """\
smtp       inet       n - n -     - smtpd
"""
# Everything besides SMTP servers; the log of all of them is written by postlogd.
# As in Debian, the client that comes to Unix sockets sees its queue's folder as /.
SERVICES = """\
pickup     unix       n - n 60    1 pickup
cleanup    unix       n - n -     0 cleanup
qmgr       unix       n - n 300   1 qmgr
rewrite    unix       - - n -     - trivial-rewrite
bounce     unix       - - n -     0 bounce
defer      unix       - - n -     0 bounce
trace      unix       - - n -     0 bounce
flush      unix       n - n 1000? 0 flush
proxymap   unix       - - n -     - proxymap
smtp       unix       - - n -     - smtp
lmtp       unix       - - y -     - lmtp
showq      unix       n - n -     - showq
error      unix       - - n -     - error
retry      unix       - - n -     - error
anvil      unix       - - n -     1 anvil
scache     unix       - - n -     1 scache
postlog    unix-dgram n - n -     1 postlogd
"""


@define(kw_only=True)
class Postfix:
    """One instance and what belongs to it.

    Args:
        folder: every file of it; users other than root must be able to reach it.
        port: where clients come to, the document's service smtp.
        second_port: where mail comes back from a filter, the document's 2526.
    """

    folder: Path
    port: int = field(factory=find_free_port)
    second_port: int = field(factory=find_free_port)

    @property
    def queue_folder(self) -> Path:
        """The folder that relative paths in settings start from."""
        return self.folder / "spool"

    def start(self, main: Mapping[str, str], servers: str) -> None:
        """Start it and return once its ports answer.

        Args:
            main: settings besides those in MAIN.
            servers: lines of master.cf for the SMTP servers, and what goes with them.
        """
        self._write_settings(main)
        servers = re.sub(r"(?m)^smtp(?= +inet)", f"127.0.0.1:{self.port}", servers)
        servers = servers.replace(":2526", f":{self.second_port}")
        (self.folder / "master.cf").write_text(servers + SERVICES)
        self.queue_folder.mkdir(exist_ok=True)
        (self.folder / "data").mkdir()
        shutil.chown(self.folder / "data", "postfix")
        self.run("postfix", "start")

    def _write_settings(self, main: Mapping[str, str]) -> None:
        own = {
            "queue_directory": str(self.queue_folder),
            "data_directory": str(self.folder / "data"),
            "maillog_file": str(self.folder / "log"),
            "maillog_file_prefixes": str(self.folder),
        }
        settings = {**MAIN, **own, **main}
        lines = [f"{name} = {value}\n" for name, value in settings.items()]
        (self.folder / "main.cf").write_text("".join(lines))

    def stop(self) -> None:
        """Throw away what is in the queue, and end every process of the instance."""
        self.run("postsuper", "-d", "ALL")
        self.run("postfix", "stop")

    def run(self, program: str, *arguments: str) -> str:
        """Run one of Postfix's commands on this instance and return what it says."""
        # A file, for the daemons keep the standard output that they are started with.
        with tempfile.TemporaryFile() as output:
            status = subprocess.run(
                [f"/usr/sbin/{program}", "-c", str(self.folder), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=COMMAND_SECONDS,
                check=False,
            ).returncode
            output.seek(0)
            words = output.read().decode("utf-8", "replace")
        assert status == 0, f"{program} {arguments}: {words}{self.log_excerpt()}"
        return words

    def queued(self) -> list[dict[str, Any]]:
        """Return the messages in the queue as ``postqueue -j`` tells them."""
        return [json.loads(line) for line in self.run("postqueue", "-j").splitlines()]

    def wait_until_queued(self, recipients: list[str]) -> None:
        """Return once exactly these recipients are deferred, each in its message."""

        def is_so() -> bool:
            queued = self.queued()
            waiting = [each for one in queued for each in one["recipients"]]
            deferred = all(one["queue_name"] == "deferred" for one in queued)
            return deferred and [each["address"] for each in waiting] == recipients

        wait_until(is_so, f"deferred in the queue: {recipients}", self.log_excerpt)

    def log_excerpt(self) -> str:
        """Return the end of the log, for a failure's text."""
        with contextlib.suppress(FileNotFoundError):
            return (self.folder / "log").read_text()[-LOG_EXCERPT_CHARACTERS:]
        return "(no log)"


def documented(heading: str, *, our_port: int = 0) -> str:
    """Return the snippet below a heading of the document, with our port for 2525."""
    _, _, section = DOCUMENT.read_text("utf-8").partition(f"\n## {heading}\n")
    snippet = SNIPPET.search(section)
    assert snippet is not None, f"{DOCUMENT} has no snippet below {heading!r}"
    return snippet[1].replace(":2525", f":{our_port}")


def documented_settings(heading: str, *, our_port: int = 0) -> dict[str, str]:
    """Return the snippet below a heading as settings of main.cf."""
    lines = documented(heading, our_port=our_port).splitlines()
    pairs = (line.partition("=") for line in lines)
    return {name.strip(): value.strip() for name, _, value in pairs}


@contextlib.contextmanager
def running_postfix(
    postfix: Postfix, *, main: Mapping[str, str], servers: str = SERVER
) -> Iterator[None]:
    """Run an instance that has not been started yet, as ``Postfix.start`` says."""
    postfix.start(main, servers)
    try:
        yield
    finally:
        postfix.stop()
