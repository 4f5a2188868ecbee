"""What a client does in a dialogue, step by step, as frozen values."""

from __future__ import annotations

from collections.abc import Iterator

import attrs


@attrs.frozen
class Send:
    """Send these octets in one go, then wait for what the server says to them.

    They are one command or several (RFC 2920 3.1), content, a chunk or a line of an
    AUTH exchange.
    """

    octets: bytes


@attrs.frozen
class StartTLS:
    """Begin TLS now (RFC 3207 4).

    The command has been sent in the step before. Where the server has not answered it
    with 220, the step means nothing.
    """


@attrs.frozen
class HangUp:
    """Close the connection; it is the last step."""


#: What a client can do.
Step = Send | StartTLS | HangUp


@attrs.frozen
class ClientDialogue:
    """The client's half of a dialogue, from behind the greeting to its end.

    Where the last step is not to hang up, the client waits for the server to close
    the connection.
    """

    steps: tuple[Step, ...]

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def has_tls(self) -> bool:
        """One of the steps begins TLS."""
        return any(isinstance(step, StartTLS) for step in self.steps)

    def to_bytes(self) -> bytes:
        """Give all that is sent.

        Raises:
            ValueError: one of the steps begins TLS, which octets cannot say.
        """
        if self.has_tls:
            raise ValueError("a dialogue that begins TLS is more than its octets")
        return b"".join(step.octets for step in self.steps if isinstance(step, Send))
