"""The session: its fields, what a reset clears, and people's own fields."""

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.session.envelope import Envelope
from smtpsession.session.reset_scope import ResetScope
from smtpsession.session.session import Session
from smtpsession.session.tls_options import TLSOptions
from smtpsession.wire.addresses import parse_forward_path, parse_reverse_path

TLS = TLSOptions("TLS_AES_256_GCM_SHA384", "TLSv1.3")


def full_session() -> Session:
    return Session(
        id="0123456789abcdef",
        remote_address="192.0.2.1",
        client_hostname="c.example",
        secure=True,
        tls_options=TLS,
        opening_command="EHLO",
        host_name_appears_as="c.example",
        user="u",
        envelope=Envelope(
            mail_from=parse_reverse_path(b"<a@c.example>"),
            rcpt_to=[parse_forward_path(b"<b@s.example>")],
            size=5,
        ),
        xclient={"NAME": "c.example"},
        xforward={"NAME": "d.example"},
    )


def facts(session: Session) -> dict[str, object]:
    return attrs.asdict(session, recurse=False)


def test_a_new_session_knows_its_id_and_nothing_else() -> None:
    session = Session("0123456789abcdef")
    assert session.id == "0123456789abcdef"
    assert session.transaction == 1
    assert not session.in_transaction
    assert session.transmission_type == "SMTP"
    empty = {"", 0, None}  # and False, which equals 0
    names = ["remote_address", "remote_port", "local_address", "local_port"]
    names += ["client_hostname", "secure", "tls_options", "servername"]
    names += ["peer_certificate", "opening_command", "host_name_appears_as"]
    names += ["user", "proxy", "lmtp"]
    assert {facts(session)[name] for name in names} <= empty
    assert (session.xclient, session.xforward) == ({}, {})


# Each scope, and the fields that it clears besides those of the scopes before it.
CLEARED = {
    ResetScope.TRANSACTION: {"envelope", "xforward", "transaction"},
    ResetScope.HELLO: {"opening_command", "host_name_appears_as"},
    ResetScope.TLS: {"user"},
    # XCLIENT may come again, and adds to what was said (Postfix's XCLIENT_README).
    ResetScope.PROXY: {"client_hostname"},
}


@pytest.mark.parametrize("scope", ResetScope)
def test_reset_clears_what_its_scope_says_and_no_more(scope: ResetScope) -> None:
    session = full_session()
    before = facts(full_session())
    session.reset(scope)
    after = facts(session)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == set[str]().union(*(CLEARED[s] for s in ResetScope if s <= scope))
    new = facts(Session("0123456789abcdef"))
    assert all(after[name] == new[name] for name in changed - {"transaction"})


def test_a_reset_replaces_the_envelope() -> None:
    session = full_session()
    kept = session.envelope
    session.reset(ResetScope.TRANSACTION)
    assert session.envelope is not kept
    assert kept.size == 5
    assert len(kept.rcpt_to) == 1


@given(st.lists(st.booleans()))
def test_transaction_counts_the_transactions_that_ended(opened: list[bool]) -> None:
    session = Session("1")
    for is_open in opened:
        if is_open:
            session.envelope.mail_from = parse_reverse_path(b"<>")
        session.reset(ResetScope.TRANSACTION)
    assert session.transaction == 1 + sum(opened)


def test_the_null_sender_opens_a_transaction() -> None:
    session = Session("1")
    session.envelope.mail_from = parse_reverse_path(b"<>")
    assert session.in_transaction


def test_transmission_type_follows_the_facts() -> None:
    session = full_session()
    assert session.transmission_type == "ESMTPSA"
    session.user = None
    session.envelope.smtp_utf8 = True
    assert session.transmission_type == "UTF8SMTPS"
    session.reset(ResetScope.HELLO)
    assert session.transmission_type == "SMTP"
    assert Session("1", lmtp=True).transmission_type == "LMTP"


def test_a_user_that_is_false_is_a_user() -> None:
    session = full_session()
    session.user = 0
    assert session.transmission_type == "ESMTPSA"


def test_disabled_commands_are_upper_case_however_they_are_set() -> None:
    session = Session("1", disabled_commands=frozenset({"vrfy"}))
    assert session.disabled_commands == {"VRFY"}
    session.disabled_commands = frozenset({"expn", "Help"})
    assert session.disabled_commands == {"EXPN", "HELP"}


def test_disabled_commands_are_several_words() -> None:
    with pytest.raises(TypeError, match="several verbs, got 'VRFY'"):
        Session("1", disabled_commands="VRFY")


def test_any_attribute_can_be_set() -> None:
    session = Session("1")
    session.quota = 5  # type: ignore[attr-defined]
    assert vars(session)["quota"] == 5


def test_fields_of_ones_own() -> None:
    @attrs.define(slots=False)
    class MySession(Session):
        quota: int = 5

    session = MySession("1", quota=6)
    session.reset(ResetScope.PROXY)
    assert session.quota == 6


def test_what_authenticated_is_not_shown() -> None:
    session = Session("1", user={"password": "secret"})
    assert "secret" not in repr(session)


def test_sessions_are_equal_only_to_themselves() -> None:
    session = Session("1")
    assert session != Session("1")
    assert len({session, session}) == 1
