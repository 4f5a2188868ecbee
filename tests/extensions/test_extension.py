"""The base of service extensions."""

import pytest

from smtpsession.errors import ParameterSyntaxError
from smtpsession.extensions.extension import Extension, need_flag, need_value
from smtpsession.session.envelope import Envelope
from smtpsession.session.session import Session
from smtpsession.wire.addresses import parse_forward_path, parse_reverse_path


class Plain(Extension):
    """An extension with a keyword only."""

    keyword = "X-PLAIN"


def test_an_extension_offers_its_keyword_and_has_no_parameters() -> None:
    plain = Plain()
    assert plain.offer(Session("1")) == "X-PLAIN"
    assert plain.mail_parameters == plain.rcpt_parameters == frozenset()
    assert plain.verb == ""


async def test_a_command_that_is_declared_must_be_answered() -> None:
    plain = Plain()
    assert not plain.has_command
    with pytest.raises(NotImplementedError):
        await plain.on_command(Session("1"), "")


def test_a_parameter_that_is_declared_must_be_understood() -> None:
    session = Session("1")
    with pytest.raises(NotImplementedError):
        Plain().mail_parameter("X", True, Envelope(), session)
    recipient = parse_forward_path(b"<b@s.example>")
    with pytest.raises(NotImplementedError):
        Plain().rcpt_parameter("X", True, recipient, session)


def test_parameters_go_together_unless_an_extension_says_otherwise() -> None:
    sender = parse_reverse_path(b"<>")
    envelope = Envelope()
    Plain().check_mail(sender, envelope, Session("1"))
    assert envelope == Envelope()


def test_need_value() -> None:
    assert need_value("x") == "x"
    with pytest.raises(ParameterSyntaxError):
        need_value(True)


def test_need_flag() -> None:
    need_flag(True)
    with pytest.raises(ParameterSyntaxError):
        need_flag("x")
