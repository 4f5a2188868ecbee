"""A user and the password, which plans call by name.

Theory of operation: a plan holds names such as ``{PLAIN}``; only on their way to the
server the secrets take the names' places. What was said is read the other way round:
where a secret stands, its name takes its place again. That holds for the beginning of
a secret, too, for the server may repeat only a part of it, and for one that was sent
in several segments.
"""

from __future__ import annotations

import base64
import itertools
import re
from collections.abc import Iterator, Sequence
from typing import ClassVar, Final

import attrs

#: How many octets of a secret give it away, and how many do at the end of everything.
_LEAST_OCTETS: Final = 6
_LEAST_AT_END: Final = 3


@attrs.frozen(repr=False)
class Secrets:
    """What plans call by name, so that no report and no file holds it.

    Args:
        user: who authenticates.
        password: the right password.

    Raises:
        ValueError: one of them is empty, is no text, or holds U+0000, which stands
            between them in PLAIN (RFC 4616 2).
    """

    user: str
    password: str

    #: The names in a plan.
    NAMES: ClassVar = (
        *(b"{PLAIN}", b"{WRONG-PLAIN}", b"{USER}"),
        *(b"{PASSWORD}", b"{WRONG-PASSWORD}"),
    )

    def __attrs_post_init__(self) -> None:
        # No message may show what was given.
        for name, given in (("user", self.user), ("password", self.password)):
            if not given or "\0" in given:
                raise ValueError(f"the {name} must not be empty, nor hold U+0000")
            try:
                _octets(given)
            except UnicodeEncodeError:
                raise ValueError(f"the {name} must be text") from None

    def fill_in(self, octets: bytes) -> bytes:
        """Put the secrets in the places of their names."""
        if b"{" in octets:
            for name, secret in zip(self.NAMES, self._values(), strict=True):
                octets = octets.replace(name, secret)
        return octets

    def to_hide(self) -> tuple[bytes, ...]:
        """Give what no server may repeat: the password, and what it is hidden in."""
        plain, _, _, password, _ = self._values()
        return _octets(self.password), plain, password

    def take_out(self, octets: bytes) -> bytes:
        """Put the names in the places of the secrets, whatever the case of these."""
        return self.take_out_of([octets])[0]

    def take_out_of(self, segments: Sequence[bytes]) -> list[bytes]:
        """Put the names in the places of the secrets, in octets that were cut.

        Returns:
            As many segments; a name stands whole in the one where its secret begins.
        """
        octets = b"".join(segments)
        found = list(self._find(octets.upper()))
        shown: list[bytes] = []
        end = 0
        for segment in segments:
            start, end = end, end + len(segment)
            shown.append(_shown(octets, start, end, found))
        return shown

    def never_repeated(self) -> tuple[bytes, ...]:
        """Give what no server may say; what is short may be there by accident."""
        plain, _, _, password, _ = self._values()
        said = (plain, password, _octets(self.password))
        return tuple(octets for octets in said if len(octets) >= _LEAST_OCTETS)

    def _find(self, octets: bytes) -> Iterator[_Place]:
        hidden = list(self._hidden())
        heads = b"|".join(re.escape(one.secret[: one.least]) for one in hidden)
        end = 0
        while (head := re.compile(heads).search(octets, end)) is not None:
            places = [one.place(octets, head.start()) for one in hidden]
            best = max(places, key=lambda place: (place.end, place.is_whole))
            yield best
            end = best.end
        cut_off = [one.place_at_end(octets, end) for one in hidden]
        yield from [place for place in cut_off if place is not None][:1]

    def _hidden(self) -> Iterator[_Hidden]:
        for name, secret in zip(self.NAMES, self._values(), strict=True):
            if name == b"{USER}":
                # Who it is may be seen in part.
                yield _Hidden(secret.upper(), name, len(secret), len(secret))
            else:
                yield _Hidden(secret.upper(), name)
        password = _octets(self.password)
        for form in (password, repr(password)[2:-1].encode("ascii")):
            yield _Hidden(form.upper(), b"{PASSWORD}")

    def _values(self) -> Sequence[bytes]:
        user, password = _octets(self.user), _octets(self.password)
        plain = b"\0" + user + b"\0" + password
        texts = (plain, plain + b"x", user, password, password + b"x")
        return [base64.b64encode(text) for text in texts]


@attrs.frozen
class _Place:
    """Where a secret stands in octets, or its beginning."""

    start: int
    end: int
    is_whole: bool
    name: bytes


@attrs.frozen(repr=False)
class _Hidden:
    """One form of a secret, in upper case."""

    secret: bytes
    name: bytes
    #: How many octets of it are hidden where the rest does not follow.
    least: int = _LEAST_OCTETS
    #: The same where nothing follows at all.
    least_at_end: int = _LEAST_AT_END

    def place(self, octets: bytes, start: int) -> _Place:
        """Give as much of it as stands there; an empty place if that is too little."""
        there = zip(self.secret, octets[start : start + len(self.secret)], strict=False)
        alike = itertools.takewhile(lambda pair: pair[0] == pair[1], there)
        length = sum(1 for _ in alike)
        is_whole = length == len(self.secret)
        if length < self.least and not is_whole:
            length = 0
        return _Place(start, start + length, is_whole, self.name)

    def place_at_end(self, octets: bytes, start: int) -> _Place | None:
        """Give its beginning behind which the octets end too early."""
        longest = min(self.least, len(self.secret), len(octets) - start + 1) - 1
        for length in range(longest, self.least_at_end - 1, -1):
            if octets.endswith(self.secret[:length]):
                place = len(octets) - length
                return _Place(place, len(octets), False, self.name)
        return None


def _shown(octets: bytes, start: int, end: int, found: Sequence[_Place]) -> bytes:
    """Give a segment with the names in it that begin there."""
    shown = b""
    for place in found:
        if place.end <= start or place.start >= end:
            continue
        shown += octets[start : max(place.start, start)]
        if place.start >= start:
            shown += place.name
        start = min(place.end, end)
    return shown + octets[start:end]


def _octets(text: str) -> bytes:
    # Words of the command line that are no UTF-8 come as surrogates.
    return text.encode("utf-8", "surrogateescape")
