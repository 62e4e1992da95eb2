"""Separation: against cell counts, in exact arithmetic, and from every base."""

from __future__ import annotations

import contextlib
import pickle
import warnings
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

import mnlstat as mn
from mnlstat.errors import DataError, OptionError, SeparationError, SeparationWarning
from mnlstat.likelihood.multinomial import MultinomialLikelihood
from mnlstat.optimize import exact
from mnlstat.optimize.cone import Cone
from mnlstat.optimize.newton import maximise
from mnlstat.optimize.recession import Pairs, direction_of
from mnlstat.optimize.separation import Kind, Separation, separation_of


def product(row: list[float], values: list[Fraction]) -> Fraction:
    """``row' values`` without rounding."""
    return sum((Fraction(a) * b for a, b in zip(row, values, strict=True)), Fraction(0))


@pytest.fixture(scope="module")
def toy() -> pd.DataFrame:
    return mn.datasets.separated_toy()


def separated_fit(*arguments: Any, **options: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SeparationWarning)
        return mn.mnlogit(*arguments, **options).fit()


def separation(X: Any, y: Any, J: int) -> Separation | None:
    likelihood = MultinomialLikelihood.from_arrays(np.asarray(X, dtype=float), np.asarray(y), J)
    cases = likelihood.cases()
    assert cases is not None
    return separation_of(Pairs.of(*cases))


def test_systems_are_solved_exactly() -> None:
    rng = np.random.default_rng(0)
    matrix = [[Fraction(v) for v in row] for row in rng.normal(size=(8, 8)).tolist()]
    wanted = [Fraction(int(v), 7) for v in rng.integers(-50, 50, 8)]
    right = [sum((a * b for a, b in zip(row, wanted, strict=True)), Fraction(0)) for row in matrix]
    assert exact.solve(matrix, right) == wanted
    matrix[3] = [a + b for a, b in zip(matrix[0], matrix[1], strict=True)]
    assert exact.solve(matrix, right) is None


def test_a_direction_is_moved_to_where_its_constraints_are_zero() -> None:
    rows = sparse.csr_matrix(np.array([[1.0, -3.0, 0.1], [0.0, 0.7, 1.3]]))
    near = np.linalg.svd(rows.toarray())[2][-1] + 1e-12
    found = exact.cleaned(near, rows)
    assert found is not None
    assert all(product(row, found) == 0 for row in rows.toarray().tolist())
    as_floats = np.array([float(value) for value in found])
    np.testing.assert_allclose(as_floats / np.linalg.norm(as_floats) * np.sign(as_floats @ near),
                               near / np.linalg.norm(near), atol=1e-8)  # fmt: skip
    assert exact.cleaned(np.ones(2), sparse.csr_matrix(np.array([[1.0, -1.0 - 1e-9]]))) is not None
    both = sparse.csr_matrix(np.array([[1.0, -1.0], [1.0, -1.0 - 1e-12]]))
    assert exact.cleaned(np.ones(2), both) is None


def test_signs_of_products_are_exact() -> None:
    rng = np.random.default_rng(1)
    rows = np.ldexp(rng.normal(size=(50, 4)), rng.integers(-900, 900, (50, 4)))
    rows[rng.random((50, 4)) < 0.3] = 0.0
    rows[0] = [0.1, 0.2, -0.3, 0.0]
    values = [Fraction(int(v), 7) for v in rng.integers(-9, 10, 4)]
    for given in (values, [Fraction(1)] * 4, [Fraction(0)] * 4):
        totals = [product(row, given) for row in rows.tolist()]
        np.testing.assert_array_equal(exact.signs(rows, given), [(t > 0) - (t < 0) for t in totals])
    assert len(exact.signs(np.zeros((0, 4)), values)) == 0


@pytest.mark.parametrize(
    ("seed", "J"), [*((seed, 3) for seed in range(12)), (1, 2), (2, 10), (3, 40)]
)
def test_one_coefficient_for_each_cell_is_infinite_where_the_counts_say(seed: int, J: int) -> None:
    rng = np.random.default_rng(seed)
    counts = rng.poisson(1.2, size=(4, J))  # levels by outcomes
    counts[:, 0] += counts.sum(axis=1) == 0
    counts[0] += counts.sum(axis=0) == 0
    g, y = np.repeat(np.indices(counts.shape).reshape(2, -1), counts.ravel(), axis=1)
    frame = pd.DataFrame({"g": pd.Categorical.from_codes(g, list("pqrs")), "y": y})
    limit = mn.mnlogit("y ~ 0 + g", frame).separation().table["limit"]
    for outcome in range(1, J):
        for level in range(4):
            base, own = counts[level, 0], counts[level, outcome]
            expected = {
                (False, False): "undetermined",
                (False, True): "+inf",
                (True, False): "-inf",
                (True, True): "finite",
            }[bool(base), bool(own)]
            assert limit[outcome, f"g[{'pqrs'[level]}]"] == expected


@pytest.mark.parametrize("seed", range(40))
def test_where_the_iteration_went_is_what_the_programmes_find(seed: int) -> None:
    rng = np.random.default_rng(seed)
    J, k, n = int(rng.integers(2, 5)), int(rng.integers(2, 5)), int(rng.integers(10, 60))
    X = np.column_stack([np.ones(n), rng.normal(size=(n, k - 1))])
    X[:, 1] = rng.integers(0, 2, n)
    y = (rng.choice([1.0, 3.0, 9.0]) * X @ rng.normal(size=(k, J)) + rng.gumbel(size=(n, J))
         ).argmax(axis=1)  # fmt: skip
    y[:J] = np.arange(J)
    likelihood = MultinomialLikelihood.from_arrays(X, y, J)
    end = maximise(likelihood)
    cases = likelihood.cases()
    assert cases is not None
    pairs = Pairs.of(*cases)
    by_programmes = separation_of(pairs)
    assert end.status.ok == (by_programmes is None)
    if by_programmes is not None:
        towards = separation_of(pairs, programmes=False, near=end.params)
        assert towards is not None and towards.kind is by_programmes.kind
        np.testing.assert_array_equal(towards.determined, by_programmes.determined)
        everything = np.vstack([np.eye(pairs.n_parameters), pairs.matrix().toarray()])
        np.testing.assert_array_equal(towards.signs(everything), by_programmes.signs(everything))


@pytest.mark.parametrize("unit", [1e-12, 1e-6, 1e6, 1e12])
def test_units_of_columns_do_not_matter(unit: float) -> None:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"x": np.repeat([0.0, 1, 2, 2, 3, 4], 4), "z": rng.normal(size=24)})
    frame["y"] = (frame["x"] > 2).astype(int)
    frame.loc[[8, 9], "y"] = 1  # some of both outcomes at x = 2
    one = mn.mnlogit("y ~ x + z", frame).separation()
    other = mn.mnlogit("y ~ x + z", frame.assign(x=frame["x"] * unit)).separation()
    assert one.kind == other.kind == "quasi-complete"
    pd.testing.assert_frame_equal(one.table, other.table)
    assert set(one.table["limit"]) == {"-inf", "+inf", "finite"}


def test_outcomes_that_only_a_combination_tells_apart_by_groups() -> None:
    rng = np.random.default_rng(8)
    X = np.column_stack([np.ones(300), rng.normal(size=(300, 4))])
    y = (X @ rng.normal(size=(5, 4)) / 2 + rng.gumbel(size=(300, 4))).argmax(axis=1)
    side = np.where(y >= 2, 1.0, -1.0) * rng.uniform(0.1, 1.0, 300)
    X[:, 4] = side - X[:, 1] + X[:, 2]
    found = separation(X, y, 4)
    assert found is not None and found.kind is Kind.QUASI_COMPLETE
    res = mn.MNLogit(y, X).fit(separation="ignore")
    assert res.status.name == "SEPARATED" and np.isfinite(res.params[1]).all()
    assert np.isfinite(res.rebase(2).params[3]).all()  # 2 against 3 overlap
    rows = [np.isin(y, two) for two in ((0, 1), (2, 3))]
    parts = [mn.MNLogit(y[each], X[each]).fit() for each in rows]
    assert res.llf == pytest.approx(sum(part.llf for part in parts), rel=1e-12)
    np.testing.assert_allclose(res.rebase(2).bse[3], parts[1].bse[3], rtol=1e-8)


def test_offsets_do_not_change_the_verdict(toy: pd.DataFrame) -> None:
    offset = np.random.default_rng(0).normal(scale=3, size=len(toy))
    plain = mn.mnlogit("y ~ x + z", toy)
    moved = mn.mnlogit("y ~ x + z", toy.assign(o=offset), offset={"C": "o"})
    pd.testing.assert_frame_equal(plain.separation().table, moved.separation().table)
    res = moved.fit(separation="ignore")
    far = res.estimates.values + 40 * res.estimates.infinity.null @ np.ones(1) * np.sign(
        res.estimates.infinity.cone.inside
    )
    np.testing.assert_allclose(res.predict(), res.likelihood.probabilities(far), atol=1e-12)


def test_a_row_of_weight_zero_does_not_hide_it(toy: pd.DataFrame) -> None:
    hiding = pd.concat([toy, toy[toy["x"] == "yes"].head(1).assign(y="C")], ignore_index=True)
    weights = np.append(np.ones(len(toy)), 0.0)
    wanted = mn.mnlogit("y ~ x + z", toy).separation().table
    for name in ("freq_weights", "sampling_weights"):
        report = mn.mnlogit("y ~ x + z", hiding, **{name: weights}).separation()
        pd.testing.assert_frame_equal(report.table, wanted)
    assert not mn.mnlogit("y ~ x + z", hiding).separation()


def test_a_separated_result_is_the_same_after_pickling(toy: pd.DataFrame) -> None:
    res = separated_fit("y ~ x + z", toy)
    again = pickle.loads(pickle.dumps(res))
    pd.testing.assert_frame_equal(again.separation().table, res.separation().table)
    pd.testing.assert_series_equal(again.rebase("C").params, res.rebase("C").params)
    pd.testing.assert_frame_equal(again.predict(toy), res.predict(toy))
    assert str(again.summary()) == str(res.summary())
    with pytest.raises(SeparationError):
        again.test("C:x[T.yes] = 0")


def test_rows_read_in_pieces_have_no_separation_where_a_maximum_is_certain(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("mnlstat.rows.streamed.KEPT_ELEMENTS", 3000)
    rng = np.random.default_rng(0)
    data = pd.DataFrame({"x": rng.normal(size=6000), "y": rng.integers(0, 3, 6000)})

    def pieces(frame: pd.DataFrame) -> Any:
        return lambda: iter([frame.iloc[:2500], frame.iloc[2500:]])

    model = mn.mnlogit("y ~ x", pieces(data))
    assert model.likelihood.reads_anew and not model.separation()
    side = np.where(data["y"] == 2, 1.0, -1.0) * data["x"].abs()
    told_apart = mn.mnlogit("y ~ x", pieces(data.assign(x=side)))
    with pytest.raises(DataError, match="in memory"):
        told_apart.separation()
    with pytest.warns(SeparationWarning, match="no finite maximum certified"):
        told_apart.fit()


def test_data_that_overlap_by_a_hair_are_not_separated() -> None:
    x = np.concatenate([np.arange(10.0), np.arange(9.0, 19.0)])
    y = np.repeat([0, 1], 10)
    for gap, kind in ((1e-9, "complete"), (0.0, "quasi-complete"), (-1e-9, "none"),
                      (-1e-3, "none")):  # fmt: skip
        moved = x + np.where(y == 1, gap, 0.0)
        frame = pd.DataFrame({"x": moved, "y": y})
        assert mn.mnlogit("y ~ x", frame).separation().kind == kind, gap


def test_rows_beyond_the_first_constraints_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    X = np.column_stack([np.ones(400), rng.normal(size=(400, 3))])
    y = (X @ rng.normal(size=(4, 3)) + rng.gumbel(size=(400, 3))).argmax(axis=1)
    monkeypatch.setattr("mnlstat.optimize.recession.AT_ONCE", 30)
    monkeypatch.setattr("mnlstat.optimize.recession.JOINING", 20)
    assert separation(X, y, 3) is None
    X[:, 3] = X[:, 1] + (y == 2) * 100
    found = separation(X, y, 3)
    assert found is not None and found.kind is Kind.QUASI_COMPLETE
    assert (found.pairs.slack(found.direction)[0][found.determined] > 0).all()


def test_no_direction_breaks_a_constraint() -> None:
    for seed in range(30):
        rng = np.random.default_rng(seed)
        X = np.column_stack([np.ones(14), rng.integers(-2, 3, size=(14, 2))])
        y = rng.integers(0, 3, 14)
        y[:3] = [0, 1, 2]
        likelihood = MultinomialLikelihood.from_arrays(X, y, 3)
        cases = likelihood.cases()
        assert cases is not None
        found = direction_of(Pairs.of(*cases))
        converged = mn.MNLogit(y, X).fit(separation="ignore").converged
        assert converged == (found is None)
        if found is not None:
            slack = Pairs.of(*cases).slack(found[0])[0]
            assert slack.min() >= -1e-12 * np.abs(found[0]).max() and slack.max() > 0


def test_what_the_cone_says_of_signs() -> None:
    cone = Cone.of(np.array([[1.0, 0.0], [0.0, 2.0], [0.0, 3.0]]))
    assert len(cone.K) == 2 and (cone.K @ cone.inside > 0).all()
    functions = np.array([[1.0, 1.0], [-1.0, 0.0], [1.0, -1.0], [0.0, 0.0]])
    np.testing.assert_array_equal(cone.signs(functions), [1.0, -1.0, np.nan, 0.0])


def test_signs_are_found_by_programmes_where_least_squares_do_not_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(3)
    functions = rng.normal(size=(40, 3))
    rows = rng.normal(size=(9, 3)) * 0.5 + [1.0, 0.0, 0.0]
    usual = Cone.of(rows).signs(functions)

    def endless(*_: Any) -> None:
        raise RuntimeError("too many iterations")

    monkeypatch.setattr("scipy.optimize.nnls", endless)
    np.testing.assert_array_equal(Cone.of(rows).signs(functions), usual)
    assert {1.0, -1.0} <= set(usual) and np.isnan(usual).any()


def test_another_base_is_the_fit_with_that_base(toy: pd.DataFrame) -> None:
    one = separated_fit("y ~ x + z", toy, base="A")
    for base in "BC":
        other = separated_fit("y ~ x + z", toy, base=base)
        moved = one.rebase(base)
        pd.testing.assert_series_equal(moved.params, other.params, rtol=1e-10)
        pd.testing.assert_series_equal(moved.bse, other.bse, rtol=1e-9)
        np.testing.assert_allclose(moved.predict(), other.predict(), atol=1e-12)
        assert moved.llf == other.llf or moved.llf == pytest.approx(other.llf, rel=1e-14)


def test_probabilities_are_those_that_the_iteration_goes_to(toy: pd.DataFrame) -> None:
    res = separated_fit("y ~ x + z", toy)
    far = (
        res.estimates.values + 40 * res.estimates.infinity.null @ res.estimates.infinity.cone.inside
    )
    np.testing.assert_allclose(res.predict(), res.likelihood.probabilities(far), atol=1e-12)
    np.testing.assert_allclose(res.predict().sum(axis=1), 1.0, rtol=1e-14)
    new = pd.DataFrame({"x": ["yes", "no"], "z": [0.3, -1.0]})
    assert res.predict(new).loc[0, "C"] == 0.0 and (res.predict(new).loc[1] > 0).all()


def test_what_depends_on_the_direction_is_not_predicted() -> None:
    frame = pd.DataFrame({"x": [0.0, 1, 5, 6], "z": [0.0, 1, 1, 0], "y": list("aabb")})
    res = separated_fit("y ~ x + z", frame)
    assert res.separation().kind == "complete" and res.llf == 0.0
    np.testing.assert_array_equal(res.predict(), [[1, 0], [1, 0], [0, 1], [0, 1]])
    predicted = res.predict(pd.DataFrame({"x": [3.0, 9.0], "z": [50.0, 0.5]}))
    assert predicted.loc[0].isna().all()
    np.testing.assert_array_equal(predicted.loc[1], [0.0, 1.0])


def test_hypotheses_about_infinite_coefficients_are_refused(toy: pd.DataFrame) -> None:
    res = separated_fit("y ~ x + z", toy, base="C")
    with pytest.raises(SeparationError, match="infinite"):
        res.test("A:x[T.yes] = 0")
    finite = res.test("A:x[T.yes] = B:x[T.yes]")
    again = res.rebase("A").test("B:x[T.yes] = 0")
    assert finite.statistic == pytest.approx(again.statistic, rel=1e-10)
    terms = res.wald_test_terms()
    assert np.isnan(terms.loc["x", "statistic"]) and np.isfinite(terms.loc["z", "statistic"])


def test_the_option_says_what_happens(toy: pd.DataFrame) -> None:
    model = mn.mnlogit("y ~ x + z", toy)
    with pytest.raises(SeparationError, match="C is never seen where"):
        model.fit(separation="error")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        quiet = model.fit(separation="ignore")
    assert quiet.status.name == "SEPARATED"
    with pytest.raises(OptionError, match="separation"):
        model.fit(separation="silent")


def test_the_report_and_the_warning_name_the_guilty(toy: pd.DataFrame) -> None:
    with pytest.warns(SeparationWarning) as caught:
        res = mn.mnlogit("y ~ x + z", toy).fit()
    message = str(caught[0].message)
    assert message.count("\n") == 2
    assert "C is never seen where x[T.yes] = 1 (0 of 14 rows)." in message
    assert "C:x[T.yes] -inf" in message
    report = res.separation()
    assert report and report.kind == "quasi-complete" and "-inf" in str(report)
    text = str(res.summary())
    assert "-Inf" in text and "supremum" in text and "never seen" in text
    assert "0.000" not in [cell.strip() for cell in text.splitlines() if "x[T.yes]" in cell]
    fine = mn.mnlogit("y ~ z", toy).fit()
    assert not fine.separation() and "no separation" in str(fine.separation())
    assert not mn.mnlogit("y ~ z", toy).separation()


def test_counts_and_aliased_columns_take_part(toy: pd.DataFrame) -> None:
    with pytest.warns(mn.errors.AliasedWarning):
        model = mn.mnlogit("y ~ x + z + I(2 * z)", toy)
    report = model.separation()
    assert report.table["limit"].isna().sum() == 2
    assert report.table["limit"].value_counts()["-inf"] == 1
    wide = pd.concat([toy[["x"]]] * 700, ignore_index=True)  # equal rows are counted once
    wide["y"] = np.tile(toy["y"], 700)
    assert mn.mnlogit("y ~ x", wide).separation().table["limit"].tolist().count("-inf") == 1


def test_rows_that_cannot_be_looked_at_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mnlstat.likelihood.limiting.MOST_CONSTRAINTS", 5)
    with pytest.raises(DataError, match="five million"):
        mn.mnlogit("y ~ x + z", mn.datasets.separated_toy()).separation()
    assert not mn.mnlogit("vote ~ age", mn.datasets.anes96()).separation()


def in_the_reference_level() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"y": rng.choice(list("abc"), 300), "s": rng.choice(list("pqrs"), 300)})
    frame["z"] = rng.normal(size=300)
    return frame[~((frame["s"] == "p") & (frame["y"] == "c"))]


def test_the_reference_level_is_named() -> None:
    frame = in_the_reference_level()
    n = int((frame["s"] == "p").sum())
    for formula in ("y ~ C(s)", "y ~ C(s) + z", "y ~ C(s) * z"):
        said = separated_fit(formula, frame).separation().sentences
        assert f"c is never seen where C(s) has its reference level (0 of {n} rows)." in said


def test_reports_of_another_base_are_those_of_the_fit_with_it() -> None:
    frame = in_the_reference_level()
    one = separated_fit("y ~ s + z", frame)
    for base in "bc":
        other = separated_fit("y ~ s + z", frame, base=base)
        moved = one.rebase(base)
        pd.testing.assert_frame_equal(moved.separation().table, other.separation().table)
        for text in (str(moved.summary()), str(moved.summary(rrr=True))):
            assert text.count("+Inf") + text.count("-Inf") >= 1
        tables = (str(each.summary()).split("Coefficients")[1].split("Wald test")[0]
                  for each in (moved, other))  # fmt: skip
        assert next(tables) == next(tables)


@pytest.mark.parametrize("J", [2, 3, 4])
def test_completely_separated_data_have_every_base(J: int) -> None:
    x = np.random.default_rng(0).normal(size=60)
    frame = pd.DataFrame({"x": x, "y": np.digitize(x, np.linspace(-1, 1, J - 1))})
    res = separated_fit("y ~ x", frame)
    assert res.separation().kind == "complete" and res.llf == 0.0
    for base in range(J):
        moved = res.rebase(base)
        other = separated_fit("y ~ x", frame, base=base)
        pd.testing.assert_series_equal(moved.params, other.params)
        np.testing.assert_array_equal(moved.predict(), res.predict())
        assert "never" not in str(moved.summary()) or J


def test_weights_take_part(toy: pd.DataFrame) -> None:
    with pytest.warns(SeparationWarning):
        survey = mn.mnlogit("y ~ x + z", toy, sampling_weights=np.ones(len(toy))).fit()
    plain = separated_fit("y ~ x + z", toy)
    pd.testing.assert_series_equal(survey.params, plain.params, rtol=1e-9)
    assert survey.bse.isna().equals(plain.bse.isna())
    asked = mn.mnlogit("y ~ x + z", toy, sampling_weights=np.ones(len(toy))).separation()
    assert asked.sentences == survey.separation().sentences
    text = " ".join(str(survey.summary()).split())
    assert "AIC and BIC can" not in text and "0 of" not in text
    weighted = separated_fit("y ~ x + z", toy, freq_weights=np.full(len(toy), 10))
    repeated = separated_fit("y ~ x + z", toy.loc[toy.index.repeat(10)])
    assert weighted.separation().sentences == repeated.separation().sentences


def sandwich_of_the_limit(res: Any, X: Any, y: Any, w: Any, open_: Any) -> pd.DataFrame:
    """``c H^-1 M H^-1`` of the finite coefficients, row by row; the first outcome is the base."""
    finite = np.isfinite(res.params.to_numpy())
    B = np.where(finite, res.params.to_numpy(), 0.0).reshape(-1, X.shape[1])
    odds = np.exp(np.column_stack([np.zeros(len(X)), X @ B.T])) * open_
    pi = odds / odds.sum(axis=1, keepdims=True)
    M, H = np.zeros((2, len(finite), len(finite)))
    for x, chosen, weight, p in zip(X, y, w, pi, strict=True):
        score = weight * np.kron((np.arange(len(p)) == chosen)[1:] - p[1:], x)
        M += np.outer(score, score)
        H += weight * np.kron((np.diag(p) - np.outer(p, p))[1:, 1:], np.outer(x, x))
    inverse = np.linalg.inv(H[np.ix_(finite, finite)])
    n = len(X)
    return pd.DataFrame(
        n / (n - 1) * inverse @ M[np.ix_(finite, finite)] @ inverse,
        res.params.index[finite],
        res.params.index[finite],
    )


def test_sampling_weights_have_the_sandwich_of_the_limit(toy: pd.DataFrame) -> None:
    w = np.random.default_rng(4).uniform(0.2, 5.0, len(toy))
    yes = (toy["x"] == "yes").to_numpy()
    X = np.column_stack([np.ones(len(toy)), yes, toy["z"]])
    open_ = np.ones((len(toy), 3))
    open_[yes, 2] = 0.0
    res = separated_fit("y ~ x + z", toy, sampling_weights=w)
    known = sandwich_of_the_limit(res, X, toy["y"].map({"A": 0, "B": 1, "C": 2}), w, open_)
    found = res.cov_params().loc[known.index, known.columns]
    pd.testing.assert_frame_equal(found, known, rtol=1e-9)
    again = separated_fit("y ~ x + z", toy, sampling_weights=3e7 * w)
    pd.testing.assert_frame_equal(again.cov_params(), res.cov_params(), rtol=1e-10)
    for base in "BC":
        other = separated_fit("y ~ x + z", toy, base=base, sampling_weights=w)
        pd.testing.assert_series_equal(res.rebase(base).bse, other.bse, rtol=1e-9)


def test_equal_rows_with_sampling_weights_are_units_in_the_limit(toy: pd.DataFrame) -> None:
    rng = np.random.default_rng(5)
    frame = toy.loc[toy.index.repeat(6), ["x", "y"]].sample(frac=1.0, random_state=1)
    w = rng.uniform(0.5, 2.0, len(frame))
    yes = (frame["x"] == "yes").to_numpy()
    open_ = np.ones((len(frame), 3))
    open_[yes, 2] = 0.0
    res = separated_fit("y ~ x", frame, sampling_weights=w)  # two patterns, summed over
    X = np.column_stack([np.ones(len(frame)), yes])
    known = sandwich_of_the_limit(res, X, frame["y"].map({"A": 0, "B": 1, "C": 2}), w, open_)
    found = res.cov_params().loc[known.index, known.columns]
    pd.testing.assert_frame_equal(found, known, rtol=1e-9)


def test_the_limit_with_sampling_weights_is_the_fit_of_the_rows_that_still_choose() -> None:
    rng = np.random.default_rng(6)
    frame = pd.DataFrame({"g": rng.choice(list("pqr"), 200), "z": rng.normal(size=200)})
    frame["w"], frame["y"] = rng.uniform(0.5, 2, 200), rng.integers(0, 2, 200)
    frame.loc[frame["g"] == "r", "y"] = 1
    whole = separated_fit("y ~ g + z", frame, sampling_weights="w")
    part = frame[frame["g"] != "r"]
    rest = mn.mnlogit("y ~ g + z", part, sampling_weights="w").fit()
    n, m = len(frame), len(part)
    units = np.sqrt(n / (n - 1) / (m / (m - 1)))
    for term in rest.params.index:
        assert whole.params[term] == pytest.approx(rest.params[term], rel=1e-10)
        assert whole.bse[term] == pytest.approx(rest.bse[term] * units, rel=1e-10)
    assert whole.params[1, "g[T.r]"] == np.inf and np.isnan(whole.bse[1, "g[T.r]"])


def test_complete_separation_takes_sampling_weights() -> None:
    frame = pd.DataFrame({"x": [0.0, 1, 2, 3, 4, 5], "y": list("aabbcc"), "w": range(1, 7)})
    res = separated_fit("y ~ x", frame, sampling_weights="w")
    assert res.separation().kind == "complete" and res.bse.isna().all()
    assert "Inf" in str(res.summary())


def test_shares_and_counts_have_the_limit_of_what_was_seen() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"g": rng.choice(list("pq"), 80), "z": rng.normal(size=80)})
    shares = rng.dirichlet([1, 1, 1], 80)
    q = (frame["g"] == "q").to_numpy()
    shares[q, 2] = 0
    shares /= shares.sum(axis=1, keepdims=True)
    frame[["a", "b", "c"]] = shares
    res = separated_fit("cbind(a, b, c) ~ g + z", frame)
    n = int(q.sum())
    assert res.separation().sentences == (f"c is never seen where g[T.q] = 1 (0 of {n} rows).",)
    X, finite = np.column_stack([np.ones(80), q, frame["z"]]), np.isfinite(res.params)
    B = np.where(finite, res.params, 0.0).reshape(2, 3)
    odds = np.exp(np.column_stack([np.zeros(80), X @ B.T])) * np.where(q[:, None], [1, 1, 0], 1)
    pi = odds / odds.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(res.predict(), pi, atol=1e-12)
    M, H = np.zeros((2, 6, 6))
    for x, share, p in zip(X, shares, pi, strict=True):
        score = np.kron((share - p)[1:], x)
        M += np.outer(score, score)
        H += np.kron((np.diag(p) - np.outer(p, p))[1:, 1:], np.outer(x, x))
    part = np.ix_(finite, finite)
    V = 80 / 79 * np.linalg.inv(H[part]) @ M[part] @ np.linalg.inv(H[part])
    np.testing.assert_allclose(res.bse[finite], np.sqrt(np.diag(V)), rtol=1e-10)
    frame[["a", "b", "c"]] = np.round(shares * 20)
    counts = separated_fit("cbind(a, b, c) ~ g + z", frame)
    long = frame.melt(["g", "z"], ["a", "b", "c"], "y", "n")
    rows = separated_fit("y ~ g + z", long[long["n"] > 0], freq_weights="n")
    pd.testing.assert_series_equal(counts.params, rows.params, rtol=1e-10)
    pd.testing.assert_series_equal(counts.bse, rows.bse, rtol=1e-9)
    assert len(counts.separation().sentences) == len(rows.separation().sentences) == 1


def test_a_bias_reduced_fit_does_not_hide_separation(toy: pd.DataFrame) -> None:
    res = mn.mnlogit("y ~ x + z", toy).fit(penalty="jeffreys")
    assert res.converged and res.separation().kind == "quasi-complete"


def test_update_keeps_what_was_said_of_separation(toy: pd.DataFrame) -> None:
    res = mn.mnlogit("y ~ z", toy).fit(separation="error")
    with pytest.raises(SeparationError):
        res.update(". ~ . + x")


def test_limits_of_extreme_rows_are_not_lost_beside_what_has_no_chance(toy: pd.DataFrame) -> None:
    res = separated_fit("y ~ x + z", toy)
    for z in (-1e4, 1e4):
        row = res.predict(pd.DataFrame({"x": ["yes"], "z": [z]})).loc[0]
        assert row["C"] == 0.0 and row.sum() == pytest.approx(1.0, abs=1e-14)


@pytest.mark.parametrize("outcomes", ["aaaaaaaab", "aaaaaaaba"])
def test_one_huge_value_among_zeros(outcomes: str) -> None:
    frame = pd.DataFrame({"y": list(outcomes), "z": [0.0] * 8 + [1e300]})
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        with pytest.warns(SeparationWarning):
            res = mn.mnlogit("y ~ z", frame).fit()
    assert res.separated is not None
    assert np.isinf(res.params).any()


@pytest.mark.parametrize("last", [[1.0, 1e-310], [0.0, 1e-310], [1e-160, 1e-150], [1.0, -1.4e-45]])
def test_values_next_to_nothing(last: list[float]) -> None:
    frame = pd.DataFrame({"y": [False] * 13 + [True], "x": [0.0] * 12 + last})
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        warnings.simplefilter("ignore", SeparationWarning)
        with contextlib.suppress(DataError):  # a coefficient beyond floating point
            assert not mn.mnlogit("y ~ x", frame).fit().converged
        assert mn.mnlogit("y ~ x", frame).separation().kind != "none"
