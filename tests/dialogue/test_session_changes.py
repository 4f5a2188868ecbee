"""What accepted and refused events leave in a session."""

from __future__ import annotations

import pytest

from smtpsession import Envelope, Session, TLSOptions
from smtpsession.dialogue.session_changes import (
    note_accepted,
    note_refused,
    note_tls,
    note_xclient,
    undo_xclient,
)
from smtpsession.wire.addresses import parse_forward_path, parse_reverse_path
from smtpsession.wire.commands import (
    Bdat,
    Ehlo,
    LastBdat,
    Lhlo,
    Mail,
    Noop,
    Rcpt,
    Rset,
    Xclient,
)
from smtpsession.wire.events import EndOfChunk, EndOfMessage, Event

SENDER = Mail(parse_reverse_path(b"<a@c>"))
RECIPIENT = Rcpt(parse_forward_path(b"<b@d>"))


def in_transaction() -> Session:
    session = Session(id="0" * 16)
    for event in (Ehlo("c"), SENDER, RECIPIENT):
        note_accepted(event, session)
    return session


def test_a_transaction_fills_the_envelope() -> None:
    session = in_transaction()
    assert session.opening_command == "EHLO"
    assert session.host_name_appears_as == "c"
    assert session.envelope.mail_from == SENDER.address
    assert session.envelope.rcpt_to == [RECIPIENT.address]


def test_rset_end_and_hello_end_the_transaction() -> None:
    for event in (Rset(), EndOfMessage(), Ehlo("again")):
        session = in_transaction()
        note_accepted(event, session)
        assert session.envelope == Envelope()
        assert session.transaction == 2
        assert session.opening_command == "EHLO"


def test_refused_content_ends_the_transaction_too() -> None:
    session = in_transaction()
    note_refused(EndOfMessage(), session)
    assert session.envelope == Envelope()
    assert session.transaction == 2


@pytest.mark.parametrize("event", [Bdat(5), LastBdat(5), EndOfChunk()])
def test_a_refused_chunk_ends_the_transaction_and_an_accepted_one_does_not(
    event: Event,
) -> None:
    session = in_transaction()
    note_accepted(event, session)
    assert session.in_transaction
    note_refused(event, session)
    assert session.envelope == Envelope()
    assert session.transaction == 2


def test_lhlo_is_a_hello() -> None:
    session = Session(id="0" * 16, lmtp=True)
    note_accepted(Lhlo("c"), session)
    assert session.opening_command == "LHLO"
    assert session.transmission_type == "LMTP"


def test_a_refused_sender_leaves_no_parameters() -> None:
    session = Session(id="0" * 16)
    session.envelope = Envelope(size=5, smtp_utf8=True)
    note_refused(SENDER, session)
    assert session.envelope == Envelope()
    assert session.transaction == 1


def test_other_events_change_nothing() -> None:
    session = in_transaction()
    before = session.envelope
    note_accepted(Noop(), session)
    note_refused(RECIPIENT, session)
    assert session.envelope is before
    assert len(before.rcpt_to) == 1


def test_what_a_proxy_does_not_know_of_its_client_is_empty() -> None:
    session = Session(
        "1",
        remote_address="192.0.2.1",
        remote_port=25,
        local_address="192.0.2.2",
        local_port=25,
    )
    names = ("ADDR", "PORT", "DESTADDR", "DESTPORT", "HELO")
    before = note_xclient(Xclient(dict.fromkeys(names)), session)
    assert (session.remote_address, session.remote_port) == ("", 0)
    assert (session.local_address, session.local_port) == ("", 0)
    assert session.host_name_appears_as is None
    undo_xclient(before, session)
    assert (session.remote_address, session.remote_port) == ("192.0.2.1", 25)
    assert (session.local_address, session.local_port) == ("192.0.2.2", 25)


def test_tls_forgets_what_was_said_in_plain_text() -> None:
    session = in_transaction()
    session.user = "me"
    options = TLSOptions("TLS_AES_256_GCM_SHA384", "TLSv1.3")
    certificate = {"serialNumber": "01"}
    note_tls(
        session,
        options,
        servername="mx.test",
        peer_certificate=certificate,
        channel_bindings={"tls-unique": b"binding"},
    )
    assert session.envelope == Envelope()
    assert (session.user, session.host_name_appears_as) == (None, None)
    assert (session.secure, session.tls_options) == (True, options)
    assert session.servername == "mx.test"
    assert session.peer_certificate == certificate
    assert session.channel_bindings == {"tls-unique": b"binding"}
