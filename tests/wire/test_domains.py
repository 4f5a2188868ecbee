"""Domains and address literals: RFC 5321 4.1.2 and 4.1.3, IDNA2008."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpsession.wire.domains import ascii_domain, parse_address_literal, parse_domain

LONGEST = ".".join(["a" * 63] * 3 + ["b" * 63])
# 63 octets long as an A-label.
LONGEST_U_LABEL = "\u00e9" + "a" * 55

labels = st.from_regex(r"[a-z0-9]([a-z0-9]{0,20}-[a-z0-9])?", fullmatch=True) | st.text(
    alphabet="\u00e9\u00fc\u00df\u00f1\u0436\u65e5\u672c\u8a9e", min_size=1
)
domains = st.lists(labels, min_size=1, max_size=4).map(".".join)


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("example", "example"),
        ("Mail.EXAMPLE.org", "mail.example.org"),
        ("x-y.example", "x-y.example"),
        ("a--b.example", "a--b.example"),
        ("3com.example", "3com.example"),
        ("192.0.2.1", "192.0.2.1"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("b\u00fccher.example", "b\u00fccher.example"),
        ("B\u00dcCHER.Example", "b\u00fccher.example"),
        ("fa\u00df.example", "fa\u00df.example"),
        ("J\u030c.example", "\u01f0.example"),
        ("\u65e5\u672c\u8a9e.example", "\u65e5\u672c\u8a9e.example"),
        ("a" * 63 + ".example", "a" * 63 + ".example"),
        (LONGEST, LONGEST),
        (LONGEST_U_LABEL, LONGEST_U_LABEL),
    ],
)
def test_domain(text: str, domain: str) -> None:
    assert parse_domain(text) == domain
    assert parse_domain(text, lenient=True) == domain


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        ".example",
        "b..example",
        "b.example..",
        "-b.example",
        "b-.example",
        "b example",
        " b.example",
        "b.example\n",
        "b.example\r\n",
        "b\t.example",
        "b\x00.example",
        "b.exam,ple",
        "b(c).example",
        "a@b",
        "[192.0.2.1]",
        "a" * 64 + ".example",
        LONGEST + "b",
        LONGEST_U_LABEL + "a",
        "\u00e9" * 50 + "." + "\u00e9" * 50 + "." + "\u00e9" * 50,
        ".".join(["\u00e9"] * 70),
        "\ud800.example",
    ],
)
def test_no_domain(text: str) -> None:
    for lenient in (False, True):
        with pytest.raises(ValueError):
            parse_domain(text, lenient=lenient)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "a..b",
            "domain label must be 1 to 63 letters, digits and inner hyphens, got ''",
        ),
        ("bu\u0308cher", "domain label must be in NFC, got 'bu\u0308cher'"),
        ("d" * 256, "domain must be at most 255 octets, got 256"),
    ],
)
def test_the_error_says_what_is_wrong_and_what_was_given(text: str, said: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_domain(text)
    assert str(caught.value) == said


def test_the_error_shows_how_an_address_literal_looks() -> None:
    with pytest.raises(ValueError) as caught:
        parse_address_literal("[192.0.2]")
    assert str(caught.value) == (
        "address literal must be [IPv4] or [IPv6:IPv6], got '[192.0.2]'"
    )


@pytest.mark.parametrize("dot", ["\u3002", "\uff0e", "\uff61", "\u2024", "\u00b7"])
def test_only_a_full_stop_is_a_dot(dot: str) -> None:
    with pytest.raises(ValueError):
        parse_domain(f"s{dot}example")


@pytest.mark.parametrize(
    "text",
    [
        "bu\u0308cher.example",  # not in NFC
        "\u0301a.example",  # starts with a combining mark
        "\u212aelvin.example",  # KELVIN SIGN, lower() gives an ASCII k
        "\uff45xample",  # FULLWIDTH LATIN SMALL LETTER E
        "\u0661.a\u0661",  # right-to-left digit in a left-to-right label
        "a\u200db.example",  # ZERO WIDTH JOINER out of context
        "a\u202eb.example",  # RIGHT-TO-LEFT OVERRIDE
        "a\u00adb.example",  # SOFT HYPHEN
        "\U0001f4a9.example",  # a symbol
        "a\u0085b.example",
        "a\u2028b.example",
        "\u00e9\n.example",
        "\u00e9_.example",
        "-\u00e9.example",
        "xn--\u00e9.example",
    ],
)
def test_u_label_must_be_valid(text: str) -> None:
    for lenient in (False, True):
        with pytest.raises(ValueError):
            parse_domain(text, lenient=lenient)


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("b_c.example", "b_c.example"),
        ("_B.example", "_b.example"),
        ("b_.example", "b_.example"),
        ("b.example.", "b.example"),
    ],
)
def test_lenient(text: str, domain: str) -> None:
    assert parse_domain(text, lenient=True) == domain
    with pytest.raises(ValueError, match="domain label must be"):
        parse_domain(text)


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("", ""),
        ("example.org", "example.org"),
        ("b\u00fccher.example", "xn--bcher-kva.example"),
        ("fa\u00df.example", "xn--fa-hia.example"),
        ("\u65e5\u672c\u8a9e.jp", "xn--wgv71a119e.jp"),
        ("[192.0.2.1]", "[192.0.2.1]"),
        ("[IPv6:2001:db8::1]", "[ipv6:2001:db8::1]"),
    ],
)
def test_ascii_domain(domain: str, expected: str) -> None:
    assert ascii_domain(domain) == expected


def test_longest_u_label_is_measured_as_a_label() -> None:
    assert len(ascii_domain(LONGEST_U_LABEL)) == 63


def test_ascii_domain_refuses_what_is_no_domain() -> None:
    with pytest.raises(ValueError):
        ascii_domain("\u3002")


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("[192.0.2.1]", "[192.0.2.1]"),
        ("[0.0.0.0]", "[0.0.0.0]"),
        ("[IPv6:2001:db8::1]", "[IPv6:2001:db8::1]"),
        ("[ipv6:2001:DB8:0:0:0:0:0:1]", "[IPv6:2001:db8::1]"),
        ("[IPV6:::]", "[IPv6:::]"),
        ("[ipv6:::ffff:192.0.2.1]", "[IPv6:::ffff:192.0.2.1]"),
        ("[IPv6:::ffff:c000:201]", "[IPv6:::ffff:192.0.2.1]"),
        ("[IPv6:64:ff9b::192.0.2.1]", "[IPv6:64:ff9b::c000:201]"),
    ],
)
def test_address_literal(text: str, literal: str) -> None:
    assert parse_address_literal(text) == literal
    assert parse_address_literal(literal) == literal


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "192.0.2.1",
        "[192.0.2.1",
        "192.0.2.1]",
        "[[192.0.2.1]]",
        "[192.0.2.1]\n",
        "[192.0.2.1\n]",
        "[ 192.0.2.1]",
        "[192.0.2]",
        "[192.0.2.1.5]",
        "[256.1.1.1]",
        "[01.2.3.4]",
        "[192.0.2.1000]",
        "[192.0.2.1/32]",
        "[192.0.2.\u0661]",
        "[3221225985]",
        "[0xc0.0.2.1]",
        "[2001:db8::1]",
        "[IPv6:]",
        "[IPv6:192.0.2.1]",
        "[IPv6:1::2::3]",
        "[IPv6:1:2:3]",
        "[IPv6:12345::]",
        "[IPv6:fe80::1%eth0]",
        "[IPv6:fe80::1%25eth0]",
        "[IPv6:2001:db8::/32]",
        "[IPv6:::ffff:01.2.3.4]",
        "[IPv6: ::1]",
        "[X:y]",
        "[IPv4:192.0.2.1]",
        "[example.org]",
    ],
)
def test_no_address_literal(text: str) -> None:
    with pytest.raises(ValueError):
        parse_address_literal(text)


@given(domains)
def test_parsing_is_idempotent_and_keeps_the_name(text: str) -> None:
    try:
        domain = parse_domain(text.upper().replace("SS", "\u00df"))
    except ValueError:
        return
    assert parse_domain(domain) == domain
    assert parse_domain(ascii_domain(domain)) == ascii_domain(domain)
    assert ascii_domain(domain).isascii()


@given(st.text() | domains, st.booleans())
def test_any_text_is_a_domain_or_refused(text: str, lenient: bool) -> None:
    try:
        domain = parse_domain(text, lenient=lenient)
    except ValueError:
        return
    assert domain == domain.lower()
    assert len(domain.encode()) <= 255
    assert all(0 < len(label) <= 63 for label in ascii_domain(domain).split("."))


@given(st.ip_addresses(v=4) | st.ip_addresses(v=6))
def test_every_address_has_a_literal(address: object) -> None:
    tag = "IPv6:" if ":" in str(address) else ""
    literal = parse_address_literal(f"[{tag}{address}]")
    assert parse_address_literal(literal) == literal


@given(st.text() | st.text(alphabet="[]IPv6:.0123456789abf%/ \n"))
def test_any_text_is_a_literal_or_refused(text: str) -> None:
    try:
        literal = parse_address_literal(text)
    except ValueError:
        return
    assert parse_address_literal(literal) == literal
