"""A certificate for the name of the servers in tests, and clients that trust it."""

import functools
import ssl

import trustme


@functools.cache
def contexts() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return the context of a server called mx.test, and one for its clients."""
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("mx.test", "mx.example").configure_cert(server)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    return server, client
