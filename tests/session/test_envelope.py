"""The envelope: empty to begin with, and nothing shared between two."""

import attrs
import pytest

from smtpsession.session.envelope import DSN, Envelope
from smtpsession.wire.addresses import parse_forward_path


def test_a_new_envelope_says_nothing() -> None:
    envelope = Envelope()
    assert envelope.mail_from is None
    assert envelope.rcpt_to == []
    assert envelope.body_type == "7bit"
    assert (envelope.smtp_utf8, envelope.require_tls) == (False, False)
    assert envelope.size is None
    assert (envelope.dsn.ret, envelope.dsn.envid) == (None, None)
    assert (envelope.deliver_by, envelope.mt_priority) == (None, None)
    assert (envelope.hold_for, envelope.hold_until) == (None, None)
    assert envelope.extra == {}


def test_envelopes_share_no_recipients() -> None:
    one, other = Envelope(), Envelope()
    one.rcpt_to.append(parse_forward_path(b"<b@s.example>"))
    assert other.rcpt_to == []
    one.extra["x"] = 1
    assert other.extra == {}


def test_a_misspelt_name_is_no_field() -> None:
    with pytest.raises(AttributeError):
        Envelope().mailfrom = None  # type: ignore[attr-defined]


def test_what_was_asked_about_dsn_does_not_change() -> None:
    dsn = DSN(ret="HDRS", envid="QQ314159")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        dsn.ret = "FULL"  # type: ignore[misc]
    assert Envelope(dsn=dsn).dsn == DSN(ret="HDRS", envid="QQ314159")
