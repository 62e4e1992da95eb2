"""Settings of every test: hypothesis draws the same examples each time, with no clock."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile(
    "same-examples-each-time",
    derandomize=True,
    max_examples=12,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("same-examples-each-time")
