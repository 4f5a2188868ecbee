"""Which mechanisms a server has is chosen by name, or by class."""

from typing import Any

import pytest

from smtpsession import Mechanism
from smtpsession.auth.mechanisms import MECHANISMS
from smtpsession.auth.plain import Plain
from smtpsession.server.auth_methods import chosen_mechanisms, default_mechanisms


def named(name: object) -> type[Mechanism]:
    attributes = {} if name is None else {"name": name}
    return type("Own", (Mechanism,), {"step": Plain.step} | attributes)


def test_by_default_there_is_scram_and_what_every_client_can() -> None:
    names = [mechanism.name for mechanism in default_mechanisms()]
    assert names == ["SCRAM-SHA-256", "PLAIN", "LOGIN"]


def test_names_in_any_case_and_classes_keep_their_order() -> None:
    own = named("X-OWN_2")
    assert chosen_mechanisms(["login", own, "PLAIN"])[1:] == (own, Plain)
    assert chosen_mechanisms(MECHANISMS) == tuple(MECHANISMS.values())
    assert chosen_mechanisms(()) == ()


@pytest.mark.parametrize(
    "values",
    [None, 5, "PLAIN", [5], [None], [b"PLAIN"], [str], [Plain, "LOGIN", 5]],
    ids=repr,
)
def test_what_names_no_mechanisms_is_a_type_error(values: Any) -> None:
    with pytest.raises(TypeError, match="auth_methods must be several str or Mechan"):
        chosen_mechanisms(values)


@pytest.mark.parametrize("name", ["", "PLAN", "DIGEST-MD5", "PLA\u0131N", "plain "])
def test_an_unknown_name_is_an_error_that_names_the_known(name: str) -> None:
    known = "ANONYMOUS, CRAM-MD5, EXTERNAL, LOGIN, OAUTHBEARER, PLAIN, SCRAM-SHA-1, "
    with pytest.raises(
        ValueError, match=f"auth_methods may name {known}.*; got {name}"
    ):
        chosen_mechanisms([name])


@pytest.mark.parametrize("twice", [["PLAIN", "plain"], [Plain, "PLAIN"]])
def test_each_one_once(twice: list[Any]) -> None:
    with pytest.raises(ValueError, match=r"each mechanism once, got \['PLAIN', 'PLAI"):
        chosen_mechanisms(twice)


@pytest.mark.parametrize("name", [None, 5, "", "x-own", "X OWN", "X" * 21, "X\n", "Ü"])
def test_a_mechanism_of_ones_own_has_a_name_that_can_be_said(name: object) -> None:
    with pytest.raises(ValueError, match="the name of mechanism Own must be 1 to 20"):
        chosen_mechanisms([named(name)])


@pytest.mark.parametrize("method", ["step", "verify", "prove", "finish"])
def test_a_mechanism_of_ones_own_waits_for_nothing(method: str) -> None:
    async def waits(*arguments: object) -> None:
        raise NotImplementedError

    mistaken = named("X-OWN")
    setattr(mistaken, method, waits)
    with pytest.raises(TypeError, match=f"{method} of mechanism Own must be a plain"):
        chosen_mechanisms([mistaken])
