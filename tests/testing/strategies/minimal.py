"""What a strategy shrinks to, and what is among its examples."""

from collections.abc import Callable
from typing import TypeVar

from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st

T = TypeVar("T")


def minimal(
    strategy: st.SearchStrategy[T], condition: Callable[[T], bool] = lambda _: True
) -> T:
    """Give the simplest example; the same in every run."""
    return find(strategy, condition, settings=_settings(Phase.generate, Phase.shrink))


def some(strategy: st.SearchStrategy[T], condition: Callable[[T], object]) -> T:
    """Give an example that is not made simpler; the same in every run."""
    return find(
        strategy,
        lambda drawn: bool(condition(drawn)),
        settings=_settings(Phase.generate),
    )


def _settings(*phases: Phase) -> settings:
    return settings(
        database=None,
        derandomize=True,
        max_examples=2000,
        phases=phases,
        suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
    )
