"""Limits over all sessions of a server: how many at a time, and from one source."""

from __future__ import annotations

from collections import Counter

from smtpsession.dialogue.limits import Limits


class SessionPlaces:
    """Counts the live sessions of a server.

    Args:
        limits: how many there may be.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._taken = 0
        self._sources: Counter[str] = Counter()

    def offer(self) -> Place:
        """Give a new session its place, which is not taken yet."""
        return Place(self)

    def take(self) -> bool:
        """Count one session more; False if there are as many as may be."""
        limit = self._limits.sessions
        if limit is not None and self._taken >= limit:
            return False
        self._taken += 1
        return True

    def take_from(self, source: str) -> bool:
        """Count one more from *source*; False if there are as many as may be."""
        limit = self._limits.sessions_per_source
        if limit is not None and self._sources[source] >= limit:
            return False
        self._sources[source] += 1
        return True

    def free(self) -> None:
        """Count one session less."""
        self._taken -= 1

    def free_from(self, source: str) -> None:
        """Count one less from *source*; what is at nought is forgotten."""
        self._sources[source] -= 1
        if not self._sources[source]:
            del self._sources[source]


class Place:
    """What one session counts for; whoever was offered it frees it at the end."""

    __slots__ = ("_is_taken", "_places", "_source")

    def __init__(self, places: SessionPlaces) -> None:
        self._places = places
        self._is_taken = False
        self._source: str | None = None

    def take(self) -> bool:
        """Count for ``Limits.sessions``; False if there are as many as may be."""
        self._is_taken = self._places.take()
        return self._is_taken

    def take_from(self, source: str) -> bool:
        """Count for ``Limits.sessions_per_source`` as well.

        Args:
            source: the client's address.

        Returns:
            False if there are as many from there as may be; nothing is counted then,
            so that those who are refused take no place of others.
        """
        if self._places.take_from(source):
            self._source = source
            return True
        self.free()
        return False

    def free(self) -> None:
        """Count for nothing any more; to do it once more changes nothing."""
        if self._is_taken:
            self._places.free()
            self._is_taken = False
        if self._source is not None:
            self._places.free_from(self._source)
            self._source = None
