"""Likelihood ratios scaled by design effects (Rao & Scott 1984)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

import mnlstat as mn
from mnlstat.errors import OptionError, SeparationError
from tests.inference.test_survey import survey

DATA = survey().assign(f3=lambda d: np.array(list("pqr"))[d["year"] % 3])


def fit(right: str, data: Any = DATA, **options: Any) -> Any:
    return mn.mnlogit(f"y ~ {right}", data, **{"sampling_weights": "w", **options}).fit()


def effects(res: Any, term: str) -> Any:
    """Eigenvalues of ``(R I^-1 R')^-1 R V R'``, from full matrices."""
    R = np.eye(len(res.params))[[label.startswith(term) for _, label in res.index]]
    inverse = np.linalg.inv(res.likelihood.information(res.params.to_numpy()))
    V = res.cov_params().to_numpy()
    return np.linalg.eigvals(np.linalg.solve(R @ inverse @ R.T, R @ V @ R.T)).real


@pytest.mark.parametrize("term", ["z", "f3"])
@pytest.mark.parametrize("design", [None, {"strata": "stratum", "psu": "psu"}])
def test_by_hand(term: str, design: Any) -> None:
    res = fit("x + z + f3")
    res = res if design is None else res.with_cov("survey", **design)
    row = mn.drop1(res, test="Rao-Scott", criterion=None).loc[term]
    small = fit("x + f3" if term == "z" else "x + z")
    delta, X = effects(res, term), 2 * (res.llf - small.llf)
    df = delta.sum() ** 2 / (delta**2).sum()
    assert row["df"] == pytest.approx(df, rel=1e-8)
    if design is None:
        scaled = X * delta.sum() / (delta**2).sum()
        assert row["statistic"] == pytest.approx(scaled, rel=1e-8)
        assert row["p_value"] == pytest.approx(stats.chi2.sf(scaled, df), rel=1e-7)
    else:
        F = X / delta.sum()
        assert row["statistic"] == pytest.approx(F, rel=1e-8)
        assert row["df_denom"] == pytest.approx(20 * df, rel=1e-8)
        assert row["p_value"] == pytest.approx(stats.f.sf(F, df, 20 * df), rel=1e-7)
    added = mn.add1(small.with_cov("survey", **design) if design else small, f"~ . + {term}",
                    test="Rao-Scott", criterion=None)  # fmt: skip
    assert added.loc[term, "p_value"] == pytest.approx(row["p_value"], rel=1e-6)


def test_of_a_likelihood_it_is_the_likelihood_ratio() -> None:
    res = fit("x + z*f3", sampling_weights=None)
    plain, scaled = mn.drop1(res), mn.drop1(res, test="Rao-Scott")
    np.testing.assert_allclose(scaled, plain, rtol=1e-8)


def test_the_unit_of_weights_and_the_base_do_not_matter() -> None:
    one = mn.drop1(fit("x + z"), test="Rao-Scott", criterion=None)
    many = fit("x + z", DATA.assign(w=1e6 * DATA["w"]), base="d")
    other = mn.drop1(many, test="Rao-Scott", criterion=None)
    columns = ["df", "statistic", "p_value"]
    np.testing.assert_allclose(other[columns], one[columns], rtol=1e-7)


def test_what_has_none() -> None:
    with pytest.raises(OptionError, match="pseudo-likelihood"):
        mn.drop1(fit("x + z"), test="Rao-Scott")
    for penalty in ("jeffreys", mn.Ridge(1.0)):
        res = mn.mnlogit("y ~ x + z", DATA).fit(penalty=penalty)
        with pytest.raises(OptionError, match="penalised"):
            mn.drop1(res, test="Rao-Scott", criterion=None)
    res = fit("x + z", sampling_weights=None).with_cov("CR2", groups="school")
    with pytest.raises(OptionError, match="degrees of freedom for each"):
        mn.drop1(res, test="Rao-Scott")
    recoded = mn.drop1(fit("0 + f3 + g"), test="Rao-Scott", criterion=None)
    assert np.isnan(recoded.loc["f3", "p_value"])
    toy = mn.datasets.separated_toy()
    separated = mn.mnlogit("y ~ x + z", toy).fit(separation="ignore")
    with pytest.raises((SeparationError, OptionError, mn.errors.ConvergenceError)):
        mn.drop1(separated, test="Rao-Scott", criterion=None)
