"""Which service extensions a server has."""

import re
import secrets
from collections.abc import Iterable
from typing import Any

import attrs
import pytest

from smtpsession import Envelope, Extension, Limits, Session
from smtpsession.dialogue.auth_policy import AuthPolicy
from smtpsession.errors import UnknownParameterError
from smtpsession.extensions.eightbitmime import EightBitMIME
from smtpsession.server.extension_choice import (
    BUILT_IN_KEYWORDS,
    OPTIONAL,
    chosen_extensions,
    offered_extensions,
)

USUAL = [
    *("PIPELINING", "SIZE", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"),
    *("CHUNKING", "DSN", "LIMITS"),
]


def own(
    keyword: Any = "X-OWN", mail: Any = ("X-OWN",), rcpt: Any = ("X-OWN",)
) -> Extension:
    """Make an extension of one's own."""

    class Own(Extension):
        def mail_parameter(self, *arguments: Any, **named: Any) -> None: ...

        def rcpt_parameter(self, *arguments: Any, **named: Any) -> Any: ...

    Own.keyword = keyword
    Own.mail_parameters = frozenset(mail)
    Own.rcpt_parameters = frozenset(rcpt)
    return Own()


def keywords(
    chosen: Iterable[str | Extension] = (), *, tls: bool = False, hidden: str = ""
) -> list[str]:
    extensions = offered_extensions(
        chosen_extensions(chosen),
        limits=Limits(),
        tls=tls,
        hidden=frozenset(hidden.split()),
    )
    return [extension.keyword for extension in extensions]


def test_the_usual_ones_and_starttls_with_a_certificate() -> None:
    assert keywords() == USUAL
    assert keywords(tls=True) == [*USUAL, "STARTTLS"]


def test_chosen_ones_stand_in_their_order_before_starttls() -> None:
    chosen: list[str | Extension] = ["rrvs", own(), "Mt-Priority"]
    assert keywords(chosen, tls=True) == [
        *USUAL,
        *("RRVS", "X-OWN", "MT-PRIORITY", "STARTTLS"),
    ]


@pytest.mark.parametrize("name", OPTIONAL)
def test_each_optional_one_by_its_name_in_any_case(name: str) -> None:
    for spelling in (name, name.lower(), name.title()):
        assert keywords([spelling]) == [*USUAL, name]
    assert name in BUILT_IN_KEYWORDS


def test_the_same_twice_is_once() -> None:
    mine = own()
    assert keywords(["RRVS", "rrvs", mine, mine]) == [*USUAL, "RRVS", "X-OWN"]


def test_auth_stands_before_starttls() -> None:
    policy = AuthPolicy(
        mechanisms={},
        hostname="mx.example",
        random=secrets.token_bytes,
        server_key=b"",
    )
    offered = offered_extensions(
        chosen_extensions(["BINARYMIME"]),
        limits=Limits(),
        tls=True,
        hidden=frozenset(),
        auth=policy,
    )
    assert [extension.keyword for extension in offered] == [
        *USUAL,
        *("BINARYMIME", "AUTH", "STARTTLS"),
    ]


@pytest.mark.parametrize("hidden", ["CHUNKING", "8BITMIME", "BINARYMIME"])
def test_binarymime_goes_with_chunking_and_8bitmime(hidden: str) -> None:
    """RFC 3030 3: a server that offers BINARYMIME offers both."""
    assert "BINARYMIME" not in keywords(["BINARYMIME"], hidden=hidden)
    assert takes_binary(["BINARYMIME"], hidden="SIZE")
    assert not takes_binary(["BINARYMIME"], hidden=hidden)


def test_the_parameter_of_binarymime_is_taken_if_it_is_chosen() -> None:
    assert takes_binary(["binarymime"])
    assert not takes_binary([])


def takes_binary(chosen: Iterable[str], *, hidden: str = "") -> bool:
    extensions = offered_extensions(
        chosen_extensions(chosen),
        limits=Limits(),
        tls=False,
        hidden=frozenset(hidden.split()),
    )
    for extension in extensions:
        if isinstance(extension, EightBitMIME):
            envelope = Envelope()
            try:
                extension.mail_parameter("BODY", "BINARYMIME", envelope, Session("1"))
            except UnknownParameterError:
                return False
            return envelope.body_type == "BINARYMIME"
    return False


def test_hidden_ones_are_gone() -> None:
    hidden = "DSN RRVS X-OWN LIMITS STARTTLS"
    assert keywords(["RRVS", own("x-own")], tls=True, hidden=hidden) == USUAL[:-2]
    assert keywords(hidden="CHUNKING") == [*USUAL[:5], *USUAL[6:]]
    assert keywords(hidden="8BITMIME")[:3] == [
        *("PIPELINING", "SIZE", "ENHANCEDSTATUSCODES")
    ]


@pytest.mark.parametrize("name", ["DSN", "X-OWN", "", "RRV", "RRV\u017f"])
def test_an_unknown_name_is_an_error_that_names_the_known(name: str) -> None:
    known = "BINARYMIME, DELIVERBY, FUTURERELEASE, MT-PRIORITY, REQUIRETLS, RRVS"
    with pytest.raises(ValueError, match=re.escape(f"may name {known}; got {name}")):
        chosen_extensions([name])


@pytest.mark.parametrize(
    "values", ["RRVS", None, 5, [5], [Extension], [b"RRVS"], own()]
)
def test_what_is_no_list_of_extensions_is_a_type_error(values: Any) -> None:
    with pytest.raises(TypeError, match="several str or Extension objects, got"):
        chosen_extensions(values)


@pytest.mark.parametrize(
    ("extension", "says"),
    [
        (own(None), "an extension's keyword must be letters, digits and hyphens, got "),
        (own(""), "got ''"),
        (own("X OWN"), "got 'X OWN'"),
        (own("X\r\n"), r"got 'X\r\n'"),
        (own("size"), "SIZE of extension size is another one's already"),
        (own("RRVS"), "RRVS of extension RRVS is another one's already"),
        (own("X", {"BODY"}), "BODY of extension X is another one's already"),
        (own("X", {"A"}, {"NOTIFY"}), "NOTIFY of extension X is another one's already"),
        (own("X", {"lower"}), "parameters of extension X must be upper-case letters"),
        (own("X", {"A"}, {"B="}), "digits and hyphens, got 'B='"),
    ],
)
def test_an_own_extension_that_cannot_be(extension: Extension, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        chosen_extensions([extension])


def test_an_offer_is_not_waited_for() -> None:
    class Slow(Extension):
        keyword = "X-SLOW"

        async def offer(self, session: Session) -> str:  # type: ignore[override]  # pyright: ignore
            return "X-SLOW"

    with pytest.raises(TypeError, match="offer of extension X-SLOW must be a plain"):
        chosen_extensions([Slow()])


@pytest.mark.parametrize("option", ["mail_parameters", "rcpt_parameters"])
def test_parameters_are_several(option: str) -> None:
    for value in ("ONE", 5):
        mistaken = own("X-OWN")
        setattr(mistaken, option, value)
        text = f"{option} of extension X-OWN must be several str"
        with pytest.raises(TypeError, match=text):
            chosen_extensions([mistaken])


@pytest.mark.parametrize("method", ["mail_parameter", "rcpt_parameter"])
def test_parameters_need_the_method_that_takes_them(method: str) -> None:
    class Forgetful(Extension):
        keyword = "X-OWN"

    mistaken = Forgetful()
    setattr(mistaken, f"{method}s", frozenset({"ONE"}))
    text = f"extension X-OWN has {method}s, so it needs {method}"
    with pytest.raises(ValueError, match=text):
        chosen_extensions([mistaken])


def test_two_own_extensions_may_not_clash() -> None:
    both = [own("X-ONE", {"A"}, {"A"}), own("X-TWO", {"A"}, {"B"})]
    with pytest.raises(ValueError, match="A of extension X-TWO is another one's"):
        chosen_extensions(both)
    with pytest.raises(ValueError, match="X-ONE of extension x-one is another one's"):
        chosen_extensions([both[0], own("x-one", {"C"}, {"C"})])


def test_extensions_that_are_equal_are_one() -> None:
    @attrs.define
    class Numbered(Extension):
        """Equal by its number, and not hashable."""

        keyword = "X-NUMBERED"
        number: int

    assert keywords([Numbered(1), Numbered(1)]) == [*USUAL, "X-NUMBERED"]


def test_an_extension_without_a_keyword_is_refused() -> None:
    class Nameless(Extension):
        """Has forgotten its keyword."""

    with pytest.raises(ValueError, match=r"keyword must be .*, got None"):
        chosen_extensions([Nameless()])
