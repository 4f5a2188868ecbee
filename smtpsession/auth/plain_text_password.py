"""The check of a password that came as plain text (RFC 4616 2)."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

from smtpsession.auth.mechanism import Secret, require_secret
from smtpsession.auth.saslprep import prepare_password
from smtpsession.auth.scram_keys import PBKDF2, SCRAMKeys, derive_keys

# What is derived with it is thrown away.
_ANY_SALT: Final = bytes(16)


def password_matches(
    password: str,
    secret: Secret,
    *,
    iterations: int,
    pbkdf2: PBKDF2 = hashlib.pbkdf2_hmac,
) -> bool:
    """Say whether *password* is the user's, after the same work for every user.

    One key is derived whatever the secret is. So the time says neither whether there
    is such a user nor how the password is kept, as long as stored keys were made with
    the same number of iterations.

    Args:
        password: what the client has sent; an empty one never matches.
        secret: the user's password as text, stored keys, or None for no such user.
        iterations: rounds of PBKDF2 for a secret that brings none of its own.
        pbkdf2: derives the key.

    Raises:
        TypeError: secret is neither text nor keys nor None.
        ValueError: iterations is below one.
    """
    require_secret(secret)
    given = prepare_password(password)
    if isinstance(secret, SCRAMKeys):
        salt, iterations, name = secret.salt, secret.iterations, secret.hash_name
        keys = derive_keys(given, salt, iterations, name, pbkdf2)
        is_equal = hmac.compare_digest(keys.stored_key, secret.stored_key)
    else:
        pbkdf2("sha256", given, _ANY_SALT, iterations)
        wanted = prepare_password(secret or "")
        # Hashes are of one length, so the comparison does not tell the password's.
        is_equal = hmac.compare_digest(_sha256(given), _sha256(wanted))
    return is_equal and bool(given)


def _sha256(octets: bytes) -> bytes:
    return hashlib.sha256(octets).digest()
