"""What must not matter does not, and what must change the estimates does so by a known rule."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

import mnlstat as mn
from tests.properties.frames import Example, close, shapes

seeds = st.integers(0, 1000)


@given(shapes())
def test_new_names_for_the_outcomes_change_names_only(data: Example) -> None:
    names = {label: f"outcome {label}: {i}" for i, label in enumerate(data.outcomes)}
    renamed = data.frame.assign(y=data.frame["y"].cat.rename_categories(names))
    one, other = data.fit(), data.with_frame(renamed).fit()
    np.testing.assert_array_equal(one.params.to_numpy(), other.params.to_numpy())
    np.testing.assert_array_equal(one.cov_params().to_numpy(), other.cov_params().to_numpy())
    assert [names[j] for j, _ in one.params.index] == [j for j, _ in other.params.index]


@given(shapes(), seeds)
def test_the_order_of_the_outcomes_changes_their_order_only(data: Example, seed: int) -> None:
    order = list(np.random.default_rng(seed).permutation(data.outcomes))
    shuffled = data.frame.assign(y=data.frame["y"].cat.reorder_categories(order))
    base = data.outcomes[0]
    one = data.fit(base=base)
    other = data.with_frame(shuffled).fit(base=base)
    assert list(other.outcomes) == order
    close(other.params.loc[one.params.index], one.params)
    close(other.cov_params().loc[one.params.index, one.params.index], one.cov_params())
    close(other.fittedvalues[data.outcomes], one.fittedvalues)


@given(shapes(), seeds)
def test_another_base_by_algebra_is_another_base_by_fitting(data: Example, seed: int) -> None:
    base = data.outcomes[seed % len(data.outcomes)]
    rebased, refitted = data.fit().rebase(base), data.fit(base=base)
    assert rebased.base == refitted.base == base
    close(rebased.params, refitted.params)
    close(rebased.bse, refitted.bse)
    close(rebased.cov_params(), refitted.cov_params())
    close(rebased.pvalues, refitted.pvalues)
    close(rebased.fittedvalues, refitted.fittedvalues)
    assert rebased.llf == data.fit().llf
    close(rebased.wald_test_terms(), refitted.wald_test_terms(), 1e-8)


@given(shapes(), seeds)
def test_there_and_back_to_the_first_base_changes_nothing(data: Example, seed: int) -> None:
    one = data.fit()
    back = one.rebase(data.outcomes[seed % len(data.outcomes)]).rebase(one.base)
    close(back.params, one.params, 1e-13)
    close(back.cov_params(), one.cov_params(), 1e-13)


@given(shapes(), seeds)
def test_the_order_of_the_rows_moves_nothing(data: Example, seed: int) -> None:
    shuffled = data.with_frame(data.frame.sample(frac=1.0, random_state=seed))
    one, other = data.fit(), shuffled.fit()
    close(other.params, one.params, 1e-10)
    close(other.bse, one.bse, 1e-10)
    close(other.fittedvalues.loc[one.fittedvalues.index], one.fittedvalues, 1e-10)


@given(shapes(), st.floats(-9, 9), st.floats(-100, 100))
def test_units_and_origin_of_a_column_move_its_coefficient_by_rule(
    data: Example, power: float, origin: float
) -> None:
    scale = 10.0**power
    moved = data.with_frame(data.frame.assign(x0=scale * (data.frame["x0"] + origin)))
    one, other = data.fit(), moved.fit()
    slopes = one.params.xs("x0", level="term")
    close(scale * other.params.xs("x0", level="term"), slopes)
    close(scale * other.bse.xs("x0", level="term"), one.bse.xs("x0", level="term"))
    constants = one.params.xs("Intercept", level="term") - origin * slopes
    close(other.params.xs("Intercept", level="term"), constants)
    close(other.fittedvalues, one.fittedvalues)
    assert abs(other.llf - one.llf) <= 1e-12 * abs(one.llf)


@given(shapes())
def test_two_outcomes_are_the_binary_logit_of_statsmodels(data: Example) -> None:
    from statsmodels.discrete.discrete_model import Logit

    first, second = data.outcomes[:2]
    frame = data.frame[data.frame["y"].isin([first, second])]
    two = data.with_frame(frame.assign(y=frame["y"].cat.remove_unused_categories()))
    ours = two.fit()
    X = pd.get_dummies(frame["g"], drop_first=True, dtype=float)
    X = X.join(frame[two.numeric]).assign(Intercept=1.0)
    theirs = Logit((frame["y"] == second).astype(float), X).fit(disp=0, tol=1e-12, maxiter=100)
    rename = {f"g[T.{level}]": level for level in ("mid", "top")}
    params = ours.params.loc[second].rename(rename)
    close(params, theirs.params.loc[params.index].rename_axis("term"), 1e-8)
    close(ours.bse.loc[second].rename(rename), theirs.bse[params.index].rename_axis("term"), 1e-8)
    assert abs(ours.llf - theirs.llf) < 1e-9 * abs(theirs.llf)


@given(shapes(n_outcomes=2))
def test_two_outcomes_solve_the_equations_of_the_binary_logit(data: Example) -> None:
    res = data.fit()
    X = res.spec.design(data.frame).X
    probability = 1 / (1 + np.exp(-X @ res.params.to_numpy()))
    chosen = (data.frame["y"] == data.outcomes[1]).to_numpy(float)
    np.testing.assert_allclose(X.T @ (chosen - probability), 0, atol=1e-10 * len(X))
    information = X.T @ (X * (probability * (1 - probability))[:, None])
    close(res.cov_params().to_numpy(), np.linalg.inv(information), 1e-10)


@given(shapes())
def test_mean_fitted_probabilities_are_the_observed_shares(data: Example) -> None:
    res = data.fit()
    observed = data.frame["y"].value_counts(normalize=True, sort=False).to_numpy()
    np.testing.assert_allclose(res.fittedvalues.mean().to_numpy(), observed, rtol=1e-11)
    for _, rows in data.frame.groupby("g"):
        fitted = res.fittedvalues.loc[rows.index].sum().to_numpy()
        counts = rows["y"].value_counts(sort=False).to_numpy()
        np.testing.assert_allclose(fitted, counts, rtol=1e-10)


@given(
    shapes(n_levels=3), st.sampled_from(["C(g, Sum)", "C(g, Treatment('top'))", "0 + g", "C(g)"])
)
def test_another_coding_of_a_factor_is_the_same_fit(data: Example, coding: str) -> None:
    one, other = data.fit(), data.fit(f"y ~ {' + '.join([*data.numeric, coding])}")
    assert abs(other.llf - one.llf) <= 1e-13 * abs(one.llf)
    assert (other.df_model, other.constant) == (one.df_model, True)
    close(other.fittedvalues, one.fittedvalues, 1e-11)
    assert abs(other.llr - one.llr) <= 1e-12 * abs(one.llnull)
    slopes, same = one.wald_test_slopes(), other.wald_test_slopes()
    assert same.df == slopes.df
    np.testing.assert_allclose(same.statistic, slopes.statistic, rtol=1e-8)


@given(shapes())
def test_rows_given_twice_double_the_information(data: Example) -> None:
    twice = data.with_frame(pd.concat([data.frame, data.frame], ignore_index=True))
    one, other = data.fit(), twice.fit()
    close(other.params, one.params, 1e-10)
    close(2 * other.cov_params(), one.cov_params(), 1e-10)
    assert abs(other.llf - 2 * one.llf) <= 1e-13 * abs(other.llf)
    assert other.nobs == 2 * one.nobs


@given(shapes())
def test_constants_alone_reach_the_null_log_likelihood(data: Example) -> None:
    null, res = data.fit("y ~ 1"), data.fit()
    assert abs(null.llf - res.llnull) <= 1e-14 * abs(res.llnull)
    assert null.df_model == 0 and abs(null.llr) <= 1e-13 * abs(null.llf)


@given(shapes(), seeds)
def test_rows_with_a_missing_value_are_as_if_they_were_not_there(data: Example, seed: int) -> None:
    holes = data.frame.copy()
    gone = np.random.default_rng(seed).choice(holes.index, size=5, replace=False)
    holes.loc[gone[:2], "x0"] = np.nan
    holes.loc[gone[2:4], "g"] = None
    holes.loc[gone[4:], "y"] = np.nan
    one = data.with_frame(data.frame.drop(index=gone)).fit()
    other = data.with_frame(holes).fit()
    np.testing.assert_array_equal(other.params.to_numpy(), one.params.to_numpy())
    assert other.nobs == one.nobs == len(holes) - 5 and other.dropped.total == 5


@given(shapes())
def test_arrays_and_formula_are_the_same_fit(data: Example) -> None:
    res = data.fit()
    X = pd.DataFrame(res.spec.design(data.frame).X, columns=res.spec.columns)
    other = mn.MNLogit(data.frame["y"].reset_index(drop=True), X).fit()
    np.testing.assert_array_equal(other.params.to_numpy(), res.params.to_numpy())
    assert other.llf == res.llf
