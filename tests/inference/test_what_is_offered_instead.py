"""What a refusal tells the user to ask for is there: tests, covariances, folds, names."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import DataError, OptionError

ANES = mn.datasets.anes96()


def fit(data: Any = ANES, **options: Any) -> Any:
    return mn.mnlogit("vote ~ age + educ", data).fit(**options)


def refused(call: Any) -> str:
    with pytest.raises((OptionError, DataError)) as found:
        call()
    return str(found.value)


def reloaded(res: Any, folder: Any, **options: Any) -> Any:
    res.save(folder / "a.fit", **options)
    return mn.load(folder / "a.fit")


def test_small_sample_clusters_are_not_scaled() -> None:
    res = fit().with_cov("CR2", groups="PID")
    assert "Rao-Scott" not in str(res.test(term="age", kind="all"))
    said = refused(lambda: res.test(term="age", kind="lr"))
    assert "Rao-Scott" not in said
    assert "kind='score'" in said
    assert res.test(term="age", kind="score").df == 1


def test_a_result_without_rows_has_its_wald_tests(tmp_path: Any) -> None:
    res = reloaded(fit().with_cov("robust"), tmp_path)
    assert "Rao-Scott" not in str(res.test(term="age", kind="all"))
    assert "Ask for kind='wald'." in refused(lambda: res.test(term="age", kind="lr"))
    said = refused(lambda: res.test(term="age", kind="score"))
    assert "Wald tests, contrasts, rebase() and predict(data) do without" in said
    assert res.test(term="age") == fit().with_cov("robust").test(term="age")


def test_an_exact_jackknife_has_no_score_test(tmp_path: Any) -> None:
    res = fit(ANES[:200]).with_cov("jackknife", refit=True)
    for each in (res, reloaded(res, tmp_path, include_data=True)):
        said = refused(lambda each=each: each.test(term="age", kind="score"))
        assert "Ask for kind='wald', or with_cov('robust')" in said
        assert each.with_cov("robust").test(term="age", kind="score").df == 1
        assert "kind='score'" not in refused(lambda each=each: each.test(term="age", kind="lr"))


def test_replicate_weights_have_no_score_test(tmp_path: Any) -> None:
    weights = 1.0 + np.random.default_rng(1).uniform(-0.5, 0.5, size=(200, 12))
    res = fit(ANES[:200]).with_cov("survey", replicates=weights, method="bootstrap")
    said = refused(
        lambda: reloaded(res, tmp_path, include_data=True).test(term="age", kind="score")
    )
    assert "replicates tell of this one alone" in said


def test_bias_reduced_fits_under_another_covariance() -> None:
    res = fit(ANES[:200], penalty="jeffreys").with_cov("jackknife", refit=True)
    said = refused(lambda: res.test(term="age", kind="lr"))
    assert "Ask for kind='wald' or res.with_cov('observed') for it." in said
    assert res.with_cov("observed").test(term="age", kind="lr").df == 1


def test_a_ridge_is_not_sent_to_other_tests() -> None:
    res = fit(ANES[:200], penalty=mn.Ridge(1.0))
    assert "Test a fit without penalty" in refused(lambda: res.test_combine(kind="Rao-Scott"))
    assert "Fit without penalty=" in refused(lambda: res.bootstrap(10, studentised=True))


def survey(n: int = 300) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "y": rng.choice(list("abc"), n),
            "x": rng.normal(size=n),
            "p": np.arange(n) // 15,
            "w": rng.uniform(1, 2, n),
        }
    )


def test_the_file_of_a_subset_does_not_hold_the_other_rows(tmp_path: Any) -> None:
    data = survey()
    model = mn.mnlogit("y ~ x", data, sampling_weights="w", subset="p > 4")
    res, p = model.fit(), data["p"].to_numpy()
    loaded = reloaded(res, tmp_path, include_data=True)
    used = p[p > 4]
    assert res.with_cov("survey", psu=p, subpop=True).df_t.iloc[0] == 19
    with pytest.raises(OptionError, match="the survey has 75 rows that the fit left out"):
        loaded.with_cov("survey", psu=used)
    for inside in (True, "p > 4"):
        with pytest.raises(DataError, match="the data had 75 rows besides"):
            loaded.with_cov("survey", psu=used, subpop=inside)
    own = loaded.with_cov("survey", psu=used, subpop=False)
    pd.testing.assert_series_equal(own.bse, res.with_cov("survey", psu=p, subpop=False).bse)


def test_the_file_of_all_rows_holds_all_rows(tmp_path: Any) -> None:
    res = mn.mnlogit("y ~ x", survey(), sampling_weights="w").fit()
    loaded = reloaded(res, tmp_path, include_data=True)
    p = survey()["p"].to_numpy()
    found = loaded.with_cov("survey", psu=p, subpop=True)
    pd.testing.assert_series_equal(found.bse, res.with_cov("survey", psu="p").bse)
