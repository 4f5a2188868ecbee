"""Every SASL mechanism that comes along, by its name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from smtpsession.auth.anonymous import Anonymous
from smtpsession.auth.cram_md5 import CramMD5
from smtpsession.auth.external import External
from smtpsession.auth.login import Login
from smtpsession.auth.mechanism import Mechanism
from smtpsession.auth.oauthbearer import OAuthBearer
from smtpsession.auth.plain import Plain
from smtpsession.auth.scram import (
    ScramSHA1,
    ScramSHA1Plus,
    ScramSHA256,
    ScramSHA256Plus,
)
from smtpsession.auth.xoauth2 import XOAuth2

# What proves most comes first.
_KINDS: Final[tuple[type[Mechanism], ...]] = (
    External,
    ScramSHA256Plus,
    ScramSHA256,
    ScramSHA1Plus,
    ScramSHA1,
    OAuthBearer,
    XOAuth2,
    CramMD5,
    Plain,
    Login,
    Anonymous,
)

#: The mechanisms by their registered names; which of them a server offers is its own
#: decision.
MECHANISMS: Final[Mapping[str, type[Mechanism]]] = MappingProxyType(
    {kind.name: kind for kind in _KINDS}
)
