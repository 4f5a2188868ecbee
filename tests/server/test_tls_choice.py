"""Which context a server name gets, and all of them read again together."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
import trustme

from smtpsession import Config, tls_context
from smtpsession.server.server_names import ServerNames
from smtpsession.server.tls_choice import TLSChoice
from tests.server.handshakes import (
    VERSIONS,
    client_context,
    dns_names,
    refused,
    secured,
    server_context,
    write_pair,
)

AUTHORITY = trustme.CA()


def context() -> ssl.SSLContext:
    return ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)


def from_files(folder: Path, *names: str) -> ssl.SSLContext:
    folder.mkdir(exist_ok=True)
    return tls_context(*write_pair(AUTHORITY, folder, *names))


# Choosing.


@pytest.mark.parametrize("strict", [False, True])
def test_a_name_chooses_its_context_and_no_name_the_usual_one(*, strict: bool) -> None:
    usual, one = context(), context()
    config = Config(tls=usual, sni={"mx.example": one}, strict_sni=strict)
    choice = TLSChoice.of(config)
    assert choice is not None
    assert choice.for_name("MX.example") is one
    assert choice.for_name(None) is usual
    assert choice.for_name("other.example") is (None if strict else usual)
    assert choice.for_name("") is (None if strict else usual)


def test_without_tls_there_is_nothing_to_choose() -> None:
    assert TLSChoice.of(Config()) is None


# What the contexts may not do.


def test_all_contexts_lose_what_no_mail_server_needs() -> None:
    usual, one = context(), context()
    for each in (usual, one):
        each.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        each.options = ssl.Options(ssl.OP_ALL)
    TLSChoice(context=usual, names=ServerNames({"mx.example": one}))
    off = ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    for each in (usual, one):
        assert each.minimum_version == ssl.TLSVersion.TLSv1_2
        assert each.options & off == off


def test_a_newer_minimum_stays() -> None:
    usual = context()
    usual.minimum_version = ssl.TLSVersion.TLSv1_3
    assert TLSChoice(context=usual).context.minimum_version == ssl.TLSVersion.TLSv1_3


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_resumed_session_takes_no_identity_to_another_name(
    version: ssl.TLSVersion,
) -> None:
    """Each name has authorities of its own for the certificates of its clients."""
    usual, one, two = (
        server_context(AUTHORITY, name) for name in ("mx.example", "1.test", "2.test")
    )
    theirs = trustme.CA()
    theirs.configure_trust(one)
    for each in (usual, one, two):
        each.verify_mode = ssl.CERT_OPTIONAL
    choice = TLSChoice(context=usual, names=ServerNames({"1.test": one, "2.test": two}))
    client = client_context(AUTHORITY, version=version)
    theirs.issue_cert("client@c.example").configure_cert(client)
    stream, first = await secured(choice, client, "1.test")
    assert stream.getpeercert()
    if version == ssl.TLSVersion.TLSv1_3:
        stream, _ = await secured(choice, client, "1.test", resumed=first)
        assert not stream.session_reused
        reason = await refused(choice, client, "2.test", resumed=first)
        assert reason == "TLSV1_ALERT_UNKNOWN_CA"
    else:
        # The name belongs to the session up to TLS 1.2, and goes on with it.
        stream, _ = await secured(choice, client, "2.test", resumed=first)
        assert stream.session_reused
        assert stream.context is one


# Reading again.


async def test_the_files_of_all_contexts_are_read_again(tmp_path: Path) -> None:
    usual = from_files(tmp_path / "usual", "mx.example")
    one = from_files(tmp_path / "one", "one.example")
    names = ServerNames({"one.example": one, "usual.example": usual})
    old = TLSChoice(context=usual, names=names, strict=True)
    for folder, *asked in (
        ("usual", "mx.example", "usual.example", "new.example"),
        ("one", "one.example", "new.example"),
    ):
        write_pair(AUTHORITY, tmp_path / folder, *asked)
    new = old.renewed()
    assert new.strict
    assert new.names["usual.example"] is new.context
    client = client_context(AUTHORITY)
    for name in ("usual.example", "one.example"):
        _, peer = await secured(new, client, name)
        assert dns_names(peer)[-1] == "new.example"
    _, peer = await secured(old, client, "one.example")
    assert dns_names(peer) == ["one.example"]


def test_one_broken_file_stops_all_of_it(tmp_path: Path) -> None:
    usual = from_files(tmp_path / "usual", "mx.example")
    one = from_files(tmp_path / "one", "one.example")
    choice = TLSChoice(context=usual, names=ServerNames({"one.example": one}))
    (tmp_path / "one" / "key.pem").write_text("")
    with pytest.raises(ValueError, match=r"cannot use the certificate in .*/one/cert"):
        choice.renewed()


def test_a_context_of_another_kind_cannot_be_read_again(tmp_path: Path) -> None:
    ours, other = from_files(tmp_path, "mx.example"), context()
    as_tls = TLSChoice(context=other, names=ServerNames({"mx.example": ours}))
    as_name = TLSChoice(context=ours, names=ServerNames({"mx.example": other}))
    for choice, option in ((as_tls, "tls"), (as_name, r"sni\['mx\.example'\]")):
        assert not choice.is_reloadable
        says = rf"{option} cannot be read again, since smtpsession\.tls_context did not"
        with pytest.raises(ValueError, match=says):
            choice.renewed()
    assert TLSChoice(context=ours).is_reloadable
