"""Hypothesis profiles; `--hypothesis-profile=nightly` chooses the long one."""

import os

from hypothesis import HealthCheck, settings

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
settings.load_profile("default")
