"""What clients say inside AUTH (RFC 4954 4), by any mechanism, mostly in vain."""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping
from typing import Final

import attrs
from hypothesis import strategies as st

from smtpsession.testing.strategies.arguments import choose


def _base64(*words: str) -> tuple[str, ...]:
    # An empty initial response is "=" (RFC 4954 4).
    return tuple(base64.b64encode(word.encode()).decode() or "=" for word in words)


_BEARER: Final = "auth=Bearer token\1\1"
_DIGEST: Final = "0" * 32
_PROOF: Final = "c=biws,r=nonce,p=AAAA"
_SCRAM: Final = (
    *(_base64("n,,n=user,r=nonce", _PROOF), _base64("n,,n=user,r=")),
    *(_base64("y,,n=us=3Der,r=nonce", _PROOF), _base64("n,a=admin,n=user,r=nonce")),
    *(_base64("p=tls-exporter,,n=user,r=nonce"), _base64("n,,m=x,n=user,r=nonce")),
)
#: For each mechanism the responses of some clients, which do not see a challenge.
_GIVEN: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "PLAIN": (
        *(_base64("\0user\0wrong"), _base64("admin\0user\0wrong"), _base64("\0\0")),
        *(_base64("user"), _base64("\0user\0wrong\0"), _base64("")),
    ),
    "LOGIN": (_base64("user", "wrong"), _base64("user"), _base64("", "")),
    # The first response is to the challenge; an initial one is wrong (RFC 2195 2).
    "CRAM-MD5": (_base64(f"user {_DIGEST}"), _base64(_DIGEST), _base64("user ")),
    "SCRAM-SHA-1": _SCRAM,
    "SCRAM-SHA-256": _SCRAM,
    "XOAUTH2": (
        *(_base64(f"user=user\1{_BEARER}", ""), _base64(f"user=\1{_BEARER}")),
        *(_base64("user=user\1auth=Basic token\1\1"), _base64(f"\1{_BEARER}")),
    ),
    "OAUTHBEARER": (
        _base64(f"n,a=user,\1host=a.example\1port=25\1{_BEARER}", "\1"),
        *(_base64(f"n,,\1{_BEARER}"), _base64(f"n,a=us=3Der,\1{_BEARER}")),
        *(_base64("n,a=user,\1\1"), _base64(f"user=user\1{_BEARER}")),
    ),
    "EXTERNAL": (_base64(""), _base64("user"), _base64("\0")),
    "ANONYMOUS": (_base64("a@a.example"), _base64(""), _base64("a@b@c")),
}
#: What fits no mechanism: cancelled, and no base64, and none that is text.
_ASTRAY: Final = ("*", "!", "AA", "A===", "/w==", "AAAA" * 200, " ")

#: Arguments of AUTH that follow its grammar, with an initial response each.
AUTH_ARGUMENTS: Final = tuple(f"{name} {given[0][0]}" for name, given in _GIVEN.items())
#: The mechanisms that ``auth_exchanges`` knows.
AUTH_MECHANISMS: Final = tuple(_GIVEN)


@attrs.frozen
class AuthExchange:
    """The client's half of AUTH: a command, and what it says to challenges."""

    mechanism: str
    #: In base64; None waits for a challenge.
    initial: str | None
    #: The lines behind the command, in base64 or not; ``*`` cancels.
    responses: tuple[str, ...]

    def to_lines(self) -> list[bytes]:
        """Give the command and each response as octets, CRLF included."""
        command = f"AUTH {self.mechanism}"
        if self.initial is not None:
            command += f" {self.initial}"
        return [line.encode() + b"\r\n" for line in (command, *self.responses)]


def auth_exchanges(
    *, mechanisms: Collection[str] | None = None
) -> st.SearchStrategy[AuthExchange]:
    """What a client says that tries to authenticate, and does not see a challenge.

    The first messages of each mechanism are good ones as well as bad ones. No password,
    no token and no proof is right, and the user is called "user".

    Args:
        mechanisms: only these of ``AUTH_MECHANISMS``, all for None.

    Raises:
        TypeError: an option is of another type.
        ValueError: a mechanism is unknown, or there are none.
    """
    chosen = choose("mechanisms", mechanisms, AUTH_MECHANISMS)
    return st.one_of([_exchanges(mechanism) for mechanism in chosen])


@st.composite
def _exchanges(draw: st.DrawFn, mechanism: str) -> AuthExchange:
    responses = list(draw(st.sampled_from(_GIVEN[mechanism])))
    if draw(st.booleans()):
        place = draw(st.integers(0, len(responses)))
        responses[place:] = [draw(st.sampled_from(_ASTRAY))]
    initial = responses.pop(0) if draw(st.booleans()) else None
    return AuthExchange(mechanism, initial, tuple(responses))
