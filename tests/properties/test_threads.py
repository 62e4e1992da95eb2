"""Fits at the same time give the bits of fits one after the other, and leave no trace."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import MnlstatWarning
from mnlstat.filters import filtered
from tests.saving.results import KINDS, RIGHT_SIDES, of_formula

WORKERS, ROUNDS = 5, 2


def data(n: int, k: int, J: int, levels: int = 0) -> pd.DataFrame:
    """Rows of k numbers, J outcomes and a factor."""
    rng = np.random.default_rng(n)
    frame = pd.DataFrame({f"x{j}": rng.normal(size=n) for j in range(k)})
    frame["y"] = rng.integers(0, J, n).astype(str)
    return frame.assign(g=rng.integers(0, levels, n).astype(str)) if levels else frame


def of_size(n: int, k: int, J: int, levels: int, n_threads: int) -> Callable[[], Any]:
    """A fit to so many rows."""
    frame = data(n, k, J, levels)
    terms = [*(f"x{j}" for j in range(k)), *(["g"] if levels else [])]
    return lambda: mn.mnlogit(f"y ~ {' + '.join(terms)}", frame, n_threads=n_threads).fit()


SIZES = [(50, 1, 2, 0, 1), (3000, 3, 4, 5, 2), (20_000, 4, 3, 80, 1), (60_000, 3, 3, 0, 2)]


def bits(make: Callable[[], Any]) -> bytes:
    """Specify, fit and infer, and all numbers of it."""
    res = make()
    tables = (res.params, res.cov_params(), res.rebase(res.outcomes[-1]).params)
    tests = res.wald_test_terms()
    numbers = [*tables, tests[["statistic", "p_value"]]]
    return b"".join(each.to_numpy().tobytes() for each in numbers) + repr(res.llf).encode()


@pytest.fixture
def switching() -> Iterator[None]:
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def in_threads(jobs: list[Callable[[], Any]]) -> list[tuple[int, bytes]]:
    order = np.random.default_rng(0).permutation(len(jobs) * ROUNDS) % len(jobs)
    with ThreadPoolExecutor(WORKERS) as pool:
        return list(zip(order, pool.map(lambda at: bits(jobs[at]), order), strict=True))


def test_models_of_all_kinds_and_sizes_at_once(switching: None) -> None:
    jobs = list(KINDS.values())
    jobs += [lambda right=right: of_formula(right) for right in RIGHT_SIDES]
    jobs += [of_size(*size) for size in SIZES]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MnlstatWarning)
        alone = [bits(job) for job in jobs]
        for at, found in in_threads(jobs):
            assert found == alone[at]


def test_one_model_in_many_threads(switching: None) -> None:
    model = mn.mnlogit("y ~ x0 + center(x1) + g", data(5000, 2, 3, 40))
    fresh = mn.mnlogit("y ~ x0 + center(x1) + g", data(5000, 2, 3, 40))
    expected = bits(fresh.fit)
    assert all(found == expected for _, found in in_threads([model.fit] * 8))
    res = model.fit()  # and a result that computes what it keeps when first asked
    with ThreadPoolExecutor(WORKERS) as pool:
        texts = set(pool.map(lambda _: str(res.wald_test_terms()), range(20)))
    assert texts == {str(res.wald_test_terms())}


def test_files_are_read_at_once(switching: None, tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    data(4000, 2, 3, 4).to_csv(path, index=False)
    jobs = [lambda: mn.mnlogit("y ~ x0 + center(x1) + g", path).fit()] * 6
    expected = bits(jobs[0])
    assert all(found == expected for _, found in in_threads(jobs))


def test_comparisons_at_once(switching: None) -> None:
    results = [of_size(*size)() for size in SIZES[:2]] * 4
    alone = [str(res.compare().verdict) for res in results]
    with ThreadPoolExecutor(WORKERS) as pool:
        assert list(pool.map(lambda res: str(res.compare().verdict), results)) == alone


def test_filters_that_several_threads_change_are_put_back(switching: None) -> None:
    def use(at: int) -> int:
        with filtered("always") as caught:
            for _ in range(at % 7):
                warnings.warn("told", UserWarning, stacklevel=1)
            with filtered("error", DeprecationWarning), pytest.raises(DeprecationWarning):
                warnings.warn("refused", DeprecationWarning, stacklevel=1)
        return len(caught)

    before, showing = list(warnings.filters), warnings.showwarning
    with ThreadPoolExecutor(WORKERS) as pool:
        assert list(pool.map(use, range(500))) == [at % 7 for at in range(500)]
    assert list(warnings.filters) == before and warnings.showwarning is showing
