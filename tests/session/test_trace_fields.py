"""Trace fields, read by another reader of mail: Python's `email` package."""

import email
import email.policy
import email.utils
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.session.envelope import Envelope
from smtpsession.session.session import Session
from smtpsession.session.trace_fields import received_field, return_path_field
from smtpsession.wire.addresses import parse_forward_path, parse_reverse_path

WHEN = datetime(2026, 3, 1, 9, 5, 7, tzinfo=timezone(timedelta(hours=-3, minutes=-30)))
ID = "0123456789abcdef"


def session(*recipients: bytes, **facts: str) -> Session:
    filled = Session(ID, opening_command="EHLO", host_name_appears_as="c.example")
    for name, value in facts.items():
        setattr(filled, name, value)
    filled.envelope.mail_from = parse_reverse_path(b"<a@c.example>")
    filled.envelope.rcpt_to = [parse_forward_path(path) for path in recipients]
    return filled


def test_received() -> None:
    field = received_field(
        session(
            b"<b@s.example>",
            remote_address="192.0.2.1",
            client_hostname="host.c.example",
        ),
        "mx.example",
        WHEN,
    )
    assert field == (
        b"Received: from c.example (host.c.example [192.0.2.1])\r\n"
        b"\tby mx.example with ESMTP id 0123456789abcdef.1\r\n"
        b"\tfor <b@s.example>;\r\n"
        b"\tSun, 1 Mar 2026 09:05:07 -0330\r\n"
    )


@pytest.mark.parametrize("recipients", [(), (b"<b@s.example>", b"<d@s.example>")])
def test_for_stands_only_with_exactly_one_recipient(
    recipients: tuple[bytes, ...],
) -> None:
    assert b"for <" not in received_field(session(*recipients), "mx.example", WHEN)


@pytest.mark.parametrize(
    ("remote_address", "client_hostname", "comment"),
    [
        ("", "", b"(local)"),
        ("192.0.2.1", "", b"([192.0.2.1])"),
        ("192.0.2.1", "[192.0.2.1]", b"([192.0.2.1])"),
        ("2001:db8::1", "", b"([IPv6:2001:db8::1])"),
        ("2001:db8::1", "host.example", b"(host.example [IPv6:2001:db8::1])"),
    ],
)
def test_the_client(remote_address: str, client_hostname: str, comment: bytes) -> None:
    filled = session(remote_address=remote_address, client_hostname=client_hostname)
    field = received_field(filled, "mx.example", WHEN)
    assert field.startswith(b"Received: from c.example " + comment + b"\r\n")


def test_without_a_hello_the_client_is_unknown() -> None:
    field = received_field(Session(ID), "mx.example", WHEN)
    assert field.startswith(b"Received: from unknown (local)\r\n")


def test_the_id_names_the_transaction() -> None:
    filled = session()
    filled.transaction = 7
    assert f"id {ID}.7;".encode() in received_field(filled, "mx.example", WHEN)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        received_field(session(), "mx.example", datetime(2026, 3, 1))


@given(st.text(), st.text(), st.text(max_size=100))
def test_text_of_others_ends_no_field_and_no_comment(
    name: str, reverse: str, hostname: str
) -> None:
    filled = session(
        b"<b@s.example>",
        host_name_appears_as=name,
        client_hostname=reverse,
        remote_address="192.0.2.1",
    )
    field = received_field(filled, hostname, WHEN)
    first, second, third, fourth, end = field.split(b"\r\n")
    assert first.startswith(b"Received: from ")
    assert all(line.startswith(b"\t") for line in (second, third, fourth))
    assert end == b""
    assert field.isascii()
    assert first.count(b"(") == first.count(b")") == 1
    assert field.count(b";") == 1


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(1900, 1, 1)))
def test_the_date_is_one_that_mail_readers_understand(when: datetime) -> None:
    field = received_field(session(), "mx.example", when)
    _, _, date = field.decode().rpartition(";")
    parsed = email.utils.parsedate_to_datetime(date.strip())
    assert parsed == when.replace(microsecond=0)


@pytest.mark.parametrize(
    ("path", "field"),
    [
        (b"<>", "Return-Path: <>\r\n"),
        (b"<a@c.example>", "Return-Path: <a@c.example>\r\n"),
        (b'<"a b"@c.example>', 'Return-Path: <"a b"@c.example>\r\n'),
        ("<é@c.example>".encode(), "Return-Path: <é@c.example>\r\n"),
    ],
)
def test_return_path(path: bytes, field: str) -> None:
    envelope = Envelope(mail_from=parse_reverse_path(path))
    assert return_path_field(envelope) == field.encode()


def test_return_path_without_a_transaction_is_null() -> None:
    assert return_path_field(Envelope()) == b"Return-Path: <>\r\n"


def test_both_fields_are_fields_of_a_message() -> None:
    filled = session(b"<b@s.example>")
    octets = (
        return_path_field(filled.envelope)
        + received_field(filled, "mx.example", WHEN)
        + b"Subject: x\r\n\r\ntext\r\n"
    )
    message = email.message_from_bytes(octets, policy=email.policy.SMTP)
    assert message.keys() == ["Return-Path", "Received", "Subject"]
    assert message["Return-Path"] == "<a@c.example>"
    assert message.get_payload() == "text\r\n"
