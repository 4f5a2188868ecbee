"""Each path that breaks a rule is refused, as sender and as recipient."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smtpsession.errors import RemoteProtocolError
from smtpsession.testing.strategies import ALMOST_VALID_RULES, almost_valid_addresses
from smtpsession.wire.addresses import parse_forward_path, parse_reverse_path
from tests.testing.strategies.minimal import minimal

# RFC 5321 4.1.2 and 4.1.3, and what each of these breaks.
EXAMPLES = {
    b"a@a.example": "no brackets",
    b"<a@a.example> (c)": "a comment behind",
    b"Bob <a@a.example>": "words in front",
    b"<a(c)@a.example>": "a comment inside",
    b"<a @a.example>": "a space inside",
    b"<a@a@a.example>": "two at signs",
    b"<.a@a.example>": "a dot at the start",
    b"<a.@a.example>": "a dot before the at sign",
    b"<a..a@a.example>": "two dots in the local part",
    b"<@a.example>": "no local part",
    b"<a@>": "no domain",
    b"<a@-a.a.example>": "a hyphen at the edge of a label",
    b"<a@a..a.example>": "two dots in the domain",
    b"<a@a_b.a.example>": "an underscore in the domain",
    b"<a@a.example.>": "a dot at the end of the domain",
    b"<a@a.example": "no closing bracket",
    b'<"a@a.example>': "open quotes",
    rb"<a\>@a.example>": "a backslash outside quotes",
    b"<a@a.example>>": "two closing brackets",
    b"<<a@a.example>>": "two pairs of brackets",
    b"<a@a.example>SIZE=1": "a parameter without a space",
    b'<"a\0"@a.example>': "a control character in quotes",
    b"<a@[2001:db8::1]>": "an IPv6 literal without its tag",
    b"<a@[IPv6:1::2::3]>": "an IPv6 literal with two gaps",
    b"<a@[IPv6:fe80::1%eth0]>": "an IPv6 literal with a zone",
    b"<a@[192.0.2.256]>": "an IPv4 literal out of range",
    b"<a@[192.0.02.1]>": "an IPv4 literal with a zero in front",
    b"<a@[192.0.2.1>": "an open literal",
    b"<a@[X:y]>": "a literal with an unregistered tag",
}


def refuses(path: bytes) -> bool:
    for parse in (parse_reverse_path, parse_forward_path):
        with pytest.raises(RemoteProtocolError):
            parse(path)
    return True


@pytest.mark.parametrize("rule", ALMOST_VALID_RULES)
@given(st.data())
@settings(max_examples=8)
def test_what_breaks_a_rule_is_refused(rule: str, data: st.DataObject) -> None:
    path = data.draw(almost_valid_addresses(rules=[rule]))
    assert refuses(path)
    assert not set(path) & set(b"\r\n")


@given(almost_valid_addresses())
@settings(max_examples=100)
def test_whatever_the_rule(path: bytes) -> None:
    assert refuses(path)


@pytest.mark.parametrize(("path", "rule"), EXAMPLES.items())
def test_the_examples_are_what_the_rules_shrink_to(path: bytes, rule: str) -> None:
    assert minimal(almost_valid_addresses(rules=[rule])) == path


def test_bad_arguments() -> None:
    with pytest.raises(ValueError, match="rules must hold some of no brackets, "):
        almost_valid_addresses(rules=["x"])
    with pytest.raises(ValueError, match="rules must not be empty"):
        almost_valid_addresses(rules=[])
    with pytest.raises(TypeError, match="rules must be a collection of str"):
        almost_valid_addresses(rules="no brackets")
