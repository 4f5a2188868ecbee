"""What is left when a hook has failed: told apart, and logged without risk."""

from __future__ import annotations

import contextlib
import logging
from typing import cast

import trio

from smtpsession.errors import ClientGone, Reject
from smtpsession.handler import reply_from
from smtpsession.wire import replies
from smtpsession.wire.replies import Reply

logger = logging.getLogger("smtpsession")

#: What is never taken for a failure: it ends more than one session, and must.
NOT_OURS = (trio.Cancelled, KeyboardInterrupt, GeneratorExit)


def leaves_of(error: BaseException) -> list[BaseException]:
    """Give the exceptions that are no groups inside of *error*."""
    leaves: list[BaseException] = []
    waiting = [error]
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, BaseExceptionGroup):
            group = cast("BaseExceptionGroup[BaseException]", inner)
            waiting.extend(reversed(group.exceptions))
        else:
            leaves.append(inner)
    return leaves


def raise_what_is_not_ours(session_id: str, error: BaseException) -> None:
    """Raise cancellation and interruption inside of *error*; log what came with it."""
    if isinstance(error, NOT_OURS):
        raise error
    leaves = leaves_of(error)
    passing = [leaf for leaf in leaves if isinstance(leaf, NOT_OURS)]
    if not passing:
        return
    if len(passing) < len(leaves):
        log_error(session_id, "failed while it was cancelled", error)
    raise passing[0]


def rejection_in(error: BaseException) -> Reply | None:
    """Give the reply of the one ``Reject`` that *error* is or holds, or None."""
    leaves = leaves_of(error)
    if len(leaves) != 1 or not isinstance(leaves[0], Reject):
        return None
    try:
        reply = reply_from(leaves[0])
    except Exception:
        return None  # its attributes were changed to what no reply can have
    return None if reply.is_positive else reply


def is_client_gone(error: BaseException) -> bool:
    """Say whether *error* is, or comes from, nothing but a client that went away."""
    return all(isinstance(leaf, ClientGone) for leaf in leaves_of(error))


def log_error(session_id: str, what: str, error: BaseException | None = None) -> None:
    """Log a failure of a session; a log that fails itself has nobody to tell."""
    with contextlib.suppress(Exception):
        logger.error("session %s: %s", session_id, what, exc_info=error)


def failure_reply(said: Reply | str | None) -> Reply:
    """Give what is answered when a hook has failed; a text accepts nothing."""
    if isinstance(said, Reply):
        return said
    return replies.HOOK_FAILED if said is None else replies.HOOK_FAILED.with_text(said)
