"""REQUIRETLS (RFC 8689): inside TLS only, without a value."""

import pytest

from smtpsession.errors import ParameterSyntaxError
from smtpsession.extensions.requiretls import RequireTLS
from smtpsession.session.envelope import Envelope
from smtpsession.session.session import Session

SECURE = Session("1", secure=True)


def test_offered_inside_tls_only() -> None:
    assert RequireTLS().offer(Session("1")) is None
    assert RequireTLS().offer(SECURE) == "REQUIRETLS"
    assert RequireTLS.mail_parameters == {"REQUIRETLS"}


def test_the_flag_is_put_into_the_envelope() -> None:
    envelope = Envelope()
    RequireTLS().mail_parameter("REQUIRETLS", True, envelope, SECURE)
    assert envelope.require_tls


@pytest.mark.parametrize("value", ["1", "", "YES"])
def test_a_value_is_refused(value: str) -> None:
    envelope = Envelope()
    with pytest.raises(ParameterSyntaxError):
        RequireTLS().mail_parameter("REQUIRETLS", value, envelope, SECURE)
    assert not envelope.require_tls
