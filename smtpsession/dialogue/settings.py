"""What a dialogue is told once for all sessions: values without I/O."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from smtpsession.dialogue.auth_policy import AuthPolicy
from smtpsession.dialogue.limits import Limits
from smtpsession.extensions.enhanced_status_codes import EnhancedStatusCodes
from smtpsession.extensions.extension import Extension
from smtpsession.wire.bare_newlines import BareNewlinePolicy, NULPolicy
from smtpsession.wire.commands import (
    LMTP_VERBS,
    VERBS,
    Command,
    ParseArgument,
    added_verb,
)
from smtpsession.wire.trusted_networks import TrustedNetworks

VerbTable = Mapping[bytes, tuple[type[Command], ParseArgument]]

_NOBODY = TrustedNetworks()


def _mail_parameters(settings: Settings) -> Mapping[str, Extension]:
    return {name: e for e in settings.extensions for name in e.mail_parameters}


def _rcpt_parameters(settings: Settings) -> Mapping[str, Extension]:
    return {name: e for e in settings.extensions for name in e.rcpt_parameters}


def _verb_table(settings: Settings) -> VerbTable:
    built_in = LMTP_VERBS if settings.lmtp else VERBS
    added = {
        extension.verb.encode("ascii"): added_verb(extension.verb)
        for extension in settings.extensions
        if extension.has_command
    }
    return {**built_in, **added}


def _verbs(settings: Settings) -> frozenset[str]:
    return frozenset(e.verb for e in settings.extensions if e.verb)


def _enhanced(settings: Settings) -> bool:
    return any(isinstance(e, EnhancedStatusCodes) for e in settings.extensions)


@attrs.frozen(kw_only=True)
class Settings:
    """Settings of all dialogues of one server."""

    #: The name of this server in the greeting and in replies.
    hostname: str
    #: Text behind ``ESMTP`` in the greeting.
    banner: str = ""
    #: The service extensions, in the order of the reply to EHLO.
    extensions: tuple[Extension, ...] = ()
    limits: Limits = attrs.field(factory=Limits)
    #: 530 to everything that RFC 3207 4 does not allow before TLS.
    require_tls: bool = False
    #: 530 to everything that RFC 4954 6 does not allow before AUTH.
    auth_required: bool = False
    #: Who can authenticate how; None if nobody can.
    auth: AuthPolicy | None = None
    #: Clients that may say by XCLIENT whom they speak for.
    xclient: TrustedNetworks = _NOBODY
    #: Clients that may say by XFORWARD where a message came from.
    xforward: TrustedNetworks = _NOBODY
    #: The server speaks LMTP (RFC 2033).
    lmtp: bool = False
    #: 554 and close when octets wait behind a command that must end its group.
    strict_pipelining: bool = False
    bare_newline: BareNewlinePolicy = "reject"
    nul: NULPolicy = "reject"
    lenient_addresses: bool = False
    #: Which extension takes which parameter of MAIL and of RCPT.
    mail_parameters: Mapping[str, Extension] = attrs.field(
        init=False,
        repr=False,
        default=attrs.Factory(_mail_parameters, takes_self=True),
    )
    rcpt_parameters: Mapping[str, Extension] = attrs.field(
        init=False,
        repr=False,
        default=attrs.Factory(_rcpt_parameters, takes_self=True),
    )
    #: All commands that are known, by verb.
    verb_table: VerbTable = attrs.field(
        init=False, repr=False, default=attrs.Factory(_verb_table, takes_self=True)
    )
    #: The verbs that the extensions bring.
    extension_verbs: frozenset[str] = attrs.field(
        init=False, repr=False, default=attrs.Factory(_verbs, takes_self=True)
    )
    #: Replies carry enhanced status codes.
    enhanced: bool = attrs.field(
        init=False, default=attrs.Factory(_enhanced, takes_self=True)
    )
