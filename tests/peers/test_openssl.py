"""TLS as OpenSSL's own client sees it: versions and renegotiation.

T-TLS-9 and T-TLS-10 of the TLS rules: no renegotiation, nothing older than TLS 1.2.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.peers.client_process import run_client
from tests.peers.server_process import Mode, ServerProcess


@pytest.fixture
def openssl(require_peer: Callable[[str], str]) -> str:
    """Return the path of openssl."""
    return require_peer("openssl")


def talk(openssl: str, server: ServerProcess, *options: str, said: bytes) -> str:
    """Run s_client over STARTTLS; give all that it prints."""
    address = f"{server.host}:{server.port}"
    command = [openssl, "s_client", "-starttls", "smtp", "-connect", address]
    command += ["-CAfile", str(server.authority), *options]
    return run_client(command, standard_input=said).stdout.decode("utf-8", "replace")


@pytest.mark.parametrize("server", [Mode.STARTTLS], indirect=True)
@pytest.mark.parametrize("version", ["-tls1", "-tls1_1"])
def test_old_versions_of_tls_get_no_handshake(
    openssl: str, server: ServerProcess, version: str
) -> None:
    old = (version, "-cipher", "DEFAULT@SECLEVEL=0")
    printed = talk(openssl, server, *old, said=b"QUIT\r\n")
    assert "Cipher is (NONE)" in printed
    assert "221 " not in printed


@pytest.mark.parametrize("server", [Mode.STARTTLS], indirect=True)
@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
def test_current_versions_of_tls_get_one(
    openssl: str, server: ServerProcess, version: str
) -> None:
    option = "-" + version.lower().replace("v", "").replace(".", "_")
    printed = talk(openssl, server, option, "-verify_return_error", said=b"Q\n")
    assert f"New, {version}, Cipher is " in printed
    assert "Verify return code: 0 (ok)" in printed


@pytest.mark.parametrize("server", [Mode.STARTTLS], indirect=True)
def test_renegotiation_is_refused(openssl: str, server: ServerProcess) -> None:
    """A line with an R alone asks s_client for one."""
    printed = talk(openssl, server, "-tls1_2", said=b"R\nNOOP\r\n")
    assert "RENEGOTIATING" in printed
    assert "no renegotiation" in printed
