"""XCLIENT is offered to trusted clients only."""

from smtpsession import Session
from smtpsession.extensions.xclient import XclientExtension
from smtpsession.wire.trusted_networks import TrustedNetworks

EXTENSION = XclientExtension(TrustedNetworks.of(["192.0.2.0/24"], option="xclient"))


def test_a_trusted_client_is_told_what_it_may_say() -> None:
    session = Session("0" * 16, remote_address="192.0.2.9")
    assert EXTENSION.offer(session) == (
        "XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT REVERSE_NAME"
    )


def test_nobody_else_learns_of_it() -> None:
    assert EXTENSION.offer(Session("0" * 16, remote_address="198.51.100.1")) is None
