"""What a SASL mechanism is (RFC 4422): a small object that goes step by step.

Theory of operation: one object serves one attempt. ``step`` takes what the client
sent until the mechanism knows who wants in, which is a ``Claim``. Then ``on_auth``
decides, and may have a secret verified: ``verify`` says at once whether the claim is
proven, or asks the client once more, whose answer goes to ``prove``. At last
``finish`` gives what the client has to be told before the final reply.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import attrs

from smtpsession.auth.scram_keys import SCRAMKeys

#: What a claim can be checked against: a password or token as text, stored SCRAM
#: keys, or None for a user that does not exist.
Secret = str | SCRAMKeys | None


@attrs.frozen
class Challenge:
    """Octets that the client is to answer (334, RFC 4954 4)."""

    data: bytes = attrs.field(default=b"", repr=False)


@attrs.frozen(kw_only=True)
class Claim:
    """Who the client says it is; nothing is proven yet."""

    #: Who authenticates; "" where the mechanism does not say.
    username: str
    #: Whom the client wants to act as; "" for itself.
    authorization_id: str = ""
    #: The password in plain text, where the mechanism sends it.
    password: str | None = attrs.field(default=None, repr=False)
    #: The bearer token, where the mechanism sends one.
    access_token: str | None = attrs.field(default=None, repr=False)


@attrs.frozen(kw_only=True)
class ExchangeFacts:
    """What a mechanism may need to know of the session and the server."""

    #: The name of this server.
    hostname: str
    #: Gives so many random octets.
    random: Callable[[int], bytes] = attrs.field(repr=False)
    #: Octets that only this server knows, the same for all its sessions: the salt of
    #: a user whom nobody knows is made of them.
    server_key: bytes = attrs.field(repr=False)
    #: Channel bindings of this session by their names (RFC 5056), ``tls-unique`` for
    #: one; empty without any.
    channel_bindings: dict[str, bytes] = attrs.field(factory=dict[str, bytes])
    #: Names of all mechanisms that this session was offered.
    offered: frozenset[str] = frozenset()
    #: The verified client certificate as ``ssl.SSLSocket.getpeercert`` gives it.
    peer_certificate: dict[str, Any] | None = None


class Mechanism:
    """One attempt to authenticate; subclass it for a mechanism of one's own.

    Args:
        facts: what is known of the session and the server.
    """

    #: The registered name, in upper case (RFC 4422 3.1).
    name: ClassVar[str]
    #: The server speaks first; an initial response is refused (RFC 4954 4).
    server_first: ClassVar[bool] = False
    #: A user is accepted only after ``verify`` has said yes, because nothing else
    #: looks at the client's proof.
    needs_verify: ClassVar[bool] = False
    #: Octets may follow behind the command with its initial response (RFC 4954 4).
    one_round_trip: ClassVar[bool] = False

    def __init__(self, facts: ExchangeFacts) -> None:
        self.facts = facts

    @classmethod
    def is_available(cls, facts: ExchangeFacts) -> bool:
        """Say whether a session with these facts can use the mechanism."""
        return True

    def step(self, response: bytes | None) -> Challenge | Claim:
        """Take the client's next response.

        Args:
            response: decoded octets; None at the start, without an initial response.

        Raises:
            AuthenticationFailedError: the response makes no sense. It carries nothing
                of what the client has sent.
        """
        raise NotImplementedError

    def verify(self, secret: Secret, *, iterations: int) -> Challenge | bool:
        """Check the claim against a secret; called at most once, and may take long.

        Args:
            secret: what the user's secret is; None plays on for an unknown user.
            iterations: rounds of PBKDF2 for a secret that brings none of its own.

        Returns:
            Whether the claim is proven, or a challenge whose answer goes to ``prove``.

        Raises:
            TypeError: this mechanism cannot work with this kind of secret.
            ValueError: stored keys are another mechanism's.
        """
        return False

    def prove(self, response: bytes) -> bool:
        """Take the answer to the challenge of ``verify``: is the claim proven?

        Args:
            response: decoded octets; what makes no sense proves nothing.
        """
        raise NotImplementedError

    def finish(self, *, accepted: bool) -> Challenge | None:
        """Give what the client is told before the final reply, and answers emptily.

        Args:
            accepted: the user is let in.
        """
        return None


def require_secret(secret: object) -> None:
    """Raise unless *secret* is of a kind that a claim can be checked against.

    Raises:
        TypeError: it is not; the message names its type and nothing of it.
    """
    if not isinstance(secret, str | SCRAMKeys | None):
        raise TypeError(
            f"secret must be a str, SCRAMKeys or None, got {type(secret).__name__}"
        )


def need_text(secret: Secret, name: str) -> str:
    """Return a secret that must be text, "" for a user that does not exist.

    Args:
        secret: the secret.
        name: the mechanism's name, for the message of the error.

    Raises:
        TypeError: it is something else; the message names its type alone.
    """
    if not isinstance(secret, str | None):
        kind = type(secret).__name__
        raise TypeError(f"the secret for {name} must be a str or None, got {kind}")
    return secret or ""
