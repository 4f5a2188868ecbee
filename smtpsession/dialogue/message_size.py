"""Octets of one message against the size limit."""

from __future__ import annotations

#: A message over its limit is read on to twice the limit, but at least this many
#: octets over it, so that its client gets to read 552; then the connection closes.
MIN_DISCARD_OCTETS = 1_048_576


class MessageSize:
    """Counts content octets.

    Args:
        limit: largest message in octets, or None.
    """

    __slots__ = ("_cap", "_limit", "octets")

    def __init__(self, limit: int | None) -> None:
        self._limit = limit
        self._cap = None if limit is None else limit + max(limit, MIN_DISCARD_OCTETS)
        #: Octets of content so far.
        self.octets = 0

    @property
    def is_over(self) -> bool:
        """The message is larger than the limit."""
        return self._limit is not None and self.octets > self._limit

    def is_hopeless(self, discarded: int) -> bool:
        """Say whether the message is so large that its end is not waited for.

        Args:
            discarded: octets of content that never got here, because they came
                behind a fault.
        """
        return self._cap is not None and self.octets + discarded > self._cap

    def take(self, data: bytes) -> bytes:
        """Count *data* and give the part of it that is within the limit."""
        before = self.octets
        self.octets += len(data)
        if not self.is_over:
            return data
        assert self._limit is not None
        return data[: max(self._limit - before, 0)]
