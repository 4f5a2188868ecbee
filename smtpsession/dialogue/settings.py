"""What a dialogue is told once for all sessions: values without I/O."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from smtpsession.dialogue.limits import Limits
from smtpsession.extensions.enhanced_status_codes import EnhancedStatusCodes
from smtpsession.extensions.extension import Extension
from smtpsession.wire.bare_newlines import BareNewlinePolicy, NULPolicy


def _mail_parameters(settings: Settings) -> Mapping[str, Extension]:
    return {name: e for e in settings.extensions for name in e.mail_parameters}


def _rcpt_parameters(settings: Settings) -> Mapping[str, Extension]:
    return {name: e for e in settings.extensions for name in e.rcpt_parameters}


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
    #: Replies carry enhanced status codes.
    enhanced: bool = attrs.field(
        init=False, default=attrs.Factory(_enhanced, takes_self=True)
    )
