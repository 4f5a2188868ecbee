"""Counting errors and commands that do nothing."""

import pytest

from smtpsession.dialogue.error_counts import (
    AUTH_FAILURE_DELAY,
    ERROR_DELAY,
    ErrorCounts,
)
from smtpsession.dialogue.limits import Limits


def counts(
    *,
    soft: int | None = None,
    hard: int | None = None,
    junk: int | None = None,
    recipients: int | None = None,
) -> ErrorCounts:
    return ErrorCounts(
        Limits(
            errors_soft=soft,
            errors_hard=hard,
            junk_commands=junk,
            recipients=recipients,
        )
    )


def test_slowed_at_the_soft_limit_and_over_at_the_hard_one() -> None:
    client = counts(soft=2, hard=3)
    seen = [(client.is_slowed, client.is_over)]
    for _ in range(3):
        client.count_error()
        seen.append((client.is_slowed, client.is_over))
    assert seen == [(False, False), (False, False), (True, False), (True, True)]


def test_mail_is_counted_over_accepted_messages() -> None:
    client = ErrorCounts(Limits(transactions=2))
    assert not client.count_mail()
    client.forgive()
    assert [client.count_mail() for _ in range(3)] == [False, True, True]
    assert not any(counts().count_mail() for _ in range(1000))


def test_junk_over_its_limit_is_an_error_each() -> None:
    client = counts(hard=2, junk=3)
    for _ in range(4):
        client.count_junk()
    assert not client.is_over
    client.count_junk()
    assert client.is_over


def test_as_many_surplus_recipients_as_the_limit_are_no_error() -> None:
    client = counts(soft=1, hard=2, recipients=100)
    for _ in range(100):
        client.count_surplus_recipient()
    assert not client.is_slowed
    client.count_surplus_recipient()
    assert client.is_slowed
    assert not client.is_over
    client.count_surplus_recipient()
    assert client.is_over


def test_answers_are_held_back_for_a_second() -> None:
    assert (ERROR_DELAY, AUTH_FAILURE_DELAY) == (1.0, 1.0)


def test_the_last_failure_to_authenticate_that_there_may_be() -> None:
    client = ErrorCounts(Limits(auth_failures=2))
    assert not client.count_auth_failure()
    client.forgive()
    assert client.count_auth_failure()
    patient = ErrorCounts(Limits(auth_failures=None))
    assert not any(patient.count_auth_failure() for _ in range(1000))


def test_commands_without_a_user_are_counted_over_messages() -> None:
    client = ErrorCounts(Limits(unauthenticated_commands=2))
    assert not client.count_unauthenticated()
    client.forgive()
    assert [client.count_unauthenticated() for _ in range(3)] == [False, True, True]
    assert not any(counts().count_unauthenticated() for _ in range(1000))


def test_a_good_message_forgives_everything() -> None:
    client = counts(soft=1, hard=1, junk=1, recipients=100)
    client.count_error()
    client.count_junk()
    for _ in range(100):
        client.count_surplus_recipient()
    assert client.is_over
    client.forgive()
    client.count_junk()
    client.count_surplus_recipient()
    assert not client.is_slowed
    assert not client.is_over


@pytest.mark.parametrize("times", [1, 1000])
def test_without_limits_nothing_counts(times: int) -> None:
    client = counts()
    for _ in range(times):
        client.count_error()
        client.count_junk()
        client.count_surplus_recipient()
    assert not client.is_slowed
    assert not client.is_over
