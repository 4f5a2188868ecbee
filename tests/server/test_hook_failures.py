"""Failures are told apart, and logging them is no risk."""

from __future__ import annotations

import logging

import pytest
import trio

from smtpsession import ClientGone, Reject, Reply
from smtpsession.server.hook_failures import (
    failure_reply,
    is_client_gone,
    leaves_of,
    log_error,
    raise_what_is_not_ours,
    rejection_in,
)
from smtpsession.wire import replies


def test_leaves_of_deep_groups_are_found_in_order() -> None:
    first, second = ValueError(1), KeyError(2)
    error: BaseException = first
    for _ in range(5000):
        error = BaseExceptionGroup[BaseException]("deep", [error])
    assert leaves_of(BaseExceptionGroup("all", [error, second])) == [first, second]


def test_a_rejection_is_found_alone_and_in_a_group() -> None:
    no = Reject(550, "no", enhanced="5.7.1")
    assert rejection_in(no) == Reply(550, "no", "5.7.1")
    assert rejection_in(ExceptionGroup("one", [no])) == Reply(550, "no", "5.7.1")
    assert rejection_in(ExceptionGroup("two", [no, ValueError()])) is None
    assert rejection_in(ValueError()) is None


@pytest.mark.parametrize(("name", "value"), [("code", 250), ("text", "a\r\nb")])
def test_a_rejection_that_was_tampered_with_is_a_failure(
    name: str, value: object
) -> None:
    no = Reject(550, "no")
    setattr(no, name, value)
    no.enhanced = None
    assert rejection_in(no) is None


def test_a_client_that_is_gone_is_told_from_other_failures() -> None:
    assert is_client_gone(ExceptionGroup("nursery", [ClientGone()]))
    assert not is_client_gone(ExceptionGroup("nursery", [ClientGone(), KeyError()]))


@pytest.mark.parametrize("kind", [KeyboardInterrupt, GeneratorExit])
def test_interruption_passes(kind: type[BaseException]) -> None:
    with pytest.raises(kind):
        raise_what_is_not_ours("1", kind())
    with pytest.raises(kind):
        raise_what_is_not_ours("1", BaseExceptionGroup("group", [kind()]))
    raise_what_is_not_ours("1", SystemExit(1))
    raise_what_is_not_ours("1", ValueError())


async def test_what_fails_beside_cancellation_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with trio.CancelScope() as scope:
        scope.cancel()
        try:
            await trio.sleep_forever()
        except trio.Cancelled as cancelled:
            group = BaseExceptionGroup("both", [ValueError("beside"), cancelled])
            raise_what_is_not_ours("session-1", group)
    assert scope.cancelled_caught
    assert [r.levelno for r in caplog.records] == [logging.ERROR]
    assert "session-1" in caplog.text
    assert "beside" in caplog.text


def test_a_log_that_fails_is_no_failure() -> None:
    def deliberate(record: logging.LogRecord) -> bool:
        raise RuntimeError("deliberate")

    logger = logging.getLogger("smtpsession")
    logger.addFilter(deliberate)
    try:
        log_error("1", "failed", ValueError())
    finally:
        logger.removeFilter(deliberate)


def test_only_a_reply_can_accept_what_has_failed() -> None:
    assert failure_reply(None) is replies.HOOK_FAILED
    assert failure_reply("sorry") == Reply(451, "sorry", "4.3.0")
    assert failure_reply(replies.OK) is replies.OK
