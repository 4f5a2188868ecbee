"""XCLIENT and XFORWARD: what a proxy may say, and that nothing else gets through."""

from collections.abc import Callable, Mapping
from ipaddress import IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.errors import ArgumentSyntaxError
from smtpsession.wire.proxy_attributes import (
    XFORWARD_NAMES,
    ProxyAttribute,
    parse_xclient,
    parse_xforward,
)
from smtpsession.wire.xtext import encode_xtext

Parse = Callable[[bytes], dict[str, ProxyAttribute]]

both = pytest.mark.parametrize("parse", [parse_xclient, parse_xforward])
LONGEST_NAME = ".".join(["d" * 63] * 3 + ["d" * 63])


def test_all_of_xclient() -> None:
    argument = (
        b"NAME=A.Example REVERSE_NAME=r.example ADDR=192.0.2.9 PORT=1 PROTO=ESMTP"
        b" HELO=h.example LOGIN=bob DESTADDR=IPV6:2001:DB8:0::1 DESTPORT=25"
    )
    assert parse_xclient(argument) == {
        "NAME": "a.example",
        "REVERSE_NAME": "r.example",
        "ADDR": "192.0.2.9",
        "PORT": 1,
        "PROTO": "ESMTP",
        "HELO": "h.example",
        "LOGIN": "bob",
        "DESTADDR": "2001:db8::1",
        "DESTPORT": 25,
    }


def test_all_of_xforward() -> None:
    argument = (
        b"NAME=a.example ADDR=IPV6:2001:db8::9 PORT=65535 PROTO=UUCP HELO=h.example"
        b" IDENT=4XyZ SOURCE=REMOTE"
    )
    assert parse_xforward(argument) == {
        "NAME": "a.example",
        "ADDR": "2001:db8::9",
        "PORT": 65_535,
        "PROTO": "UUCP",
        "HELO": "h.example",
        "IDENT": "4XyZ",
        "SOURCE": "REMOTE",
    }


@both
def test_names_and_key_words_in_any_case(parse: Parse) -> None:
    argument = b"nAmE=[unavailable] addr=ipv6:2001:db8::1 Helo=[TempUnavail]"
    assert parse(argument) == {"NAME": None, "ADDR": "2001:db8::1", "HELO": None}


@both
@pytest.mark.parametrize("word", [b"[UNAVAILABLE]", b"[TEMPUNAVAIL]"])
@pytest.mark.parametrize("name", [b"NAME", b"ADDR", b"PORT", b"PROTO", b"HELO"])
def test_what_is_unavailable_is_none(parse: Parse, name: bytes, word: bytes) -> None:
    assert parse(name + b"=" + word) == {name.decode(): None}


def test_no_login_and_no_source_are_none() -> None:
    assert parse_xclient(b"LOGIN=[UNAVAILABLE]") == {"LOGIN": None}
    assert parse_xforward(b"SOURCE=[UNAVAILABLE]") == {"SOURCE": None}
    assert parse_xforward(b"IDENT=+5BUNAVAILABLE+5D") == {"IDENT": None}


@both
def test_spaces_between_attributes_do_not_matter(parse: Parse) -> None:
    assert parse(b"  PORT=25   HELO=h  ") == {"PORT": 25, "HELO": "h"}


# What was encoded, and what was not.


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"bob", "bob"),
        (b"bob+2Btag", "bob+tag"),
        (b"bob+tag", "bob+tag"),
        (b"a+20b", "a b"),
        (b"a=b", "a=b"),
        (b"a+3Db", "a=b"),
        (b"+", "+"),
        (b"bob@c.example", "bob@c.example"),
    ],
)
def test_a_value_that_is_no_xtext_is_taken_as_it_is(value: bytes, text: str) -> None:
    assert parse_xclient(b"LOGIN=" + value) == {"LOGIN": text}


def test_what_meddles_with_headers_is_masked() -> None:
    assert parse_xclient(b'HELO=a<b>(c)\\";@+20+0D+0A+7F+E9d') == {
        "HELO": "a?b??c" + "?" * 10 + "d"
    }
    assert parse_xforward(b"PROTO=a<b;c IDENT=q@r+20s HELO=(h)") == {
        "PROTO": "a?b?c",
        "IDENT": "q?r?s",
        "HELO": "?h?",
    }


# Addresses, ports and names are normal forms.


@both
@pytest.mark.parametrize(
    ("value", "address"),
    [
        (b"0.0.0.0", "0.0.0.0"),
        (b"255.255.255.255", "255.255.255.255"),
        (b"IPV6:::", "::"),
        (b"IPv6:2001:0db8:0000::00A1", "2001:db8::a1"),
        (b"IPV6:::ffff:192.0.2.1", "192.0.2.1"),
        (b"IPV6:::ffff:c000:201", "192.0.2.1"),
        (b"IPV6:64:ff9b::192.0.2.1", "64:ff9b::c000:201"),
    ],
)
def test_address(parse: Parse, value: bytes, address: str) -> None:
    assert parse(b"ADDR=" + value) == {"ADDR": address}


@both
@pytest.mark.parametrize(
    ("value", "port"), [(b"0", 0), (b"025", 25), (b"00000", 0), (b"65535", 65_535)]
)
def test_port(parse: Parse, value: bytes, port: int) -> None:
    assert parse(b"PORT=" + value) == {"PORT": port}


@both
@pytest.mark.parametrize(
    ("value", "name"),
    [
        (b"localhost", "localhost"),
        (b"My_Host.Example", "my_host.example"),
        (b"_dmarc.c.example", "_dmarc.c.example"),
        (b"c.example.", "c.example"),
        (b"1.2.3.4.in-addr.example", "1.2.3.4.in-addr.example"),
        (b"xn--bcher-kva.example", "xn--bcher-kva.example"),
        (LONGEST_NAME.encode(), LONGEST_NAME),
    ],
)
def test_host_name(parse: Parse, value: bytes, name: str) -> None:
    assert parse(b"NAME=" + value) == {"NAME": name}


@pytest.mark.parametrize("proto", ["SMTP", "ESMTP", "LMTP"])
def test_protocol_of_xclient(proto: str) -> None:
    assert parse_xclient(f"PROTO={proto.lower()}".encode()) == {"PROTO": proto}


def test_longest_protocol_of_xforward() -> None:
    assert parse_xforward(b"PROTO=" + b"x" * 64) == {"PROTO": "x" * 64}


@pytest.mark.parametrize("source", ["LOCAL", "REMOTE"])
def test_source_of_xforward(source: str) -> None:
    assert parse_xforward(f"source={source.title()}".encode()) == {"SOURCE": source}


@both
def test_longest_value(parse: Parse) -> None:
    assert parse(b"HELO=" + b"h" * 255) == {"HELO": "h" * 255}


# What is refused.

BAD_IN_BOTH = [
    b"",
    b" ",
    b"NAME",
    b"NAME=",
    b"=",
    b"=a",
    b"\t",
    b"PORT=1\tHELO=h",
    b"FOO=1",
    b"NAME =a",
    b"NAME= a",
    b"ADDR=1.2.3.4 FOO=1",
    b"FOO=1 ADDR=1.2.3.4",
    b"PORT=1 PORT=1",
    b"PORT=1 port=2",
    b"HELO=" + b"h" * 256,
    b"HELO=" + b"h" * 5000,
    # Each octet counts as it was sent.
    b"HELO=" + b"+41" * 86,
    b"ADDR=999.1.1.1",
    b"ADDR=1.2.3",
    b"ADDR=1.2.3.4.5",
    b"ADDR=01.2.3.4",
    b"ADDR=1.2.3.4 .5",
    b"ADDR=0x7f.0.0.1",
    b"ADDR=2001:db8::1",
    b"ADDR=IPV6:fe80::1%eth0",
    b"ADDR=IPV6:fe80::1+25eth0",
    b"ADDR=IPV6:1.2.3.4",
    b"ADDR=IPV6:",
    b"ADDR=IPV6::1:",
    b"ADDR=[192.0.2.1]",
    b"ADDR=1.2.3.4+0A",
    b"ADDR=+B2.2.3.4",
    b"PORT=65536",
    b"PORT=+1",
    b"PORT=-1",
    b"PORT=000001",
    b"PORT=1_0",
    b"PORT=+B2",
    b"PORT=1+0A",
    b"PORT=\xd9\xa1",
    b"NAME=a+0D+0Ab",
    b"NAME=a+00",
    b"NAME=a+20b",
    b"NAME=a..b",
    b"NAME=.",
    b"NAME=-a.example",
    b"NAME=" + b"d" * 64,
    b"NAME=192.0.2.1",
    b"NAME=[192.0.2.1]",
    b"NAME=a<b",
    b"NAME=b+FCcher.example",
    b"NAME=b\xc3\xbccher.example",
    b"HELO=\xff",
    b"HELO=a\0b",
    b"HELO=a\x1bb",
    b"PROTO=+0D+0A",
]
BAD_IN_XCLIENT = [
    b"LOGIN=",
    b"LOGIN=a+0D+0Ab",
    b"LOGIN=a+09b",
    b"LOGIN=a+E9",
    b"LOGIN=a\0",
    b"PROTO=QMTP",
    b"PROTO=SMTPX",
    b"DESTADDR=999.1.1.1",
    b"DESTPORT=65536",
    b"REVERSE_NAME=a..b",
    b"IDENT=1",
    b"SOURCE=LOCAL",
]
BAD_IN_XFORWARD = [
    b"PROTO=" + b"x" * 65,
    b"IDENT=a+0Ab",
    b"IDENT=a+E9",
    b"SOURCE=HERE",
    b"SOURCE=LOCAL+00",
    b"LOGIN=bob",
    b"DESTADDR=192.0.2.1",
    b"DESTPORT=25",
    b"REVERSE_NAME=a.example",
]


@pytest.mark.parametrize("argument", [*BAD_IN_BOTH, *BAD_IN_XCLIENT])
def test_xclient_refuses(argument: bytes) -> None:
    with pytest.raises(ArgumentSyntaxError) as caught:
        parse_xclient(argument)
    assert caught.value.code == 501


@pytest.mark.parametrize("argument", [*BAD_IN_BOTH, *BAD_IN_XFORWARD])
def test_xforward_refuses(argument: bytes) -> None:
    with pytest.raises(ArgumentSyntaxError) as caught:
        parse_xforward(argument)
    assert caught.value.code == 501


KNOWN_TO_XFORWARD = "NAME, ADDR, PORT, PROTO, HELO, IDENT, SOURCE"


def test_the_names_of_xforward() -> None:
    assert ", ".join(XFORWARD_NAMES) == KNOWN_TO_XFORWARD


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        (b"", "attributes must be at least one, got none"),
        (b"X=1", f"attribute must be one of {KNOWN_TO_XFORWARD}, got 'X=1'"),
        (b"PORT=1 port=1", "PORT must be given once, got it twice"),
        (b"PORT=", "PORT must have 1 to 255 octets, got 0"),
        (b"HELO=" + b"x" * 256, "HELO must have 1 to 255 octets, got 256"),
        (b"IDENT=a+09b", "attribute must be printable ASCII, got 'a\\tb'"),
        (b"NAME=1.2", "host name must not look like an address, got '1.2'"),
        (b"ADDR=::1", "address must be IPv4 or IPV6:IPv6, got '::1'"),
        (b"PORT=65536", "port must be a number up to 65535, got '65536'"),
        (b"PROTO=" + b"x" * 65, "PROTO must be at most 64 characters, got 65"),
        (b"SOURCE=X", "attribute must be one of ('LOCAL', 'REMOTE'), got 'X'"),
    ],
)
def test_the_error_says_what_is_wrong_and_what_was_given(
    argument: bytes, said: str
) -> None:
    with pytest.raises(ArgumentSyntaxError) as caught:
        parse_xforward(argument)
    assert str(caught.value) == said


# Properties

words = st.sampled_from(
    [
        *[b"NAME=", b"ADDR=", b"PORT=", b"PROTO=", b"HELO=", b"LOGIN=", b"IDENT="],
        *[b"SOURCE=", b"DESTADDR=", b"DESTPORT=", b"REVERSE_NAME=", b"[UNAVAILABLE]"],
        *[b"IPV6:", b"::1", b"192.0.2.1", b"25", b"a.example", b"ESMTP", b"LOCAL"],
        *[b" ", b" ", b"=", b"+", b"+0D", b"+41", b"\0", b"\xff", b"\t", b"<", b"."],
    ]
)
any_octets = st.binary(max_size=60) | st.lists(words, max_size=12).map(b"".join)


@both
@given(argument=any_octets)
def test_any_octets_give_clean_attributes_or_are_refused(
    parse: Parse, argument: bytes
) -> None:
    try:
        attributes = parse(argument)
    except ArgumentSyntaxError:
        return
    assert attributes
    for name, value in attributes.items():
        assert name == name.upper()
        if isinstance(value, str):
            assert value
            assert value.isascii()
            assert value.isprintable()
        elif value is not None:
            assert 0 <= value <= 65_535


labels = st.from_regex(r"[a-z_]([a-z0-9_-]{0,10}[a-z0-9])?", fullmatch=True)
hosts = st.lists(labels, min_size=1, max_size=4).map(".".join)
addresses = st.ip_addresses(v=4).map(str) | (
    st.integers(0, 2**128 - 1)
    .map(IPv6Address)
    .map(lambda address: str(address.ipv4_mapped or address))
)
ports = st.integers(0, 65_535)
tokens = st.from_regex(r"[!#-'*-:=?A-\[\]-~]{1,64}", fullmatch=True)
logins = st.from_regex(r"[ -~]{1,85}", fullmatch=True)


def or_none(
    values: st.SearchStrategy[str] | st.SearchStrategy[int],
) -> st.SearchStrategy[ProxyAttribute]:
    return st.none() | values.filter(lambda value: not str(value).startswith("["))


def some_of(
    attributes: Mapping[str, st.SearchStrategy[str] | st.SearchStrategy[int]],
) -> st.SearchStrategy[dict[str, ProxyAttribute]]:
    strategies = {name: or_none(values) for name, values in attributes.items()}
    return st.fixed_dictionaries({}, optional=strategies).filter(bool)


xclients = some_of(
    {
        "NAME": hosts,
        "REVERSE_NAME": hosts,
        "ADDR": addresses,
        "PORT": ports,
        "PROTO": st.sampled_from(["SMTP", "ESMTP", "LMTP"]),
        "HELO": tokens,
        "LOGIN": logins,
        "DESTADDR": addresses,
        "DESTPORT": ports,
    }
)
xforwards = some_of(
    {
        "NAME": hosts,
        "ADDR": addresses,
        "PORT": ports,
        "PROTO": tokens,
        "HELO": tokens,
        "IDENT": tokens,
        "SOURCE": st.sampled_from(["LOCAL", "REMOTE"]),
    }
)


def render(attributes: dict[str, ProxyAttribute]) -> bytes:
    """Write attributes as a proxy does."""

    def written(name: str, value: ProxyAttribute) -> str:
        if value is None:
            return f"{name}=[UNAVAILABLE]"
        text = str(value)
        if name.endswith("ADDR") and ":" in text:
            text = f"IPV6:{text}"
        return f"{name}={encode_xtext(text)}"

    return " ".join(written(*item) for item in attributes.items()).encode("ascii")


@given(xclients)
def test_xclient_comes_back_as_it_was_written(
    attributes: dict[str, ProxyAttribute],
) -> None:
    assert parse_xclient(render(attributes)) == attributes


@given(xforwards)
def test_xforward_comes_back_as_it_was_written(
    attributes: dict[str, ProxyAttribute],
) -> None:
    assert parse_xforward(render(attributes)) == attributes
