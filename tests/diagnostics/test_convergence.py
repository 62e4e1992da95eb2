"""The report on convergence: its digits are those of certified values, and it never claims more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mnlstat as mn
from tests.reference import models
from tests.reference.agreement import digits
from tests.reference.models import ReferenceModel
from tests.report.markup import read
from tests.saving.results import KINDS, of_formula, quietly

SLACK = 0.5
"""Digits that the estimate may claim too many: rounding is estimated by its size, not bounded."""


@pytest.mark.parametrize("model", models.full_rank_models(), ids=lambda model: model.id)
def test_digits_are_not_more_than_there_are(model: ReferenceModel, tmp_path: Path) -> None:
    res = mn.mnlogit(model.formula, model.frame(), base=model["base"]).fit()
    exact = model.certified("coef")
    true = np.array([digits(b, e) for b, e in zip(res.params, exact, strict=True)], dtype=float)
    for found in (res, mn.load(res.save(tmp_path / "one.fit"))):
        report = found.convergence()
        claimed = report.table["digits"].to_numpy()
        assert (claimed <= true + SLACK).all()
        assert claimed.min() == report.facts["digits"] >= 9


def test_a_point_that_is_off_has_the_digits_that_it_has() -> None:
    """A Newton step is the error but for its square."""
    done = of_formula("x + g")
    off = of_formula("x + g", maxiter=1)
    report = off.convergence()
    error = (done.params - off.params).to_numpy()
    np.testing.assert_allclose(report.table["step"], error, rtol=0.05, atol=1e-5)
    expected = -np.log10(np.abs(error / off.params.to_numpy()))
    np.testing.assert_allclose(report.table["digits"], expected.clip(0), atol=0.15)
    expected = -np.log10(np.abs(error) / done.bse.to_numpy())
    np.testing.assert_allclose(report.table["digits_se"], expected, atol=0.15)
    assert not report.converged and "last iteration" in report.notes[0]
    assert report.facts["score"] == pytest.approx(off.score_norm)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_fit(kind: str, tmp_path: Path) -> None:
    res = KINDS[kind]()
    for found in (res, mn.load(res.save(tmp_path / "one.fit"))):
        report = found.convergence()
        assert report.status == str(res.status) and report.converged == res.converged
        assert report.table.index.equals(res.index)
        finite = np.isfinite(res.params)
        assert report.table["digits"][~finite].isna().all()
        known = found.converged or res.separated is not None or found is res
        if found is not res and res.pseudo:
            known = False
        assert report.table["digits"][finite].notna().all() == known
        if found.converged and known:
            assert report.facts["digits"] > 11
        assert report.facts["decrement"] == res.decrement
        assert report.facts["log_likelihood"] == res.llf
        text = str(report)
        assert all(len(line) <= 80 for line in text.splitlines())
        assert text.count(" vs ") >= len(res.outcomes) - 1
        html = read(report._repr_html_())
        assert len(html.tables) == 3
        pd.testing.assert_frame_equal(report.trace, res.trace)


def test_what_applies_is_said(tmp_path: Path) -> None:
    def notes(kind: str) -> Any:
        return " ".join(KINDS[kind]().convergence().notes)

    assert notes("formula") == notes("aliased") == notes("sampling weights") == ""
    assert "penalised likelihood" in notes("penalised")
    assert "limiting likelihood" in notes("separated")
    for kind, said in (("formula", "warrants at least"), ("sampling weights", "covariance is not")):
        twin = mn.load(KINDS[kind]().save(tmp_path / "one.fit"))
        assert said in " ".join(twin.convergence().notes)
        assert twin.convergence().table["step"].isna().all()


def test_the_bound_without_rows_is_one(tmp_path: Path) -> None:
    res = of_formula("x + g + z")
    step = res.convergence().table["step"].abs()
    assert (step <= res.decrement * res.bse * (1 + 1e-6) + 1e-15).all()


def test_data_that_are_read_in_pieces(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    data = pd.DataFrame({"y": rng.choice(list("abc"), 3000), "x": rng.normal(size=3000)})
    data.to_csv(tmp_path / "data.csv", index=False)
    pieces = mn.mnlogit("y ~ x", tmp_path / "data.csv").fit().convergence()
    assert pieces.facts["digits"] > 11 and not pieces.notes


def test_collinear_columns_lose_digits() -> None:
    rng = np.random.default_rng(5)
    data = pd.DataFrame({"y": rng.choice(list("abc"), 500), "x": rng.normal(size=500)})
    data["near"] = data["x"] + 1e-7 * rng.normal(size=500)
    report = quietly(lambda: mn.mnlogit("y ~ x + near", data).fit()).convergence()
    plain = mn.mnlogit("y ~ x", data).fit().convergence()
    assert report.facts["condition_design"] > 1e6
    assert plain.facts["digits"] - report.facts["digits"] > 2
