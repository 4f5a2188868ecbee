"""What a context of ours allows, and how it is made once more from its files."""

from __future__ import annotations

import re
import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme

from smtpsession import tls_context
from smtpsession.server.tls_choice import TLSChoice
from smtpsession.server.tls_context import ReloadableContext
from tests.server.handshakes import (
    VERSIONS,
    client_context,
    dns_names,
    encrypt,
    refused,
    secured,
    write_pair,
)

AUTHORITY = trustme.CA()
NAME = "mx.example"


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    return write_pair(AUTHORITY, tmp_path, NAME)


def made(*arguments: Any, **named: Any) -> ReloadableContext:
    context = tls_context(*arguments, **named)
    assert isinstance(context, ReloadableContext)
    return context


async def shown(context: ssl.SSLContext, client: ssl.SSLContext | None = None) -> Any:
    """Shake hands; give both streams."""
    client = client or client_context(AUTHORITY)
    return await secured(TLSChoice(context=context), client, NAME)


# What it allows.


def test_it_allows_what_the_rfcs_do(files: tuple[Path, Path]) -> None:
    context = tls_context(*files)
    assert context.protocol is ssl.PROTOCOL_TLS_SERVER
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    off = ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    assert context.options & off == off
    assert context.options & ssl.OP_CIPHER_SERVER_PREFERENCE
    assert context.verify_mode == ssl.CERT_NONE
    old = [c for c in context.get_ciphers() if c["protocol"] != "TLSv1.3"]
    assert old
    assert all(c["aead"] and c["name"].startswith("ECDHE-") for c in old)


@pytest.mark.parametrize("version", VERSIONS)
async def test_clients_shake_hands(
    files: tuple[Path, Path], version: ssl.TLSVersion
) -> None:
    client = client_context(AUTHORITY, version=version)
    _, peer = await shown(tls_context(*map(str, files)), client)
    assert dns_names(peer) == [NAME]
    assert peer.compression() is None


async def test_the_key_may_stand_behind_the_certificate(
    files: tuple[Path, Path],
) -> None:
    certificate, key = files
    certificate.write_bytes(certificate.read_bytes() + key.read_bytes())
    context = made(certificate, None)
    for one in (context, context.renewed()):
        assert dns_names((await shown(one))[1]) == [NAME]


@pytest.mark.parametrize("version", VERSIONS)
async def test_clients_may_have_certificates_of_these_authorities(
    files: tuple[Path, Path], tmp_path: Path, version: ssl.TLSVersion
) -> None:
    theirs = trustme.CA()
    theirs.cert_pem.write_to_path(tmp_path / "clients.pem")
    context = tls_context(*files, client_ca=tmp_path / "clients.pem")
    known, unknown, none = (
        client_context(AUTHORITY, version=version) for _ in range(3)
    )
    theirs.issue_cert("client@c.example").configure_cert(known)
    trustme.CA().issue_cert("client@c.example").configure_cert(unknown)
    stream, _ = await shown(context, known)
    assert stream.getpeercert()["subjectAltName"] == (("email", "client@c.example"),)
    stream, _ = await shown(context, none)
    assert stream.getpeercert() is None
    reason = await refused(TLSChoice(context=context), unknown, NAME)
    assert reason == "TLSV1_ALERT_UNKNOWN_CA"


@pytest.mark.parametrize("given", ["secret", b"secret", lambda: "secret"])
def test_a_key_may_be_encrypted(files: tuple[Path, Path], given: Any) -> None:
    encrypt(files[1], b"secret")
    context = made(*files, password=given)
    assert context.renewed().protocol is context.protocol
    calls = vars(context)["_calls"]
    assert "load_cert_chain" in repr(calls)
    assert "secret" not in repr(calls) + repr(context)


# What it cannot use.


def refusal(*arguments: Any, **named: Any) -> str:
    with pytest.raises(ValueError) as raised:
        tls_context(*arguments, **named)
    assert not isinstance(raised.value, OSError)
    return str(raised.value)


def test_a_key_of_another_certificate_is_refused(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    certificate, _ = files
    (tmp_path / "other").mkdir()
    _, other = write_pair(AUTHORITY, tmp_path / "other", NAME)
    says = f"the key in {other} does not belong to the certificate in {certificate}"
    assert refusal(certificate, other) == says


def test_an_encrypted_key_needs_its_password(
    files: tuple[Path, Path], capfd: pytest.CaptureFixture[str]
) -> None:
    encrypt(files[1], b"secret")
    says = f"the key in {files[1]} is encrypted, and there is no password"
    assert refusal(*files) == says
    wrong = refusal(*files, password="hunter2")
    assert wrong.startswith(f"cannot use the certificate in {files[0]} with the key")
    assert "hunter2" not in wrong
    assert capfd.readouterr() == ("", "")


def test_what_the_password_function_raises_is_raised(files: tuple[Path, Path]) -> None:
    encrypt(files[1], b"secret")

    def ask() -> str:
        raise LookupError("no such secret")

    with pytest.raises(LookupError, match="no such secret"):
        tls_context(*files, password=ask)


@pytest.mark.parametrize("content", ["", "no PEM\n"])
@pytest.mark.parametrize("broken", [0, 1])
def test_files_without_pem_are_refused(
    files: tuple[Path, Path], broken: int, content: str
) -> None:
    files[broken].write_text(content)
    says = f"cannot use the certificate in {files[0]} with the key in {files[1]}: "
    assert refusal(*files).startswith(says)


@pytest.mark.parametrize("content", ["", "no PEM\n"])
def test_authorities_without_pem_are_refused(
    files: tuple[Path, Path], tmp_path: Path, content: str
) -> None:
    authorities = tmp_path / "clients.pem"
    authorities.write_text(content)
    says = f"cannot use the authorities in {authorities}: "
    assert refusal(*files, client_ca=authorities).startswith(says)


def test_authorities_in_memory_without_pem_are_refused(
    files: tuple[Path, Path],
) -> None:
    with pytest.raises(ValueError, match="cannot use the authorities in the data: "):
        made(*files).load_verify_locations(cadata=b"\x30\x03\x02\x01")


@pytest.mark.parametrize("missing", ["cert.pem", "key.pem", "clients.pem"])
def test_an_unreadable_file_is_named(
    files: tuple[Path, Path], tmp_path: Path, missing: str
) -> None:
    AUTHORITY.cert_pem.write_to_path(tmp_path / "clients.pem")
    (tmp_path / missing).unlink()
    with pytest.raises(FileNotFoundError) as raised:
        tls_context(*files, client_ca=tmp_path / "clients.pem")
    assert raised.value.filename == str(tmp_path / missing)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((None, None), "certfile must be a path, got None"),
        ((["cert.pem"], None), "certfile must be a path, got ['cert.pem']"),
        (("cert.pem", 5), "keyfile must be a path, got 5"),
    ],
)
def test_what_is_no_path_is_named(
    files: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
    arguments: Any,
    says: str,
) -> None:
    monkeypatch.chdir(files[0].parent)
    with pytest.raises(TypeError, match=re.escape(says)):
        tls_context(*arguments)


# Made once more.


async def test_the_new_one_has_what_is_in_the_files_now(
    files: tuple[Path, Path],
) -> None:
    context = made(*files)
    write_pair(AUTHORITY, files[0].parent, NAME, "new.example")
    assert dns_names((await shown(context))[1]) == [NAME]
    assert dns_names((await shown(context.renewed()))[1]) == [NAME, "new.example"]


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_key_of_another_kind_leaves_nothing_of_the_old_one(
    files: tuple[Path, Path], version: ssl.TLSVersion
) -> None:
    write_pair(AUTHORITY, files[0].parent, NAME, key_type=trustme.KeyType.RSA)
    context = made(*files)
    write_pair(AUTHORITY, files[0].parent, "new.example", NAME)
    client = client_context(AUTHORITY, version=version)
    _, peer = await shown(context.renewed(), client)
    assert dns_names(peer) == ["new.example", NAME]
    if version == ssl.TLSVersion.TLSv1_2:
        client.set_ciphers("ECDHE-RSA-AES128-GCM-SHA256")
        choice = TLSChoice(context=context.renewed())
        assert await refused(choice, client, NAME) == "SSLV3_ALERT_HANDSHAKE_FAILURE"


async def test_an_authority_that_is_no_longer_there_is_no_longer_trusted(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    authorities, old = tmp_path / "clients.pem", trustme.CA()
    old.cert_pem.write_to_path(authorities)
    context = made(*files, client_ca=authorities)
    client = client_context(AUTHORITY)
    old.issue_cert("client@c.example").configure_cert(client)
    stream, _ = await shown(context, client)
    assert stream.getpeercert()
    trustme.CA().cert_pem.write_to_path(authorities)
    choice = TLSChoice(context=context.renewed())
    assert await refused(choice, client, NAME) == "TLSV1_ALERT_UNKNOWN_CA"


async def test_old_session_tickets_are_of_no_use(files: tuple[Path, Path]) -> None:
    context, client = made(*files), client_context(AUTHORITY)
    _, first = await shown(context, client)
    for one, is_resumed in ((context, True), (context.renewed(), False)):
        choice = TLSChoice(context=one)
        stream, _ = await secured(choice, client, NAME, resumed=first)
        assert stream.session_reused is is_resumed


async def test_what_was_set_on_it_is_set_on_the_new_one(
    files: tuple[Path, Path], tmp_path: Path
) -> None:
    names: list[str | None] = []
    context = made(*files)
    context.set_ciphers("ECDHE-ECDSA-AES256-GCM-SHA384")
    context.set_alpn_protocols(alpn_protocols=["first"])
    context.set_alpn_protocols(["second"])
    context.set_ecdh_curve("prime256v1")
    context.load_default_certs()
    context.load_verify_locations(cadata=AUTHORITY.cert_pem.bytes().decode())
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_TICKET
    context.num_tickets = 1
    context.keylog_filename = str(tmp_path / "keys")
    context.sni_callback = lambda tls, name, initial: names.append(name)
    fresh = context.renewed().renewed()
    for attribute in (
        *("verify_mode", "verify_flags", "minimum_version", "maximum_version"),
        *("options", "num_tickets", "keylog_filename"),
    ):
        assert getattr(fresh, attribute) == getattr(context, attribute), attribute
    assert fresh.get_ciphers() == context.get_ciphers()
    assert fresh.cert_store_stats() == context.cert_store_stats()
    client = client_context(AUTHORITY)
    AUTHORITY.issue_cert("client@c.example").configure_cert(client)
    client.set_alpn_protocols(["first", "second"])
    stream, _ = await shown(fresh, client)
    assert stream.selected_alpn_protocol() == "second"
    assert names == [NAME]


async def test_certificates_of_two_kinds_are_both_kept(tmp_path: Path) -> None:
    folders = [tmp_path / kind.name for kind in trustme.KeyType]
    pairs = []
    for folder, kind in zip(folders, trustme.KeyType, strict=True):
        folder.mkdir()
        pairs.append(write_pair(AUTHORITY, folder, NAME, kind.name, key_type=kind))
    context = made(*pairs[0])
    for pair in pairs:
        context.load_cert_chain(*pair)
    fresh = context.renewed()
    for kind in trustme.KeyType:
        client = client_context(AUTHORITY, version=ssl.TLSVersion.TLSv1_2)
        client.set_ciphers(f"ECDHE-{kind.name}-AES128-GCM-SHA256")
        assert kind.name.lower() in dns_names((await shown(fresh, client))[1])


def test_relative_paths_stay_what_they_were(
    files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    AUTHORITY.cert_pem.write_to_path("clients.pem")
    context = made("cert.pem", b"key.pem", client_ca="clients.pem")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert context.renewed().cert_store_stats()["x509_ca"] == 1


def test_broken_files_raise_and_change_nothing(files: tuple[Path, Path]) -> None:
    context = made(*files)
    files[1].write_text("")
    with pytest.raises(ValueError, match="cannot use the certificate in "):
        context.renewed()
    files[0].unlink()
    with pytest.raises(FileNotFoundError):
        context.renewed()
