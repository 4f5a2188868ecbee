"""Messages into a Maildir, durable before they are accepted."""

from __future__ import annotations

import errno
import functools
import logging
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import trio

from smtpsession.errors import Reject
from smtpsession.handler import Handler, SessionT
from smtpsession.handlers.maildir_delivery import (
    Delivery,
    prepare_maildir,
    unique_name,
)
from smtpsession.message import Message
from smtpsession.session.session import Session
from smtpsession.session.trace_fields import received_field, return_path_field

logger = logging.getLogger("smtpsession")

#: Content is gathered in memory up to so many octets, then written.
BLOCK_OCTETS = 1_048_576
#: How long the last write, the sync and the rename may take together, in seconds;
#: cancellation does not interrupt them.
COMMIT_SECONDS = 30.0
#: How long the removal of a message that is not accepted is waited for, in seconds.
DISCARD_SECONDS = 5.0
#: File operations at one time. Those that hang never take the threads of others.
MAX_THREADS = 40

#: The client may come again when there is room (RFC 3463 3.4).
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class MaildirHandler(Handler[SessionT]):
    """Stores each message durably in a Maildir before accepting it.

    The fields ``Return-Path`` and ``Received`` are put on top; below them stands the
    content, octet for octet. A message that cannot be stored is refused, for the time
    being, with 452 when there is no room and with 451 otherwise. A refused message
    leaves no file behind; only if the disk does not answer within 30 seconds can it
    happen that a message is stored and refused, so that it arrives twice.

    Args:
        path: the Maildir; it and its folders are made where they are missing, and
            files that have been dead in tmp for 36 hours are removed.
        hostname: the name of this host in the fields and in file names; None takes
            the server's, ``Config.hostname``.

    Raises:
        OSError: the Maildir cannot be made, read or written.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, hostname: str | None = None
    ) -> None:
        #: The Maildir, absolute.
        self.path = Path(os.path.abspath(path))
        self._hostname = hostname
        self._threads = trio.CapacityLimiter(MAX_THREADS)
        prepare_maildir(self.path)

    async def on_data(self, session: SessionT, message: Message) -> str:
        """Store the message; only then is it accepted.

        Raises:
            Reject: it could not be stored.
            ClientGone, MessageTooLarge, ContentRefused: as ``Message`` says.
        """
        hostname = self._hostname or session.server_name or "localhost"
        name = unique_name(hostname)
        delivery = Delivery(self.path, name)
        try:
            fields = _trace_fields(session, hostname)
            await self._commit(delivery, await self._write(delivery, fields, message))
        except OSError as error:
            await self._discard(delivery)
            logger.error("session %s: message not stored: %s", session.id, error)
            raise _rejection(error) from error
        except BaseException:
            await self._discard(delivery)
            raise
        return f"stored as {name}"

    async def _write(
        self, delivery: Delivery, fields: bytes, message: Message
    ) -> bytearray:
        """Write whole blocks and return what is left."""
        block = bytearray(fields)
        async for chunk in message:
            block += chunk
            if len(block) >= BLOCK_OCTETS:
                await self._in_thread(functools.partial(delivery.write, block))
                block = bytearray()
        return block

    async def _commit(self, delivery: Delivery, block: bytearray) -> None:
        try:
            with trio.fail_after(COMMIT_SECONDS, shield=True):
                await self._in_thread(functools.partial(delivery.commit, block))
        except trio.TooSlowError:
            raise TimeoutError(
                errno.ETIMEDOUT, f"not stored within {COMMIT_SECONDS:g} seconds"
            ) from None

    async def _discard(self, delivery: Delivery) -> None:
        delivery.abandon()
        with trio.move_on_after(DISCARD_SECONDS, shield=True):
            await self._in_thread(delivery.discard)

    async def _in_thread(self, work: Callable[[], None]) -> None:
        # A disk that hangs must not make the session hang with it.
        await trio.to_thread.run_sync(
            work, abandon_on_cancel=True, limiter=self._threads
        )


def _trace_fields(session: Session, hostname: str) -> bytes:
    now = datetime.now(UTC).astimezone()
    return return_path_field(session.envelope) + received_field(session, hostname, now)


def _rejection(error: OSError) -> Reject:
    if error.errno in _NO_ROOM:
        return Reject(452, "insufficient system storage", enhanced="4.3.1")
    return Reject(451, "local error, message not stored", enhanced="4.3.0")
