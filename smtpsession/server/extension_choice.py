"""Which service extensions a server has: the usual, the chosen, one's own."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping
from typing import Any

from smtpsession.dialogue.auth_policy import AuthPolicy
from smtpsession.dialogue.limits import Limits
from smtpsession.extensions.auth import AuthExtension
from smtpsession.extensions.binarymime import BinaryMIME
from smtpsession.extensions.chunking import Chunking
from smtpsession.extensions.deliverby import DeliverByExtension
from smtpsession.extensions.dsn import DSNExtension
from smtpsession.extensions.eightbitmime import EightBitMIME
from smtpsession.extensions.enhanced_status_codes import EnhancedStatusCodes
from smtpsession.extensions.extension import Extension
from smtpsession.extensions.futurerelease import FutureRelease
from smtpsession.extensions.limits import LimitsExtension
from smtpsession.extensions.mt_priority import MTPriority
from smtpsession.extensions.pipelining import Pipelining
from smtpsession.extensions.requiretls import RequireTLS
from smtpsession.extensions.rrvs import RRVSExtension
from smtpsession.extensions.size import Size
from smtpsession.extensions.smtputf8 import SMTPUTF8
from smtpsession.extensions.starttls import StartTLSExtension
from smtpsession.extensions.xclient import XclientExtension
from smtpsession.extensions.xforward import XforwardExtension
from smtpsession.wire.commands import LMTP_VERBS, VERBS
from smtpsession.wire.trusted_networks import TrustedNetworks

NOBODY = TrustedNetworks()

#: Built in, but only on when they are named.
OPTIONAL: Mapping[str, Extension] = {
    extension.keyword: extension
    for extension in (
        BinaryMIME(),
        RequireTLS(),
        DeliverByExtension(),
        FutureRelease(),
        MTPriority(),
        RRVSExtension(),
    )
}

# RFC 5321 4.1.1.1: ehlo-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")
_VERB = re.compile(r"[A-Z][A-Z0-9-]*")
_KEYWORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")


def usual_extensions(limits: Limits, *, binary: bool = False) -> list[Extension]:
    """Give the extensions that are on by default, STARTTLS last.

    Args:
        limits: the limits that SIZE and LIMITS tell.
        binary: BINARYMIME is on, too.
    """
    return [
        Pipelining(),
        Size(limits.message_octets),
        EightBitMIME(binary=binary),
        SMTPUTF8(),
        EnhancedStatusCodes(),
        Chunking(),
        DSNExtension(),
        LimitsExtension(rcpt_max=limits.recipients, mail_max=limits.transactions),
        StartTLSExtension(),
    ]


_BUILT_IN = (
    *usual_extensions(Limits()),
    *OPTIONAL.values(),
    AuthExtension(lambda _: ()),
    XclientExtension(NOBODY),
    XforwardExtension(NOBODY),
)
BUILT_IN_KEYWORDS = frozenset(extension.keyword for extension in _BUILT_IN)


def chosen_extensions(values: Iterable[str | Extension]) -> tuple[Extension, ...]:
    """Give the extensions that *values* name or are.

    Raises:
        TypeError: values are not several str or Extension objects.
        ValueError: a name is unknown, or an extension of one's own has an
            impossible keyword or parameter, or one that is another's.
    """
    given: Any = values
    is_one = isinstance(given, str) or not hasattr(given, "__iter__")
    several: list[Any] = [None] if is_one else list(given)
    if not all(isinstance(value, (str, Extension)) for value in several):
        raise TypeError(
            f"extensions must be several str or Extension objects, got {given!r}"
        )
    chosen: list[Extension] = []
    for extension in map(_extension, several):
        if extension not in chosen:
            chosen.append(extension)
    _check_own([e for e in chosen if e not in OPTIONAL.values()])
    return tuple(chosen)


def offered_extensions(
    chosen: Iterable[Extension],
    *,
    limits: Limits,
    tls: bool,
    hidden: frozenset[str],
    auth: AuthPolicy | None = None,
    xclient: TrustedNetworks = NOBODY,
    xforward: TrustedNetworks = NOBODY,
) -> tuple[Extension, ...]:
    """Give all extensions of a server, in the order of the reply to EHLO.

    Args:
        chosen: what ``chosen_extensions`` gave.
        limits: the limits that SIZE and LIMITS tell.
        tls: the server has a certificate.
        hidden: keywords, in upper case, that are taken away.
        auth: who can authenticate how; None if nobody can.
        xclient: clients that may say whom they speak for.
        xforward: clients that may say where a message came from.
    """
    if hidden & {"CHUNKING", "8BITMIME"}:
        hidden |= {"BINARYMIME"}  # RFC 3030 3: BINARYMIME asks for both
    if "8BITMIME" in hidden:
        hidden |= {"SMTPUTF8"}  # RFC 6531 3.1: SMTPUTF8 asks for 8BITMIME
    if not tls:
        hidden |= {"STARTTLS"}
    binary = OPTIONAL["BINARYMIME"] in chosen and "BINARYMIME" not in hidden
    *usual, starttls = usual_extensions(limits, binary=binary)
    last: list[Extension] = [starttls]
    if auth is not None:
        last.insert(0, AuthExtension(auth.available))
    if xforward:
        last.insert(0, XforwardExtension(xforward))
    if xclient:
        last.insert(0, XclientExtension(xclient))
    known = (*usual, *chosen, *last)
    return tuple(e for e in known if e.keyword.upper() not in hidden)


def _extension(value: str | Extension) -> Extension:
    if isinstance(value, Extension):
        return value
    extension = OPTIONAL.get(value.upper()) if value.isascii() else None
    if extension is None:
        raise ValueError(
            f"extensions may name {', '.join(sorted(OPTIONAL))}; got {value}"
        )
    return extension


def _check_own(own: list[Extension]) -> None:
    keywords = set(BUILT_IN_KEYWORDS)
    verbs = {verb.decode() for verb in {*VERBS, *LMTP_VERBS}}
    mail = {name for e in _BUILT_IN for name in e.mail_parameters}
    rcpt = {name for e in _BUILT_IN for name in e.rcpt_parameters}
    for extension in own:
        keyword: object = getattr(extension, "keyword", None)
        if not isinstance(keyword, str) or not _KEYWORD.fullmatch(keyword):
            raise ValueError(
                f"an extension's keyword must be letters, digits and hyphens, got"
                f" {keyword!r}"
            )
        _check_offer(extension)
        _claim(keywords, [keyword.upper()], keyword)
        _check_verb(extension, verbs)
        _check_parameters(extension, "mail_parameter", mail)
        _check_parameters(extension, "rcpt_parameter", rcpt)


def _check_offer(extension: Extension) -> None:
    if inspect.iscoroutinefunction(extension.offer):
        raise TypeError(f"offer of extension {extension.keyword} must be a plain def")


def _check_verb(extension: Extension, taken: set[str]) -> None:
    verb: Any = extension.verb
    name = extension.keyword
    if extension.has_command != bool(verb):
        given, missing = ("verb", "on_command") if verb else ("on_command", "verb")
        raise ValueError(f"extension {name} has {given}, so it needs {missing}")
    if not extension.has_command:
        return
    if not inspect.iscoroutinefunction(extension.on_command):
        raise TypeError(f"on_command of extension {name} must be an async def function")
    if not isinstance(verb, str) or not _VERB.fullmatch(verb):
        raise ValueError(
            f"the verb of extension {name} must be upper-case letters and digits,"
            f" got {verb!r}"
        )
    if verb in taken:
        raise ValueError(f"verb {verb} of extension {name} is another one's already")
    taken.add(verb)


def _check_parameters(extension: Extension, method: str, taken: set[str]) -> None:
    option, name = f"{method}s", extension.keyword
    words: Any = getattr(extension, option)
    if isinstance(words, str) or not hasattr(words, "__iter__"):
        raise TypeError(f"{option} of extension {name} must be several str")
    _claim(taken, words, name)
    function = getattr(extension, method)
    is_missing = getattr(function, "__func__", None) is getattr(Extension, method)
    if words and is_missing:
        raise ValueError(f"extension {name} has {option}, so it needs {method}")


def _claim(taken: set[str], words: Iterable[str], keyword: str) -> None:
    for word in words:
        if word in taken:
            raise ValueError(f"{word} of extension {keyword} is another one's already")
        if not _KEYWORD.fullmatch(word) or word != word.upper():
            raise ValueError(
                f"parameters of extension {keyword} must be upper-case letters, digits"
                f" and hyphens, got {word!r}"
            )
        taken.add(word)
