"""Certificates from files, and those made for one run."""

import ssl
import sys
from pathlib import Path

import pytest
import trio
import trio.testing
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from smtpsession.cli.certificates import (
    context_from_files,
    file_error_text,
    self_signed_context,
)
from smtpsession.cli.command_error import CommandError


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


def write_pair(authority: trustme.CA, folder: Path, name: str) -> tuple[str, str]:
    certificate = authority.issue_cert("mx.test")
    chain, key = folder / f"{name}.pem", folder / f"{name}.key"
    certificate.cert_chain_pems[0].write_to_path(chain)
    certificate.private_key_pem.write_to_path(key)
    return str(chain), str(key)


async def certificate_of(server: ssl.SSLContext) -> x509.Certificate:
    """Shake hands in memory and give the certificate that the server shows."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    ours, theirs = trio.testing.memory_stream_pair()
    client = trio.SSLStream(ours, context)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(
            trio.SSLStream(theirs, server, server_side=True).do_handshake
        )
        await client.do_handshake()
    octets = client.getpeercert(binary_form=True)
    assert isinstance(octets, bytes)
    return x509.load_der_x509_certificate(octets)


def names_of(certificate: x509.Certificate) -> list[str]:
    extension = certificate.extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    return [str(name.value) for name in extension.value]


async def test_the_certificate_of_the_files_is_shown(
    authority: trustme.CA, tmp_path: Path
) -> None:
    certificate, key = write_pair(authority, tmp_path, "mx")
    context = context_from_files(certificate, key)
    shown = await certificate_of(context)
    octets = await trio.Path(certificate).read_bytes()
    assert shown == x509.load_pem_x509_certificate(octets)
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2


def test_a_key_of_another_certificate(authority: trustme.CA, tmp_path: Path) -> None:
    certificate, _ = write_pair(authority, tmp_path, "mx")
    _, key = write_pair(authority, tmp_path, "other")
    with pytest.raises(CommandError) as raised:
        context_from_files(certificate, key)
    said = f"the key in {key} does not belong to the certificate in {certificate}"
    assert str(raised.value) == said


@pytest.mark.parametrize("missing", [0, 1])
def test_an_unreadable_file_is_named(
    authority: trustme.CA, tmp_path: Path, missing: int
) -> None:
    files = write_pair(authority, tmp_path, "mx")
    Path(files[missing]).unlink()
    with pytest.raises(CommandError) as raised:
        context_from_files(*files)
    said = f"cannot read {files[missing]}: No such file or directory"
    assert str(raised.value) == said


@pytest.mark.parametrize("content", ["", "no PEM\n"])
def test_a_file_without_pem(
    authority: trustme.CA, tmp_path: Path, content: str
) -> None:
    certificate, key = write_pair(authority, tmp_path, "mx")
    Path(certificate).write_text(content)
    with pytest.raises(CommandError, match=f"cannot use the certificate in {tmp_path}"):
        context_from_files(certificate, key)


def test_an_encrypted_key_is_not_asked_a_password_for(
    authority: trustme.CA, tmp_path: Path
) -> None:
    certificate, key = write_pair(authority, tmp_path, "mx")
    loaded = serialization.load_pem_private_key(Path(key).read_bytes(), None)
    encrypted = loaded.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    )
    Path(key).write_bytes(encrypted)
    with pytest.raises(CommandError) as raised:
        context_from_files(certificate, key)
    assert (
        str(raised.value) == f"the key in {key} is encrypted, and there is no password"
    )


def test_what_a_password_function_raises_is_not_told() -> None:
    assert file_error_text(LookupError("the secret is hunter2")) == "LookupError"


async def test_a_self_signed_certificate_bears_the_names() -> None:
    context, named = self_signed_context("mx.test")
    assert named
    names = names_of(await certificate_of(context))
    assert sorted(names) == ["127.0.0.1", "localhost", "mx.test"]


async def test_what_is_no_host_name_is_left_out() -> None:
    context, named = self_signed_context("my_machine")
    assert not named
    names = names_of(await certificate_of(context))
    assert sorted(names) == ["127.0.0.1", "localhost"]


def test_without_trustme_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trustme", None)
    with pytest.raises(CommandError, match=r"install smtpsession\[tls-dev\]"):
        self_signed_context("mx.test")
