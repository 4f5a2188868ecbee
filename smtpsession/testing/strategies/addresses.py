"""Mailboxes (RFC 5321 4.1.2, RFC 6531 3.3), usual and hostile ones."""

from __future__ import annotations

import functools
import string
from typing import Final

from hypothesis import strategies as st

from smtpsession.testing.strategies.arguments import check_flags
from smtpsession.testing.strategies.domains import address_literals, domains

#: Longest local part that every server must take (RFC 5321 4.5.3.1.1).
MAX_LOCAL_PART_OCTETS: Final = 64
# RFC 5321 4.5.3.1.3: a path has at most 256 octets, "<", "@" and ">" included.
_DOMAIN_OCTETS: Final = 256 - MAX_LOCAL_PART_OCTETS - len("<@>")

_ATEXT: Final = (
    string.ascii_lowercase
    + string.digits
    + string.ascii_uppercase
    + "!#$%&'*+-/=?^_`{|}~"
)
_NON_ASCII: Final = "\u00e9\u00df\u0436\u65e5\u0301\U0001d11e\U0001f4e7"
# What is special somewhere, but not inside quotes.
_SPECIALS: Final = " .@<>()[],:;"
_QUOTED_PAIRS: Final = (r"\"", r"\\", r"\a", r"\ ")

_HOSTILE_ATOMS: Final = (
    *("|id", "`id`", "-froot", "-oQ/tmp", "--help", "!ls", "*", "~root", "a|b"),
    *("/etc/passwd", "/dev/null", "a'--", "'or'1'='1", "${jndi}", "{{7*7}}", "%s%n"),
    *("%0d%0a", "a%b", "a!b", "a+b", "con", "nul", "=?utf-8?q?=0d=0a?=", "undefined"),
    *("0", "root", "mailer-daemon", "a" * MAX_LOCAL_PART_OCTETS, "&", "^", "?", "#"),
)
_HOSTILE_TEXTS: Final = (
    *("", " ", ".", "..", "a@b", "a b", "<a>", "a>", "$(id)", ";rm -rf x", "> /x"),
    *("../../etc/passwd", "a/../../b", "Bcc: b", "a, b", "a (b)", "@a.example:b"),
    *("<script>", "a> SIZE=1", "a\\r\\nBcc: b", '"', "\\", '\\"', ".a", "a.", "a..b"),
    *("abc", "a:b", "[192.0.2.1]", "|/bin/sh -c id", ":include:/etc/passwd"),
    *("${jndi:ldap://a.example}", "a" * 62),
)
_HOSTILE_NON_ASCII: Final = (
    *("\u202ea", "a\u200bb", "e\u0301", "\uff1cscript\uff1e", "\uff20a", "\u2024"),
    *("\u017f", "\u212a", "\ufeffa", "\u0456d", "\U000e0041", "\u00ad"),
)

# The first of each are the shortest to choose, so that they are what is shrunk to.
_atoms: Final = st.lists(st.sampled_from(_ATEXT), min_size=1, max_size=8).map("".join)
_utf8_atoms: Final = st.lists(
    st.sampled_from(_ATEXT + _NON_ASCII), min_size=1, max_size=4
).map("".join)
_usual_local_parts: Final = st.sampled_from(
    ["a", "b", "A", "a.b", "a+b", "Postmaster", "a" * MAX_LOCAL_PART_OCTETS]
)


def addresses(
    *,
    smtp_utf8: bool = False,
    allow_null: bool = False,
    allow_postmaster: bool = False,
    allow_literals: bool = True,
    allow_quoted: bool = True,
) -> st.SearchStrategy[str]:
    """Mailboxes that every server has to understand (RFC 5321 4.1.2 and 4.5.3.1).

    They come without angle brackets, and shrink to ``a@a.example``.

    Args:
        smtp_utf8: non-ASCII local parts and domains, too (RFC 6531 3.3).
        allow_null: "", too, the null reverse-path (RFC 5321 4.5.5).
        allow_postmaster: ``postmaster`` without a domain, too, in any case; it is a
            recipient only (RFC 5321 4.1.1.3).
        allow_literals: address literals for domains, too (RFC 5321 4.1.3).
        allow_quoted: quoted local parts, too.

    Raises:
        TypeError: an option is no bool.
    """
    check_flags(
        smtp_utf8=smtp_utf8,
        allow_null=allow_null,
        allow_postmaster=allow_postmaster,
        allow_literals=allow_literals,
        allow_quoted=allow_quoted,
    )
    mailboxes = _mailboxes(smtp_utf8, allow_quoted, allow_literals)
    if allow_postmaster:
        mailboxes |= st.sampled_from(["postmaster", "Postmaster", "POSTMASTER"])
    return mailboxes | st.sampled_from([""]) if allow_null else mailboxes


@functools.cache
def _mailboxes(
    smtp_utf8: bool, allow_quoted: bool, allow_literals: bool
) -> st.SearchStrategy[str]:
    local_parts = _usual_local_parts | _dot_strings(smtp_utf8)
    if allow_quoted:
        local_parts |= _quoted_strings(smtp_utf8)
    whole = domains(smtp_utf8=smtp_utf8, max_octets=_DOMAIN_OCTETS)
    if allow_literals:
        whole |= address_literals()
    return st.tuples(local_parts, whole).map("@".join)


def hostile_addresses(*, smtp_utf8: bool = False) -> st.SearchStrategy[str]:
    """Mailboxes that the grammar allows and that careless programs fall for.

    Their local parts look like options, paths, shell, SQL, markup, header fields or
    other addresses (RFC 5321 4.1.2 allows all of that, in part in quotes), or are as
    long as can be.

    Args:
        smtp_utf8: look-alikes, invisible and turned text, too (RFC 6531 3.3).

    Raises:
        TypeError: smtp_utf8 is no bool.
    """
    check_flags(smtp_utf8=smtp_utf8)
    local_parts = st.one_of(
        st.sampled_from(_HOSTILE_ATOMS),
        st.sampled_from(_HOSTILE_TEXTS).map(quoted),
        _quoted_strings(smtp_utf8),
    )
    if smtp_utf8:
        local_parts |= st.sampled_from(_HOSTILE_NON_ASCII)
    whole = domains(smtp_utf8=smtp_utf8, max_octets=_DOMAIN_OCTETS)
    return st.tuples(local_parts, whole | address_literals()).map("@".join)


def quoted(text: str) -> str:
    """Give *text*, printable ASCII, as a Quoted-string (RFC 5321 4.1.2)."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _dot_strings(smtp_utf8: bool) -> st.SearchStrategy[str]:
    atoms = _utf8_atoms if smtp_utf8 else _atoms
    return st.lists(atoms, min_size=1, max_size=3).map(".".join)


def _quoted_strings(smtp_utf8: bool) -> st.SearchStrategy[str]:
    characters = [*_ATEXT, *_SPECIALS, *_QUOTED_PAIRS]
    if smtp_utf8:
        characters += _NON_ASCII
    # At most 64 octets with its quotes, as every server must take.
    pieces = st.lists(st.sampled_from(characters), max_size=15)
    return pieces.map(lambda drawn: f'"{"".join(drawn)}"')
