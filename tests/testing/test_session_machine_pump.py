from __future__ import annotations

from collections.abc import Iterator

import pytest
import trio

from smtpsession.testing.session_machine_pump import TrioPump, settle


@pytest.fixture
def pump() -> Iterator[TrioPump]:
    pump = TrioPump()
    yield pump
    pump.close()


def test_calls_give_what_functions_return(pump: TrioPump) -> None:
    async def three() -> int:
        await trio.lowlevel.checkpoint()
        return 3

    assert pump.call(three) == 3


def test_time_is_virtual_and_does_not_pass_between_calls(pump: TrioPump) -> None:
    async def now() -> float:
        return trio.current_time()

    async def sleep() -> None:
        await trio.sleep(3_600)

    before = pump.call(now)
    assert pump.call(now) == before
    pump.call(sleep)
    assert pump.call(now) == before + 3_600


def test_calls_raise_what_functions_raise(pump: TrioPump) -> None:
    async def fail() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        pump.call(fail)


def test_tasks_go_on_while_a_call_settles(pump: TrioPump) -> None:
    steps: list[int] = []

    async def work() -> None:
        steps.append(1)
        await trio.to_thread.run_sync(lambda: steps.append(2))
        await trio.to_thread.run_sync(lambda: steps.append(3))
        steps.append(4)
        await trio.sleep_forever()

    pump.start_soon(work)
    pump.call(settle)
    assert steps == [1, 2, 3, 4]


def test_what_a_task_raises_is_raised_by_the_next_call() -> None:
    async def fail() -> None:
        raise KeyError("x")

    pump = TrioPump()
    pump.start_soon(fail)
    with pytest.raises(ExceptionGroup) as caught:
        pump.call(settle)
    assert caught.group_contains(KeyError)
