"""DSN (RFC 3461, RFC 6533): D1 to D5, T-DSN-1 to T-DSN-4.

E1 and E2, enhanced status codes in general: tests/wire/test_replies.py.
"""

import pytest

from smtpsession.errors import Reject
from smtpsession.extensions.dsn import DSNExtension
from smtpsession.session.envelope import DSN
from smtpsession.wire.addresses import RecipientDSN
from smtpsession.wire.replies import Reply
from tests.standards.run_dialogue import MAIL, P1, converse, make_settings

SETTINGS = make_settings(added=[DSNExtension()])


def mail(parameters: str) -> bytes:
    return f"MAIL FROM:<a@c.example> {parameters}\r\n".encode()


def rcpt(parameters: str) -> bytes:
    return f"RCPT TO:<b@s.example> {parameters}\r\n".encode()


@pytest.mark.parametrize(
    "notify",
    ["NOTIFY=NEVER,SUCCESS", "NOTIFY=SUCCESS,SUCCESS", "NOTIFY=", "NOTIFY=X", "NOTIFY"],
)
def test_t_dsn_1(notify: str) -> None:
    outcome = converse(rcpt(notify), after=P1 + MAIL, settings=SETTINGS)
    assert outcome.codes == ["501 5.5.4"]
    assert outcome.session.envelope.rcpt_to == []


@pytest.mark.parametrize(
    "envid", ["ENVID=a+00b", "ENVID=a+0D+0AX", "ENVID=a+3d", "ENVID=a=b"]
)
def test_t_dsn_2_envid(envid: str) -> None:
    outcome = converse(mail(envid), settings=SETTINGS)
    assert outcome.codes == ["501 5.5.4"]
    assert not outcome.session.in_transaction


@pytest.mark.parametrize("orcpt", ["ORCPT=b@s.example", "ORCPT=rfc822;a+0Ab"])
def test_t_dsn_2_orcpt(orcpt: str) -> None:
    outcome = converse(rcpt(orcpt), after=P1 + MAIL, settings=SETTINGS)
    assert outcome.codes == ["501 5.5.4"]


def test_t_dsn_3() -> None:
    outcome = converse(mail("RET=full ENVID=QQ314159+2B42"), settings=SETTINGS)
    assert outcome.codes == ["250 2.1.0"]
    assert outcome.session.envelope.dsn == DSN(ret="FULL", envid="QQ314159+42")


def test_t_dsn_4_a_reply_of_the_wrong_class_cannot_be_built() -> None:
    """A hook that tries fails, and a hook that fails is answered with 451 4.3.0."""
    with pytest.raises(ValueError, match=r"must look like 5\.y\.z"):
        Reply(550, "no", "2.0.0")
    with pytest.raises(ValueError, match=r"must look like 5\.y\.z"):
        Reject(550, "no", enhanced="2.0.0")


@pytest.mark.parametrize(
    "twice",
    ["RET=FULL RET=HDRS", "ENVID=a ENVID=b", "RET=FULL RET=FULL", "ENVID=a " * 2],
)
def test_d1_a_parameter_of_mail_comes_once(twice: str) -> None:
    """RFC 3461 5.1 (a) has no exception for a repetition."""
    assert converse(mail(twice), settings=SETTINGS).codes == ["501 5.5.4"]


@pytest.mark.parametrize("once", ["NOTIFY=NEVER", "ORCPT=rfc822;b@s.example"])
def test_d1_a_parameter_of_rcpt_comes_once(once: str) -> None:
    octets = rcpt(f"{once} {once}") + rcpt(once)
    outcome = converse(octets, after=P1 + MAIL, settings=SETTINGS)
    assert outcome.codes == ["501 5.5.4", "250 2.1.5"]


def test_d3_the_utf_8_address_type_needs_smtputf8_for_its_8_bits() -> None:
    octets = rcpt("ORCPT=utf-8;ü@s.example") + rcpt(r"ORCPT=utf-8;\x{FC}@s.example")
    plain = converse(octets, after=P1 + MAIL, settings=SETTINGS)
    assert plain.codes == ["501 5.5.4", "250 2.1.5"]
    international = converse(octets, after=P1 + mail("SMTPUTF8"), settings=SETTINGS)
    assert international.codes == ["250 2.1.5"] * 2
    recipients = international.session.envelope.rcpt_to
    assert [r.dsn.orcpt for r in recipients] == ["utf-8;ü@s.example"] * 2


def test_d4_the_raw_text_is_kept() -> None:
    octets = rcpt("notify=delay,Success ORCPT=rfc822;a+2Bb@s.example")
    outcome = converse(octets, after=P1 + MAIL, settings=SETTINGS)
    assert outcome.codes == ["250 2.1.5"]
    (recipient,) = outcome.session.envelope.rcpt_to
    assert recipient.args == {
        "NOTIFY": "delay,Success",
        "ORCPT": "rfc822;a+2Bb@s.example",
    }
    assert recipient.dsn == RecipientDSN(
        notify=("DELAY", "SUCCESS"), orcpt="rfc822;a+b@s.example"
    )


def test_d5_without_the_extension_the_parameters_are_unknown() -> None:
    for octets in (mail("RET=FULL"), mail("ENVID=a")):
        assert converse(octets).codes == ["555 5.5.4"]
    for octets in (rcpt("NOTIFY=NEVER"), rcpt("ORCPT=rfc822;b@s.example")):
        assert converse(octets, after=P1 + MAIL).codes == ["555 5.5.4"]


def test_the_parameters_belong_to_their_command() -> None:
    for octets in (mail("NOTIFY=NEVER"), mail("ORCPT=rfc822;b@s.example")):
        assert converse(octets, settings=SETTINGS).codes == ["555 5.5.4"]
