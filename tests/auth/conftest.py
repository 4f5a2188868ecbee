"""Facts of a session, for every mechanism."""

import hashlib
from itertools import count

import pytest

from smtpsession.auth.mechanism import ExchangeFacts

CERTIFICATE = {
    "subject": ((("commonName", "alice"),),),
    "subjectAltName": (("email", "alice@c.example"), ("DNS", "c.example")),
}


@pytest.fixture
def facts() -> ExchangeFacts:
    """Give facts with which every mechanism is available, and new octets each time."""
    counter = count()

    def random(size: int) -> bytes:
        return hashlib.shake_128(b"%d" % next(counter)).digest(size)

    return ExchangeFacts(
        hostname="s.example",
        random=random,
        server_key=b"only this server knows",
        channel_bindings={"tls-unique": b"\x01\x02\xff", "tls-exporter": bytes(32)},
        peer_certificate=CERTIFICATE,
    )
