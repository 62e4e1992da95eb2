"""The caller's names, wherever the call stands."""

from __future__ import annotations

import warnings

import numpy as np

import mnlstat as mn
from mnlstat.design.scope import Outside, caller_scope, warn
from mnlstat.errors import MnlstatWarning

outer = 1
shadowed = 1


def test_locals_overlay_globals() -> None:
    shadowed = 2
    scope = caller_scope()
    assert scope["shadowed"] == shadowed == 2
    assert scope["outer"] == 1 and scope["np"] is np


def test_comprehensions_see_the_function_around_them() -> None:
    local = 5
    assert [caller_scope()["local"] + i for i in range(2)] == [5, 6]
    assert tuple(caller_scope()["local"] + i for i in range(1)) == (local,)


def test_warnings_point_at_the_caller() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warn(MnlstatWarning("the-code", "said"))
    assert caught[0].filename == __file__


def test_capture_copies_what_can_change() -> None:
    values = np.arange(3)
    kept = Outside.capture("values", values)
    values[0] = 9
    assert kept.value.tolist() == [0, 1, 2]
    assert Outside.capture("np", np).value is np
    generator = (i for i in range(2))
    assert Outside.capture("generator", generator).value is generator


def test_warnings_of_a_fit_point_at_its_line() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        mn.mnlogit("y ~ x + z", mn.datasets.separated_toy()).fit()
    assert [w.filename for w in caught] == [__file__]
