"""SCRAM: both sides prove that they know the password (RFC 5802, RFC 7677).

Theory of operation: the client's first message names the user; until the secret is at
hand, nothing is said. ``verify`` then tells salt and rounds, the client's last message
brings its proof, and ``finish`` the server's. A user whom nobody knows gets a salt
that stays the same, and fails with the proof, as a wrong password does.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import ClassVar

from smtpsession.auth.mechanism import (
    Challenge,
    Claim,
    ExchangeFacts,
    Mechanism,
    Secret,
    require_secret,
)
from smtpsession.auth.saslprep import prepare_password
from smtpsession.auth.scram_keys import PBKDF2, SCRAMKeys, derive_keys
from smtpsession.auth.scram_messages import (
    ClientFinal,
    ClientFirst,
    parse_client_final,
    parse_client_first,
)
from smtpsession.errors import AuthenticationFailedError, LocalProtocolError
from smtpsession.wire.strict_base64 import encode_base64

_SALT_OCTETS = 16
_NONCE_OCTETS = 18


class Scram(Mechanism):
    """One attempt with a mechanism of the SCRAM family.

    Args:
        facts: what is known of the session and the server.
        pbkdf2: derives a key.
    """

    needs_verify = True
    #: The hash function, by the name that ``SCRAMKeys`` knows it by.
    hash_name: ClassVar[str]
    #: The client must bind to the channel.
    is_plus: ClassVar[bool] = False

    def __init__(
        self, facts: ExchangeFacts, *, pbkdf2: PBKDF2 = hashlib.pbkdf2_hmac
    ) -> None:
        super().__init__(facts)
        self._pbkdf2 = pbkdf2
        self._is_begun = False
        self._client_first: ClientFirst | None = None
        self._keys: SCRAMKeys | None = None
        self._is_user_known = False
        self._nonce = b""
        self._server_first: bytes | None = None
        self._signature: bytes | None = None

    @classmethod
    def is_available(cls, facts: ExchangeFacts) -> bool:
        """Say whether the channel can be bound to, where it must be."""
        return bool(facts.channel_bindings) if cls.is_plus else True

    def step(self, response: bytes | None) -> Challenge | Claim:
        """Take client-first-message (RFC 5802 5).

        Raises:
            AuthenticationFailedError: it is malformed, demands an extension, or what
                it says of channel binding does not fit.
            LocalProtocolError: the attempt is over already.
        """
        if response is None:
            return Challenge()
        if self._is_begun:
            raise LocalProtocolError("step() of an attempt that has had its message")
        self._is_begun = True
        client_first = parse_client_first(response)
        self._check_channel_binding(client_first)
        self._client_first = client_first
        return Claim(
            username=client_first.username,
            authorization_id=client_first.header.authorization_id,
        )

    def verify(self, secret: Secret, *, iterations: int) -> Challenge:
        """Give server-first-message: nonce, salt and rounds (RFC 5802 5).

        Whatever the secret is, one key is derived.

        Raises:
            TypeError: secret is neither text nor keys nor None.
            ValueError: stored keys are of another hash, or iterations is below 4096.
            LocalProtocolError: before the claim, or for a second time.
        """
        require_secret(secret)
        if self._client_first is None or self._keys is not None:
            raise LocalProtocolError("verify() before the claim, or once more")
        self._keys = keys = self._keys_of(secret, iterations, self._client_first)
        self._nonce = self._client_first.nonce + self.server_nonce()
        salt = encode_base64(keys.salt)
        self._server_first = b"r=%b,s=%b,i=%d" % (self._nonce, salt, keys.iterations)
        return Challenge(self._server_first)

    def prove(self, response: bytes) -> bool:
        """Take client-final-message: does it come from one who knows the password?

        Raises:
            LocalProtocolError: before ``verify``, or for a second time.
        """
        if self._client_first is None or self._keys is None or not self._server_first:
            raise LocalProtocolError("prove() before verify(), or once more")
        server_first, self._server_first = self._server_first, None
        try:
            client_final = parse_client_final(response)
        except AuthenticationFailedError:
            return False
        said = self._client_first.bare, server_first, client_final.without_proof
        auth_message = b",".join(said)
        is_proven = self._keys.proves(client_final.proof, auth_message)
        if is_proven and self._is_user_known and self._is_ours(client_final):
            self._signature = self._keys.sign(auth_message)
        return self._signature is not None

    def finish(self, *, accepted: bool) -> Challenge | None:
        """Give server-final-message, the server's own proof (RFC 5802 5).

        Raises:
            LocalProtocolError: a user is accepted who has proven nothing.
        """
        if not accepted:
            return None
        if self._signature is None:
            raise LocalProtocolError("finish(accepted=True) without a proof")
        return Challenge(b"v=" + encode_base64(self._signature))

    def server_nonce(self) -> bytes:
        """Give the part of the nonce that is the server's, new for each attempt."""
        return encode_base64(self.facts.random(_NONCE_OCTETS))

    def _check_channel_binding(self, client_first: ClientFirst) -> None:
        header = client_first.header
        if self.is_plus:
            fits = header.binding_name in self.facts.channel_bindings
        else:
            # RFC 5802 6: the client saw no -PLUS where it was offered, so somebody
            # in between has taken it out.
            was_tampered_with = (
                header.is_server_thought_unable
                and f"{self.name}-PLUS" in self.facts.offered
            )
            fits = header.binding_name is None and not was_tampered_with
        if not fits:
            raise AuthenticationFailedError

    def _keys_of(
        self, secret: Secret, iterations: int, client_first: ClientFirst
    ) -> SCRAMKeys:
        if isinstance(secret, SCRAMKeys):
            if secret.hash_name != self.hash_name:
                raise ValueError(
                    f"keys for {self.name} must be made with {self.hash_name},"
                    f" got keys of {secret.hash_name}"
                )
            self._is_user_known = True
            # Nothing has to be derived. It is done all the same, so that users with
            # keys cannot be told from users with a password, or from nobody.
            derive_keys(
                b"", secret.salt, secret.iterations, self.hash_name, self._pbkdf2
            )
            return secret
        password = prepare_password(secret or "")
        self._is_user_known = bool(password)
        username = client_first.username.encode()
        salt = hmac.digest(self.facts.server_key, username, "sha256")[:_SALT_OCTETS]
        return derive_keys(password, salt, iterations, self.hash_name, self._pbkdf2)

    def _is_ours(self, client_final: ClientFinal) -> bool:
        """Say whether the message belongs to this exchange and to this channel."""
        assert self._client_first is not None
        header = self._client_first.header
        name = header.binding_name
        binding = b"" if name is None else self.facts.channel_bindings[name]
        expected = encode_base64(header.octets + binding)
        is_same_nonce = hmac.compare_digest(client_final.nonce, self._nonce)
        return is_same_nonce and hmac.compare_digest(
            client_final.channel_binding, expected
        )


class ScramSHA1(Scram):
    """SCRAM-SHA-1 (RFC 5802)."""

    name = "SCRAM-SHA-1"
    hash_name = "SHA-1"


class ScramSHA1Plus(ScramSHA1):
    """SCRAM-SHA-1-PLUS (RFC 5802)."""

    name = "SCRAM-SHA-1-PLUS"
    is_plus = True


class ScramSHA256(Scram):
    """SCRAM-SHA-256 (RFC 7677)."""

    name = "SCRAM-SHA-256"
    hash_name = "SHA-256"


class ScramSHA256Plus(ScramSHA256):
    """SCRAM-SHA-256-PLUS (RFC 7677)."""

    name = "SCRAM-SHA-256-PLUS"
    is_plus = True
