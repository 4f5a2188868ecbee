"""Hypothesis profiles; `--hypothesis-profile=nightly` chooses the long one."""

import os

from hypothesis import HealthCheck, Phase, settings

settings.register_profile(
    "default",
    deadline=None,
    derandomize="CI" in os.environ,
    # A false alarm for pytest-trio, which sets its fixtures up for each example.
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
settings.register_profile(
    "nightly",
    settings.get_profile("default"),
    derandomize=False,
    max_examples=5_000,
    print_blob=True,
)
# For tests/mutation: a failure is enough, and need not be the simplest.
settings.register_profile(
    "mutation",
    settings.get_profile("default"),
    database=None,
    derandomize=True,
    max_examples=20,
    phases=[Phase.explicit, Phase.generate],
)
settings.load_profile("default")
