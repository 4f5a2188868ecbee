"""ESMTP parameters of MAIL and RCPT (RFC 5321 4.1.2, RFC 6531 3.3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.errors import ParameterSyntaxError
from smtpsession.wire.parameters import parse_parameters

keywords = st.from_regex(r"[A-Z0-9][A-Z0-9-]{0,10}", fullmatch=True)
values = st.just(True) | st.text(
    alphabet=st.characters(
        min_codepoint=0x21,
        max_codepoint=0x2000,
        exclude_characters="=\x7f",
        exclude_categories=("Cc", "Cs"),
    ),
    min_size=1,
)


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        ("", {}),
        ("  ", {}),
        ("SMTPUTF8", {"SMTPUTF8": True}),
        ("SIZE=1000 BODY=8BITMIME", {"SIZE": "1000", "BODY": "8BITMIME"}),
        ("  size=1   body=8bitmime ", {"SIZE": "1", "BODY": "8bitmime"}),
        ("MT-PRIORITY=-9", {"MT-PRIORITY": "-9"}),
        ("8X=<>", {"8X": "<>"}),
        ("ORCPT=rfc822;a+2Bb@c", {"ORCPT": "rfc822;a+2Bb@c"}),
        ('X="!~', {"X": '"!~'}),
        ("ORCPT=utf-8;\u00e9@c", {"ORCPT": "utf-8;\u00e9@c"}),
    ],
)
def test_parameters(text: str, parameters: dict[str, str | bool]) -> None:
    assert parse_parameters(text) == parameters


@pytest.mark.parametrize(
    "text",
    [
        "SIZE=",
        "=1",
        "=",
        "-X",
        "X_Y=1",
        "X.Y",
        "X:1",
        "X =1",
        "X= 1",
        "ENVID=a=b",
        "X==",
        "X=a\x00",
        "X=a\x7f",
        "X=a\x1b",
        "X=a\n",
        "X\n",
        "(comment)",
    ],
)
def test_malformed_parameter_is_refused(text: str) -> None:
    with pytest.raises(ParameterSyntaxError):
        parse_parameters(text)


def test_the_error_says_what_is_wrong_and_what_was_given() -> None:
    with pytest.raises(ParameterSyntaxError) as caught:
        parse_parameters("A=1 X:1")
    assert str(caught.value) == (
        "parameter must look like KEYWORD or KEYWORD=value, got 'X:1'"
    )


@pytest.mark.parametrize(
    "space", ["\t", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\r", "\n", "\r\n"]
)
def test_only_a_space_separates(space: str) -> None:
    with pytest.raises(ParameterSyntaxError):
        parse_parameters(f"X=1{space}Y=2")
    with pytest.raises(ParameterSyntaxError):
        parse_parameters(f"X{space}")


@pytest.mark.parametrize(
    "keyword", ["\u017fIZE", "\u212aEY", "S\u0130ZE", "SIZE\u0661"]
)
def test_keyword_is_ascii(keyword: str) -> None:
    with pytest.raises(ParameterSyntaxError):
        parse_parameters(f"{keyword}=1")


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        ("SMTPUTF8 SMTPUTF8", {"SMTPUTF8": True}),
        ("SIZE=1 size=1", {"SIZE": "1"}),
    ],
)
def test_exact_repetition_is_tolerated(
    text: str, parameters: dict[str, str | bool]
) -> None:
    assert parse_parameters(text) == parameters


@pytest.mark.parametrize(
    "text", ["SIZE=1 SIZE=2", "SIZE=1 size=01", "SIZE SIZE=1", "X=True X", "X=1 X"]
)
def test_one_keyword_with_two_values_is_refused(text: str) -> None:
    with pytest.raises(ParameterSyntaxError, match="one value, got two"):
        parse_parameters(text)


@pytest.mark.parametrize("keyword", ["RET", "ENVID", "NOTIFY", "ORCPT", "orcpt"])
def test_what_must_come_once_is_not_repeated(keyword: str) -> None:
    assert parse_parameters(f"{keyword}=x") == {keyword.upper(): "x"}
    with pytest.raises(ParameterSyntaxError, match="one value, got two"):
        parse_parameters(f"{keyword}=x SIZE=1 {keyword}=x")


@given(st.dictionaries(keywords, values, max_size=5), st.integers(1, 3))
def test_round_trip(parameters: dict[str, str | bool], spaces: int) -> None:
    text = (" " * spaces).join(
        keyword if value is True else f"{keyword}={value}"
        for keyword, value in parameters.items()
    )
    assert parse_parameters(text) == parameters


@given(st.text() | st.text(alphabet="AZaz09-_= \t\n\u00e9\u017f"))
def test_any_text_is_parameters_or_refused(text: str) -> None:
    try:
        parameters = parse_parameters(text)
    except ParameterSyntaxError:
        return
    for keyword, value in parameters.items():
        assert keyword.isascii()
        assert keyword == keyword.upper()
        assert value is True or (value and "=" not in str(value))
