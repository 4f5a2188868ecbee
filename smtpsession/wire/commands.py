"""Commands: one frozen class each, and the table of the verbs that make them.

A command line is ``verb [SP argument] CRLF`` (RFC 5321 4.1.1); verbs are matched
as ASCII octets without regard to case, and white space before CRLF is ignored.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import ClassVar

import attrs

from smtpsession.errors import (
    ArgumentSyntaxError,
    Base64Error,
    ForeignProtocolError,
    InvalidUTF8Error,
    RemoteProtocolError,
    UnknownCommandError,
)
from smtpsession.wire.addresses import Address, parse_forward_path, parse_reverse_path
from smtpsession.wire.domains import MAX_DOMAIN_OCTETS, parse_address_literal
from smtpsession.wire.events import Event
from smtpsession.wire.foreign_protocols import is_foreign
from smtpsession.wire.proxy_attributes import (
    ProxyAttribute,
    parse_xclient,
    parse_xforward,
)
from smtpsession.wire.strict_base64 import decode_base64


class Command(Event):
    """Base of all commands."""

    __slots__ = ()
    verb: ClassVar[str]


@attrs.frozen
class Hello(Command):
    """Base of HELO, EHLO and LHLO."""

    name: str


class Helo(Hello):
    """HELO (RFC 5321 4.1.1.1)."""

    __slots__ = ()
    verb = "HELO"


class Ehlo(Hello):
    """EHLO (RFC 5321 4.1.1.1)."""

    __slots__ = ()
    verb = "EHLO"


class Lhlo(Hello):
    """LHLO (RFC 2033 4.1)."""

    __slots__ = ()
    verb = "LHLO"


@attrs.frozen
class Mail(Command):
    """MAIL FROM (RFC 5321 4.1.1.2); the address carries the parameters."""

    verb = "MAIL"
    address: Address


@attrs.frozen
class Rcpt(Command):
    """RCPT TO (RFC 5321 4.1.1.3); the address carries the parameters."""

    verb = "RCPT"
    address: Address


@attrs.frozen
class Data(Command):
    """DATA (RFC 5321 4.1.1.4)."""

    verb = "DATA"


@attrs.frozen
class Bdat(Command):
    """BDAT with a chunk that is not the last (RFC 3030 2)."""

    verb = "BDAT"
    #: Octets that follow the command's CRLF.
    octets: int


class LastBdat(Bdat):
    """BDAT with the last chunk of a message (RFC 3030 2)."""

    __slots__ = ()


@attrs.frozen
class Auth(Command):
    """AUTH (RFC 4954 4)."""

    verb = "AUTH"
    #: The name of the mechanism in upper case.
    mechanism: str
    #: The initial response, decoded; None without one.
    initial: bytes | None = attrs.field(repr=False)


@attrs.frozen
class Rset(Command):
    """RSET (RFC 5321 4.1.1.5)."""

    verb = "RSET"


@attrs.frozen
class Vrfy(Command):
    """VRFY (RFC 5321 4.1.1.6)."""

    verb = "VRFY"
    argument: str


@attrs.frozen
class Expn(Command):
    """EXPN (RFC 5321 4.1.1.7)."""

    verb = "EXPN"
    argument: str


@attrs.frozen
class Help(Command):
    """HELP (RFC 5321 4.1.1.8); the topic may be empty."""

    verb = "HELP"
    topic: str


@attrs.frozen
class Noop(Command):
    """NOOP (RFC 5321 4.1.1.9)."""

    verb = "NOOP"


@attrs.frozen
class Quit(Command):
    """QUIT (RFC 5321 4.1.1.10)."""

    verb = "QUIT"


@attrs.frozen
class StartTLS(Command):
    """STARTTLS (RFC 3207 4)."""

    verb = "STARTTLS"


@attrs.frozen
class Xclient(Command):
    """XCLIENT (Postfix's XCLIENT_README): whom the client speaks for."""

    verb = "XCLIENT"
    #: What was said, by upper-case name.
    attributes: dict[str, ProxyAttribute]


@attrs.frozen
class Xforward(Command):
    """XFORWARD (Postfix's XFORWARD_README): where the next message came from."""

    verb = "XFORWARD"
    #: What was said, by upper-case name.
    attributes: dict[str, ProxyAttribute]


@attrs.frozen
class Added(Command):
    """A command of a service extension that is not among the built-in ones."""

    verb = ""
    #: The verb, in upper case.
    name: str
    argument: str


@attrs.frozen
class Unknown(Command):
    """A command whose verb is in no table."""

    verb = ""
    #: The line as the client wrote it; what is not printable ASCII is escaped.
    line: str


@attrs.frozen
class BadArgument(Event):
    """A known command whose argument does not follow its grammar."""

    command: type[Command]
    error: RemoteProtocolError


#: Makes a command of an argument's octets, or raises a RemoteProtocolError.
#: The flag asks for lenient address parsing.
ParseArgument = Callable[[bytes, bool], Command]

# RFC 5321 4.1.2: String = Atom / Quoted-string, with SP and the UTF-8 of RFC 6531
# for what people write behind VRFY, EXPN, HELP and NOOP.
_STRING = re.compile(rb"[\x20-\x7e\x80-\xff]*")
# ehlo = "EHLO" SP ( Domain / address-literal ), in ASCII only (RFC 6531 3.7.1).
# Underscores and hyphens anywhere in a label are common and harm nobody.
_HELLO_NAME = re.compile(rb"[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*")
_FROM = re.compile(rb"FROM: *", re.IGNORECASE)
_TO = re.compile(rb"TO: *", re.IGNORECASE)


def _string(argument: bytes, *, needed: bool) -> str:
    if _STRING.fullmatch(argument) is None or (needed and not argument):
        raise ArgumentSyntaxError
    try:
        return argument.decode()
    except UnicodeDecodeError:
        raise InvalidUTF8Error from None


def _bare(command: Command) -> ParseArgument:
    def parse(argument: bytes, lenient: bool) -> Command:
        if argument:
            raise ArgumentSyntaxError
        return command

    return parse


def _hello(kind: type[Hello]) -> ParseArgument:
    def parse(argument: bytes, lenient: bool) -> Command:
        return kind(_hello_name(argument))

    return parse


def _hello_name(argument: bytes) -> str:
    if len(argument) > MAX_DOMAIN_OCTETS:
        raise ArgumentSyntaxError
    if _HELLO_NAME.fullmatch(argument) is not None:
        return argument.decode("ascii")
    try:
        parse_address_literal(argument.decode("ascii"))
    except ValueError:
        raise ArgumentSyntaxError from None
    return argument.decode("ascii")


def _mail(argument: bytes, lenient: bool) -> Command:
    prefix = _FROM.match(argument)
    if prefix is None:
        raise ArgumentSyntaxError
    return Mail(parse_reverse_path(argument[prefix.end() :], lenient=lenient))


def _rcpt(argument: bytes, lenient: bool) -> Command:
    prefix = _TO.match(argument)
    if prefix is None:
        raise ArgumentSyntaxError
    return Rcpt(parse_forward_path(argument[prefix.end() :], lenient=lenient))


# RFC 3030 2: bdat-cmd ::= "BDAT" SP chunk-size [ SP end-marker ] CR LF
#             chunk-size ::= 1*DIGIT, end-marker ::= "LAST"
_BDAT = re.compile(rb"([0-9]{1,18}) *( LAST)?", re.IGNORECASE)
# A line that others may take for BDAT: what follows it may be content.
_LIKE_BDAT = re.compile(rb"[ \t]*BDAT(?![A-Za-z])", re.IGNORECASE)


def _bdat(argument: bytes, lenient: bool) -> Command:
    match = _BDAT.fullmatch(argument)
    if match is None:
        raise ArgumentSyntaxError
    return (Bdat if match[2] is None else LastBdat)(int(match[1]))


# RFC 4422 3.1: sasl-mech = 1*20mech-char. RFC 4954 4: the initial response is base64,
# or "=" for an empty one.
_AUTH = re.compile(rb"([A-Za-z0-9_-]{1,20})(?: +([^ ]+))?")


def _auth(argument: bytes, lenient: bool) -> Command:
    match = _AUTH.fullmatch(argument)
    if match is None:
        raise ArgumentSyntaxError
    return Auth(match[1].decode("ascii").upper(), _initial_response(match[2]))


def _initial_response(octets: bytes | None) -> bytes | None:
    if octets is None:
        return None
    if octets == b"=":
        return b""
    try:
        return decode_base64(octets)
    except ValueError:
        raise Base64Error from None


def _noop(argument: bytes, lenient: bool) -> Command:
    _string(argument, needed=False)
    return _NOOP


_NOOP = Noop()

VERBS: Mapping[bytes, tuple[type[Command], ParseArgument]] = {
    b"MAIL": (Mail, _mail),
    b"RCPT": (Rcpt, _rcpt),
    b"DATA": (Data, _bare(Data())),
    b"BDAT": (Bdat, _bdat),
    b"HELO": (Helo, _hello(Helo)),
    b"EHLO": (Ehlo, _hello(Ehlo)),
    b"RSET": (Rset, _bare(Rset())),
    b"NOOP": (Noop, _noop),
    b"QUIT": (Quit, _bare(Quit())),
    b"HELP": (Help, lambda argument, _: Help(_string(argument, needed=False))),
    b"VRFY": (Vrfy, lambda argument, _: Vrfy(_string(argument, needed=True))),
    b"EXPN": (Expn, lambda argument, _: Expn(_string(argument, needed=True))),
    b"AUTH": (Auth, _auth),
    b"STARTTLS": (StartTLS, _bare(StartTLS())),
    b"XCLIENT": (Xclient, lambda argument, _: Xclient(parse_xclient(argument))),
    b"XFORWARD": (Xforward, lambda argument, _: Xforward(parse_xforward(argument))),
}


def added_verb(name: str) -> tuple[type[Command], ParseArgument]:
    """Give the row of a table of verbs for the command *name* of an extension.

    Args:
        name: the verb in upper case.
    """

    def parse(argument: bytes, lenient: bool) -> Command:
        return Added(name, _string(argument, needed=False))

    return Added, parse


#: The verbs of a server that speaks LMTP (RFC 2033 4.1).
LMTP_VERBS: Mapping[bytes, tuple[type[Command], ParseArgument]] = {
    b"LHLO": (Lhlo, _hello(Lhlo)),
    **{verb: row for verb, row in VERBS.items() if verb not in (b"HELO", b"EHLO")},
}

_VERB = re.compile(rb"[\x21-\x7e]+")


def parse_command(
    line: bytes,
    verbs: Mapping[bytes, tuple[type[Command], ParseArgument]] = VERBS,
    *,
    lenient: bool = False,
) -> Command | BadArgument:
    """Make a command of one line.

    Args:
        line: octets without CRLF.
        verbs: upper-case verb to its command and the parser of its argument.
        lenient: accept addresses that are common but not RFC 5321's.

    Raises:
        UnknownCommandError: there is no printable verb at the start of the line.
        ForeignProtocolError: the line is another protocol's.
    """
    verb, _, argument = line.partition(b" ")
    entry = verbs.get(verb.upper())
    if entry is None and not argument.strip(b" \t"):
        entry = verbs.get(verb.rstrip(b"\t").upper())
    if entry is None:
        if _LIKE_BDAT.match(line) is not None:
            return BadArgument(Bdat, ArgumentSyntaxError())
        return _unknown(line, verb)
    try:
        return entry[1](argument.rstrip(b" \t"), lenient)
    except RemoteProtocolError as error:
        return BadArgument(entry[0], error)


def _unknown(line: bytes, verb: bytes) -> Unknown:
    if is_foreign(line):
        raise ForeignProtocolError
    if _VERB.fullmatch(verb) is None:
        raise UnknownCommandError
    text = line.decode("ascii", "backslashreplace")
    return Unknown("".join(c if " " <= c <= "~" else f"\\x{ord(c):02x}" for c in text))
