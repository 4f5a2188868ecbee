"""AUTH (RFC 4954): the keyword, and the parameter of MAIL."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.errors import ParameterSyntaxError
from smtpsession.extensions.auth import AuthExtension
from smtpsession.session.envelope import Envelope
from smtpsession.session.session import Session


def mechanisms(session: Session) -> list[str]:
    return ["PLAIN", "LOGIN"] if session.secure else []


EXTENSION = AuthExtension(mechanisms)
STRANGER = Session("1", secure=True)
KNOWN = Session("1", secure=True, user="bob")


def submitter(value: str | bool, session: Session = KNOWN) -> str | None:
    envelope = Envelope()
    EXTENSION.mail_parameter("AUTH", value, envelope, session)
    return envelope.auth


def test_it_is_offered_exactly_while_it_would_be_accepted() -> None:
    assert EXTENSION.offer(STRANGER) == "AUTH PLAIN LOGIN"
    assert EXTENSION.offer(Session("1")) is None
    assert EXTENSION.offer(KNOWN) is None
    assert EXTENSION.offer(Session("1", secure=True, user=0)) is None


def test_mail_takes_the_parameter_longer_than_that() -> None:
    assert EXTENSION.mail_parameters == {"AUTH"}
    assert EXTENSION.is_available(STRANGER)
    assert EXTENSION.is_available(KNOWN)
    assert EXTENSION.is_available(Session("1", user=""))
    assert not EXTENSION.is_available(Session("1"))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("<>", ""),
        ("+3C+3E", ""),
        ("e+3Dmc2@example.com", "e=mc2@example.com"),
        ("bob@S.example", "bob@S.example"),
        ('"a+20b"@s.example', '"a b"@s.example'),
        ("a+2Bb@s.example", "a+b@s.example"),
    ],
)
def test_the_submitter_is_taken_from_those_who_are_known(
    value: str, expected: str
) -> None:
    assert submitter(value) == expected
    assert submitter(value, STRANGER) == ""


def test_without_the_parameter_there_is_no_submitter() -> None:
    assert Envelope().auth is None


@pytest.mark.parametrize(
    "value",
    [
        *(True, "", "+zz", "+3d", "a=b@x", "bob", "@x", "bob@", "<bob@s.example>"),
        *("a+0D+0Ab@x", "a+00b@x", "a+0Ab@x", "a+7F@x", "a@x+0D+0A", "+0D", "a@x+20"),
        *(
            "a@x+3E+20SIZE+3D1",
            "<a@x",
            "a@x>",
            "<>+20",
            "a@x+FF",
            "b\u00fcb@x",
            "a@x y",
        ),
        "a" * 500 + "@x",
    ],
)
@pytest.mark.parametrize("session", [KNOWN, STRANGER], ids=["known", "stranger"])
def test_what_is_no_submitter(value: str | bool, session: Session) -> None:
    with pytest.raises(ParameterSyntaxError):
        submitter(value, session)


@given(st.text(st.characters(codec="latin-1")) | st.sampled_from(["<>", "a@b"]))
def test_any_value_is_a_mailbox_or_refused(value: str) -> None:
    with contextlib.suppress(ParameterSyntaxError):
        found = submitter(value)
        assert found is not None
        assert found == "" or "@" in found
        assert found.isascii()
        assert found == "" or found.isprintable()
