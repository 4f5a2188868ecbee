"""Paths of MAIL and RCPT: RFC 5321 4.1.2, RFC 6531 3.3, and what is no path."""

from collections.abc import Callable
from datetime import UTC, datetime

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smtpsession.errors import (
    InvalidUTF8Error,
    ParameterSyntaxError,
    RecipientSyntaxError,
    RemoteProtocolError,
    SenderSyntaxError,
)
from smtpsession.wire.addresses import (
    RRVS,
    Address,
    RecipientDSN,
    parse_forward_path,
    parse_reverse_path,
)

Parse = Callable[..., Address]
ATEXT = "abcxyzABCXYZ0189!#$%&'*+-/=?^_`{|}~"
DOCUMENTED = (
    SenderSyntaxError,
    RecipientSyntaxError,
    ParameterSyntaxError,
    InvalidUTF8Error,
)
LONGEST_DOMAIN = b".".join([b"d" * 63] * 4)

both = pytest.mark.parametrize(
    ("parse", "error"),
    [
        pytest.param(parse_reverse_path, SenderSyntaxError, id="MAIL"),
        pytest.param(parse_forward_path, RecipientSyntaxError, id="RCPT"),
    ],
)

# (octets, address, local part, domain)
ACCEPTED = [
    (b"<a@b.example>", "a@b.example", "a", "b.example"),
    (b"<a.b+c=d@x-y.example>", "a.b+c=d@x-y.example", "a.b+c=d", "x-y.example"),
    (
        b"<!#$%&'*+-/=?^_{}~@b.example>",
        "!#$%&'*+-/=?^_{}~@b.example",
        "!#$%&'*+-/=?^_{}~",
        "b.example",
    ),
    (b"<`id`@x.example>", "`id`@x.example", "`id`", "x.example"),
    (b"<a|b@x.example>", "a|b@x.example", "a|b", "x.example"),
    (b"<-froot@x.example>", "-froot@x.example", "-froot", "x.example"),
    (b"<User@Example.ORG>", "User@Example.ORG", "User", "example.org"),
    (b"<a@192.0.2.1>", "a@192.0.2.1", "a", "192.0.2.1"),
    (b"<Postmaster@b.example>", "Postmaster@b.example", "Postmaster", "b.example"),
    (b'<"a b"@x.example>', '"a b"@x.example', "a b", "x.example"),
    (rb'<"a\"b"@x.example>', r'"a\"b"@x.example', 'a"b', "x.example"),
    (rb'<"a\\b"@x.example>', r'"a\\b"@x.example', r"a\b", "x.example"),
    (b'<"a@b"@x.example>', '"a@b"@x.example', "a@b", "x.example"),
    (b'<"<a>"@x.example>', '"<a>"@x.example', "<a>", "x.example"),
    (b'<"a !"@x.example>', '"a !"@x.example', "a !", "x.example"),
    (b'<""@x.example>', '""@x.example', "", "x.example"),
    (b'<"abc"@x.example>', "abc@x.example", "abc", "x.example"),
    (rb'<"\a\b.c"@x.example>', "ab.c@x.example", "ab.c", "x.example"),
    (b'<".a"@x.example>', '".a"@x.example', ".a", "x.example"),
    (b"<@h1.example,@h2.example:a@b.example>", "a@b.example", "a", "b.example"),
    (b'<@h1.example:"a:b"@b.example>', '"a:b"@b.example', "a:b", "b.example"),
    (b"<a@[192.0.2.1]>", "a@[192.0.2.1]", "a", "[192.0.2.1]"),
    (b"<a@[IPv6:2001:db8::1]>", "a@[IPv6:2001:db8::1]", "a", "[IPv6:2001:db8::1]"),
    (
        b"<a@[ipv6:::ffff:192.0.2.1]>",
        "a@[ipv6:::ffff:192.0.2.1]",
        "a",
        "[IPv6:::ffff:192.0.2.1]",
    ),
    (
        "<jos\u00e9@B\u00dcCHER.example>".encode(),
        "jos\u00e9@B\u00dcCHER.example",
        "jos\u00e9",
        "b\u00fccher.example",
    ),
    (
        '<"\u00e9 x"@x.example>'.encode(),
        '"\u00e9 x"@x.example',
        "\u00e9 x",
        "x.example",
    ),
    # Not normalised: another spelling of a local part may be another mailbox.
    ("<e\u0301@x.example>".encode(), "e\u0301@x.example", "e\u0301", "x.example"),
    ("<b\u202e@s.example>".encode(), "b\u202e@s.example", "b\u202e", "s.example"),
]

REFUSED = [
    b"",
    b" ",
    b"<",
    b">",
    b"< >",
    b"<@>",
    b"<bob>",
    b"<a@[2001:db8::1]>",
    b"<a@[IPv6:1::2::3]>",
    b"<a@[IPv6:fe80::1%eth0]>",
    b"<a@[256.1.1.1]>",
    b"<a@[01.2.3.4]>",
    b"<a@[192.0.2.1>",
    b"<a@[X:y]>",
    b"a@b.example",
    b"<a@b.example",
    b"a@b.example>",
    b"Bob <a@b.example>",
    b"<a(c)@b.example>",
    b"<a @b.example>",
    b"<a@ b.example>",
    b"< a@b.example>",
    b"<a@b.example >",
    b"\t<a@b.example>",
    b"<a@b@c.example>",
    b"<.a@x.example>",
    b"<a.@x.example>",
    b"<a..b@x.example>",
    b"<a.()@x.example>",
    b"<@x.example>",
    b"<a@>",
    b"<a@-b.example>",
    b"<a@b-.example>",
    b"<a@b..example>",
    b"<a@b_c.example>",
    b"<a@b.example.>",
    b"<a@.b.example>",
    b'<"a@b.example>',
    b'<"a"b@b.example>',
    b'<a"b"@b.example>',
    b'<"a".b@b.example>',
    rb"<a\>@b.example>",
    rb"<a\@b@b.example>",
    '<"\\\u00e9"@b.example>'.encode(),
    b"<a@b.example>>",
    b"<<a@b.example>>",
    b"<a@b.example>SIZE=1",
    b"<a@b.example>\tSIZE=1",
    b"<a@b.example>\n",
    b"<a@b.example>\r\n",
    b"<a@b.example\n>",
    b"<a\n@b.example>",
    b"<a,b@b.example>",
    b"<;rm@x.example>",
    b"<$(id)@x.example>",
    b"<../../etc@x.example>",
    b"<@h1.example>",
    b"<@h1.example:>",
    b"<@h1.example,h2.example:a@b.example>",
    b"<@h1.example, @h2.example:a@b.example>",
    b"<@h1..example:a@b.example>",
    b"<@:a@b.example>",
    b"<@[192.0.2.1]:a@b.example>",
    b"<" + b"l" * 256 + b"@b.example>",
    b"<" + b"l" * 300 + b"@b.example>",
    b"<a@" + LONGEST_DOMAIN + b"d>",
    b"<a@" + b"d" * 63 + b"." + LONGEST_DOMAIN + b">",
    b"<a@" + b"d" * 64 + b".example>",
    b"<" + "\u00e9".encode() * 128 + b"@b.example>",
    "<b@s\u3002example>".encode(),
    "<b@s\uff0eexample>".encode(),
    "<b@s\uff61example>".encode(),
    "<b\uff20s.example>".encode(),
    "<b@\u212aelvin.example>".encode(),
    "<b\u0085@s.example>".encode(),
    "<b\u2028@s.example>".encode(),
    '<"b\u2029"@s.example>'.encode(),
    "\uff1cb@s.example\uff1e".encode(),
    "<po\u017ftmaster>".encode(),
]
CONTROLS = [*range(0x20), 0x7F]
EXPLAINED = [
    (b"", "path must not be empty or in open quotes, got ''"),
    (b'<"a@b>', "path must not be empty or in open quotes, got '<\"a@b>'"),
    (b"a@b", "path must stand in angle brackets, got 'a@b'"),
    (b"<a>", "path must look like <local-part@domain>, got '<a>'"),
    (b"<@a,b:c@d>", "source route must look like @a,@b, got '@a,b'"),
]


@both
@pytest.mark.parametrize(("octets", "address", "local_part", "domain"), ACCEPTED)
def test_accepted(
    parse: Parse,
    error: type[Exception],
    octets: bytes,
    address: str,
    local_part: str,
    domain: str,
) -> None:
    for lenient in (False, True):
        result = parse(octets, lenient=lenient)
        assert str(result) == result.address == address
        assert result.local_part == local_part
        assert result.domain == domain
        assert result.args == {}
        assert not result.is_null


@both
@pytest.mark.parametrize("octets", REFUSED)
def test_refused(parse: Parse, error: type[Exception], octets: bytes) -> None:
    with pytest.raises(error):
        parse(octets)


@both
@pytest.mark.parametrize(("octets", "text"), EXPLAINED)
def test_the_error_says_what_is_wrong_and_what_was_given(
    parse: Parse, error: type[Exception], octets: bytes, text: str
) -> None:
    with pytest.raises(error) as caught:
        parse(octets)
    assert str(caught.value) == text


@both
@pytest.mark.parametrize("control", CONTROLS, ids=hex)
def test_control_character_is_refused_in_quotes_and_out(
    parse: Parse, error: type[Exception], control: int
) -> None:
    octet = bytes([control])
    for template in (b'<"a%s"@x.example>', b'<"a\\%s"@x.example>', b"<a%s@x.example>"):
        for lenient in (False, True):
            with pytest.raises(error):
                parse(template % octet, lenient=lenient)


@both
def test_comment_is_no_parameter(parse: Parse, error: type[Exception]) -> None:
    with pytest.raises(ParameterSyntaxError):
        parse(b"<a@b.example> (comment)")


@both
@pytest.mark.parametrize("octets", [64, 65, 255])
def test_long_local_part(parse: Parse, error: type[Exception], octets: int) -> None:
    local_part = "l" * octets
    assert parse(f"<{local_part}@x.example>".encode()).local_part == local_part


@both
def test_local_part_is_measured_in_octets_without_quotes(
    parse: Parse, error: type[Exception]
) -> None:
    address = parse(b"<" + "\u00e9".encode() * 127 + b"@x.example>")
    assert address.local_part == "\u00e9" * 127
    assert parse(b'<"' + b"\\l" * 255 + b'"@x.example>').local_part == "l" * 255
    with pytest.raises(error, match="at most 255 octets, got 256"):
        parse(b'<"' + b" " * 256 + b'"@x.example>')


@both
def test_longest_domain_label_and_path(parse: Parse, error: type[Exception]) -> None:
    assert len(LONGEST_DOMAIN) == 255
    assert parse(b"<a@" + LONGEST_DOMAIN + b">").domain == LONGEST_DOMAIN.decode()
    for octets in (256, 257):
        path = b"<" + b"l" * 64 + b"@" + LONGEST_DOMAIN[: octets - 67] + b">"
        assert len(path) == octets
        assert parse(path).local_part == "l" * 64


def test_null_reverse_path() -> None:
    address = parse_reverse_path(b"<> BODY=8BITMIME")
    assert address.is_null
    assert str(address) == address.local_part == address.domain == ""
    assert address.args == {"BODY": "8BITMIME"}
    assert address.is_ascii


def test_null_path_is_no_recipient() -> None:
    for lenient in (False, True):
        with pytest.raises(RecipientSyntaxError):
            parse_forward_path(b"<>", lenient=lenient)


@pytest.mark.parametrize("name", ["postmaster", "Postmaster", "PoStMaStEr"])
def test_postmaster_needs_no_domain(name: str) -> None:
    address = parse_forward_path(f"<{name}> NOTIFY=NEVER".encode())
    assert address.address == address.local_part == name
    assert address.domain == address.ascii_domain == ""
    assert address.args == {"NOTIFY": "NEVER"}
    assert not address.is_null


@pytest.mark.parametrize("octets", [b"<postmaster>", b"<Postmaster>"])
def test_postmaster_without_domain_is_no_sender(octets: bytes) -> None:
    for lenient in (False, True):
        with pytest.raises(SenderSyntaxError):
            parse_reverse_path(octets, lenient=lenient)


@pytest.mark.parametrize(
    "octets",
    [
        b"postmaster",
        b'<"postmaster">',
        b"<postmaster@>",
        b"<post master>",
        b"<@postmaster>",
    ],
)
def test_not_quite_postmaster(octets: bytes) -> None:
    with pytest.raises(RecipientSyntaxError):
        parse_forward_path(octets)


@both
@pytest.mark.parametrize(
    ("octets", "address", "domain"),
    [
        (b"a@b.example", "a@b.example", "b.example"),
        (b'"a b"@b.example', '"a b"@b.example', "b.example"),
        (b"<a@b_c.example>", "a@b_c.example", "b_c.example"),
        (b"<a@b.Example.>", "a@b.Example", "b.example"),
        (b"<.a@b.example>", '".a"@b.example', "b.example"),
        (b"<a.@b.example>", '"a."@b.example', "b.example"),
        (b"<a..b@b.example>", '"a..b"@b.example', "b.example"),
        (b"<@h_1.example:a@b.example>", "a@b.example", "b.example"),
    ],
)
def test_lenient(
    parse: Parse, error: type[Exception], octets: bytes, address: str, domain: str
) -> None:
    result = parse(octets + b" X=1", lenient=True)
    assert result.address == address
    assert result.domain == domain
    assert result.args == {"X": "1"}
    with pytest.raises(error):
        parse(octets)


def test_lenient_postmaster_needs_no_brackets() -> None:
    assert parse_forward_path(b"postmaster", lenient=True).address == "postmaster"


@both
@pytest.mark.parametrize(
    "octets",
    [
        *(b"", b"<a@b.example", b"a@b.example>", b"<<a@b>>", b"a", b"<@b>", b"<a@b@c>"),
        b"<a@b..c>",
    ],
)
def test_lenient_has_limits(
    parse: Parse, error: type[Exception], octets: bytes
) -> None:
    with pytest.raises(error):
        parse(octets, lenient=True)


@both
@pytest.mark.parametrize("path", [b"<a@b.example>", b'<"a b"@b.example>'])
@pytest.mark.parametrize(
    ("rest", "args"),
    [
        (b"", {}),
        (b" ", {}),
        (b" SIZE=1000 BODY=8BITMIME", {"SIZE": "1000", "BODY": "8BITMIME"}),
        (b"  size=1   SMTPUTF8 ", {"SIZE": "1", "SMTPUTF8": True}),
        (b' X="a Y=b"', {"X": '"a', "Y": 'b"'}),
        (b" ORCPT=utf-8;\xc3\xa9@c", {"ORCPT": "utf-8;\u00e9@c"}),
    ],
)
def test_parameters_follow_the_path(
    parse: Parse,
    error: type[Exception],
    path: bytes,
    rest: bytes,
    args: dict[str, str | bool],
) -> None:
    assert parse(path + rest).args == args


@both
@pytest.mark.parametrize("path", [b"<a@b.example>", b'<"a b"@b.example>'])
@pytest.mark.parametrize("rest", [b" SIZE=", b" A=1 A=2", b" X\n", b" X\tY", b" ="])
def test_bad_parameters(
    parse: Parse, error: type[Exception], path: bytes, rest: bytes
) -> None:
    with pytest.raises(ParameterSyntaxError):
        parse(path + rest)


@both
def test_bad_path_counts_more_than_bad_parameters(
    parse: Parse, error: type[Exception]
) -> None:
    with pytest.raises(error):
        parse(b"<a..b@c.example> SIZE=")


@both
def test_spaces_in_front_of_the_path(parse: Parse, error: type[Exception]) -> None:
    assert parse(b"  <a@b.example>").address == "a@b.example"
    assert parse(b'  <"a b"@b.example>').local_part == "a b"


@both
@pytest.mark.parametrize(
    "octets",
    [b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xff", b"\xc3"],
)
def test_invalid_utf8(parse: Parse, error: type[Exception], octets: bytes) -> None:
    for template in (b"<%s@c.example>", b"<a@%s.example>", b"<a@c.example> X=%s"):
        with pytest.raises(InvalidUTF8Error, match=r"^command must be UTF-8: [a-z]"):
            parse(template % octets)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b'<"abc"@x.example>', b"<abc@x.example>"),
        (b"<a@X.Example>", b"<a@x.eXAMPLE>"),
        ("<a@b\u00fccher.example>".encode(), b"<a@XN--BCHER-KVA.example>"),
        (b"<a@[IPv6:2001:db8::1]>", b"<a@[ipv6:2001:DB8:0::1]>"),
        (b"<@h.example:a@b.example>", b"<a@b.example> NOTIFY=NEVER"),
    ],
)
def test_equal(one: bytes, other: bytes) -> None:
    first, second = parse_forward_path(one), parse_forward_path(other)
    assert first == second
    assert len({first, second}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b"<a@x.example>", b"<A@x.example>"),
        (b"<a@x.example>", b"<a@y.example>"),
        (b"<a@[192.0.2.1]>", b"<a@192.0.2.1>"),
        ("<\u00e9@x.example>".encode(), "<e\u0301@x.example>".encode()),
        (b"<postmaster>", b"<postmaster@x.example>"),
    ],
)
def test_different(one: bytes, other: bytes) -> None:
    assert parse_forward_path(one) != parse_forward_path(other)


def test_a_set_can_tell_addresses_by_their_hashes() -> None:
    paths = (b"<a@x.example>", b"<b@x.example>", b"<a@y.example>")
    assert len({hash(parse_forward_path(path)) for path in paths}) == 3


def test_an_address_is_no_text() -> None:
    address = parse_reverse_path(b"<a@b.example>")
    assert address != "a@b.example"
    assert "a@b.example" not in {address}


@pytest.mark.parametrize(
    ("octets", "is_ascii", "ascii_domain"),
    [
        (b"<a@B.example>", True, "b.example"),
        ("<\u00e9@b.example>".encode(), False, "b.example"),
        ("<a@b\u00fccher.example>".encode(), False, "xn--bcher-kva.example"),
        (b"<a@b.example> X=\xc3\xa9", True, "b.example"),
    ],
)
def test_ascii(octets: bytes, is_ascii: bool, ascii_domain: str) -> None:
    address = parse_forward_path(octets)
    assert address.is_ascii is is_ascii
    assert address.ascii_domain == ascii_domain


def test_address_built_by_hand() -> None:
    address = Address(address="a@b.example", local_part="a", domain="b.example")
    assert address == parse_reverse_path(b"<a@b.example>")
    assert address.args == {}
    assert address.dsn == RecipientDSN(notify=(), orcpt=None)
    assert RRVS(since=datetime(2030, 1, 1, tzinfo=UTC)).action is None
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        address.__setattr__("domain", "c.example")


def test_address_shows_what_it_holds() -> None:
    address = parse_forward_path(b"<a@b.example> X=1")
    assert repr(address) == (
        "Address(address='a@b.example', local_part='a', domain='b.example',"
        " args={'X': '1'}, dsn=RecipientDSN(notify=(), orcpt=None),"
        " rrvs=None)"
    )


dot_strings = st.lists(
    st.text(alphabet=ATEXT + "\u00e9\u65e5\U0001f4a9", min_size=1, max_size=12),
    min_size=1,
    max_size=3,
).map(".".join)
quoted_strings = st.lists(
    st.sampled_from([*ATEXT, " ", ".", "@", "<", ">", "\u00e9", r"\"", r"\\", r"\a"])
).map(lambda contents: f'"{"".join(contents)}"')
local_parts = dot_strings | quoted_strings
domains = st.sampled_from(
    [
        "b",
        "B.Example",
        "x-y.example",
        "1.2.3.4",
        "xn--bcher-kva.example",
        "b\u00fccher.EXAMPLE",
        "\u65e5\u672c\u8a9e.example",
        "[192.0.2.1]",
        "[ipv6:2001:DB8::1]",
    ]
)
mailboxes = st.tuples(local_parts, domains).map("@".join)
# Pieces of paths in any order: most are no path, some are.
fragments = st.lists(
    st.sampled_from(
        b'< > @ a b.c . " \\ [ ] : , X = - _ <a@b> postmaster [IPv6:::1]'.split()
        + [b" ", b"\t", b"\n", b"\0", b"\xff"]
        + [character.encode() for character in "\u00e9\u3002\u212a"]
    ),
    max_size=12,
).map(b"".join)


@given(st.binary(max_size=64) | fragments, st.booleans())
@example(b"<a@xn--\xc3\xa9>", False)
def test_any_octets_are_a_path_or_refused(octets: bytes, lenient: bool) -> None:
    for parse in (parse_reverse_path, parse_forward_path):
        try:
            address = parse(octets, lenient=lenient)
        except DOCUMENTED:
            continue
        assert not set(address.address) & set(map(chr, CONTROLS))
        again = parse(f"<{address}>".encode(), lenient=lenient)
        assert again == address
        assert again.address == address.address


@given(mailboxes)
def test_round_trip(mailbox: str) -> None:
    address = parse_reverse_path(f"<{mailbox}>".encode())
    again = parse_reverse_path(f"<{address.address}>".encode())
    assert again == address
    assert hash(again) == hash(address)
    assert again.address == address.address
    assert len(address.address) <= len(mailbox)


def outcome(parse: Parse, octets: bytes) -> object:
    try:
        return attrs.asdict(parse(octets))
    except RemoteProtocolError as error:
        return type(error)


@given(
    st.text(alphabet=ATEXT + '."\\ \n\u00e9', max_size=300)
    | st.text(alphabet="a", min_size=250, max_size=260),
    st.from_regex(r"[aB9-]{1,66}(\.[aB9_-]{0,64}){0,4}", fullmatch=True),
    st.sampled_from(["", " ", " A=1", " A=1  B", " A=", " A=\u00e9", "X", "\n"]),
)
@example("a" * 255, ".".join(["b" * 63] * 4), "")
@example("a" * 256, ".".join(["b" * 63] * 4), "")
@example("a", ".".join(["b" * 63] * 4) + "c", "")
def test_plain_shape_goes_the_same_way_as_all_others(
    local_part: str, domain: str, rest: str
) -> None:
    # A source route means nothing, but keeps a path from having the plain shape.
    mailbox = f"{local_part}@{domain}"
    for parse in (parse_reverse_path, parse_forward_path):
        plain = outcome(parse, f"<{mailbox}>{rest}".encode())
        routed = outcome(parse, f"<@relay.example:{mailbox}>{rest}".encode())
        assert plain == routed
