"""An attempt to authenticate: the argument of ``Handler.on_auth``."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Generator
from typing import Any, NoReturn

from smtpsession.auth.mechanism import Claim, Secret
from smtpsession.auth.scram_keys import SCRAMKeys

#: Rounds of PBKDF2 for a secret that brings none of its own (RFC 7677 4).
ITERATIONS = 4_096


class Authentication:
    """Who wants in, and whether that is proven; the same for every mechanism.

    Args:
        method: the name of the mechanism, or ``XCLIENT``.
        claim: what the mechanism has found out.
        verify: checks a secret, given the rounds of PBKDF2.
    """

    def __init__(
        self,
        method: str,
        claim: Claim,
        verify: Callable[[Secret, int], Awaitable[bool]],
    ) -> None:
        #: The name of the mechanism, for example ``SCRAM-SHA-256``; ``XCLIENT`` when a
        #: trusted proxy has authenticated the client itself.
        self.method = method
        #: Who authenticates; "" where the mechanism does not say.
        self.username = claim.username
        self._claim = claim
        self._verify = verify
        self._considered = claim.authorization_id in ("", claim.username)

    def __repr__(self) -> str:
        return f"Authentication(method={self.method!r}, username={self.username!r})"

    @property
    def authorization_id(self) -> str:
        """Whom the client wants to act as; "" for itself (RFC 4422 2).

        Whoever reads it decides about it. Where it differs from ``username`` and
        ``on_auth`` has not read it, the client is refused.
        """
        self._considered = True
        return self._claim.authorization_id

    @property
    def password(self) -> str | None:
        """The password in plain text for PLAIN and LOGIN; None for the others."""
        return self._claim.password

    @property
    def access_token(self) -> str | None:
        """The bearer token for XOAUTH2 and OAUTHBEARER; None for the others."""
        return self._claim.access_token

    def for_another(self) -> Authentication:
        """Give the same attempt for another handler, which has to read for itself."""
        return Authentication(self.method, self._claim, self._verify)

    def consider_as(self, other: Authentication) -> None:
        """Take over whether *other*, the same attempt, has been considered."""
        self._considered = other.is_considered

    @property
    def is_considered(self) -> bool:
        """The client acts as itself, or ``authorization_id`` has been read."""
        return self._considered

    def verify(
        self, secret: Secret, *, iterations: int = ITERATIONS
    ) -> Awaitable[bool]:
        """Say whether the client has proven to know *secret*, in constant time.

        SCRAM talks to the client once more for that, so it can be asked about one
        secret only.

        Args:
            secret: the user's password as text, or its stored ``SCRAMKeys``; for a
                bearer mechanism the token. None for a user that does not exist: after
                ``on_auth`` the exchange takes its usual course, and fails.
            iterations: rounds of PBKDF2 for a secret that brings none of its own; give
                the number that your stored keys have, so that nobody can tell by it
                which users exist.

        Returns:
            Whether it has. A client certificate (EXTERNAL) and the word of a trusted
            proxy (XCLIENT) prove any secret but None; ANONYMOUS proves nothing.

        Raises:
            TypeError: the mechanism cannot work with this kind of secret.
            ValueError: stored keys are another mechanism's.
            ClientGone: the client has given up.
            LocalProtocolError: after ``on_auth``, or once more where that cannot be.
        """
        return _Answer(lambda: self._verify(secret, iterations))


class _Answer:
    """What ``verify`` gives: an answer that is to be waited for.

    It has no truth of its own, because ``if auth.verify(...)`` without ``await`` would
    let everybody in.
    """

    def __init__(self, ask: Callable[[], Awaitable[bool]]) -> None:
        self._ask = ask

    def __await__(self) -> Generator[Any, Any, bool]:
        return self._ask().__await__()

    def __bool__(self) -> NoReturn:
        raise TypeError("auth.verify() must be awaited")


def scram_keys(
    password: str, *, hash_name: str = "SHA-256", iterations: int = ITERATIONS
) -> SCRAMKeys:
    """Make what to store instead of a password (RFC 5802 3), with a random salt.

    Args:
        password: the password.
        hash_name: "SHA-256" for SCRAM-SHA-256, "SHA-1" for SCRAM-SHA-1.
        iterations: rounds of PBKDF2, at least 4,096.

    Raises:
        ValueError: the password cannot be one, or another argument is out of range.
    """
    return SCRAMKeys.derive(
        password,
        salt=secrets.token_bytes(16),
        iterations=iterations,
        hash_name=hash_name,
    )
