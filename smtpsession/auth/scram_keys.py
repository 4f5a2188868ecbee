"""What a server keeps of a password for SCRAM (RFC 5802 3)."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from typing import Final

import attrs

from smtpsession.auth.saslprep import prepare_password
from smtpsession.wire.strict_base64 import decode_base64, encode_base64

#: Fewest rounds of PBKDF2 (RFC 7677 4).
MIN_ITERATIONS: Final = 4096
#: Derives a key: hash, password, salt, rounds.
PBKDF2 = Callable[[str, bytes, bytes, int], bytes]

# What PBKDF2 can count to.
_MAX_ITERATIONS: Final = 2**31 - 1
_HASHES: Final = {"SHA-1": "sha1", "SHA-256": "sha256"}

# RFC 5803 2, with the scheme that RFC 5802 4 and RFC 7677 name:
#
#   scram-mechanism "$" iter-count ":" salt "$" stored-key ":" server-key
#
# Groups: hash, iterations, salt, stored key, server key.
_TEXT: Final = re.compile(
    r"SCRAM-(SHA-1|SHA-256)\$([1-9][0-9]{0,9}):([^$:]+)\$([^$:]+):([^$:]+)"
)


def _check_hash(keys: object, attribute: attrs.Attribute[str], value: object) -> None:
    if value not in _HASHES:
        raise ValueError(
            f"hash_name must be one of {', '.join(_HASHES)}, got {value!r}"
        )


def _check_salt(keys: object, attribute: attrs.Attribute[bytes], value: object) -> None:
    if not isinstance(value, bytes):
        raise TypeError(f"salt must be bytes, got {value!r}")
    if not value:
        raise ValueError("salt must not be empty")


def _check_iterations(
    keys: object, attribute: attrs.Attribute[int], value: object
) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"iterations must be an int, got {value!r}")
    if not MIN_ITERATIONS <= value <= _MAX_ITERATIONS:
        raise ValueError(
            f"iterations must be {MIN_ITERATIONS} to {_MAX_ITERATIONS}, got {value}"
        )


def _check_key(
    keys: SCRAMKeys, attribute: attrs.Attribute[bytes], value: object
) -> None:
    if not isinstance(value, bytes):
        raise TypeError(f"{attribute.name} must be bytes, got {type(value).__name__}")
    size = hashlib.new(_HASHES[keys.hash_name]).digest_size
    if len(value) != size:
        raise ValueError(
            f"{attribute.name} must have {size} octets for {keys.hash_name},"
            f" got {len(value)}"
        )


@attrs.frozen(kw_only=True)
class SCRAMKeys:
    """Keys that prove a password without being one.

    Whoever has them can pose as the server, and can try passwords at leisure.

    Raises:
        TypeError: an argument has the wrong type.
        ValueError: an unknown hash, an empty salt, too few iterations, or a key that
            does not have the size of the hash.
    """

    #: ``SHA-1`` or ``SHA-256``.
    hash_name: str = attrs.field(validator=_check_hash)
    salt: bytes = attrs.field(validator=_check_salt)
    #: Rounds of PBKDF2, at least 4096.
    iterations: int = attrs.field(validator=_check_iterations)
    stored_key: bytes = attrs.field(repr=False, validator=_check_key)
    server_key: bytes = attrs.field(repr=False, validator=_check_key)

    @classmethod
    def derive(
        cls,
        password: str,
        *,
        salt: bytes,
        iterations: int = MIN_ITERATIONS,
        hash_name: str = "SHA-256",
    ) -> SCRAMKeys:
        """Return the keys of a password; takes long, on purpose.

        Args:
            password: the password, which is prepared with SASLprep where it can be.
            salt: random octets of this user alone. Take 16 of them: the salt of a
                user whom nobody knows has that many, and should not stand out.
            iterations: rounds of PBKDF2. For users not to stand out, the same as the
                server's.
            hash_name: ``SHA-1`` or ``SHA-256``.

        Raises:
            TypeError: an argument has the wrong type.
            ValueError: the password is empty, or an argument is out of range.
        """
        if not isinstance(password, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"password must be a str, got {type(password).__name__}")
        prepared = prepare_password(password)
        if not prepared:
            raise ValueError("password must not be empty")
        return derive_keys(prepared, salt, iterations, hash_name)

    @classmethod
    def parse(cls, text: str) -> SCRAMKeys:
        """Return the keys that ``to_text`` has written (RFC 5803 2).

        Raises:
            TypeError: text is no str.
            ValueError: text has another form, or its values are out of range.
        """
        if not isinstance(text, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"text must be a str, got {type(text).__name__}")
        match = _TEXT.fullmatch(text)
        if match is None:
            raise ValueError(
                "SCRAM keys must look like"
                " SCRAM-SHA-256$4096:salt$stored-key:server-key"
            )
        hash_name, iterations, *encoded = match.groups()
        salt, stored_key, server_key = (
            _decode(name, value)
            for name, value in zip(
                ("salt", "stored key", "server key"), encoded, strict=True
            )
        )
        return cls(
            hash_name=hash_name,
            salt=salt,
            iterations=int(iterations),
            stored_key=stored_key,
            server_key=server_key,
        )

    def to_text(self) -> str:
        """Return the keys as a line of ASCII to be stored (RFC 5803 2)."""
        salt, stored_key, server_key = (
            encode_base64(octets).decode()
            for octets in (self.salt, self.stored_key, self.server_key)
        )
        scheme = f"SCRAM-{self.hash_name}"
        return f"{scheme}${self.iterations}:{salt}${stored_key}:{server_key}"

    def proves(self, proof: bytes, auth_message: bytes) -> bool:
        """Say whether *proof* was made with the password (RFC 5802 3).

        Args:
            proof: the ClientProof.
            auth_message: what client and server have said, as octets.
        """
        algorithm = _HASHES[self.hash_name]
        signature = hmac.digest(self.stored_key, auth_message, algorithm)
        if len(proof) != len(signature):
            return False
        client_key = bytes(a ^ b for a, b in zip(proof, signature, strict=True))
        stored_key = hashlib.new(algorithm, client_key).digest()
        return hmac.compare_digest(stored_key, self.stored_key)

    def sign(self, auth_message: bytes) -> bytes:
        """Return the ServerSignature of what client and server have said."""
        return hmac.digest(self.server_key, auth_message, _HASHES[self.hash_name])


def derive_keys(
    prepared: bytes,
    salt: bytes,
    iterations: int,
    hash_name: str,
    pbkdf2: PBKDF2 = hashlib.pbkdf2_hmac,
) -> SCRAMKeys:
    """Return the keys of a prepared password, which may be empty (RFC 5802 3).

    Raises:
        TypeError: an argument has the wrong type.
        ValueError: an argument is out of range.
    """
    # Checked first, since PBKDF2 would not say what it misses.
    _check_hash(None, attrs.fields(SCRAMKeys).hash_name, hash_name)
    _check_salt(None, attrs.fields(SCRAMKeys).salt, salt)
    _check_iterations(None, attrs.fields(SCRAMKeys).iterations, iterations)
    algorithm = _HASHES[hash_name]
    salted = pbkdf2(algorithm, prepared, salt, iterations)
    client_key = hmac.digest(salted, b"Client Key", algorithm)
    return SCRAMKeys(
        hash_name=hash_name,
        salt=salt,
        iterations=iterations,
        stored_key=hashlib.new(algorithm, client_key).digest(),
        server_key=hmac.digest(salted, b"Server Key", algorithm),
    )


def _decode(name: str, value: str) -> bytes:
    try:
        return decode_base64(value.encode("utf-8", "surrogatepass"))
    except ValueError:
        raise ValueError(f"the {name} of SCRAM keys must be base64") from None
