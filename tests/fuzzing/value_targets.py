"""Fuzzed parsers of values: what they take is read back, and nothing else escapes."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Callable, Mapping

from smtpsession.errors import (
    ArgumentSyntaxError,
    ForeignProtocolError,
    InvalidUTF8Error,
    ParameterSyntaxError,
    RecipientSyntaxError,
    SenderSyntaxError,
    UnknownCommandError,
)
from smtpsession.wire.addresses import Address, parse_forward_path, parse_reverse_path
from smtpsession.wire.commands import (
    LMTP_VERBS,
    VERBS,
    Added,
    BadArgument,
    Command,
    Unknown,
    Xclient,
    Xforward,
    parse_command,
)
from smtpsession.wire.date_times import parse_date_time
from smtpsession.wire.domains import (
    ascii_domain,
    parse_address_literal,
    parse_domain,
)
from smtpsession.wire.parameters import parse_parameters
from smtpsession.wire.proxy_attributes import (
    ProxyAttribute,
    parse_xclient,
    parse_xforward,
)
from smtpsession.wire.strict_base64 import decode_base64, encode_base64
from smtpsession.wire.trusted_networks import TrustedNetworks
from smtpsession.wire.unitext import decode_unitext
from smtpsession.wire.xtext import decode_xtext, encode_xtext
from tests.wire.command_writing import parts, written, written_path

_PATH_ERRORS = (
    *(InvalidUTF8Error, ParameterSyntaxError, RecipientSyntaxError),
    SenderSyntaxError,
)


def address(data: bytes) -> None:
    """A path is an address without controls that is read back, or documented to fail.

    What the strict parser takes, the lenient one takes for the same.
    """
    for parse in (parse_reverse_path, parse_forward_path):
        found: list[Address] = []
        for lenient in (False, True):
            with contextlib.suppress(*_PATH_ERRORS):
                found.append(parse(data, lenient=lenient))
                _check_address(parse, found[-1], lenient)
        if len(found) == 2:
            strict, lenient_one = found
            assert strict == lenient_one
            assert strict.args == lenient_one.args
            assert strict.address == lenient_one.address


def _check_address(parse: Callable[..., Address], one: Address, lenient: bool) -> None:
    assert not any(character < " " or character == "\x7f" for character in str(one))
    assert one.ascii_domain.isascii()
    assert one.is_ascii == str(one).isascii()
    again = parse(written_path(one).encode(), lenient=lenient)
    assert (again, hash(again)) == (one, hash(one))
    assert (again.address, again.args) == (one.address, one.args)


def command_line(data: bytes) -> None:
    """A line is a command that is read back, or fails as is documented."""
    for verbs in (VERBS, LMTP_VERBS):
        for lenient in (False, True):
            try:
                command = parse_command(data, verbs, lenient=lenient)
            except (UnknownCommandError, ForeignProtocolError):
                continue
            if isinstance(command, BadArgument):
                assert command.error.code == 501
                continue
            assert isinstance(command, Command)
            if isinstance(command, (Added, Unknown, Xclient, Xforward)):
                continue
            again = parse_command(written(command), verbs, lenient=lenient)
            assert isinstance(again, Command)
            assert parts(again) == parts(command)


def parameters(data: bytes) -> None:
    """Parameters are read back, or a ParameterSyntaxError."""
    text = data.decode("utf-8", "ignore")
    try:
        found = parse_parameters(text)
    except ParameterSyntaxError:
        return
    words = [
        name if value is True else f"{name}={value}" for name, value in found.items()
    ]
    assert parse_parameters("  ".join(words)) == found
    assert all(name == name.upper() for name in found)


def proxy_attributes(data: bytes) -> None:
    """Attributes of XCLIENT and XFORWARD are clean and read back, or refused."""
    for parse in (parse_xclient, parse_xforward):
        try:
            found = parse(data)
        except ArgumentSyntaxError:
            continue
        assert found
        for value in found.values():
            if isinstance(value, str):
                assert value.isascii()
                assert value.isprintable()
        assert parse(_written_attributes(found)) == found


def _written_attributes(found: Mapping[str, ProxyAttribute]) -> bytes:
    words: list[str] = []
    for name, value in found.items():
        text = "[UNAVAILABLE]" if value is None else str(value)
        prefix = "IPV6:" if name.endswith("ADDR") and ":" in text else ""
        words.append(f"{name}={encode_xtext(prefix + text)}")
    return " ".join(words).encode("ascii")


def trusted_networks(data: bytes) -> None:
    """A text is a network that is read back, or a ValueError; trusting never fails."""
    text = data.decode("utf-8", "ignore")
    TrustedNetworks.of(["0.0.0.0/0", "::/0"], option="x").trusts(text)
    try:
        found = TrustedNetworks.of([text], option="x")
    except ValueError:
        return
    assert TrustedNetworks.of(
        [str(n) for n in found.networks], option="x"
    ) == found or (found.unix)
    for network in found.networks:
        assert found.trusts(str(network.network_address))


def encodings(data: bytes) -> None:
    """Domains, literals, dates, xtext, unitext and base64 are read back or refused."""
    text = data.decode("utf-8", "ignore")
    for lenient in (False, True):
        with contextlib.suppress(ValueError):
            domain = parse_domain(text, lenient=lenient)
            assert parse_domain(domain, lenient=lenient) == domain
            assert ascii_domain(ascii_domain(domain)) == ascii_domain(domain)
    with contextlib.suppress(ValueError):
        literal = parse_address_literal(text)
        assert parse_address_literal(literal) == literal
    with contextlib.suppress(ValueError):
        moment = parse_date_time(text)
        assert parse_date_time(moment.isoformat()) == moment
    with contextlib.suppress(ValueError):
        plain = decode_xtext(text)
        assert decode_xtext(encode_xtext(plain)) == plain
    with contextlib.suppress(ValueError):
        assert len(decode_unitext(text).splitlines()) == 1
    with contextlib.suppress(ValueError):
        decoded = decode_base64(data)
        assert encode_base64(decoded) == data == base64.b64encode(decoded)
