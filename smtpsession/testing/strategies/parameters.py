"""ESMTP parameters of MAIL and RCPT (RFC 5321 4.1.2), extension by extension."""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final, Literal

from hypothesis import strategies as st

from smtpsession.testing.strategies.addresses import addresses
from smtpsession.testing.strategies.arguments import check_flags, check_words

#: The extensions whose parameters are known, by their keyword in the reply to EHLO.
PARAMETER_EXTENSIONS: Final = (
    *("SIZE", "8BITMIME", "BINARYMIME", "SMTPUTF8", "DSN", "AUTH", "DELIVERBY"),
    *("FUTURERELEASE", "MT-PRIORITY", "REQUIRETLS", "RRVS"),
)
#: Those that nearly every server has.
USUAL_EXTENSIONS: Final = ("SIZE", "8BITMIME", "SMTPUTF8")

#: Largest size that is declared in octets; every server must take a message of 64K
#: octets (RFC 5321 4.5.3.1.7).
MAX_DECLARED_OCTETS: Final = 65_536

Strategy = st.SearchStrategy[str]


def _xtext(text: str) -> str:
    """Give printable ASCII as xtext (RFC 3461 4)."""
    return "".join(
        f"+{ord(character):02X}" if character in "+= " else character
        for character in text
    )


_mailboxes: Final = addresses(allow_quoted=False, allow_literals=False)
_moments: Final = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)).map(
    lambda moment: f"{moment:%Y-%m-%dT%H:%M:%SZ}"
)
_notify: Final = st.sampled_from(
    ["NEVER", "SUCCESS", "FAILURE", "DELAY", "SUCCESS,FAILURE", "delay,failure,success"]
)

# Keyword and values by extension; parameters without a value are a value of their own.
_MAIL: Final[Mapping[str, tuple[Strategy, ...]]] = {
    # RFC 1870 4: 1*20DIGIT.
    "SIZE": (st.integers(0, MAX_DECLARED_OCTETS).map("SIZE={}".format),),
    # RFC 6152 2 and RFC 3030 3: one keyword for both, see `_bodies`.
    "SMTPUTF8": (st.just("SMTPUTF8"),),
    # RFC 3461 4.3 and 4.4.
    "DSN": (
        st.sampled_from(["RET=HDRS", "RET=FULL"]),
        st.sampled_from(["a", "A+B c", "x" * 100, "<a@b>"]).map(
            lambda text: f"ENVID={_xtext(text)}"
        ),
    ),
    # RFC 4954 5.
    "AUTH": ((st.just("<>") | _mailboxes.map(_xtext)).map("AUTH={}".format),),
    # RFC 2852 4: a message to be returned needs some time.
    "DELIVERBY": (
        st.builds(
            "BY={};{}{}".format,
            st.integers(1, 999_999_999),
            st.sampled_from("NR"),
            st.sampled_from(["", "T"]),
        ),
    ),
    # RFC 4865 3: one of the two.
    "FUTURERELEASE": (
        st.integers(1, 999_999_999).map("HOLDFOR={}".format)
        | _moments.map("HOLDUNTIL={}".format),
    ),
    # RFC 6710 4.
    "MT-PRIORITY": (st.integers(-9, 9).map("MT-PRIORITY={}".format),),
    # RFC 8689 2.
    "REQUIRETLS": (st.just("REQUIRETLS"),),
}
_RCPT: Final[Mapping[str, tuple[Strategy, ...]]] = {
    # RFC 3461 4.1; ORCPT depends on SMTPUTF8, see `_originals`.
    "DSN": (_notify.map("NOTIFY={}".format),),
    # RFC 7293 5.1.
    "RRVS": (
        st.builds("RRVS={}{}".format, _moments, st.sampled_from(["", ";C", ";R"])),
    ),
}

# Values that the extensions do not allow, and in "" what no extension can allow.
_BROKEN_MAIL: Final[Mapping[str, tuple[str, ...]]] = {
    "": (
        *("X-UNKNOWN=1", "X-UNKNOWN", "=", "=1", "X=", "X==1", "X=a=b", "-X=1", "X_Y"),
        *("(c)", "X=\x01", "X\t=1", "X=\x7f", "<a@b>", "NOTIFY=NEVER"),
    ),
    "SIZE": (
        *("SIZE", "SIZE=", "SIZE=x", "SIZE=-1", "SIZE=+1", "SIZE=1.5", "SIZE=0x10"),
        *("SIZE=" + "1" * 21, "SIZE=1 SIZE=2", "SIZE=\u0661"),
    ),
    "8BITMIME": ("BODY", "BODY=9BIT", "BODY=8BIT", "BODY=7BIT BODY=8BITMIME"),
    "BINARYMIME": ("BODY", "BODY=BINARY", "BODY=BINARYMIME BODY=7BIT"),
    "SMTPUTF8": ("SMTPUTF8=1", "SMTPUTF8="),
    "DSN": (
        *("RET", "RET=NONE", "RET=FULL,HDRS", "RET=FULL RET=FULL", "ENVID", "ENVID=+"),
        *("ENVID=+0", "ENVID=+0a", "ENVID=+00", "ENVID=" + "x" * 101),
    ),
    "AUTH": ("AUTH", "AUTH=", "AUTH=a", "AUTH=+3", "AUTH=a@"),
    "DELIVERBY": ("BY", "BY=1", "BY=1;X", "BY=0;R", "BY=-1;R", "BY=1234567890;N"),
    "FUTURERELEASE": (
        *("HOLDFOR", "HOLDFOR=0", "HOLDFOR=01", "HOLDFOR=-1", "HOLDUNTIL=now"),
        *("HOLDUNTIL=2030-02-30T00:00:00Z", "HOLDFOR=1 HOLDUNTIL=2030-01-01T00:00:00Z"),
    ),
    "MT-PRIORITY": ("MT-PRIORITY", "MT-PRIORITY=10", "MT-PRIORITY=-10"),
    "REQUIRETLS": ("REQUIRETLS=1", "REQUIRETLS="),
}
_BROKEN_RCPT: Final[Mapping[str, tuple[str, ...]]] = {
    "": (*_BROKEN_MAIL[""][:-1], "SIZE=1", "BODY=8BITMIME"),
    "DSN": (
        *("NOTIFY", "NOTIFY=", "NOTIFY=NEVER,DELAY", "NOTIFY=DELAY,DELAY", "NOTIFY=,"),
        *("NOTIFY=ALWAYS", "ORCPT", "ORCPT=a", "ORCPT=;a", "ORCPT=rfc822;"),
        *("ORCPT=rfc822;+0", "ORCPT=rfc822;" + "x" * 500, "NOTIFY=DELAY NOTIFY=DELAY"),
    ),
    "RRVS": ("RRVS", "RRVS=2000-01-01", "RRVS=2000-01-01T00:00:00Z;X", "RRVS=;C"),
}


def parameters(
    *,
    command: Literal["MAIL", "RCPT"] = "MAIL",
    extensions: Collection[str] = USUAL_EXTENSIONS,
    valid: bool = True,
) -> st.SearchStrategy[str]:
    """What stands behind the path of MAIL or RCPT, without the space in front.

    A keyword comes once at most and in any case; there may be no parameter at all.

    Args:
        command: whose parameters.
        extensions: those that the server offers, some of ``PARAMETER_EXTENSIONS``.
        valid: False makes exactly one parameter one that a server must refuse
            (RFC 5321 4.1.1.11): unknown, malformed, given twice, or with a value
            that its extension does not allow.

    Raises:
        TypeError: extensions is no collection of str, or valid no bool.
        ValueError: the command or an extension is unknown.
    """
    if command not in ("MAIL", "RCPT"):
        raise ValueError(f"command must be MAIL or RCPT, got {command!r}")
    check_flags(valid=valid)
    names = check_words("extensions", extensions, PARAMETER_EXTENSIONS)
    return _parameters(command, names, valid)


@functools.cache
def _parameters(command: str, names: tuple[str, ...], valid: bool) -> Strategy:
    choices = _choices(command, names)
    if valid:
        return _several(choices, None)
    broken = _BROKEN_MAIL if command == "MAIL" else _BROKEN_RCPT
    wrong = [text for name in ("", *names) for text in broken.get(name, ())]
    return _several(choices, st.sampled_from(wrong))


def _choices(command: str, extensions: tuple[str, ...]) -> list[Strategy]:
    table = _MAIL if command == "MAIL" else _RCPT
    choices = [choice for name in extensions for choice in table.get(name, ())]
    return choices + (_bodies if command == "MAIL" else _originals)(extensions)


def _bodies(extensions: tuple[str, ...]) -> list[Strategy]:
    bodies = ["BODY=7BIT", "BODY=8BITMIME"] if "8BITMIME" in extensions else []
    bodies += ["BODY=BINARYMIME"] if "BINARYMIME" in extensions else []
    return [st.sampled_from(bodies)] if bodies else []


def _originals(extensions: tuple[str, ...]) -> list[Strategy]:
    if "DSN" not in extensions:
        return []
    # RFC 3461 4.2.
    original = _mailboxes.map(lambda text: f"ORCPT=rfc822;{_xtext(text)}")
    if "SMTPUTF8" in extensions:
        # RFC 6533 3.
        original |= st.sampled_from(["ORCPT=utf-8;\u00e9@a.example"])
    return [original]


@st.composite
def _several(draw: st.DrawFn, choices: list[Strategy], wrong: Strategy | None) -> str:
    drawn: list[str] = []
    if choices:
        places = st.sets(st.integers(0, len(choices) - 1), max_size=3)
        for place in sorted(draw(places)):
            drawn.append(_recase(draw(choices[place]), draw(st.booleans())))
    if wrong is not None:
        drawn.insert(draw(st.integers(0, len(drawn))), draw(wrong))
    return " ".join(drawn)


def _recase(parameter: str, lower: bool) -> str:
    keyword, separator, value = parameter.partition("=")
    return (keyword.lower() if lower else keyword) + separator + value
