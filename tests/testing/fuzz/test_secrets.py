"""What stands for a secret, and that the secret is seen nowhere."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.testing.fuzz.secrets import Secrets
from smtpsession.testing.session_machine_octets import pieces

SECRETS = Secrets("alice", "Tr0ub4dor&3 horse")
PASSWORD = b"VHIwdWI0ZG9yJjMgaG9yc2U="
PLAIN = b"AGFsaWNlAFRyMHViNGRvciYzIGhvcnNl"


def test_the_secrets_take_the_places_of_their_names() -> None:
    assert SECRETS.fill_in(b"AUTH PLAIN {PLAIN}\r\n") == b"AUTH PLAIN %s\r\n" % PLAIN
    assert SECRETS.fill_in(b"{USER}\r\n") == b"YWxpY2U=\r\n"
    assert SECRETS.fill_in(b"{PASSWORD}\r\n") == PASSWORD + b"\r\n"
    assert SECRETS.fill_in(b"NOOP {x}\r\n") == b"NOOP {x}\r\n"
    assert SECRETS.fill_in(b"NOOP\r\n") == b"NOOP\r\n"


def test_a_wrong_password_is_another_one_of_the_same_user() -> None:
    assert base64.b64decode(SECRETS.fill_in(b"{WRONG-PLAIN}")) == (
        b"\0alice\0Tr0ub4dor&3 horsex"
    )
    wrong = base64.b64decode(SECRETS.fill_in(b"{WRONG-PASSWORD}"))
    assert wrong == b"Tr0ub4dor&3 horsex"


def test_what_no_server_may_repeat() -> None:
    assert set(SECRETS.to_hide()) == {b"Tr0ub4dor&3 horse", PLAIN, PASSWORD}


@pytest.mark.parametrize("name", Secrets.NAMES)
def test_the_names_take_the_places_of_the_secrets(name: bytes) -> None:
    said = b"AUTH %s\r\n" % name
    assert SECRETS.take_out(SECRETS.fill_in(said)) == said


@pytest.mark.parametrize(
    ("seen", "shown"),
    [
        (b"535 no Tr0ub4dor&3 horse", b"535 no {PASSWORD}"),
        (b"535 no tr0ub4dor&3 HORSE.", b"535 no {PASSWORD}."),
        (b"500 " + PASSWORD.upper(), b"500 {PASSWORD}"),
        (b"500 " + PASSWORD[:9] + b"...", b"500 {PASSWORD}..."),
        (b"500 " + PLAIN[:6] + b" ", b"500 {PLAIN} "),
        (b"500 " + PASSWORD[:3], b"500 {PASSWORD}"),
        (b"500 " + PASSWORD[:2], b"500 " + PASSWORD[:2]),
        (PASSWORD + PASSWORD + PASSWORD[:4], b"{PASSWORD}{PASSWORD}{PASSWORD}"),
        (b"YWxpY2U= YWxpY2", b"{USER} YWxpY2"),
        (b"alice", b"alice"),
        (b"", b""),
    ],
)
def test_what_a_server_repeats_is_not_shown(seen: bytes, shown: bytes) -> None:
    assert SECRETS.take_out(seen) == shown


def test_a_password_is_found_as_a_text_about_octets_has_it() -> None:
    secrets = Secrets("a", "it's \\ ü")
    seen = repr(b"535 no it's \\ \xc3\xbc").encode()
    assert secrets.take_out(seen) == b'b"535 no {PASSWORD}"'


@pytest.mark.parametrize("password", ["x", "USER", "PLAIN", "{PASSWORD}", "a|b*c"])
def test_passwords_that_look_like_something_else(password: str) -> None:
    secrets = Secrets("a", password)
    for name in Secrets.NAMES:
        assert secrets.take_out(secrets.fill_in(name)) == name
    assert secrets.take_out(password.encode()) == b"{PASSWORD}"


def test_a_user_who_is_the_password_is_hidden() -> None:
    secrets = Secrets("password", "password")
    assert b"cGFzc3dvcmQ" not in secrets.take_out(secrets.fill_in(b"{USER}"))


def test_words_that_are_no_utf_8_are_sent_as_they_were_given() -> None:
    secrets = Secrets("a", "\udcff")
    assert base64.b64decode(secrets.fill_in(b"{PASSWORD}")) == b"\xff"


@pytest.mark.parametrize(
    ("user", "password", "said"),
    [
        ("", "hush-hush", "the user must not be empty"),
        ("a", "", "the password must not be empty"),
        ("a", "hush\0hush", "nor hold U\\+0000"),
        ("a", "hush\ud800", "the password must be text"),
    ],
)
def test_what_sasl_cannot_carry(user: str, password: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as raised:
        Secrets(user, password)
    assert "hush" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_nothing_is_seen_in_a_repr() -> None:
    for secret in ("Tr0ub", "horse", PASSWORD.decode(), PLAIN.decode()):
        assert secret not in repr(SECRETS)
        assert secret not in str(SECRETS)


@given(
    st.sampled_from(["AUTH PLAIN {PLAIN}\r\n", "{WRONG-PLAIN}\r\n", "a{PASSWORD}b"]),
    st.sets(st.integers(0, 60)),
)
def test_any_cut_gives_the_same_octets_without_the_secrets(
    said: str, cuts: set[int]
) -> None:
    segments = list(pieces(SECRETS.fill_in(said.encode()), cuts))
    shown = SECRETS.take_out_of(segments)
    assert len(shown) == len(segments)
    assert b"".join(shown) == said.encode()


@given(st.text(st.characters(categories=["L"]), min_size=4), st.data())
def test_whatever_is_cut_off_nothing_long_of_it_is_left(
    password: str, data: st.DataObject
) -> None:
    secrets = Secrets("user", password)
    said = secrets.fill_in(b"{PASSWORD}")
    length = data.draw(st.integers(0, len(said)))
    shown = secrets.take_out(b"501 [" + said[:length])
    assert shown in (b"501 [{PASSWORD}", b"501 [" + said[: min(length, 2)])


@given(st.lists(st.binary(), max_size=5))
def test_all_else_stays_as_it_is(segments: list[bytes]) -> None:
    # No octets of a generator's happen to be six of these.
    secrets = Secrets("somebody-else", "something-else")
    assert b"".join(secrets.take_out_of(segments)) == b"".join(segments)


def test_no_server_may_say_the_password_or_what_holds_it() -> None:
    plain, password = b"AHVzZXIAc2VjcmV0", b"c2VjcmV0"
    assert Secrets("user", "secret").never_repeated() == (plain, password, b"secret")
    # "ok" is said all the time.
    assert Secrets("user", "ok").never_repeated() == (b"AHVzZXIAb2s=",)
