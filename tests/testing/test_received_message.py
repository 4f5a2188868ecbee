from smtpsession import Session
from smtpsession.testing import ReceivedMessage
from smtpsession.wire.addresses import parse_forward_path, parse_reverse_path


def message_of(session: Session) -> ReceivedMessage:
    content = b"Subject: a =?utf-8?q?caf=C3=A9?=\r\n\r\nhello\r\n"
    return ReceivedMessage.of(session, content, session.envelope.rcpt_to)


def test_it_keeps_the_envelope_as_it_was() -> None:
    session = Session("0" * 16)
    session.envelope.mail_from = parse_reverse_path(b"<a@c.example>")
    session.envelope.rcpt_to.append(parse_forward_path(b"<b@d.example>"))
    message = message_of(session)
    session.envelope.rcpt_to.clear()
    assert (message.sender, message.recipients) == ("a@c.example", ("b@d.example",))
    assert [str(address) for address in message.envelope.rcpt_to] == ["b@d.example"]
    assert message.session is session


def test_the_null_sender_is_an_empty_text() -> None:
    assert message_of(Session("0" * 16)).sender == ""


def test_it_is_parsed() -> None:
    parsed = message_of(Session("0" * 16)).parse()
    assert parsed["Subject"] == "a café"
    assert parsed.get_content() == "hello\r\n"


def test_contents_stay_out_of_reports() -> None:
    assert "hello" not in repr(message_of(Session("0" * 16)))
