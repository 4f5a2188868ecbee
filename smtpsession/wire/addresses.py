"""Addresses of the envelope: the paths of MAIL and RCPT (RFC 5321 4.1.2, RFC 6531).

Nearly every path has the same plain shape, which one regular expression on the octets
recognises.
What it does not match goes through the full grammar, which gives the same result for
the plain shape.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

import attrs

from smtpsession.errors import (
    InvalidUTF8Error,
    RecipientSyntaxError,
    SenderSyntaxError,
)
from smtpsession.wire import grammar
from smtpsession.wire.domains import (
    MAX_DOMAIN_OCTETS,
    ascii_domain,
    parse_address_literal,
    parse_domain,
)
from smtpsession.wire.parameters import parse_parameters

#: Longest local part in octets, unquoted; RFC 5321 4.5.3.1.1 asks for at least 64.
MAX_LOCAL_PART_OCTETS: Final = 255


@attrs.frozen(kw_only=True)
class RecipientDSN:
    """What the sender asked to be told about one recipient (RFC 3461 4.1, 4.2)."""

    #: ``("NEVER",)``, or any of ``SUCCESS``, ``FAILURE``, ``DELAY``; empty: not said.
    notify: tuple[str, ...] = ()
    #: The original recipient: its type, ``;`` and the address decoded, for example
    #: ``rfc822;bob@s.example``; None: not said.
    orcpt: str | None = None


_NO_DSN: Final = RecipientDSN()


@attrs.frozen(kw_only=True)
class RRVS:
    """Since when the recipient must have had the mailbox (RFC 7293 5.1)."""

    #: The moment, in UTC.
    since: datetime
    #: Where the next server cannot check it: "C" continues, "R" rejects; None: not
    #: said.
    action: Literal["C", "R"] | None = None


@attrs.frozen(kw_only=True, eq=False)
class Address:
    """One path of the envelope, with the parameters that came with it.

    Two addresses are equal when their local parts are, case included, and their
    domains are the same in DNS.
    Spelling, parameters and DSN requests do not count.
    """

    #: The mailbox: quoted only where it must be, without source route; "" for ``<>``.
    address: str
    #: The local part without quotes and backslashes.
    local_part: str
    #: The domain or address literal, normalised; "" for ``<>`` and ``<postmaster>``.
    domain: str
    #: The parameters by upper-case keyword; True for one without a value.
    args: dict[str, str | bool] = attrs.field(factory=dict[str, str | bool])
    dsn: RecipientDSN = _NO_DSN
    #: RRVS was given (RFC 7293); None when not.
    rrvs: RRVS | None = None

    @property
    def is_null(self) -> bool:
        """Whether this is the null reverse-path ``<>`` (RFC 5321 4.5.5)."""
        return not self.address

    @property
    def is_ascii(self) -> bool:
        """Whether the mailbox can be sent without SMTPUTF8 (RFC 6531)."""
        return self.address.isascii()

    @property
    def ascii_domain(self) -> str:
        """The domain with every U-label as an A-label, for DNS and comparisons."""
        return ascii_domain(self.domain)

    def __str__(self) -> str:
        return self.address

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Address):
            return NotImplemented
        return (
            self.local_part == other.local_part
            and self.ascii_domain == other.ascii_domain
        )

    def __hash__(self) -> int:
        return hash((self.local_part, self.ascii_domain))


def parse_reverse_path(octets: bytes, *, lenient: bool = False) -> Address:
    """Return the sender in the argument of MAIL (RFC 5321 4.1.1.2).

    Whether a non-ASCII address is allowed here and now is for the caller to decide.

    Args:
        octets: what follows ``FROM:``, without CRLF; spaces in front are let through.
        lenient: let missing angle brackets, underscores and one trailing dot in the
            domain, and dots anywhere in the local part pass.

    Raises:
        SenderSyntaxError: the path is malformed or has no domain.
        ParameterSyntaxError: the parameters are malformed.
        InvalidUTF8Error: the octets are not UTF-8.
    """
    plain = _parse_plain(octets)
    if plain is not None:
        return plain
    text = _decode(octets)
    try:
        path, parameters = _split(text)
        mailbox = _NULL if path == "<>" else _parse_path(path, lenient)
    except ValueError as error:
        raise SenderSyntaxError(str(error)) from error
    return _build(mailbox, parameters)


def parse_forward_path(octets: bytes, *, lenient: bool = False) -> Address:
    """Return the recipient in the argument of RCPT (RFC 5321 4.1.1.3).

    Whether a non-ASCII address is allowed here and now is for the caller to decide.

    Args:
        octets: what follows ``TO:``, without CRLF; spaces in front are let through.
        lenient: let missing angle brackets, underscores and one trailing dot in the
            domain, and dots anywhere in the local part pass.

    Raises:
        RecipientSyntaxError: the path is malformed, or has no domain and is not
            ``<postmaster>``.
        ParameterSyntaxError: the parameters are malformed.
        InvalidUTF8Error: the octets are not UTF-8.
    """
    plain = _parse_plain(octets)
    if plain is not None:
        return plain
    text = _decode(octets)
    try:
        path, parameters = _split(text)
        mailbox = _parse_postmaster(path, lenient) or _parse_path(path, lenient)
    except ValueError as error:
        raise RecipientSyntaxError(str(error)) from error
    return _build(mailbox, parameters)


def _parse_plain(octets: bytes) -> Address | None:
    """Return the address if the path has the plain shape, else None."""
    match = grammar.PLAIN_PATH.fullmatch(octets)
    if match is None:
        return None
    local_part, domain, parameters = match.groups()
    if len(local_part) > MAX_LOCAL_PART_OCTETS or len(domain) > MAX_DOMAIN_OCTETS:
        return None
    return Address(
        address=(local_part + b"@" + domain).decode("ascii"),
        local_part=local_part.decode("ascii"),
        domain=domain.lower().decode("ascii"),
        args=parse_parameters(_decode(parameters)) if parameters else {},
    )


@attrs.frozen
class _Mailbox:
    """The three spellings that an Address keeps of its mailbox."""

    address: str
    local_part: str
    domain: str


_NULL: Final = _Mailbox("", "", "")


def _decode(octets: bytes) -> str:
    # RFC 6531 3.5: what is not UTF-8 must not get any further.
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidUTF8Error(f"command must be UTF-8: {error.reason}") from error


def _split(text: str) -> tuple[str, str]:
    match = grammar.PATH_AND_PARAMETERS.fullmatch(text)
    if match is None:
        raise ValueError(f"path must not be empty or in open quotes, got {text!r}")
    return match[1], match[2] or ""


def _parse_path(path: str, lenient: bool) -> _Mailbox:
    pattern = grammar.LENIENT_ROUTED_MAILBOX if lenient else grammar.ROUTED_MAILBOX
    match = pattern.fullmatch(_strip_brackets(path, lenient))
    if match is None:
        raise ValueError(f"path must look like <local-part@domain>, got {path!r}")
    route, local_part, domain = match.groups()
    if route is not None:
        _check_route(route, lenient)
    local_part = _parse_local_part(local_part)
    if domain.startswith("["):
        normal = parse_address_literal(domain)
    else:
        normal = parse_domain(domain, lenient=lenient)
        # The trailing dot that lenient lets pass is not worth keeping.
        domain = domain.removesuffix(".")
    return _Mailbox(f"{_spell_local_part(local_part)}@{domain}", local_part, normal)


def _parse_postmaster(path: str, lenient: bool) -> _Mailbox | None:
    name = _strip_brackets(path, lenient)
    if grammar.POSTMASTER.fullmatch(name) is None:
        return None
    return _Mailbox(name, name, "")


def _strip_brackets(path: str, lenient: bool) -> str:
    if path.startswith("<") and path.endswith(">"):
        return path[1:-1]
    if lenient:
        return path
    raise ValueError(f"path must stand in angle brackets, got {path!r}")


def _check_route(route: str, lenient: bool) -> None:
    # RFC 5321 4.1.1.3: source routes must be accepted and should be ignored.
    for at_domain in route.split(","):
        if not at_domain.startswith("@"):
            raise ValueError(f"source route must look like @a,@b, got {route!r}")
        parse_domain(at_domain[1:], lenient=lenient)


def _parse_local_part(text: str) -> str:
    if text.startswith('"'):
        text = grammar.QUOTED_PAIR.sub(r"\1", text[1:-1])
    octets = len(text.encode())
    if octets > MAX_LOCAL_PART_OCTETS:
        raise ValueError(
            f"local part must be at most {MAX_LOCAL_PART_OCTETS} octets, got {octets}"
        )
    return text


def _spell_local_part(local_part: str) -> str:
    # RFC 5321 4.1.2: quotes only where nothing else will do.
    if grammar.DOT_STRING.fullmatch(local_part) is not None:
        return local_part
    escaped = grammar.NEEDS_QUOTED_PAIR.sub(r"\\\g<0>", local_part)
    return f'"{escaped}"'


def _build(mailbox: _Mailbox, parameters: str) -> Address:
    return Address(
        address=mailbox.address,
        local_part=mailbox.local_part,
        domain=mailbox.domain,
        args=parse_parameters(parameters),
    )
