"""K-fold cross-validation, against fits to frames without the fold."""

from __future__ import annotations

import pickle
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from mnlstat.errors import (
    ClusterWarning,
    ConvergenceError,
    ConvergenceWarning,
    DataError,
    OptionError,
    SeparationError,
)
from tests.inference.samples import frame

FRAME = frame(200, 8).set_index(np.arange(200) + 7)


def fit(right: str, data: Any = FRAME, **options: Any) -> Any:
    return mn.mnlogit(f"y ~ {right}", data, **options).fit()


def by_hand(found: Any, formula: str, data: pd.DataFrame, fit_options: Any = None) -> Any:
    """Probabilities of each row by a fit to the frame without its fold."""
    parts = [
        mn.mnlogit(formula, data[found.fold != at])
        .fit(**(fit_options or {}))
        .predict(data[found.fold == at])
        for at in range(found.fold.max() + 1)
    ]
    return pd.concat(parts).loc[data.index]


@pytest.mark.parametrize("k", [2, 5, 10])
def test_held_out_probabilities_are_those_of_fits_without_the_fold(k: int) -> None:
    found = mn.cross_validate(fit("x + z + g"), k)
    pi = by_hand(found, "y ~ x + z + g", FRAME)
    np.testing.assert_allclose(found.probabilities, pi, rtol=1e-7)
    own = np.array([pi.loc[i, FRAME.loc[i, "y"]] for i in FRAME.index])
    assert found.log_score == pytest.approx(np.log(own).mean(), rel=1e-8)
    right = pi.idxmax(axis=1) == FRAME["y"]
    chosen = pd.get_dummies(FRAME["y"]).to_numpy(dtype=float)
    brier = ((pi.to_numpy() - chosen) ** 2).sum(axis=1)
    for name, each in (("log_score", np.log(own)), ("accuracy", right), ("brier", brier)):
        row = found.table.loc[name]
        assert row["estimate"] == pytest.approx(np.mean(each), rel=1e-8)
        assert row["std_error"] == pytest.approx(np.std(each, ddof=1) / np.sqrt(200), rel=1e-7)
        for at, inside in FRAME.assign(each=each).groupby(found.fold)["each"]:
            assert found.folds.loc[at, name] == pytest.approx(inside.mean(), rel=1e-7)
    assert found.log_score_se == found.table.loc["log_score", "std_error"]


@pytest.mark.parametrize("penalty", ["jeffreys", mn.Ridge(3.0)])
def test_penalties_are_kept(penalty: Any) -> None:
    found = mn.cross_validate(mn.mnlogit("y ~ x + z", FRAME).fit(penalty=penalty), 4)
    wanted = by_hand(found, "y ~ x + z", FRAME, {"penalty": penalty})
    np.testing.assert_allclose(found.probabilities, wanted, rtol=1e-6)


def test_constraints_and_offsets_are_kept() -> None:
    res = mn.mnlogit("y ~ x + z", FRAME, parallel="z", offset={"b": "w"}).fit()
    found = mn.cross_validate(res.rebase("c"), 4)
    for at in range(4):
        part = FRAME[found.fold != at]
        one = mn.mnlogit("y ~ x + z", part, parallel="z", offset={"b": "w"}).fit()
        held = FRAME[found.fold == at]
        np.testing.assert_allclose(
            found.probabilities.loc[held.index], one.predict(held), rtol=1e-6
        )


def test_folds_hold_each_outcome_evenly() -> None:
    found = mn.cross_validate(fit("x"), 7)
    counts = pd.crosstab(found.fold, FRAME["y"])
    assert (counts.max() - counts.min()).max() <= 2
    sizes = found.folds["n_test"]
    assert sizes.max() - sizes.min() <= 1
    assert (found.folds["n_train"] + sizes == 200).all()
    plain = mn.cross_validate(fit("x"), 7, strata=False)
    assert plain.folds["n_test"].tolist() == sizes.sort_values(ascending=False).tolist() or (
        plain.folds["n_test"].sum() == 200
    )


def test_folds_depend_on_the_seed_and_not_on_the_model_or_threads() -> None:
    one = mn.cross_validate(fit("x"), 5, seed=3)
    for other in (fit("x + z"), mn.mnlogit("y ~ x", FRAME), fit("x", n_threads=1)):
        pd.testing.assert_series_equal(mn.cross_validate(other, 5, seed=3).fold, one.fold)
    assert not mn.cross_validate(fit("x"), 5, seed=4).fold.equals(one.fold)
    many = pd.concat([FRAME] * 60, ignore_index=True)
    tables = [mn.cross_validate(fit("x + z", many, n_threads=n), 3).probabilities for n in (1, 2)]
    np.testing.assert_array_equal(*tables)


def test_groups_stay_together_and_count_as_units() -> None:
    found = mn.cross_validate(fit("x + z"), 5, groups="school")
    assert (found.fold.groupby(FRAME["school"]).nunique() == 1).all()
    assert found.folds["n_test"].max() < 2 * found.folds["n_test"].min()
    own = np.array([found.probabilities.loc[i, FRAME.loc[i, "y"]] for i in FRAME.index])
    about = pd.Series(np.log(own) - np.log(own).mean()).groupby(FRAME["school"].to_numpy()).sum()
    G = len(about)
    wanted = np.sqrt((about**2).sum() * G / (G - 1)) / 200
    assert found.log_score_se == pytest.approx(wanted, rel=1e-9)
    assert "groups of school together" in str(found)


def test_leaving_out_one_row_at_a_time() -> None:
    found = mn.cross_validate(fit("x"), 200)
    assert sorted(found.fold) == list(range(200))


def test_frequency_weights_are_rows_that_repeat() -> None:
    found = mn.cross_validate(fit("x", freq_weights="f"), 5)
    times = FRAME["f"].to_numpy()
    own = np.log([found.probabilities.loc[i, FRAME.loc[i, "y"]] for i in FRAME.index])
    repeated = np.repeat(own, times)
    row = found.table.loc["log_score"]
    assert row["estimate"] == pytest.approx(repeated.mean(), rel=1e-12)
    assert row["std_error"] == pytest.approx(
        repeated.std(ddof=1) / np.sqrt(len(repeated)), rel=1e-10
    )
    part = FRAME[found.fold != 0]
    one = mn.mnlogit("y ~ x", part, freq_weights="f").fit().predict(FRAME[found.fold == 0])
    np.testing.assert_allclose(found.probabilities[found.fold == 0], one, rtol=1e-8)


def test_sampling_weights_weigh_scores() -> None:
    found = mn.cross_validate(fit("x", sampling_weights="w"), 5)
    own = np.log([found.probabilities.loc[i, FRAME.loc[i, "y"]] for i in FRAME.index])
    w = FRAME["w"].to_numpy()
    mean = np.average(own, weights=w)
    assert found.log_score == pytest.approx(mean, rel=1e-12)
    error = np.sqrt(((w * (own - mean)) ** 2).sum() * 200 / 199) / w.sum()
    assert found.log_score_se == pytest.approx(error, rel=1e-10)
    unit = mn.cross_validate(fit("x", FRAME.assign(w=1e6 * w), sampling_weights="w"), 5)
    np.testing.assert_allclose(unit.table, found.table, rtol=1e-9)


def test_rows_of_counts_are_units_and_choices_are_scored() -> None:
    wide = FRAME.groupby(["school", "g", "y"]).size().unstack(fill_value=0).reset_index()
    res = mn.mnlogit("cbind(a, b, c, d) ~ g + school", wide).fit()
    found = mn.cross_validate(res, 4)
    counts, pi = wide[list("abcd")].to_numpy(), found.probabilities.to_numpy()
    assert found.log_score == pytest.approx((counts * np.log(pi)).sum() / 200, rel=1e-12)
    each = sum(counts[:, j] * ((pi - np.eye(4)[j]) ** 2).sum(axis=1) for j in range(4))
    assert found.table.loc["brier", "estimate"] == pytest.approx(each.sum() / 200, rel=1e-12)
    right = counts[np.arange(len(wide)), pi.argmax(axis=1)]
    assert found.table.loc["accuracy", "estimate"] == pytest.approx(right.sum() / 200)
    about = right - counts.sum(axis=1) * right.sum() / 200
    n = len(wide)
    error = np.sqrt((about**2).sum() * n / (n - 1)) / 200
    assert found.table.loc["accuracy", "std_error"] == pytest.approx(error)
    with pytest.raises(OptionError, match="rows of counts"):
        mn.cross_validate(res, 4, strata=True)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"k": 1}, "k=1"),
        ({"k": 2.5}, "k=2.5"),
        ({"k": 201}, "folds of 200 rows"),
        ({"seed": -1}, "seed=-1"),
        ({"seed": None}, "seed=None"),
        ({"strata": "y"}, "strata='y'"),
        ({"groups": "school", "strata": True}, "groups hold several outcomes"),
        ({"groups": ["school", "year"]}, "of one way"),
        ({"groups": "school", "k": 21}, "21 folds of 20 groups|k=21"),
        ({"workers": 2}, "workers"),
    ],
)
def test_options_that_cannot_be_honoured(options: dict[str, Any], match: str) -> None:
    with pytest.raises(OptionError, match=match):
        mn.cross_validate(fit("x"), **options)


def test_what_the_rows_without_a_fold_do_not_tell() -> None:
    rare = FRAME.assign(g=np.where(FRAME["school"] % 10 == 3, "s", FRAME["g"]))
    rare["school"] %= 10
    with pytest.raises(DataError, match=r"does not tell g\[T.v\] from the other") as caught:
        mn.cross_validate(fit("x + g", rare), groups="school")
    assert caught.value.code == "fold-unidentified"
    for penalty in ("jeffreys", mn.Ridge(1.0)):
        with pytest.raises(DataError, match="does not tell"):
            mn.cross_validate(mn.mnlogit("y ~ x + g", rare).fit(penalty=penalty), groups="school")
    once = FRAME.assign(y=np.where(np.arange(200) == 11, "once", FRAME["y"]))
    with pytest.raises(DataError, match="has no row of the outcome once"):
        mn.cross_validate(mn.mnlogit("y ~ x", once).fit(separation="ignore"))
    x = FRAME["x"].to_numpy()
    near = FRAME.assign(y=np.where(x > 0.3, "b", "a"))
    at = int(np.flatnonzero(x > 0.3)[np.argmin(x[x > 0.3])])
    near.iloc[at, near.columns.get_loc("x")] = -0.5
    with pytest.raises(SeparationError, match=r"without fold . the sample is separated") as apart:
        mn.cross_validate(mn.mnlogit("y ~ x", near).fit())
    assert apart.value.code == "fold-separated"
    assert np.isfinite(
        mn.cross_validate(mn.mnlogit("y ~ x", near).fit(penalty="jeffreys")).log_score
    )


def test_fits_that_cannot_be_validated() -> None:
    with pytest.warns(ConvergenceWarning):
        stopped = mn.mnlogit("y ~ x", FRAME).fit(maxiter=1)
    with pytest.raises(ConvergenceError):
        mn.cross_validate(stopped)
    toy = mn.datasets.separated_toy()
    with pytest.raises(ConvergenceError):
        mn.cross_validate(mn.mnlogit("y ~ x + z", toy).fit(separation="ignore"))
    with pytest.raises(DataError, match="without its data"):
        mn.cross_validate(pickle.loads(pickle.dumps(fit("x"))))
    streamed = mn.mnlogit("y ~ x", lambda: iter([FRAME.iloc[:100], FRAME.iloc[100:]])).fit()
    with pytest.raises(DataError, match="read in pieces"):
        mn.cross_validate(streamed)
    with pytest.raises(OptionError, match="takes fitted models"):
        mn.cross_validate("y ~ x")  # type: ignore[arg-type]


def test_aliased_columns_two_outcomes_and_loaded_rows(tmp_path: Any) -> None:
    with pytest.warns(mn.errors.AliasedWarning):
        aliased = fit("x + I(2 * x) + z")
    plain = mn.cross_validate(fit("x + z"))
    np.testing.assert_allclose(mn.cross_validate(aliased).table, plain.table, rtol=1e-9)
    two = FRAME.assign(y=FRAME["y"].where(FRAME["y"] == "a", "b"))
    assert mn.cross_validate(fit("x", two)).table.loc["accuracy", "estimate"] > 0.5
    fit("x + z").save(tmp_path / "res", include_data=True)
    loaded = mn.cross_validate(mn.load(tmp_path / "res"))
    np.testing.assert_allclose(loaded.table, plain.table, rtol=1e-12)


def test_the_base_does_not_matter() -> None:
    one, other = (mn.cross_validate(fit("x + z", base=base)) for base in ("a", "c"))
    np.testing.assert_allclose(one.probabilities, other.probabilities, rtol=1e-7)


@pytest.mark.parametrize("given", ["school", FRAME["school"].to_numpy()], ids=["name", "array"])
def test_folds_that_split_clusters_are_said(given: Any) -> None:
    res = fit("x + z")
    named = "groups='school'" if isinstance(given, str) else "groups="
    for found, units in (
        (res.with_cov("cluster", groups=given), "cluster"),
        (res.with_cov("CR2", groups=given), "cluster"),
        (res.with_cov("survey", psu=given), "PSU"),
    ):
        with pytest.warns(
            ClusterWarning, match=f"Give {named}, to hold out whole {units}s"
        ) as seen:
            mn.cross_validate(found, k=3)
        assert [each.message.code for each in seen] == ["folds-split-clusters"]
        mn.cross_validate(found, k=3, groups=given)  # and no warning
    w = FRAME["w"].to_numpy()[:, None] * np.random.default_rng(1).uniform(
        0.5, 1.5, (len(FRAME), 30)
    )
    replicated = fit("x", sampling_weights="w").with_cov("survey", replicates=w, method="bootstrap")
    with pytest.warns(ClusterWarning, match="Give groups=, to hold"):
        mn.cross_validate(replicated, k=3)
    cluster = FRAME["school"].rename("cluster") % 3
    for rows in (res, res.with_cov("survey", strata=cluster), res.with_cov("HC3")):
        mn.cross_validate(rows, k=3)


def test_psus_that_are_named_within_strata_are_told_apart() -> None:
    data = FRAME.assign(s=FRAME["school"] % 2, v=FRAME["school"] // 2)
    res = fit("x + z", data)
    nested = res.with_cov("survey", strata="s", psu="v")
    joined = data["s"].astype(str) + " " + data["v"].astype(str)
    advice = "Give groups=data['s'].astype(str) + ' ' + data['v'].astype(str) (PSUs of several"
    with pytest.warns(ClusterWarning, match=re.escape(advice)):
        mn.cross_validate(nested, k=3)
    found = mn.cross_validate(nested, k=3, groups=joined)
    assert (found.fold.groupby(data["school"]).nunique() == 1).all()
    arrays = res.with_cov("survey", strata=data["s"].to_numpy(), psu=data["v"].to_numpy())
    with pytest.warns(ClusterWarning, match="Give groups= a label of stratum and PSU"):
        mn.cross_validate(arrays, k=3)
    with pytest.warns(ClusterWarning, match="Give groups='school', to hold out whole PSUs"):
        mn.cross_validate(res.with_cov("survey", strata="s", psu="school"), k=3)


def test_groups_without_a_name_are_called_groups() -> None:
    schools = FRAME["school"].to_numpy()
    found = mn.cross_validate(fit("x + z"), k=3, groups=schools)
    assert found.description == "3-fold cross-validation, 200 rows, groups together, seed 0"
    named = mn.cross_validate(fit("x + z"), k=3, groups="school")
    assert ", groups of school together," in named.description
    with pytest.raises(OptionError, match="k=50 folds of 20 groups: at most 20"):
        mn.cross_validate(fit("x + z"), k=50, groups=schools)


def test_a_loaded_result_names_the_function_called(tmp_path: Any) -> None:
    res, other = fit("x + z"), fit("x + g")
    bare, whole = tmp_path / "bare", tmp_path / "whole"
    loaded = {}
    for name, one in (("res", res), ("other", other)):
        one.save(bare)
        one.save(whole, include_data=True)
        loaded[name] = mn.load(bare), mn.load(whole)
    calls = {
        "drop1": lambda r, o: mn.drop1(r),
        "add1": lambda r, o: mn.add1(r, "~ . + g"),
        "step": lambda r, o: mn.step(r),
        "suest": lambda r, o: mn.suest([r, o]),
        "cross_validate": lambda r, o: mn.cross_validate(r),
        "vuong": lambda r, o: mn.vuong(r, o),
        "predict": lambda r, o: r.predict(),
    }
    for at, of in enumerate(("rows", "columns")):
        for name, call in calls.items():
            if of == "columns" and name in ("cross_validate", "vuong", "predict"):
                continue  # they need the rows of the design alone
            with pytest.raises(DataError) as caught:
                call(loaded["res"][at], loaded["other"][at])
            assert caught.value.code == "data-not-kept"
            assert caught.value.message.startswith(f"{name}()")
            assert "update()" not in caught.value.message


@pytest.mark.parametrize(
    ("kind", "groups"),
    [("sampling_weights", None), ("sampling_weights", "school"), ("freq_weights", "school")],
)
def test_the_unit_of_weights_does_not_matter(kind: str, groups: str | None) -> None:
    w = np.random.default_rng(4).integers(1, 4, size=len(FRAME)).astype(float)
    tables = [
        mn.cross_validate(
            fit("x + z", FRAME.assign(w=w * unit), **{kind: "w"}), 3, groups=groups
        ).table
        for unit in (1.0, 1e-170, 1e160)
    ]
    assert (tables[0]["std_error"] > 0).all()
    for table in tables[1:]:
        pd.testing.assert_frame_equal(table, tables[0], rtol=1e-9)
