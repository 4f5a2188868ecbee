"""How a client behaves: errors and commands that do nothing, counted."""

from __future__ import annotations

from smtpsession.dialogue.limits import Limits
from smtpsession.wire.commands import Ehlo, Expn, Helo, Help, Lhlo, Noop, Rset, Vrfy

#: How long each answer is held back once ``errors_soft`` is reached, in seconds.
ERROR_DELAY = 1.0
#: How long the answer to a failed attempt to authenticate is held back, in seconds.
AUTH_FAILURE_DELAY = 1.0

#: Commands that nobody needs for sending a message.
JUNK_COMMANDS = frozenset({Helo, Ehlo, Lhlo, Noop, Rset, Vrfy, Expn, Help})


class ErrorCounts:
    """Counts of one session; errors and junk since its last accepted message."""

    __slots__ = (
        "_auth_failures",
        "_errors",
        "_junk",
        "_limits",
        "_mails",
        "_surplus",
        "_unauthenticated",
    )

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._mails = self._auth_failures = self._unauthenticated = 0
        self.forgive()

    def forgive(self) -> None:
        """Count from zero: a message was accepted."""
        self._errors = self._junk = self._surplus = 0

    def count_error(self) -> None:
        """Count a command that was answered with 4yz or 5yz."""
        self._errors += 1

    def count_mail(self) -> bool:
        """Count a MAIL command; RFC 9422 has refused ones count too.

        Returns:
            Whether there were more of them than a session may have.
        """
        self._mails += 1
        limit = self._limits.transactions
        return limit is not None and self._mails > limit

    def count_auth_failure(self) -> bool:
        """Count a failed attempt to authenticate.

        Returns:
            Whether it was the last that the session may have.
        """
        self._auth_failures += 1
        limit = self._limits.auth_failures
        return limit is not None and self._auth_failures >= limit

    def count_unauthenticated(self) -> bool:
        """Count a command of a session without a user.

        Returns:
            Whether there were more of them than a session may have.
        """
        self._unauthenticated += 1
        limit = self._limits.unauthenticated_commands
        return limit is not None and self._unauthenticated > limit

    def count_junk(self) -> None:
        """Count a command that does nothing; over the limit it is an error."""
        self._junk += 1
        limit = self._limits.junk_commands
        if limit is not None and self._junk > limit:
            self._errors += 1

    def count_surplus_recipient(self) -> None:
        """Count a recipient over the limit; as many again are no error.

        A client may send all recipients in one group before it reads the first 452.
        """
        self._surplus += 1
        limit = self._limits.recipients
        if limit is not None and self._surplus > limit:
            self._errors += 1

    @property
    def is_slowed(self) -> bool:
        """Each answer is to be delayed by ``ERROR_DELAY``."""
        soft = self._limits.errors_soft
        return soft is not None and self._errors >= soft

    @property
    def is_over(self) -> bool:
        """The session is to end."""
        hard = self._limits.errors_hard
        return hard is not None and self._errors >= hard
