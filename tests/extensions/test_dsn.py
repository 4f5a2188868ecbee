"""DSN (RFC 3461, RFC 6533): values of RET, ENVID, NOTIFY and ORCPT."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.errors import ParameterSyntaxError
from smtpsession.extensions.dsn import DSNExtension
from smtpsession.session.envelope import DSN, Envelope
from smtpsession.session.session import Session
from smtpsession.wire.addresses import RecipientDSN, parse_forward_path

EXTENSION = DSNExtension()
PLAIN = Session("1")
INTERNATIONAL = Session("1", envelope=Envelope(smtp_utf8=True))


def mail(**parameters: str | bool) -> DSN:
    envelope = Envelope()
    for name, value in parameters.items():
        EXTENSION.mail_parameter(name, value, envelope, PLAIN)
    return envelope.dsn


def rcpt(session: Session = PLAIN, **parameters: str | bool) -> RecipientDSN:
    address = parse_forward_path(b"<b@s.example>")
    for name, value in parameters.items():
        address = EXTENSION.rcpt_parameter(name, value, address, session)
    return address.dsn


def test_offer() -> None:
    assert EXTENSION.offer(PLAIN) == "DSN"
    assert EXTENSION.mail_parameters == {"RET", "ENVID"}
    assert EXTENSION.rcpt_parameters == {"NOTIFY", "ORCPT"}


@pytest.mark.parametrize("value", ["FULL", "HDRS", "full", "Hdrs"])
def test_ret(value: str) -> None:
    assert mail(RET=value).ret == value.upper()


@pytest.mark.parametrize("value", [True, "", "HDR", "FULL,HDRS", "HDR\u017f", "FULL "])
def test_what_is_no_ret(value: str | bool) -> None:
    with pytest.raises(ParameterSyntaxError):
        mail(RET=value)


def test_mail_takes_both() -> None:
    assert mail(RET="FULL", ENVID="QQ314159+2B42") == DSN(
        ret="FULL", envid="QQ314159+42"
    )
    assert mail(ENVID="x", RET="HDRS") == DSN(ret="HDRS", envid="x")
    assert mail(ENVID="x" * 100).envid == "x" * 100


@pytest.mark.parametrize(
    "value",
    [True, "", "a+00b", "a+0D+0AX", "a+3d", "a=b", "+", "ü", "x" * 101, "a+7F", "a b"],
)
def test_what_is_no_envid(value: str | bool) -> None:
    with pytest.raises(ParameterSyntaxError):
        mail(ENVID=value)


@pytest.mark.parametrize(
    ("value", "notify"),
    [
        ("NEVER", ("NEVER",)),
        ("never", ("NEVER",)),
        ("SUCCESS", ("SUCCESS",)),
        ("Delay,failure,SUCCESS", ("DELAY", "FAILURE", "SUCCESS")),
    ],
)
def test_notify(value: str, notify: tuple[str, ...]) -> None:
    assert rcpt(NOTIFY=value).notify == notify


@pytest.mark.parametrize(
    "value",
    [
        *(True, "", "X", "NEVER,SUCCESS", "SUCCESS,NEVER", "NEVER,NEVER"),
        *("SUCCESS,SUCCESS", "success,SUCCESS", "SUCCESS,", ",SUCCESS"),
        *("SUCCESS, DELAY", "\u017fUCCESS", "SUCCESS;DELAY"),
    ],
)
def test_what_is_no_notify(value: str | bool) -> None:
    with pytest.raises(ParameterSyntaxError):
        rcpt(NOTIFY=value)


@pytest.mark.parametrize(
    ("value", "orcpt"),
    [
        ("rfc822;Bob@S.example", "rfc822;Bob@S.example"),
        ("RFC822;a+2Bb@s.example", "RFC822;a+b@s.example"),
        ("x400;/C+3DGB/S+3DB/", "x400;/C=GB/S=B/"),
        ("rfc822;a;b@s.example", "rfc822;a;b@s.example"),
        (r"utf-8;\x{FC}@s.example", "utf-8;ü@s.example"),
        (r"UTF-8;\x{FC}@s.example", "UTF-8;ü@s.example"),
        ("rfc822;" + "b" * 493, "rfc822;" + "b" * 493),
    ],
)
def test_orcpt(value: str, orcpt: str) -> None:
    assert rcpt(ORCPT=value).orcpt == orcpt


@pytest.mark.parametrize(
    "value",
    [
        *(True, "", "b@s.example", ";b@s.example", "rfc822;", "rfc 822;b", "(x);b"),
        *("rfc822;a+0Ab", "rfc822;a+00", "rfc822;a=b", "rfc822;a+2b", "rfc822;ü"),
        *("ütf-8;b", "utf-8;a+2Bb", r"utf-8;\x{0A}", "rfc822;" + "b" * 494),
    ],
)
@pytest.mark.parametrize("session", [PLAIN, INTERNATIONAL])
def test_what_is_no_orcpt(value: str | bool, session: Session) -> None:
    with pytest.raises(ParameterSyntaxError):
        rcpt(session, ORCPT=value)


def test_non_ascii_only_in_an_internationalized_transaction() -> None:
    assert rcpt(INTERNATIONAL, ORCPT="utf-8;ü@s.example").orcpt == "utf-8;ü@s.example"
    with pytest.raises(ParameterSyntaxError):
        rcpt(PLAIN, ORCPT="utf-8;ü@s.example")


def test_orcpt_is_measured_in_octets() -> None:
    assert rcpt(INTERNATIONAL, ORCPT="utf-8;" + "ü" * 247).orcpt
    with pytest.raises(ParameterSyntaxError):
        rcpt(INTERNATIONAL, ORCPT="utf-8;" + "ü" * 248)


def test_rcpt_takes_both_and_each_recipient_its_own() -> None:
    asked = RecipientDSN(notify=("NEVER",), orcpt="rfc822;b@s.example")
    assert rcpt(NOTIFY="NEVER", ORCPT="rfc822;b@s.example") == asked
    assert rcpt(ORCPT="rfc822;b@s.example", NOTIFY="NEVER") == asked
    assert rcpt() == RecipientDSN()


@given(
    st.sampled_from(["RET", "ENVID", "NOTIFY", "ORCPT"]),
    st.sampled_from(["", "rfc822;", "utf-8;", "SUCCESS,"]),
    st.text(),
)
def test_any_value_is_taken_or_refused(name: str, start: str, text: str) -> None:
    parameters: dict[str, Any] = {name: start + text}
    command = mail if name in EXTENSION.mail_parameters else rcpt
    with contextlib.suppress(ParameterSyntaxError):
        command(**parameters)
