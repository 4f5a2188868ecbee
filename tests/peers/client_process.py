"""Mail programs: how they are found, and how those that are clients are run."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

FOLDER = Path(__file__).parent
CLIENT_SECONDS = 60
CLIENT_NAME = "client.example"
# What install.sh only unpacks.
UNPACKED = Path("/usr/local/lib/smtpsession-peers")
# Postfix's programs lie in a folder that an ordinary user's PATH leaves out.
SEARCH_PATH = os.pathsep.join(
    [os.environ.get("PATH", os.defpath), "/usr/sbin", str(UNPACKED / "usr/sbin")]
)

# What each peer's program must be able to do before its tests make sense.
PROBES: dict[str, tuple[str, ...]] = {
    "swaks": ("swaks", "--version"),
    "swaks with TLS": ("perl", "-e", "use Net::SSLeay"),
    "curl": ("curl", "--version"),
    "msmtp": ("msmtp", "--version"),
    "gsasl": ("gsasl", "--version"),
    "nodemailer": ("node", "-e", "require('nodemailer')"),
    "smtp-source": ("smtp-source",),
    "openssl": ("openssl", "version"),
    "haproxy": ("haproxy", "-v"),
    "postfix": ("postfix",),
    "exim": ("exim4", "-C", os.devnull, "-bV"),
    "nginx": ("nginx", "-v"),
}


def find_program(name: str) -> str | None:
    """Return the path of a program, or None when it is not installed."""
    return shutil.which(name, path=SEARCH_PATH)


def is_available(peer: str) -> bool:
    """Say whether a peer of the table PROBES is installed and starts."""
    program, *arguments = PROBES[peer]
    path = find_program(program)
    if path is None or not arguments:
        return path is not None
    return run_client([path, *arguments]).returncode == 0


def run_client(
    command: list[str], *, standard_input: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """Run a client to its end, untouched by the user's own settings.

    Raises:
        subprocess.TimeoutExpired: The client did not end in time.
    """
    return subprocess.run(
        command,
        input=standard_input,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=FOLDER,
        env={"PATH": SEARCH_PATH, "HOME": os.devnull, "LC_ALL": "C.UTF-8"},
        timeout=CLIENT_SECONDS,
        check=False,
    )


def assert_accepted(client: subprocess.CompletedProcess[bytes]) -> None:
    """Fail with the client's own words when it reports that delivery failed."""
    words = client.stdout[-2000:].decode("utf-8", "replace")
    assert client.returncode == 0, f"exit status {client.returncode}: {words}"
