"""DSN: requests for delivery status notifications (RFC 3461, RFC 6533)."""

from __future__ import annotations

import re
from typing import Literal

import attrs

from smtpsession.errors import ParameterSyntaxError
from smtpsession.extensions.extension import Extension, need_value
from smtpsession.session.envelope import Envelope
from smtpsession.session.session import Session
from smtpsession.wire.addresses import Address
from smtpsession.wire.unitext import decode_unitext
from smtpsession.wire.xtext import decode_xtext

#: Longest value of ENVID as sent (RFC 3461), in characters.
MAX_ENVID = 100
#: Longest value of ORCPT as sent (RFC 3461), in octets.
MAX_ORCPT_OCTETS = 500

_RET: dict[str, Literal["FULL", "HDRS"]] = {"FULL": "FULL", "HDRS": "HDRS"}

# RFC 3461 4.1:
#
#   notify-esmtp-value = "NEVER" / 1#notify-list-element
#   notify-list-element = "SUCCESS" / "FAILURE" / "DELAY"
_NOTIFY = frozenset({"SUCCESS", "FAILURE", "DELAY"})

# RFC 3461 4.2:
#
#   original-recipient-address = addr-type ";" xtext
#   addr-type = atom
#
# Departure: the xtext may not be empty, since no address is.
_ORCPT = re.compile(r"([A-Za-z0-9!#$%&'*+\-/?^_`{|}~]+);(.+)", re.DOTALL)


class DSNExtension(Extension):
    """DSN, with RET and ENVID of MAIL, and NOTIFY and ORCPT of RCPT."""

    keyword = "DSN"
    mail_parameters = frozenset({"RET", "ENVID"})
    rcpt_parameters = frozenset({"NOTIFY", "ORCPT"})

    def mail_parameter(
        self, name: str, value: str | bool, envelope: Envelope, session: Session
    ) -> None:
        """Take what a notification is to hold, or the envelope identifier.

        Raises:
            ParameterSyntaxError: neither FULL nor HDRS, or no xtext of at most
                ``MAX_ENVID`` characters.
        """
        text = need_value(value)
        if name == "RET":
            envelope.dsn = attrs.evolve(envelope.dsn, ret=_parse_ret(text))
        else:
            envelope.dsn = attrs.evolve(envelope.dsn, envid=_parse_envid(text))

    def rcpt_parameter(
        self, name: str, value: str | bool, address: Address, session: Session
    ) -> Address:
        """Take when to notify, or the original recipient.

        Raises:
            ParameterSyntaxError: the value is not RFC 3461's; or a non-ASCII original
                recipient in a mail transaction without SMTPUTF8 (RFC 6533 3).
        """
        text = need_value(value)
        if name == "NOTIFY":
            dsn = attrs.evolve(address.dsn, notify=_parse_notify(text))
        else:
            if not text.isascii() and not session.envelope.smtp_utf8:
                raise ParameterSyntaxError
            dsn = attrs.evolve(address.dsn, orcpt=_parse_orcpt(text))
        return attrs.evolve(address, dsn=dsn)


def _upper(text: str) -> str:
    # Only ASCII: in upper case the long s, U+017F, is an "S".
    return text.upper() if text.isascii() else text


def _parse_ret(text: str) -> Literal["FULL", "HDRS"]:
    ret = _RET.get(_upper(text))
    if ret is None:
        raise ParameterSyntaxError
    return ret


def _parse_envid(text: str) -> str:
    if not 1 <= len(text) <= MAX_ENVID:
        raise ParameterSyntaxError
    try:
        return decode_xtext(text)
    except ValueError as error:
        raise ParameterSyntaxError from error


def _parse_notify(text: str) -> tuple[str, ...]:
    words = tuple(_upper(text).split(","))
    if words == ("NEVER",):
        return words
    if len(set(words)) != len(words) or not _NOTIFY.issuperset(words):
        raise ParameterSyntaxError
    return words


def _parse_orcpt(text: str) -> str:
    match = _ORCPT.fullmatch(text)
    if match is None or len(text.encode()) > MAX_ORCPT_OCTETS:
        raise ParameterSyntaxError
    addr_type, coded = match.groups()
    decode = decode_unitext if addr_type.lower() == "utf-8" else decode_xtext
    try:
        return f"{addr_type};{decode(coded)}"
    except ValueError as error:
        raise ParameterSyntaxError from error
