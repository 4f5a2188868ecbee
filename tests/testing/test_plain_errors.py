import pytest
import trio

from smtpsession.testing.plain_errors import plain_errors


def test_nothing_happens_without_an_error() -> None:
    with plain_errors():
        pass


async def test_the_one_error_of_a_nursery_is_raised_as_it_is() -> None:
    error = KeyError("x")
    with pytest.raises(KeyError) as caught, plain_errors():
        async with trio.open_nursery():
            raise error
    assert caught.value is error
    assert error.__context__ is None


async def test_a_group_of_the_tests_own_stays_one() -> None:
    mine = ExceptionGroup("mine", [KeyError("x")])
    with pytest.raises(ExceptionGroup) as caught, plain_errors():
        async with trio.open_nursery():
            raise mine
    assert caught.value.message == "mine"
    assert caught.value.exceptions == mine.exceptions


def test_several_errors_stay_together() -> None:
    several = ExceptionGroup("several", [KeyError(), OSError()])
    with pytest.raises(ExceptionGroup) as caught, plain_errors():
        raise several
    assert caught.value is several
