"""Nothing in a result can be changed from outside."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import mnlstat as mn
from tests.behaviour.data import good_frame, spoilt

FRAME = spoilt("x", 4, np.nan)


def arrays_of(record: Any) -> list[np.ndarray]:
    return [value for value in vars(record).values() if isinstance(value, np.ndarray)]


@pytest.fixture(scope="module")
def res() -> Any:
    with pytest.warns(mn.errors.AliasedWarning):
        return mn.mnlogit("y ~ x + z + I(2 * x)", FRAME).fit()


def test_arrays_cannot_be_written_to(res: Any) -> None:
    covaried = res.with_cov("CR2", groups=np.arange(len(FRAME)) // 3)
    assert not any(a.flags.writeable for a in arrays_of(covaried.estimates.covariance.degrees))
    for each in (
        res,
        res.rebase("b"),
        pickle.loads(pickle.dumps(res)),
        copy.deepcopy(res),
        covaried,
    ):
        parts = [each, each.estimates, each.estimates.covariance, each.optimum, each.aliasing]
        if each.sample is not None:
            parts += [
                each.sample,
                each.likelihood,
                each.likelihood.rows,
                each.likelihood.rows.matrix,
            ]
        found = [array for part in parts for array in arrays_of(part)]
        assert len(found) >= 10
        assert not any(array.flags.writeable for array in found)
    with pytest.raises(ValueError, match="read-only"):
        res.likelihood.rows.X[0, 0] = 7.0


def test_mappings_and_series_are_copies(res: Any) -> None:
    for mapping in (res.seconds, res.dropped.by_column, res.dropped.by_term, res.aliased):
        mapping["x"] = "changed"
    assert res.dropped.by_column == {"x": 1}
    assert "x" not in {**res.seconds, **res.dropped.by_term}
    counts, params = res.outcome_counts, res.params
    counts["a"], params[:] = 0, 0.0
    assert "x" not in res.aliased
    assert res.outcome_counts["a"] == 40
    assert (res.params.dropna() != 0).all()
    kept = pickle.loads(pickle.dumps(res))
    assert kept.dropped == res.dropped
    assert dict(kept.seconds) == dict(res.seconds)


def test_arrays_of_the_user_stay_writeable() -> None:
    y = np.array(good_frame()["y"])
    X = np.asfortranarray(np.column_stack([np.ones(len(y)), good_frame()["x"]]))
    fitted = mn.MNLogit(y, X).fit()
    assert X.flags.writeable and y.flags.writeable
    assert not fitted.likelihood.rows.X.flags.writeable
