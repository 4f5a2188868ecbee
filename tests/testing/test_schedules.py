import contextlib
import importlib
from typing import Any

import pytest
import trio
from hypothesis import find, given, settings
from hypothesis import strategies as st

from smtpsession.testing import shuffle_schedule


async def order_of_three() -> list[str]:
    ran: list[str] = []

    async def note(name: str) -> None:
        ran.append(name)

    async with trio.open_nursery() as nursery:
        for name in "abc":
            nursery.start_soon(note, name)
    return ran


@pytest.mark.parametrize("wanted", ["abc", "acb", "bac", "bca", "cab", "cba"])
def test_every_order_is_found(wanted: str) -> None:
    def comes(data: st.DataObject) -> bool:
        with shuffle_schedule(data):
            return trio.run(order_of_three) == list(wanted)

    find(st.data(), comes, settings=settings(max_examples=200))


@given(st.data())
def test_it_ends_with_its_context(data: st.DataObject) -> None:
    module: Any = importlib.import_module("trio._core._run")
    names = ("_r", "_ALLOW_DETERMINISTIC_SCHEDULING")
    before = [getattr(module, name) for name in names]
    with contextlib.suppress(KeyError), shuffle_schedule(data):
        assert getattr(module, names[0]) is not before[0]
        raise KeyError
    assert [getattr(module, name) for name in names] == before


@given(st.data())
def test_another_trio_is_told(data: st.DataObject) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr("trio._core._run._r")
        with (
            pytest.raises(RuntimeError, match="no schedule to choose"),
            shuffle_schedule(data),
        ):
            pass
