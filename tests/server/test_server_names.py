"""Names and wildcards, as they are given and as clients ask for them."""

import ssl
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.server.server_names import ServerNames

ONE, TWO, THREE = (ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) for _ in range(3))


@pytest.mark.parametrize(
    ("asked", "context"),
    [
        ("mx.example.org", ONE),
        ("MX.Example.ORG", ONE),
        ("a.example.org", TWO),
        ("*.example.org", TWO),
        ("a.b.example.org", None),
        ("example.org", None),
        ("xmx.example.org.", None),
        (".example.org", TWO),
        ("xn--bcher-kva.example", THREE),
        ("bücher.example", None),
        ("mx", None),
        ("", None),
    ],
)
def test_a_name_finds_its_context(asked: str, context: ssl.SSLContext | None) -> None:
    names = ServerNames(
        {"mx.example.org": ONE, "*.EXAMPLE.org": TWO, "Bücher.Example": THREE}
    )
    assert names.find(asked) is context


def test_a_listed_name_goes_before_a_wildcard_in_any_order() -> None:
    for given_ in ({"*.c": ONE, "a.c": TWO}, {"a.c": TWO, "*.c": ONE}):
        assert ServerNames(given_).find("a.c") is TWO


def test_names_are_kept_in_lower_case_and_as_a_labels() -> None:
    names = ServerNames({"MX.example": ONE, "*.Bücher.example": TWO, "my_box.c.": ONE})
    assert names == {"mx.example": ONE, "*.xn--bcher-kva.example": TWO, "my_box.c": ONE}
    assert names["mx.example"] is ONE
    assert len(names) == 3
    assert repr(ServerNames({})) == "ServerNames({})"


def test_what_it_is_made_of_may_change_later() -> None:
    contexts = {"a.example": ONE}
    names = ServerNames(contexts)
    contexts["b.example"] = TWO
    assert list(names) == ["a.example"]
    assert ServerNames(names) == names


def test_equal_ones_have_the_same_hash() -> None:
    one = ServerNames({"a.example": ONE, "b.example": TWO})
    two = ServerNames({"B.example": TWO, "A.example": ONE})
    assert {one: "found"}[two] == "found"


@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "*", "*.", "a..b", ".a", "-a.example", "a b", "a\r\nb", "a\0"),
        *("*.*.example", "a.*.example", "mx*.example", "**.example"),
        *("x" * 64, ".".join(["x" * 60] * 5)),
        *("[192.0.2.1]", "2001:db8::1", "mx.example:25", "☃.example", "e\u0301.c"),
    ],
)
def test_what_is_no_host_name_is_refused(name: str) -> None:
    says = r"sni must have names like mx\.example\.org or \*\.example\.org, got "
    with pytest.raises(ValueError, match=says):
        ServerNames({name: ONE})


@pytest.mark.parametrize("name", ["192.0.2.1", "*.192.0.2.1"])
def test_addresses_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"sni must have host names and no addresses"):
        ServerNames({name: ONE})


def test_a_name_that_stands_there_twice_is_refused() -> None:
    with pytest.raises(ValueError, match=r"each name once, got mx\.example twice"):
        ServerNames({"mx.example": ONE, "MX.example": TWO})


@pytest.mark.parametrize(
    ("contexts", "says"),
    [
        (None, "sni must map names to contexts, got None"),
        ([("a.example", ONE)], "sni must map names to contexts, got "),
        ({b"a.example": ONE}, "sni must have str as names, got b'a.example'"),
        ({None: ONE}, "sni must have str as names, got None"),
        ({"a.example": "cert.pem"}, "sni must have a SSLContext for 'a.example', got "),
        ({"a.example": None}, "sni must have a SSLContext for 'a.example', got None"),
    ],
)
def test_wrong_types_are_named(contexts: Any, says: str) -> None:
    with pytest.raises(TypeError, match=says):
        ServerNames(contexts)


@given(st.text() | st.text("*.aZ-_ü1", max_size=12))
def test_any_name_is_taken_or_refused_with_a_value_error(name: str) -> None:
    try:
        names = ServerNames({name: ONE})
    except ValueError:
        return
    assert ServerNames(names) == names
    [kept] = names
    assert kept.isascii()
    assert names.find(kept.replace("*", "anything")) is ONE


@given(st.text())
def test_any_name_may_be_asked_for(name: str) -> None:
    assert ServerNames({"mx.example": ONE}).find(name) in (ONE, None)
