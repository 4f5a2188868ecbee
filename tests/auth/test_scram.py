"""SCRAM against a client of its own, written from RFC 5802 with nothing of ours."""

import base64
import hashlib
import hmac
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.auth.mechanism import Challenge, Claim, ExchangeFacts, Secret
from smtpsession.auth.scram import (
    Scram,
    ScramSHA1,
    ScramSHA1Plus,
    ScramSHA256,
    ScramSHA256Plus,
)
from smtpsession.auth.scram_keys import SCRAMKeys
from smtpsession.errors import AuthenticationFailedError, LocalProtocolError

KINDS: list[type[Scram]] = [ScramSHA1, ScramSHA256, ScramSHA1Plus, ScramSHA256Plus]
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
# Names and passwords that SASLprep leaves alone.
words = st.text("ab,=23CD \u00e9\u4e2d", min_size=1)


@attrs.define
class Client:
    """The client's side of one exchange."""

    username: str
    password: str
    algorithm: str
    header: str = "n,,"
    binding: bytes = b""
    nonce: str = "fyko+d2lbbFgONRv9qkxdawL"
    salted: bytes = b""
    said: str = ""

    @property
    def bare(self) -> str:
        quoted = self.username.replace("=", "=3D").replace(",", "=2C")
        return f"n={quoted},r={self.nonce}"

    def first(self) -> bytes:
        return (self.header + self.bare).encode()

    def final(self, server_first: bytes) -> bytes:
        said = server_first.decode()
        nonce, salt, rounds = said.split(",")
        assert nonce.startswith(f"r={self.nonce}")
        assert nonce != f"r={self.nonce}"
        self.salted = hashlib.pbkdf2_hmac(
            self.algorithm,
            self.password.encode(),
            base64.b64decode(salt.removeprefix("s=")),
            int(rounds.removeprefix("i=")),
        )
        bound = base64.b64encode(self.header.encode() + self.binding).decode()
        without_proof = f"c={bound},{nonce}"
        self.said = f"{self.bare},{said},{without_proof}"
        client_key = self.mac(self.salted, "Client Key")
        stored_key = hashlib.new(self.algorithm, client_key).digest()
        signature = self.mac(stored_key, self.said)
        proof = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
        return f"{without_proof},p={base64.b64encode(proof).decode()}".encode()

    def expects(self) -> bytes:
        signature = self.mac(self.mac(self.salted, "Server Key"), self.said)
        return b"v=" + base64.b64encode(signature)

    def mac(self, key: bytes, text: str) -> bytes:
        return hmac.new(key, text.encode(), self.algorithm).digest()


def client_for(
    kind: type[Scram], username: str = "user", password: str = "pencil"
) -> Client:
    algorithm = kind.hash_name.replace("-", "").lower()
    client = Client(username, password, algorithm)
    if kind.is_plus:
        client.header, client.binding = "p=tls-unique,,", b"\x01\x02\xff"
    return client


def keys_for(kind: type[Scram], password: str = "pencil", **more: Any) -> SCRAMKeys:
    salt = b"0123456789abcdef"
    return SCRAMKeys.derive(password, salt=salt, hash_name=kind.hash_name, **more)


def challenge_of(mechanism: Scram, secret: Secret, iterations: int = 4096) -> bytes:
    challenge = mechanism.verify(secret, iterations=iterations)
    assert isinstance(challenge, Challenge)
    return challenge.data


def is_proven(mechanism: Scram, client: Client, secret: Secret) -> bool:
    """Go through an exchange up to the proof."""
    mechanism.step(client.first())
    return mechanism.prove(client.final(challenge_of(mechanism, secret)))


# The RFCs' own examples.


class RFC5802(ScramSHA1):
    def server_nonce(self) -> bytes:
        return b"3rfcNHYJY1ZVvWVs7j"


class RFC7677(ScramSHA256):
    def server_nonce(self) -> bytes:
        return b"%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"


def test_example_of_rfc_5802(facts: ExchangeFacts) -> None:
    mechanism = RFC5802(facts)
    claim = mechanism.step(b"n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL")
    assert claim == Claim(username="user")
    salt = base64.b64decode("QSXCR+Q6sek8bf92")
    keys = SCRAMKeys.derive("pencil", salt=salt, hash_name="SHA-1")
    assert challenge_of(mechanism, keys) == (
        b"r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096"
    )
    assert mechanism.prove(
        b"c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,"
        b"p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts="
    )
    last = mechanism.finish(accepted=True)
    assert last == Challenge(b"v=rmF9pqV8S7suAoZWja4dJRkFsKQ=")


def test_example_of_rfc_7677(facts: ExchangeFacts) -> None:
    mechanism = RFC7677(facts)
    first = base64.b64decode("biwsbj11c2VyLHI9ck9wck5HZndFYmVSV2diTkVrcU8=")
    assert mechanism.step(first) == Claim(username="user")
    keys = SCRAMKeys.derive("pencil", salt=base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ=="))
    assert challenge_of(mechanism, keys) == (
        b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
        b"s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
    )
    assert mechanism.prove(
        b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
        b"p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
    )
    last = mechanism.finish(accepted=True)
    assert last == Challenge(b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")


# Exchanges.


@every_kind
@given(username=words, password=words, admin=words | st.just(""))
def test_right_password(
    kind: type[Scram], facts: ExchangeFacts, username: str, password: str, admin: str
) -> None:
    client = client_for(kind, username, password)
    if admin:
        quoted = admin.replace("=", "=3D").replace(",", "=2C")
        client.header = client.header[:-1] + f"a={quoted},"
    for secret in (password, keys_for(kind, password)):
        mechanism = kind(facts)
        assert mechanism.step(None) == Challenge(b"")
        claim = Claim(username=username, authorization_id=admin)
        assert mechanism.step(client.first()) == claim
        assert mechanism.prove(client.final(challenge_of(mechanism, secret)))
        assert mechanism.finish(accepted=True) == Challenge(client.expects())


@every_kind
def test_wrong_password_and_unknown_user(
    kind: type[Scram], facts: ExchangeFacts
) -> None:
    for secret in ("Pencil", keys_for(kind, "Pencil"), None):
        mechanism = kind(facts)
        assert not is_proven(mechanism, client_for(kind), secret)
        assert mechanism.finish(accepted=False) is None


@every_kind
@pytest.mark.parametrize("secret", [None, "", "\u00ad"])
def test_no_password_proves_nothing(
    kind: type[Scram], facts: ExchangeFacts, secret: str | None
) -> None:
    assert not is_proven(kind(facts), client_for(kind, password=""), secret)


def test_password_is_prepared(facts: ExchangeFacts) -> None:
    client = client_for(ScramSHA256, password="IX")
    assert is_proven(ScramSHA256(facts), client, "I\u00adX")


@pytest.mark.parametrize("kind", [ScramSHA256, ScramSHA256Plus])
@given(data=st.data())
def test_any_single_change_fails(
    kind: type[Scram], facts: ExchangeFacts, data: st.DataObject
) -> None:
    def change(message: bytes) -> bytes:
        at = data.draw(st.integers(0, len(message) - 1))
        new = data.draw(st.binary(max_size=2) | st.sampled_from([b"=", b",", b"a"]))
        return message[:at] + new + message[at + 1 :]

    client = client_for(kind, data.draw(words), "pencil")
    changed_first = data.draw(st.booleans())
    first, final = client.first(), b""
    mechanism = kind(facts)
    sent = change(first) if changed_first else first
    try:
        mechanism.step(sent)
        server_first = challenge_of(mechanism, "pencil")
        said_nonce, *rest = server_first.split(b",")
        # The client sees its own nonce, whatever the server has read.
        nonce = b"r=" + client.nonce.encode() + said_nonce[-24:]
        final = client.final(b",".join([nonce, *rest]))
    except AuthenticationFailedError:
        assert sent != first
        return
    answer = final if changed_first else change(final)
    assert mechanism.prove(answer) == (sent == first and answer == final)


# Salt and rounds.


@every_kind
def test_stored_keys_bring_salt_and_rounds(
    kind: type[Scram], facts: ExchangeFacts
) -> None:
    mechanism = kind(facts)
    mechanism.step(client_for(kind).first())
    keys = keys_for(kind, iterations=5_000)
    challenge = challenge_of(mechanism, keys, 10_000)
    assert challenge.endswith(b",s=MDEyMzQ1Njc4OWFiY2RlZg==,i=5000")


@every_kind
def test_salt_of_nobody_looks_like_any_and_stays(
    kind: type[Scram], facts: ExchangeFacts
) -> None:
    def salt_and_rounds(username: str, secret: Secret, key: bytes = b"key") -> bytes:
        mechanism = kind(attrs.evolve(facts, server_key=key))
        mechanism.step(client_for(kind, username).first())
        return challenge_of(mechanism, secret, 5_000).partition(b",")[2]

    nobody = salt_and_rounds("user", None)
    assert nobody == salt_and_rounds("user", None)
    assert nobody == salt_and_rounds("user", "pencil")
    assert nobody != salt_and_rounds("other", None)
    assert nobody != salt_and_rounds("user", None, b"other")
    keys = keys_for(kind, iterations=5_000)
    assert len(nobody) == len(salt_and_rounds("user", keys))
    assert nobody.endswith(b"==,i=5000")


@every_kind
@pytest.mark.parametrize("known", ["pencil", "", None, "keys"])
def test_one_key_is_derived_for_anybody(
    kind: type[Scram], facts: ExchangeFacts, known: str | None
) -> None:
    rounds: list[tuple[str, int]] = []

    def pbkdf2(name: str, password: bytes, salt: bytes, iterations: int) -> bytes:
        rounds.append((name, iterations))
        return hashlib.pbkdf2_hmac(name, password, salt, iterations)

    keys = keys_for(kind, iterations=5_000)
    mechanism = kind(facts, pbkdf2=pbkdf2)
    client = client_for(kind)
    mechanism.step(client.first())
    challenge = challenge_of(mechanism, keys if known == "keys" else known, 5_000)
    mechanism.prove(client.final(challenge))
    assert rounds == [(client.algorithm, 5_000)]


def test_keys_of_another_hash_are_refused(facts: ExchangeFacts) -> None:
    mechanism = ScramSHA256(facts)
    mechanism.step(client_for(ScramSHA256).first())
    with pytest.raises(ValueError, match=r"SCRAM-SHA-256 .* SHA-256, got .* SHA-1$"):
        mechanism.verify(keys_for(ScramSHA1), iterations=4096)


def test_bad_arguments(facts: ExchangeFacts) -> None:
    mechanism = ScramSHA256(facts)
    mechanism.step(client_for(ScramSHA256).first())
    secret: Any = b"pencil"
    with pytest.raises(TypeError, match="got bytes"):
        mechanism.verify(secret, iterations=4096)
    with pytest.raises(ValueError, match="got 4095"):
        mechanism.verify("pencil", iterations=4095)


# Nonces.


def test_nonce_is_the_clients_and_a_new_one(facts: ExchangeFacts) -> None:
    nonces: set[bytes] = set()
    for _ in range(10):
        mechanism = ScramSHA256(facts)
        mechanism.step(b"n,,n=user,r=abc")
        nonce = challenge_of(mechanism, None).partition(b",")[0]
        assert nonce.startswith(b"r=abc")
        assert len(base64.b64decode(nonce[5:], validate=True)) == 18
        nonces.add(nonce)
    assert len(nonces) == 10


def test_replay_in_another_exchange_fails(facts: ExchangeFacts) -> None:
    client, mechanism = client_for(ScramSHA256), ScramSHA256(facts)
    mechanism.step(client.first())
    final = client.final(challenge_of(mechanism, "pencil"))
    assert mechanism.prove(final)
    again = ScramSHA256(facts)
    again.step(client.first())
    challenge_of(again, "pencil")
    assert not again.prove(final)


@pytest.mark.parametrize("cut", ["r=", "r=fyko+d2lbbFgONRv9qkxdawL"])
def test_nonce_must_be_all_of_it(facts: ExchangeFacts, cut: str) -> None:
    client, mechanism = client_for(ScramSHA256), ScramSHA256(facts)
    mechanism.step(client.first())
    challenge = challenge_of(mechanism, "pencil")
    # The proof is right for what is said, and still not for this exchange.
    said = client.bare.encode(), challenge, b"c=biws," + cut.encode() + b"x"
    client.final(challenge)
    auth_message = b",".join(said).decode()
    client_key = client.mac(client.salted, "Client Key")
    signature = client.mac(hashlib.sha256(client_key).digest(), auth_message)
    proof = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
    assert not mechanism.prove(said[2] + b",p=" + base64.b64encode(proof))


# Channel binding.


@pytest.mark.parametrize("kind", [ScramSHA1Plus, ScramSHA256Plus])
def test_every_binding_of_the_session_will_do(
    kind: type[Scram], facts: ExchangeFacts
) -> None:
    client = client_for(kind)
    client.header, client.binding = "p=tls-exporter,,", bytes(32)
    assert is_proven(kind(facts), client, "pencil")


@pytest.mark.parametrize("kind", [ScramSHA1Plus, ScramSHA256Plus])
@pytest.mark.parametrize("binding", [b"", b"\x01\x02\xfe", b"\x01\x02", bytes(32)])
def test_binding_to_another_channel_fails(
    kind: type[Scram], facts: ExchangeFacts, binding: bytes
) -> None:
    client = client_for(kind)
    client.binding = binding
    assert not is_proven(kind(facts), client, "pencil")


@pytest.mark.parametrize("kind", [ScramSHA1, ScramSHA256])
def test_binding_that_was_not_announced_fails(
    kind: type[Scram], facts: ExchangeFacts
) -> None:
    client = client_for(kind)
    client.binding = b"\x01\x02\xff"
    assert not is_proven(kind(facts), client, "pencil")


@pytest.mark.parametrize("kind", [ScramSHA1Plus, ScramSHA256Plus])
@pytest.mark.parametrize(
    "header", ["n,,", "y,,", "p=tls-server-end-point,,", "p=TLS-UNIQUE,,"]
)
def test_plus_needs_a_binding_of_the_session(
    kind: type[Scram], facts: ExchangeFacts, header: str
) -> None:
    with pytest.raises(AuthenticationFailedError):
        kind(facts).step(header.encode() + b"n=user,r=abc")


@pytest.mark.parametrize("kind", [ScramSHA1Plus, ScramSHA256Plus])
def test_plus_is_available_with_a_binding(
    kind: type[Scram], facts: ExchangeFacts
) -> None:
    assert kind.is_available(facts)
    assert not kind.is_available(attrs.evolve(facts, channel_bindings={}))


@pytest.mark.parametrize("kind", [ScramSHA1, ScramSHA256])
def test_client_that_was_shown_no_plus_is_refused(
    kind: type[Scram], facts: ExchangeFacts
) -> None:
    client = client_for(kind)
    client.header = "y,,"
    assert is_proven(kind(facts), client, "pencil")
    offered = frozenset({kind.name, f"{kind.name}-PLUS"})
    facts = attrs.evolve(facts, offered=offered)
    with pytest.raises(AuthenticationFailedError):
        kind(facts).step(client.first())
    # One that cannot bind to the channel anyway is let through.
    client.header = "n,,"
    assert is_proven(kind(facts), client, "pencil")


@pytest.mark.parametrize(
    "encoded",
    [
        pytest.param("eSwsbj11c2VyLHI9YWJj", id="y while -PLUS is offered"),
        pytest.param("biwsbT1leHQsbj11c2VyLHI9YWJj", id="m="),
        pytest.param("biwsbj11cz1lcixyPWFiYw==", id="=er"),
        pytest.param("cD10bHMtdW5pcXVlLCxuPXVzZXIscj1hYmM=", id="p= without -PLUS"),
    ],
)
def test_no_salt_is_told(facts: ExchangeFacts, encoded: str) -> None:
    offered = frozenset({"SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"})
    mechanism = ScramSHA256(attrs.evolve(facts, offered=offered))
    with pytest.raises(AuthenticationFailedError):
        mechanism.step(base64.b64decode(encoded))
    with pytest.raises(LocalProtocolError):
        mechanism.verify("pencil", iterations=4096)


# One attempt.


@pytest.mark.parametrize("response", [b"", b"c=biws", b"\xff", b"n,,n=user,r=abc"])
def test_malformed_proof_is_none(facts: ExchangeFacts, response: bytes) -> None:
    mechanism = ScramSHA256(facts)
    mechanism.step(client_for(ScramSHA256).first())
    challenge_of(mechanism, "pencil")
    assert mechanism.prove(response) is False


def test_failed_message_ends_the_attempt(facts: ExchangeFacts) -> None:
    mechanism = ScramSHA256(facts)
    with pytest.raises(AuthenticationFailedError):
        mechanism.step(b"")
    with pytest.raises(LocalProtocolError):
        mechanism.step(client_for(ScramSHA256).first())


def test_object_is_good_for_one_attempt(facts: ExchangeFacts) -> None:
    client, mechanism = client_for(ScramSHA256), ScramSHA256(facts)
    with pytest.raises(LocalProtocolError):
        mechanism.verify("pencil", iterations=4096)
    mechanism.step(client.first())
    with pytest.raises(LocalProtocolError):
        mechanism.step(client.first())
    with pytest.raises(LocalProtocolError):
        mechanism.prove(b"")
    final = client.final(challenge_of(mechanism, "pencil"))
    with pytest.raises(LocalProtocolError):
        mechanism.verify("pencil", iterations=4096)
    assert not mechanism.prove(b"")
    with pytest.raises(LocalProtocolError):
        mechanism.prove(final)


def test_nobody_is_accepted_without_a_proof(facts: ExchangeFacts) -> None:
    mechanism = ScramSHA256(facts)
    assert not is_proven(mechanism, client_for(ScramSHA256), None)
    with pytest.raises(LocalProtocolError, match="without a proof"):
        mechanism.finish(accepted=True)


def test_repr_holds_no_secret(facts: ExchangeFacts) -> None:
    mechanism = ScramSHA256(facts)
    keys = keys_for(ScramSHA256)
    assert is_proven(mechanism, client_for(ScramSHA256), keys)
    shown = repr(mechanism) + repr(list(map(repr, vars(mechanism).values())))
    for secret in (keys.stored_key, keys.server_key, b"pencil"):
        assert repr(secret)[2:-1] not in shown
