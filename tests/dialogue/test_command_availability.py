"""Gates: what is closed to a session, and what must end its group."""

import attrs
import pytest

from smtpsession.dialogue.command_availability import gate, must_end_group
from smtpsession.extensions.chunking import Chunking
from smtpsession.session.session import Session
from smtpsession.wire import replies
from smtpsession.wire.commands import (
    Auth,
    Bdat,
    Command,
    Data,
    Ehlo,
    Expn,
    Helo,
    Help,
    LastBdat,
    Lhlo,
    Mail,
    Noop,
    Quit,
    Rcpt,
    Rset,
    StartTLS,
    Unknown,
    Vrfy,
    Xclient,
    Xforward,
)
from smtpsession.wire.trusted_networks import TrustedNetworks
from tests.standards.run_dialogue import CHUNKED, make_settings

ALL: list[type[Command]] = [
    *(Helo, Ehlo, Lhlo, Mail, Rcpt, Data, Rset, Noop),
    *(Vrfy, Expn, Help, Quit, StartTLS, Unknown, Bdat, LastBdat),
]
# RFC 3207 4 names NOOP, EHLO, STARTTLS and QUIT.
WITHOUT_TLS: set[type[Command]] = {Helo, Ehlo, Lhlo, Noop, Help, StartTLS, Quit}
# RFC 4954 6 names AUTH, EHLO, HELO, NOOP, RSET and QUIT.
WITHOUT_AUTH: set[type[Command]] = {Helo, Ehlo, Lhlo, Noop, Rset, StartTLS, Quit}
LAST: set[type[Command]] = {Helo, Ehlo, Lhlo, Data, Vrfy, Expn, Noop, StartTLS}
SETTINGS = CHUNKED

every_command = pytest.mark.parametrize("kind", ALL)


@every_command
def test_open_without_policy(kind: type[Command]) -> None:
    assert gate(kind, Session("1"), SETTINGS) is None


@every_command
def test_a_required_tls_closes_to_all_but_a_few(kind: type[Command]) -> None:
    settings = make_settings(require_tls=True, added=[Chunking()])
    expected = None if kind in WITHOUT_TLS else replies.TLS_REQUIRED
    assert gate(kind, Session("1"), settings) == expected
    inside = gate(kind, Session("1", secure=True), settings)
    assert inside == (replies.TLS_ACTIVE if kind is StartTLS else None)


@every_command
def test_a_disabled_command_is_not_implemented(kind: type[Command]) -> None:
    verbs = frozenset(command.verb for command in ALL) - {Unknown.verb}
    session = Session("1", disabled_commands=verbs)
    expected = None if kind is Unknown else replies.NOT_IMPLEMENTED
    assert gate(kind, session, SETTINGS) == expected
    one = Session("1", disabled_commands=verbs - {kind.verb})
    assert gate(kind, one, SETTINGS) is None


@every_command
def test_a_required_user_closes_to_all_but_a_few(kind: type[Command]) -> None:
    settings = attrs.evolve(SETTINGS, auth_required=True)
    expected = None if kind in WITHOUT_AUTH else replies.AUTH_REQUIRED
    assert gate(kind, Session("1"), settings) == expected
    assert gate(kind, Session("1", user="me"), settings) is None


@pytest.mark.parametrize("kind", [Bdat, LastBdat, Auth, StartTLS])
def test_the_command_of_an_extension_that_is_not_there(kind: type[Command]) -> None:
    bare = make_settings(hidden=["STARTTLS"])
    assert gate(kind, Session("1"), bare) == replies.NOT_IMPLEMENTED


def test_data_is_no_way_for_binary_content() -> None:
    session = Session("1")
    session.envelope.body_type = "BINARYMIME"
    assert gate(Data, session, SETTINGS) == replies.NEEDS_BDAT
    assert gate(Bdat, session, SETTINGS) is None
    session.envelope.body_type = "8BITMIME"
    assert gate(Data, session, SETTINGS) is None


@pytest.mark.parametrize("kind", [Xclient, Xforward])
def test_who_is_not_trusted(kind: type[Command]) -> None:
    assert gate(kind, Session("1"), SETTINGS) == replies.NOT_TRUSTED


@pytest.mark.parametrize(("kind", "other"), [(Xclient, Xforward), (Xforward, Xclient)])
def test_who_is_trusted_with_one_of_them_only(
    kind: type[Command], other: type[Command]
) -> None:
    trusted = TrustedNetworks.of(["192.0.2.1"], option="networks")
    if kind is Xclient:
        settings = attrs.evolve(SETTINGS, xclient=trusted)
    else:
        settings = attrs.evolve(SETTINGS, xforward=trusted)
    session = Session("1", remote_address="192.0.2.1")
    assert gate(kind, session, settings) is None
    assert gate(other, session, settings) == replies.NOT_TRUSTED


def test_starttls_that_is_not_offered_is_not_implemented() -> None:
    settings = make_settings(hidden=["STARTTLS"])
    assert gate(StartTLS, Session("1"), settings) == replies.NOT_IMPLEMENTED


@every_command
def test_last_of_a_group(kind: type[Command]) -> None:
    session = Session("1", opening_command="EHLO")
    assert must_end_group(kind, session, strict=True) is (kind in LAST)
    assert must_end_group(kind, session, strict=False) is (kind is StartTLS)


@every_command
def test_after_helo_there_are_no_groups(kind: type[Command]) -> None:
    session = Session("1", opening_command="HELO")
    # Octets always follow BDAT: its content.
    anywhere = kind in (Quit, Bdat, LastBdat)
    assert must_end_group(kind, session, strict=True) is not anywhere
    assert must_end_group(kind, session, strict=False) is (kind is StartTLS)
