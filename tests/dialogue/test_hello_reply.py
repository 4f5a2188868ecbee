"""The reply to a hello."""

import pytest

from smtpsession.dialogue.hello_reply import hello_reply, offered, offers
from smtpsession.extensions.pipelining import Pipelining
from smtpsession.extensions.starttls import StartTLSExtension
from smtpsession.session.session import Session
from smtpsession.wire.replies import HELLO, Reply
from tests.standards.run_dialogue import SETTINGS, make_settings

EHLO = Session("1", opening_command="EHLO")


def test_ehlo_lists_the_extensions_in_order() -> None:
    settings = make_settings(size=1000, hidden=["SMTPUTF8"])
    assert hello_reply(settings, EHLO, HELLO).lines == (
        "mx.example",
        "PIPELINING",
        "SIZE 1000",
        "8BITMIME",
        "ENHANCEDSTATUSCODES",
        "STARTTLS",
    )


def test_helo_lists_nothing() -> None:
    helo = Session("1", opening_command="HELO")
    assert hello_reply(SETTINGS, helo, HELLO).lines == ("mx.example",)


def test_what_was_said_stands_behind_the_name() -> None:
    said = Reply(250, "pleased to meet you")
    assert hello_reply(SETTINGS, EHLO, said).lines[0] == (
        "mx.example pleased to meet you"
    )


@pytest.mark.parametrize(
    ("session", "line"),
    [
        (Session("1"), "STARTTLS"),
        (Session("1", secure=True), None),
        (Session("1", disabled_commands=frozenset({"STARTTLS"})), None),
    ],
)
def test_what_is_not_available_is_not_offered(
    session: Session, line: str | None
) -> None:
    assert offered(StartTLSExtension(), session) == line
    assert offers(SETTINGS, session, "STARTTLS") is bool(line)
    assert not offers(SETTINGS, session, "ETRN")
    assert offered(Pipelining(), session) == "PIPELINING"
    session.opening_command = "EHLO"
    assert ("STARTTLS" in hello_reply(SETTINGS, session, HELLO).lines) is bool(line)
