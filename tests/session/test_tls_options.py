"""What is kept of a TLS handshake."""

import attrs
import pytest

from smtpsession.session.tls_options import TLSOptions


def test_facts_that_do_not_change() -> None:
    options = TLSOptions("TLS_AES_256_GCM_SHA384", "TLSv1.3")
    assert (options.name, options.version) == ("TLS_AES_256_GCM_SHA384", "TLSv1.3")
    assert options == TLSOptions(name="TLS_AES_256_GCM_SHA384", version="TLSv1.3")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        options.version = "TLSv1.2"  # type: ignore[misc]


def test_an_application_protocol_is_there_if_one_was_agreed_on() -> None:
    assert TLSOptions("TLS_AES_256_GCM_SHA384", "TLSv1.3").alpn is None
    assert TLSOptions("TLS_AES_256_GCM_SHA384", "TLSv1.3", "smtp").alpn == "smtp"
