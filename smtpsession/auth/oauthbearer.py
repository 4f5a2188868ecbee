"""OAUTHBEARER: a bearer token (RFC 7628)."""

from __future__ import annotations

import re
from typing import Final

from smtpsession.auth.bearer_token import BearerTokenMechanism
from smtpsession.auth.gs2_header import parse_gs2_header
from smtpsession.errors import AuthenticationFailedError

# RFC 7628 3.1, behind the GS2 header:
#
#   kvsep  = %x01
#   key    = 1*(ALPHA)
#   value  = *(VCHAR / SP / HTAB / CR / LF )
#   kvpair = key "=" value kvsep
#   client-resp = (gs2-header kvsep *kvpair kvsep) / kvsep
#
# The lone kvsep answers a refusal, and is nothing to begin with.
_PAIRS: Final = re.compile(rb"\x01(?:[A-Za-z]+=[\t\n\r -~]*\x01)*\x01")
# Groups: key, value.
_PAIR: Final = re.compile(rb"([A-Za-z]+)=([^\x01]*)\x01")


class OAuthBearer(BearerTokenMechanism):
    """One attempt with OAUTHBEARER."""

    name = "OAUTHBEARER"
    refusal = b'{"status":"invalid_token"}'

    def parse(self, response: bytes) -> tuple[str, bytes]:
        """Return the name of the user, and the credentials.

        The name is the ``a=`` of the GS2 header, "" without one. RFC 7628 3.1 has the
        user there whose mailbox it is, and the token says who that is in any case.

        Raises:
            AuthenticationFailedError: the message is malformed, says a key twice, has
                no ``auth``, or wants a channel binding, which is not defined for it.
        """
        header, rest = parse_gs2_header(response)
        if header.binding_name is not None or _PAIRS.fullmatch(rest) is None:
            raise AuthenticationFailedError
        found = _PAIR.findall(rest)
        pairs = dict(found)
        if len(pairs) != len(found) or b"auth" not in pairs:
            raise AuthenticationFailedError
        return header.authorization_id, pairs[b"auth"]
