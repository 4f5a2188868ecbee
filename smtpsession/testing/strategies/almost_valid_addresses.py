"""Paths of MAIL and RCPT that break exactly one rule (RFC 5321 4.1.2, 4.1.3)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from hypothesis import strategies as st

from smtpsession.testing.strategies.arguments import choose
from smtpsession.testing.strategies.domains import domains

# What surrounds the mistake is as plain as can be.
_LOCAL: Final = st.lists(st.sampled_from("abcxyzABC019"), min_size=1, max_size=4).map(
    "".join
)
_DOMAIN: Final = domains(max_octets=40)
# Neither CR nor LF: those are a mistake of the line, not of the address.
_CONTROLS: Final = "\0\t\x07\x0b\x1b\x7f" + "".join(
    map(chr, {*range(0x20)} - {*b"\0\t\x07\x0b\x1b\r\n"})
)
_NO_UTF8: Final = (
    *(b"\xff", b"\xc3", b"\x80", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"),
)

# In each form L is the local part, D the domain, and * a part of the second list.
_Form = tuple[str, tuple[str, ...]]
_FORMS: Final[Mapping[str, _Form | str]] = {
    "no brackets": "L@D",
    "no opening bracket": "L@D>",
    "no closing bracket": "<L@D",
    "two opening brackets": "<<L@D>",
    "two closing brackets": "<L@D>>",
    "two pairs of brackets": "<<L@D>>",
    "words in front": "Bob <L@D>",
    "a comment inside": "<L(c)@D>",
    "a comment behind": "<L@D> (c)",
    "a space inside": ("<*>", ("L @D", "L@ D", " L@D", "L@D ", "L L@D", "L@D D")),
    "no local part": "<@D>",
    "no domain": ("<*>", ("L@", "L")),
    "two at signs": "<L@L@D>",
    "a dot at the start": "<.L@D>",
    "a dot before the at sign": "<L.@D>",
    "two dots in the local part": "<L..L@D>",
    "a special outside quotes": (
        "<L*L@D>",
        (",", ";", ":", "(", ")", "[", "]", "<", ">", '"'),
    ),
    "a backslash outside quotes": ("<*>", (r"L\>@D", r"L\@L@D", r"\L@D")),
    "open quotes": ("<*>", ('"L@D', 'L"@D', '"L\\"@D')),
    "text beside quotes": ("<*>", ('"L"L@D', 'L"L"@D', '"L".L@D', '"L""L"@D')),
    "a control character": ("<L*@D>", tuple(_CONTROLS)),
    "a control character in quotes": ('<"L*"@D>', tuple(_CONTROLS)),
    "a control character behind a backslash": ('<"L\\*"@D>', tuple(_CONTROLS)),
    "a dot at the start of the domain": "<L@.D>",
    "a dot at the end of the domain": "<L@D.>",
    "two dots in the domain": "<L@L..D>",
    "a hyphen at the edge of a label": ("<L@*.D>", ("-a", "a-", "-")),
    "an underscore in the domain": ("<L@*.D>", ("a_b", "_a", "_")),
    "a label of 64 octets": ("<L@*.D>", ("a" * 64,)),
    "a domain of 256 octets": (
        "<L@*>",
        (".".join(["a" * 63] * 3 + ["a" * 62, "b"]), ".".join(["a" * 63] * 4) + ".b"),
    ),
    "a local part of 256 octets": ("<*@D>", ("a" * 256, '"' + " " * 256 + '"')),
    "another full stop": ("<L@L*example>", ("\u3002", "\uff0e", "\uff61")),
    "another at sign": ("<L*D>", ("\uff20", "\ufe6b")),
    "another letter in a domain": ("<L@*.D>", ("\u212aelvin", "e\u0301", "\u2603")),
    "a line separator": ("<L*@D>", ("\u0085", "\u2028", "\u2029")),
    "an IPv6 literal without its tag": "<L@[2001:db8::1]>",
    "an IPv6 literal with two gaps": "<L@[IPv6:1::2::3]>",
    "an IPv6 literal with a zone": "<L@[IPv6:fe80::1%eth0]>",
    "an IPv6 literal of the wrong length": (
        "<L@[IPv6:*]>",
        ("1:2:3", "1:2:3:4:5:6:7:8:9", "12345::", ""),
    ),
    "an IPv4 literal out of range": "<L@[192.0.2.256]>",
    "an IPv4 literal with a zero in front": "<L@[192.0.02.1]>",
    "an IPv4 literal of the wrong length": ("<L@[*]>", ("192.0.2", "192.0.2.1.1", "")),
    "a literal with an unregistered tag": "<L@[X:y]>",
    "an open literal": "<L@[192.0.2.1>",
    "a malformed source route": (
        "<*>",
        ("@D,L@D", "@:L@D", "@D,D:L@D", "@D, @D:L@D", "@L..D:L@D", "D:L@D"),
    ),
    "a parameter without a space": "<L@D>SIZE=1",
    "a tab instead of a space": ("*", ("<L@D>\tSIZE=1", "\t<L@D>")),
    "no UTF-8": "<L\N{REPLACEMENT CHARACTER}@D>",
}

#: The rules that a path may break, each in words.
ALMOST_VALID_RULES: Final = tuple(_FORMS)


def almost_valid_addresses(
    *, rules: Collection[str] | None = None
) -> st.SearchStrategy[bytes]:
    """Paths, angle brackets and all, that no strict server may take.

    Each would be a path of RFC 5321 4.1.2 but for one rule that it breaks; a local
    part that is too long has 256 octets, since many servers take more than 64.
    To send one, put it behind ``MAIL FROM:`` or ``RCPT TO:``.

    Args:
        rules: break one of these only; all of ``ALMOST_VALID_RULES`` for None.

    Raises:
        TypeError: rules is no collection of str.
        ValueError: rules is empty or holds an unknown one.
    """
    chosen = choose("rules", rules, ALMOST_VALID_RULES)
    return st.sampled_from(chosen).flatmap(_breaking)


def _breaking(rule: str) -> st.SearchStrategy[bytes]:
    entry = _FORMS[rule]
    form, parts = (entry, ("",)) if isinstance(entry, str) else entry
    forms = st.sampled_from(parts).map(lambda part: form.replace("*", part))
    wrong = st.sampled_from(_NO_UTF8)
    return st.builds(_fill, forms, _LOCAL, _DOMAIN, wrong)


def _fill(form: str, local_part: str, domain: str, wrong: bytes) -> bytes:
    places = {"L": local_part, "D": domain}
    filled = "".join(places.get(character, character) for character in form)
    return filled.encode().replace("\N{REPLACEMENT CHARACTER}".encode(), wrong)
