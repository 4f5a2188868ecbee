"""Stored keys of SCRAM: how they are made, written and read (RFC 5802, RFC 5803)."""

import contextlib
from base64 import b64decode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.auth.scram_keys import SCRAMKeys, derive_keys

# RFC 5802 5: "user", "pencil".
SHA_1_SALT = b64decode("QSXCR+Q6sek8bf92")
SHA_1_SAID = (
    b"n=user,r=fyko+d2lbbFgONRv9qkxdawL,"
    b"r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096,"
    b"c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j"
)
SHA_1_PROOF = b64decode("v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=")
SHA_1_SIGNATURE = b64decode("rmF9pqV8S7suAoZWja4dJRkFsKQ=")
# RFC 7677 3: "user", "pencil".
SHA_256_SALT = b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
SHA_256_NONCE = b"rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
SHA_256_SAID = (
    b"n=user,r=rOprNGfwEbeRWgbNEkqO,"
    b"r=" + SHA_256_NONCE + b",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,"
    b"c=biws,r=" + SHA_256_NONCE
)
SHA_256_PROOF = b64decode("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")
SHA_256_SIGNATURE = b64decode("6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")
# As other servers write it for "pencil" and this salt.
SHA_256_TEXT = (
    "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"
    "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
    "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
)

rfcs = pytest.mark.parametrize(
    ("hash_name", "salt", "said", "proof", "signature"),
    [
        ("SHA-1", SHA_1_SALT, SHA_1_SAID, SHA_1_PROOF, SHA_1_SIGNATURE),
        ("SHA-256", SHA_256_SALT, SHA_256_SAID, SHA_256_PROOF, SHA_256_SIGNATURE),
    ],
    ids=["RFC 5802 5", "RFC 7677 3"],
)

VALID: dict[str, Any] = {
    "hash_name": "SHA-256",
    "salt": b"salt",
    "iterations": 4096,
    "stored_key": bytes(32),
    "server_key": bytes(32),
}


@rfcs
def test_proof_and_signature(
    hash_name: str, salt: bytes, said: bytes, proof: bytes, signature: bytes
) -> None:
    keys = SCRAMKeys.derive("pencil", salt=salt, hash_name=hash_name)
    assert keys.proves(proof, said)
    assert keys.sign(said) == signature


@rfcs
def test_other_proofs(
    hash_name: str, salt: bytes, said: bytes, proof: bytes, signature: bytes
) -> None:
    keys = SCRAMKeys.derive("pencil", salt=salt, hash_name=hash_name)
    assert not keys.proves(proof, said + b" ")
    assert not keys.proves(proof[:-1], said)
    assert not keys.proves(proof + b"\0", said)
    assert not keys.proves(b"", said)
    wrong = SCRAMKeys.derive("Pencil", salt=salt, hash_name=hash_name)
    assert not wrong.proves(proof, said)


def test_default_is_sha_256_with_4096_rounds() -> None:
    keys = SCRAMKeys.derive("pencil", salt=SHA_256_SALT)
    assert keys.to_text() == SHA_256_TEXT
    assert (keys.hash_name, keys.iterations) == ("SHA-256", 4096)
    assert keys == SCRAMKeys.parse(SHA_256_TEXT)


def test_password_is_prepared() -> None:
    keys = SCRAMKeys.derive("I\u00adX", salt=b"salt")
    assert keys == SCRAMKeys.derive("\u2168", salt=b"salt")
    assert keys != SCRAMKeys.derive("ix", salt=b"salt")
    assert keys != SCRAMKeys.derive("IX", salt=b"salt", iterations=4097)
    SCRAMKeys.derive("\U0001f600\0", salt=b"salt")


@pytest.mark.parametrize("password", ["", "\u00ad"])
def test_there_are_no_keys_of_no_password(password: str) -> None:
    with pytest.raises(ValueError, match="must not be empty"):
        SCRAMKeys.derive(password, salt=b"salt")


def test_password_must_be_text() -> None:
    octets: Any = b"secret"
    with pytest.raises(TypeError, match="must be a str, got bytes"):
        SCRAMKeys.derive(octets, salt=b"salt")


@pytest.mark.parametrize(
    ("changes", "kind", "message"),
    [
        ({"hash_name": "SHA-512"}, ValueError, "SHA-1, SHA-256, got 'SHA-512'"),
        ({"hash_name": None}, ValueError, "got None"),
        ({"salt": "salt"}, TypeError, "salt must be bytes, got 'salt'"),
        ({"salt": b""}, ValueError, "salt must not be empty"),
        ({"iterations": 4095}, ValueError, "4096 to 2147483647, got 4095"),
        ({"iterations": 2**31}, ValueError, "4096 to 2147483647, got 2147483648"),
        ({"iterations": "4096"}, TypeError, "must be an int, got '4096'"),
        ({"iterations": True}, TypeError, "must be an int, got True"),
    ],
)
def test_bad_arguments(
    changes: dict[str, Any], kind: type[Exception], message: str
) -> None:
    arguments = VALID | changes
    with pytest.raises(kind, match=message):
        SCRAMKeys(**arguments)
    del arguments["stored_key"], arguments["server_key"]
    with pytest.raises(kind, match=message):
        SCRAMKeys.derive("pencil", **arguments)


@pytest.mark.parametrize("name", ["stored_key", "server_key"])
def test_keys_must_have_the_size_of_the_hash(name: str) -> None:
    short: dict[str, Any] = {name: b"s" * 20}
    with pytest.raises(ValueError, match=f"{name} must have 32 octets .*, got 20"):
        SCRAMKeys(**VALID | short)
    text: dict[str, Any] = {name: "s" * 32}
    with pytest.raises(TypeError, match=f"{name} must be bytes, got str"):
        SCRAMKeys(**VALID | text)
    sha_1: dict[str, Any] = {
        "hash_name": "SHA-1",
        "stored_key": bytes(20),
        "server_key": bytes(20),
    }
    keys = SCRAMKeys(**VALID | sha_1)
    assert keys.hash_name == "SHA-1"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "pencil",
        SHA_256_TEXT + "\n",
        " " + SHA_256_TEXT,
        SHA_256_TEXT.replace("SHA-256", "SHA-512"),
        SHA_256_TEXT.replace("SHA-256", "sha-256"),
        SHA_256_TEXT.replace("SHA-256", "SHA-1"),
        SHA_256_TEXT.replace("4096", "04096"),
        SHA_256_TEXT.replace("4096", "4095"),
        SHA_256_TEXT.replace("4096", "-4096"),
        SHA_256_TEXT.replace("4096", "4_096"),
        SHA_256_TEXT.replace("4096", "\uff14\uff10\uff19\uff16"),
        SHA_256_TEXT.replace("4096", "9999999999"),
        SHA_256_TEXT.replace("4096", "4" * 5_000),
        SHA_256_TEXT.replace("gQ==", "gR=="),
        SHA_256_TEXT.replace("gQ==", "gQ"),
        SHA_256_TEXT.replace("W22Z", "\u00e922Z"),
        SHA_256_TEXT.replace("W22Z", "\ud80022Z"),
        SHA_256_TEXT.replace("4qY=", "4qY"),
        SHA_256_TEXT.replace("4qY=", ""),
        SHA_256_TEXT.replace(":", "$"),
        SHA_256_TEXT + ":AAAA",
    ],
)
def test_malformed_text_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ValueError) as caught:
        SCRAMKeys.parse(text)
    assert "WG5d8oPm" not in repr(caught.value)
    assert "wfPLwcE6" not in repr(caught.value)
    assert "pencil" not in repr(caught.value)


def test_repr_holds_no_key() -> None:
    secret: dict[str, Any] = {"stored_key": b"s" * 32, "server_key": b"t" * 32}
    text = repr(SCRAMKeys(**VALID | secret))
    assert text == "SCRAMKeys(hash_name='SHA-256', salt=b'salt', iterations=4096)"


def test_what_derives_the_key_can_be_another() -> None:
    asked: list[tuple[str, bytes, bytes, int]] = []

    def pbkdf2(hash_name: str, password: bytes, salt: bytes, rounds: int) -> bytes:
        asked.append((hash_name, password, salt, rounds))
        return bytes(20)

    derive_keys(b"pencil", b"salt", 5000, "SHA-1", pbkdf2)
    assert asked == [("sha1", b"pencil", b"salt", 5000)]


@given(
    hash_name=st.just("SHA-256"),
    salt=st.binary(min_size=1),
    iterations=st.integers(4096, 2**31 - 1),
    stored_key=st.binary(min_size=32, max_size=32),
    server_key=st.binary(min_size=32, max_size=32),
)
def test_round_trip(**values: Any) -> None:
    keys = SCRAMKeys(**values)
    assert SCRAMKeys.parse(keys.to_text()) == keys
    assert keys.to_text().isascii()


@given(st.text() | st.text("SCRAM-1256$:4096=").map("SCRAM-SHA-256$4096:".__add__))
def test_any_text_parses_or_is_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert SCRAMKeys.parse(text).to_text() == text


@pytest.mark.parametrize("text", [None, 5, b"SCRAM-SHA-256$4096:s$k:k"])
def test_what_is_no_text_is_refused_and_not_shown(text: Any) -> None:
    with pytest.raises(TypeError, match=rf"must be a str, got {type(text).__name__}\Z"):
        SCRAMKeys.parse(text)
