"""MAIL and RCPT by the extensions."""

import attrs
import pytest

from smtpsession.dialogue.envelope_rules import checked_recipient, new_envelope
from smtpsession.dialogue.settings import Settings
from smtpsession.errors import (
    DeclaredSizeError,
    ParameterSyntaxError,
    RecipientNeedsUTF8Error,
    Reject,
    RemoteProtocolError,
    SenderNeedsUTF8Error,
    UnknownParameterError,
)
from smtpsession.extensions.extension import Extension, need_value
from smtpsession.session.envelope import Envelope
from smtpsession.session.session import Session
from smtpsession.wire.addresses import (
    Address,
    RecipientDSN,
    parse_forward_path,
    parse_reverse_path,
)
from tests.standards.run_dialogue import SETTINGS, make_settings


class Original(Extension):
    """Puts a parameter of RCPT into the address."""

    keyword = "X-ORIGINAL"
    rcpt_parameters = frozenset({"X-ORIGINAL"})

    def rcpt_parameter(
        self, name: str, value: str | bool, address: Address, session: Session
    ) -> Address:
        return attrs.evolve(address, dsn=RecipientDSN(orcpt=need_value(value)))


WITH_ORIGINAL = Settings(hostname="mx.example", extensions=(Original(),))


def envelope_of(
    octets: bytes, *, hello: str = "EHLO", settings: Settings = SETTINGS
) -> Envelope:
    session = Session("1", opening_command=hello)
    return new_envelope(parse_reverse_path(octets), session, settings)


def recipient_of(
    octets: bytes,
    *,
    smtp_utf8: bool = False,
    hello: str = "EHLO",
    settings: Settings = SETTINGS,
) -> Address:
    session = Session("1", opening_command=hello)
    session.envelope.smtp_utf8 = smtp_utf8
    return checked_recipient(parse_forward_path(octets), session, settings)


def test_parameters_fill_the_envelope() -> None:
    envelope = envelope_of(b"<a@c.example> SIZE=5 BODY=8BITMIME SMTPUTF8")
    assert (envelope.size, envelope.body_type) == (5, "8BITMIME")
    assert envelope.smtp_utf8
    assert envelope.mail_from is None


class Together(Extension):
    """Two parameters of which the second needs the first."""

    keyword = "X-TOGETHER"
    mail_parameters = frozenset({"X-A", "X-B"})

    def mail_parameter(
        self, name: str, value: str | bool, envelope: Envelope, session: Session
    ) -> None:
        envelope.extra[name] = value

    def check_mail(self, sender: Address, envelope: Envelope, session: Session) -> None:
        envelope.extra["checks"] = envelope.extra.get("checks", 0) + 1
        if "X-A" not in envelope.extra or sender.is_null:
            raise Reject(550, "no A", enhanced="5.5.4")


def test_parameters_are_checked_together_once() -> None:
    settings = Settings(hostname="mx.example", extensions=(Together(),))
    envelope = envelope_of(b"<a@c.example> X-B=2 X-A=1", settings=settings)
    assert envelope.extra == {"X-A": "1", "X-B": "2", "checks": 1}
    assert envelope_of(b"<>", settings=settings).extra == {}
    for octets in (b"<a@c.example> X-B=2", b"<> X-A=1"):
        with pytest.raises(Reject, match="no A"):
            envelope_of(octets, settings=settings)


class Curious(Extension):
    """Notes in the session what it is told, and has a verb."""

    keyword = "X-CURIOUS"
    verb = "XCURIOUS"
    mail_parameters = frozenset({"X-M"})
    rcpt_parameters = frozenset({"X-R"})

    def is_available(self, session: Session) -> bool:
        return session.server_name == "mx.example"

    def mail_parameter(
        self, name: str, value: str | bool, envelope: Envelope, session: Session
    ) -> None:
        session.client_hostname += f"{name}={value},"

    def check_mail(self, sender: Address, envelope: Envelope, session: Session) -> None:
        session.client_hostname += f"{sender},"

    def rcpt_parameter(
        self, name: str, value: str | bool, address: Address, session: Session
    ) -> Address:
        session.client_hostname += f"{name}={value}"
        return address


CURIOUS = Settings(hostname="mx.example", extensions=(Curious(),))


def test_an_extension_learns_of_the_session_and_its_parameter() -> None:
    session = Session("1", server_name="mx.example", opening_command="EHLO")
    new_envelope(parse_reverse_path(b"<a@c.example> X-M=1"), session, CURIOUS)
    recipient = parse_forward_path(b"<b@s.example> X-R")
    assert checked_recipient(recipient, session, CURIOUS) is recipient
    assert session.client_hostname == "X-M=1,a@c.example,X-R=True"


@pytest.mark.parametrize(
    ("name", "disabled"), [("other.example", ""), ("mx.example", "XCURIOUS")]
)
def test_what_is_not_offered_has_no_parameters(name: str, disabled: str) -> None:
    session = Session("1", server_name=name, disabled_commands=frozenset({disabled}))
    with pytest.raises(UnknownParameterError):
        new_envelope(parse_reverse_path(b"<a@c.example> X-M=1"), session, CURIOUS)


def test_each_envelope_is_a_new_one() -> None:
    assert envelope_of(b"<a@c.example>") is not envelope_of(b"<a@c.example>")


@pytest.mark.parametrize(
    ("octets", "hello", "error"),
    [
        (b"<a@c.example> FOO=1", "EHLO", UnknownParameterError),
        (b"<a@c.example> SIZE=1", "HELO", UnknownParameterError),
        (b"<a@c.example> SIZE=x", "EHLO", ParameterSyntaxError),
        (b"<a@c.example> SIZE=99999999999", "EHLO", DeclaredSizeError),
        ("<é@c.example>".encode(), "EHLO", SenderNeedsUTF8Error),
        ("<a@é.example>".encode(), "EHLO", SenderNeedsUTF8Error),
        # The parameters come first.
        ("<é@c.example> FOO".encode(), "EHLO", UnknownParameterError),
    ],
)
def test_senders_that_are_refused(
    octets: bytes, hello: str, error: type[RemoteProtocolError]
) -> None:
    with pytest.raises(error):
        envelope_of(octets, hello=hello)


def test_a_non_ascii_sender_with_smtputf8() -> None:
    assert envelope_of("<é@c.example> SMTPUTF8".encode()).smtp_utf8


def test_a_parameter_of_what_is_not_offered_now_is_unknown() -> None:
    class Closed(Original):
        def offer(self, session: Session) -> str | None:
            return None

    settings = Settings(hostname="mx.example", extensions=(Closed(),))
    with pytest.raises(UnknownParameterError):
        recipient_of(b"<b@s.example> X-ORIGINAL=x", settings=settings)


def test_a_plain_recipient_is_handed_on_as_it_is() -> None:
    address = parse_forward_path(b"<b@s.example>")
    session = Session("1", opening_command="EHLO")
    assert checked_recipient(address, session, SETTINGS) is address


def test_a_parameter_of_rcpt_is_put_into_the_recipient() -> None:
    octets = b"<b@s.example> X-ORIGINAL=x"
    assert recipient_of(octets, settings=WITH_ORIGINAL).dsn.orcpt == "x"


@pytest.mark.parametrize(
    ("octets", "hello", "error"),
    [
        (b"<b@s.example> FOO", "EHLO", UnknownParameterError),
        (b"<b@s.example> SIZE=1", "EHLO", UnknownParameterError),
        (b"<b@s.example> X-ORIGINAL=x", "HELO", UnknownParameterError),
        (b"<b@s.example> X-ORIGINAL", "EHLO", ParameterSyntaxError),
        ("<é@s.example>".encode(), "EHLO", RecipientNeedsUTF8Error),
    ],
)
def test_recipients_that_are_refused(
    octets: bytes, hello: str, error: type[RemoteProtocolError]
) -> None:
    with pytest.raises(error):
        recipient_of(octets, hello=hello, settings=WITH_ORIGINAL)


def test_a_non_ascii_recipient_in_an_internationalized_transaction() -> None:
    recipient = recipient_of("<é@s.example>".encode(), smtp_utf8=True)
    assert recipient.local_part == "é"
    hidden = make_settings(hidden=["SMTPUTF8"])
    with pytest.raises(RecipientNeedsUTF8Error):
        recipient_of("<é@s.example>".encode(), settings=hidden)
