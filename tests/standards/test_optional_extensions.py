"""REQUIRETLS, DELIVERBY, FUTURERELEASE, MT-PRIORITY, RRVS, LIMITS: T-EXT-1 to T-EXT-4.

T-EXT-5, a refusing greeting: tests/standards/test_rfc5321_core.py.
"""

from datetime import UTC, datetime

import attrs
import pytest

from smtpsession.extensions.limits import LimitsExtension
from smtpsession.server.extension_choice import OPTIONAL
from smtpsession.session.envelope import DeliverBy
from smtpsession.wire.addresses import RRVS
from smtpsession.wire.commands import Mail
from smtpsession.wire.replies import Reply
from tests.standards.run_dialogue import (
    MAIL,
    P0,
    P1,
    PATIENT,
    RCPT,
    T1,
    converse,
    in_segments,
    make_settings,
    refuse,
)

SETTINGS = make_settings(added=OPTIONAL.values())
LIMITS = attrs.evolve(PATIENT, recipients=100, transactions=3)
LIMITED = make_settings(
    limits=LIMITS, added=[LimitsExtension(rcpt_max=100, mail_max=3)]
)


def mail(parameters: str) -> bytes:
    return f"MAIL FROM:<a@c.example> {parameters}\r\n".encode()


def rcpt(parameters: str) -> bytes:
    return f"RCPT TO:<b@s.example> {parameters}\r\n".encode()


@pytest.mark.parametrize(
    ("after", "parameter", "reply"),
    [
        (P1, "REQUIRETLS", "555 5.5.4"),
        (P1, "REQUIRETLS=1", "555 5.5.4"),
        (T1, "REQUIRETLS", "250 2.1.0"),
        (T1, "REQUIRETLS=1", "501 5.5.4"),
    ],
)
def test_t_ext_1(after: bytes, parameter: str, reply: str) -> None:
    outcome = converse(mail(parameter), after=after, settings=SETTINGS)
    assert outcome.codes == [reply]
    assert outcome.session.envelope.require_tls is (reply == "250 2.1.0")


def test_requiretls_is_listed_inside_tls_only() -> None:
    plain = in_segments([P1], after=P0, settings=SETTINGS)
    assert "REQUIRETLS" not in plain.replies[0].lines
    secure = in_segments([P1], after=T1, settings=SETTINGS)
    assert "REQUIRETLS" in secure.replies[0].lines


@pytest.mark.parametrize(
    ("by", "reply"),
    [
        ("BY=0;R", "501 5.5.4"),
        ("BY=1", "501 5.5.4"),
        ("BY=9999999999;N", "501 5.5.4"),
        ("BY=-5;NT", "250 2.1.0"),
    ],
)
def test_t_ext_2(by: str, reply: str) -> None:
    assert converse(mail(by), settings=SETTINGS).codes == [reply]


def test_t_ext_3_recipients() -> None:
    octets = RCPT * 101 + b"DATA\r\nx\r\n.\r\n"
    outcome = converse(octets, after=P1 + MAIL, settings=LIMITED, cuts=range(1, 30))
    assert outcome.codes == [
        *(["250 2.1.5"] * 100),
        *("452 4.5.3", "354", "250 2.0.0"),
    ]
    assert outcome.messages == [b"x\r\n"]
    (hello,) = in_segments([P1], after=P0, settings=LIMITED).replies
    assert "LIMITS RCPTMAX=100 MAILMAX=3" in hello.lines


@pytest.mark.parametrize(
    "refused",
    [
        b"MAIL FROM:<a@c.example> FOO=1\r\n",
        b"MAIL FROM:<a@@c.example>\r\n",
        b"MAIL\r\n",
        b"MAIL FROM:<bad@c.example>\r\n",
    ],
)
def test_t_ext_3_every_mail_command_counts(refused: bytes) -> None:
    decide = refuse(Mail, Reply(550, "no", "5.7.1"), "bad")
    octets = refused + MAIL + b"RSET\r\n" + refused + MAIL
    outcome = converse(octets, settings=LIMITED, decide=decide)
    assert [code[:3] for code in outcome.codes[1:3]] == ["250", "250"]
    assert outcome.codes[3][:1] == "5"
    assert outcome.codes[4:] == ["421 4.7.0"]
    assert outcome.is_over


def test_t_ext_3_a_nested_mail_counts_and_tls_forgets_nothing() -> None:
    nested = converse(MAIL * 4, settings=LIMITED)
    assert nested.codes == ["250 2.1.0", "503 5.5.1", "503 5.5.1", "421 4.7.0"]
    segments = [MAIL, b"RSET\r\n", b"STARTTLS\r\n", P1, MAIL, MAIL, MAIL]
    assert in_segments(segments, settings=LIMITED).codes[-3:] == [
        *("250 2.1.0", "503 5.5.1", "421 4.7.0")
    ]


@pytest.mark.parametrize(
    ("parameters", "reply"),
    [
        ("HOLDFOR=60 HOLDUNTIL=2030-01-01T00:00:00Z", "501 5.5.4"),
        ("HOLDFOR=0", "501 5.5.4"),
        ("MT-PRIORITY=10", "501 5.5.4"),
        ("MT-PRIORITY=-9", "250 2.1.0"),
        ("RRVS=2024-01-01T00:00:00Z", "555 5.5.4"),
    ],
)
def test_t_ext_4(parameters: str, reply: str) -> None:
    assert converse(mail(parameters), settings=SETTINGS).codes == [reply]


def test_t_ext_4_rrvs() -> None:
    octets = rcpt("RRVS=2024-01-01T00:00:00Z;X")
    outcome = converse(octets, after=P1 + MAIL, settings=SETTINGS)
    assert outcome.codes == ["501 5.5.4"]


def test_the_values_are_in_the_envelope() -> None:
    octets = mail("by=120;RT mt-priority=3 holdfor=60") + rcpt(
        "rrvs=2024-01-01T00:00:00Z;c"
    )
    outcome = converse(octets, settings=SETTINGS)
    assert outcome.codes == ["250 2.1.0", "250 2.1.5"]
    envelope = outcome.session.envelope
    assert envelope.deliver_by == DeliverBy(seconds=120, mode="R", trace=True)
    assert (envelope.mt_priority, envelope.hold_for) == (3, 60)
    (recipient,) = envelope.rcpt_to
    moment = datetime(2024, 1, 1, tzinfo=UTC)
    assert recipient.rrvs == RRVS(since=moment, action="C")


@pytest.mark.parametrize(
    "parameter", ["REQUIRETLS", "BY=1;R", "HOLDFOR=60", "MT-PRIORITY=1"]
)
def test_what_is_not_enabled_is_unknown(parameter: str) -> None:
    assert converse(mail(parameter), after=T1).codes == ["555 5.5.4"]


def test_rrvs_that_is_not_enabled_is_unknown() -> None:
    octets = rcpt("RRVS=2024-01-01T00:00:00Z")
    assert converse(octets, after=P1 + MAIL).codes == ["555 5.5.4"]
